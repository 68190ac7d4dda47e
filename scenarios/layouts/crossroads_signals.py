"""A crossroads with traffic signals: protected lefts or one approach after another."""

from __future__ import annotations

import numpy as np

from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.crossing_roads import right_angles
from scenarios.layout import Layout, Roads
from simulator.network import Control


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; a share of them is dark and driven as an all-way stop."""
    dark = bool(rng.random() < config.dark_signal_share)
    return build_roads(right_angles(rng, config, Control.SIGNAL, dark=dark), rng, config)


LAYOUT = Layout("crossroads with signals", build)
