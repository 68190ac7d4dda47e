"""A T-junction: a road with priority, and a minor one that ends there at a STOP or YIELD line."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.crossing_roads import Spoke, star
from scenarios.layout import Layout, Roads
from scenarios.plan import Node
from simulator.network import Control
from simulator.seeding import uniform


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; the major road has one or two lanes each way, the minor is nearly square to it."""
    turn = uniform(rng, -math.pi, math.pi)
    minor_turn = math.radians(uniform(rng, 75.0, 105.0))
    width, minor_width = draw.lane_width_m(rng, config), draw.lane_width_m(rng, config)
    count = int(rng.integers(1, 3))
    control = Control.STOP if rng.random() < 0.5 else Control.YIELD
    spokes = [
        Spoke(turn, count, width, Control.PRIORITY),
        Spoke(
            turn + minor_turn, 1, minor_width, control, crosswalk_m=draw.crosswalk_m(rng, config)
        ),
        Spoke(turn + math.pi, count, width, Control.PRIORITY),
    ]
    node = Node(corner_m=draw.corner_m(rng, config))
    return build_roads(star(rng, config, node, spokes, draw.limit_mps(rng, config)), rng, config)


LAYOUT = Layout("T-junction with priority", build)
