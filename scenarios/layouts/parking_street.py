"""A street with cars parked on both sides, slow and narrow."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.plan import Crossing, Link, Plan
from scenarios.section import Section
from simulator.seeding import uniform


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one: one lane each way, or one way only; a crosswalk interrupts the parking or none."""
    half = config.length_m / 2
    angle = uniform(rng, -math.pi, math.pi)
    alone = rng.random() < 0.35
    width = draw.lane_width_m(rng, config)
    limit = min(config.speed_limits_mps)
    side = draw.lanes(1, width, parking_m=config.parking_width_m)
    section = Section(side, side)
    posts = draw.limit_signs(limit, backward=not alone)
    if alone:
        section = Section(side, draw.lanes(0, width, parking_m=config.parking_width_m))
        posts += [*draw.one_way_signs()]
    crossing = Crossing(half + draw.between(rng, -20.0, 20.0), config.crosswalk_low_m)
    crossings = (crossing,) if rng.random() < config.crosswalk_share else ()
    road = Link(
        straight(angle, -half, half), section, limit, crossings=crossings, posts=tuple(posts)
    )
    focus = np.linspace(-0.3, 0.3, 5)[:, None] * half * [math.cos(angle), math.sin(angle)]
    return build_roads(Plan((), (road,), focus, half), rng, config)


LAYOUT = Layout("street with parking", build)
