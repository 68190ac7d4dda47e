"""A road that a ramp joins: a lane beside it to gather speed, which then ends."""

from __future__ import annotations

import numpy as np

from scenarios import ramp
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; traffic from the ramp gives way at the end of its lane."""
    return build_roads(ramp.plan(config, ramp.drawn(rng, config), joins=True), rng, config)


LAYOUT = Layout("road that a ramp joins", build)
