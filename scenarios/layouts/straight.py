"""A straight road through the whole world: one to four lanes a direction, median, shoulders."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.plan import Link, Plan
from scenarios.section import Section
from simulator.seeding import uniform


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; wide roads are fast, and only one lane a direction goes without a median."""
    half = config.length_m / 2
    angle = uniform(rng, -math.pi, math.pi)
    count = int(rng.integers(1, config.lanes_high + 1))
    width = draw.lane_width_m(rng, config)
    median = draw.between(rng, config.median_low_m, config.median_high_m)
    parted = count > 1 and bool(rng.random() < config.median_share)
    shoulder = config.shoulder_m if rng.random() < config.shoulder_share else 0.0
    limit = draw.limit_mps(rng, config) if count < 3 else max(config.speed_limits_mps)
    sides = []
    for _ in range(2):
        parking = draw.parked_m(rng, config) * (not shoulder)
        sides.append(draw.lanes(count, width, shoulder_m=shoulder, parking_m=parking))
    section = Section(*sides, median_m=median if parted else 0.0, raised=median >= 1.8)
    signs = tuple(draw.limit_signs(limit))
    road = Link(straight(angle, -half, half), section, limit, posts=signs)
    focus = np.linspace(-0.3, 0.3, 7)[:, None] * half * [math.cos(angle), math.sin(angle)]
    return build_roads(Plan((), (road,), focus, half), rng, config)


LAYOUT = Layout("straight road", build)
