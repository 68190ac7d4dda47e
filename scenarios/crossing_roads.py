"""Plans of one junction: straight arms that leave the world's middle in given directions."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.config import RoadConfig
from scenarios.plan import End, Link, Node, NodeKind, Plan, Post
from scenarios.section import Carriageway, Section
from simulator.network import Control
from simulator.seeding import uniform

LEAST_ARM_M = 75.0
"""Least distance from the middle, or from a roundabout's rim, to the world's edge."""


@dataclasses.dataclass(frozen=True)
class Spoke:
    """One arm of a junction: direction, lanes each way and their width, and its control."""

    heading_rad: float
    count: int
    width_m: float
    control: Control
    own_left: bool = False
    crosswalk_m: float = 0.0
    bike_m: float = 0.0
    posts: tuple[Post, ...] = ()


def star(
    rng: np.random.Generator, config: RoadConfig, node: Node, spokes: list[Spoke], limit_mps: float
) -> Plan:
    """A junction in the middle of the world with arms to its edge, parking drawn for each kerb.

    Args:
        rng: for parking and the place of stop lines.
        config: of roads. node: the junction. spokes: its arms. limit_mps: on all of them.
    """
    ring = 10.0 + node.inscribed_m / 2 if node.kind == NodeKind.ROUNDABOUT else 0.0
    half = draw.half_m(config, LEAST_ARM_M + ring)
    line_m = draw.between(rng, 1.2, 3.5)
    links = []
    for spoke in spokes:
        left, right = draw.parked_m(rng, config), draw.parked_m(rng, config)
        lanes, bike = (spoke.width_m,) * spoke.count, spoke.bike_m
        section = Section(
            Carriageway(lanes, bike, parking_m=right), Carriageway(lanes, bike, parking_m=left)
        )
        crosswalk = spoke.crosswalk_m
        end = End(0, spoke.control, line_m, crosswalk, spoke.own_left)
        posts = (*draw.limit_signs(limit_mps, forward=False), *spoke.posts)
        line = straight(spoke.heading_rad, 0.0, half)
        links.append(Link(line, section, limit_mps, a=end, posts=posts))
    return Plan((node,), tuple(links), np.zeros((1, 2)), half)


def right_angles(
    rng: np.random.Generator, config: RoadConfig, control: Control, *, dark: bool = False
) -> Plan:
    """A crossroads of two roads at right angles, one or two lanes each way.

    Args:
        rng: stream. config: of roads.
        control: on all four approaches. dark: the signals are out.
    """
    turn = uniform(rng, -math.pi, math.pi)
    counts = rng.integers(1, 3, 2)
    widths = [draw.lane_width_m(rng, config) for _ in range(2)]
    crosswalk = draw.crosswalk_m(rng, config)
    split = rng.random(2) < 0.35
    bikes = (rng.random(2) < config.bike_share) * config.bike_lane_m
    signals = control == Control.SIGNAL
    spokes = [
        Spoke(
            turn + k * math.pi / 2, int(counts[k % 2]), widths[k % 2], control,
            bool(signals and counts[k % 2] > 1 and not split[k % 2]), crosswalk,
            float(bikes[k % 2]),
        )
        for k in range(4)
    ]  # fmt: skip
    node = Node(corner_m=draw.corner_m(rng, config), dark=dark)
    return star(rng, config, node, spokes, draw.limit_mps(rng, config))
