"""A street with bicycle lanes and a bus stop, in a bay or at the kerb, with its shelter."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.plan import Bay, Crossing, Link, Plan, Post
from scenarios.section import both_ways
from simulator.geometry import to_world
from simulator.seeding import uniform
from simulator.surroundings import Block

BAY_M, BAY_WIDTH_M, BAY_TAPER_M = 15.0, 3.0, 12.0
"""A bay for one bus of 12 m (NACTO, AASHTO: 15 m and a taper of 1:4 or flatter)."""

SHELTER_M = (4.2, 1.5, 2.6)
SHELTER = (150, 168, 176)


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; a stop on either side, some way apart, and often a crosswalk between them."""
    half, turn = config.length_m / 2, uniform(rng, -math.pi, math.pi)
    count, width = int(rng.integers(1, 3)), draw.lane_width_m(rng, config)
    limit = draw.limit_mps(rng, config)
    section = both_ways(draw.lanes(count, width, bike_m=config.bike_lane_m))
    bays, blocks = [], []
    for forward in (True, False):
        sign = 1.0 if forward else -1.0
        middle = sign * draw.between(rng, 16.0, 24.0)  # each stop lies behind the crosswalk
        in_bay = rng.random() < 0.6
        edge = section.right_m + (BAY_WIDTH_M if in_bay else 0.0)
        if in_bay:
            begin = half + middle - BAY_M / 2
            bays.append(Bay(begin, BAY_M, BAY_WIDTH_M, BAY_TAPER_M, forward))
        place = np.array([[middle, -sign * (edge + 1.4)]])
        x, y = np.round(to_world(place, 0.0, 0.0, turn)[0], 3).tolist()
        blocks.append(Block(x, y, round(turn, 4), *SHELTER_M, SHELTER))
    crossing = Crossing(half, config.crosswalk_low_m)
    crossings = (crossing,) if rng.random() < 0.7 else ()
    before = half - crossing.width_m / 2 - 3.0
    signs = [Post("pedestrian_crossing", before, way) for way in (True, False) if crossings]
    road = Link(
        straight(turn, -half, half), section, limit, crossings=crossings, bays=tuple(bays),
        posts=(*draw.limit_signs(limit), *signs),
    )  # fmt: skip
    focus = straight(turn, -20.0, 20.0)
    return build_roads(Plan((), (road,), focus, half, tuple(blocks)), rng, config)


LAYOUT = Layout("bus stop and bicycle lanes", build)
