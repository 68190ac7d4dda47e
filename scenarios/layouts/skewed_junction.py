"""Two roads that cross at a slant; the minor one has STOP or YIELD lines, or all have to stop."""

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
    """Draw one; the roads meet at 60 to 78 degrees (AASHTO: no less than 60), minor one lane."""
    turn = uniform(rng, -math.pi, math.pi)
    slant = math.radians(uniform(rng, 60.0, 78.0))
    slant = slant if rng.random() < 0.5 else math.pi - slant
    widths = draw.lane_width_m(rng, config), draw.lane_width_m(rng, config)
    count = int(rng.integers(1, 3))
    minor = Control.YIELD if rng.random() < 0.3 else Control.STOP
    major = Control.STOP if minor == Control.STOP and rng.random() < 0.4 else Control.PRIORITY
    crosswalk = draw.crosswalk_m(rng, config)
    spokes = []
    for half_turn in (0.0, math.pi):
        painted = crosswalk if major == Control.STOP else 0.0
        spokes.append(Spoke(turn + half_turn, count, widths[0], major, crosswalk_m=painted))
        spokes.append(Spoke(turn + slant + half_turn, 1, widths[1], minor, crosswalk_m=crosswalk))
    node = Node(corner_m=draw.corner_m(rng, config))
    return build_roads(star(rng, config, node, spokes, draw.limit_mps(rng, config)), rng, config)


LAYOUT = Layout("skewed junction", build)
