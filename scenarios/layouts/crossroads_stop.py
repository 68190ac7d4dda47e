"""A crossroads with STOP signs on all four approaches."""

from __future__ import annotations

import numpy as np

from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.crossing_roads import right_angles
from scenarios.layout import Layout, Roads
from simulator.network import Control


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one."""
    return build_roads(right_angles(rng, config, Control.STOP), rng, config)


LAYOUT = Layout("crossroads with four-way stop", build)
