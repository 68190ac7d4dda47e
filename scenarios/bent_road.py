"""The plan of one road that bends on its way through the world."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import alignment, centred
from scenarios.config import RoadConfig
from scenarios.plan import Link, Plan
from scenarios.section import both_ways
from simulator.geometry import arc_lengths_m, point_at
from simulator.seeding import uniform


def bent_road(
    rng: np.random.Generator, config: RoadConfig, parts: list[tuple[float, float, float]],
    limit_mps: float,
) -> Plan:  # fmt: skip
    """A road with its bends in the middle of the world and straights to the edges.

    Args:
        rng: for direction, lanes and shoulders.
        config: of roads.
        parts: see ``alignment``; all together no longer than the world.
        limit_mps: speed limit.
    """
    rotation = uniform(rng, -math.pi, math.pi)
    width = draw.lane_width_m(rng, config)
    count = int(rng.integers(1, 3))
    shoulder = config.shoulder_m if rng.random() < config.shoulder_share else 0.0
    straight = max((config.length_m - sum(part[0] for part in parts)) / 2, 10.0)
    ends = (straight, 0.0, 0.0)
    line = centred(alignment([ends, *parts, ends]), rotation)
    section = both_ways(draw.lanes(count, width, shoulder_m=shoulder))
    signs = tuple(draw.limit_signs(limit_mps))
    s = arc_lengths_m(line)
    focus = point_at(line, s, np.linspace(0.3, 0.7, 7) * s[-1])
    return Plan((), (Link(line, section, limit_mps, posts=signs),), focus, config.length_m / 2)
