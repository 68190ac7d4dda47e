"""A crosswalk between junctions, with a refuge in the middle of wider roads."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.plan import Crossing, Link, Plan, Post
from scenarios.section import Section
from simulator.seeding import uniform

SIGN_BEFORE_M = 3.0


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; two lanes each way always have the refuge (FHWA: at least 1.8 m wide)."""
    half = config.length_m / 2
    angle = uniform(rng, -math.pi, math.pi)
    count = int(rng.integers(1, 3))
    refuge = count > 1 or rng.random() < 0.6
    median = draw.between(rng, 2.3, 3.2) if refuge else 0.0
    width = draw.lane_width_m(rng, config)
    limit = draw.limit_mps(rng, config)
    sides = [draw.lanes(count, width, parking_m=draw.parked_m(rng, config)) for _ in range(2)]
    crossing = Crossing(
        half + draw.between(rng, -15.0, 15.0),
        draw.between(rng, config.crosswalk_low_m, config.crosswalk_high_m),
        draw.between(rng, 2.0, 5.0) if refuge else 0.0,
    )
    before = crossing.width_m / 2 + SIGN_BEFORE_M
    posts = (
        Post("pedestrian_crossing", crossing.s_m - before, forward=True),
        Post("pedestrian_crossing", config.length_m - crossing.s_m - before, forward=False),
        *draw.limit_signs(limit),
    )
    road = Link(
        straight(angle, -half, half), Section(*sides, median_m=median), limit,
        crossings=(crossing,), posts=posts,
    )  # fmt: skip
    at = crossing.s_m - half
    return build_roads(Plan((), (road,), straight(angle, at - 8.0, at + 8.0), half), rng, config)


LAYOUT = Layout("crosswalk between junctions", build)
