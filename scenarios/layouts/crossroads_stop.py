"""A crossroads with STOP signs on all four approaches."""

from __future__ import annotations

import numpy as np

from scenarios.config import RoadConfig
from scenarios.junction import crossroads
from scenarios.layout import Layout, Roads
from simulator.network import Control


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one."""
    return crossroads(rng, config, Control.STOP, dark=False)


LAYOUT = Layout("crossroads with four-way stop", build)
