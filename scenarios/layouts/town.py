"""A town: a grid of streets with signals, STOP and YIELD lines and a roundabout at its corners."""

from __future__ import annotations

import math

import numpy as np

from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.town_plan import town_plan
from simulator.seeding import uniform


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one: two or three streets each way, a block or more beyond them to the edge."""
    turn = uniform(rng, -math.pi, math.pi)
    return build_roads(town_plan(rng, config, turn), rng, config)


LAYOUT = Layout("town of several blocks", build)
