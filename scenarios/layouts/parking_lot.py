"""A car park beside a street: an aisle between two rows of bays, square to it, joins the street."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.plan import End, Link, Node, Plan
from scenarios.section import Section, both_ways
from simulator.network import Control
from simulator.seeding import uniform

AISLE_LANE_M = 3.3
"""Half of an aisle between rows at right angles (7.3 m with its edges; at least 6.6 m)."""

BAY_DEPTH_M = 5.3
AISLE_MPS = 4.5
"""10 mph."""


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; cars leave the aisle at a STOP line, and its far end leads out of the world."""
    half = config.length_m / 2
    turn = uniform(rng, -math.pi, math.pi)
    width, limit = draw.lane_width_m(rng, config), min(config.speed_limits_mps)
    street = both_ways(draw.lanes(1, width))
    bays = draw.lanes(1, AISLE_LANE_M, parking_m=BAY_DEPTH_M, bay_rad=math.pi / 2)
    node = Node(corner_m=config.corner_radius_low_m)
    major, minor = End(0, Control.PRIORITY), End(0, Control.STOP)
    signs = tuple(draw.limit_signs(limit, forward=False))
    links = [
        Link(straight(turn, 0.0, half), street, limit, a=major, posts=signs),
        Link(straight(turn + math.pi, 0.0, half), street, limit, a=major, posts=signs),
        Link(straight(turn + math.pi / 2, 0.0, half), Section(bays, bays), AISLE_MPS, a=minor),
    ]
    along = np.array([math.cos(turn + math.pi / 2), math.sin(turn + math.pi / 2)])
    return build_roads(
        Plan((node,), tuple(links), along * [[12.0], [35.0], [55.0]], half), rng, config
    )


LAYOUT = Layout("car park", build)
