"""A road in two opposed bends, one after the other."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import bend
from scenarios.bent_road import bent_road
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from simulator.seeding import uniform


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; both bends are as tight as the limit allows, or somewhat wider."""
    limit = draw.limit_mps(rng, config)
    side = math.copysign(1.0, rng.random() - 0.5)
    parts = []
    for sign in (side, -side):
        radius = draw.least_radius_m(limit, config) * uniform(rng, 1.0, 1.4)
        angle = math.radians(uniform(rng, 30.0, 55.0))
        angle = min(angle, 0.4 * config.length_m / radius)
        parts += bend(radius, sign * angle, 0.5 * radius)
    return build_roads(bent_road(rng, config, parts, limit), rng, config)


LAYOUT = Layout("road in an S", build)
