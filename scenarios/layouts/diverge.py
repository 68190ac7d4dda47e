"""A road that a ramp leaves: a lane opens beside it, in which traffic slows for the ramp."""

from __future__ import annotations

import numpy as np

from scenarios import ramp
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one."""
    return build_roads(ramp.plan(config, ramp.drawn(rng, config), joins=False), rng, config)


LAYOUT = Layout("road that a ramp leaves", build)
