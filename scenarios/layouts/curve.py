"""A road in one bend through the world: clothoid, arc, clothoid."""

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
    """Draw one; its radius is what the limit asks for, or up to twice that."""
    limit = draw.limit_mps(rng, config)
    radius = draw.least_radius_m(limit, config) * uniform(rng, 1.0, 2.0)
    angle = math.radians(uniform(rng, 35.0, 85.0))
    angle = math.copysign(min(angle, 0.8 * config.length_m / radius), rng.random() - 0.5)
    parts = bend(radius, angle, 0.4 * radius)
    return build_roads(bent_road(rng, config, parts, limit), rng, config)


LAYOUT = Layout("road in a bend", build)
