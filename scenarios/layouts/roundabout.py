"""A roundabout of one lane with three or four arms; whoever comes in yields to the ring."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.crossing_roads import Spoke, star
from scenarios.layout import Layout, Roads
from scenarios.plan import Node, NodeKind, Post
from simulator.network import Control


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; arms are evenly about it within a few degrees."""
    turn = float(rng.uniform(-math.pi, math.pi))
    count = int(rng.choice([3, 4, 4]))
    off = rng.uniform(-1.0, 1.0, count) * math.radians(5.0 if count == 4 else 12.0)
    width = draw.lane_width_m(rng, config)
    node = Node(
        kind=NodeKind.ROUNDABOUT,
        inscribed_m=draw.between(rng, config.roundabout_low_m, config.roundabout_high_m),
        ring_m=draw.between(rng, 4.9, 5.6),
    )
    warning = (Post("roundabout", -16.0, forward=False),)
    spokes = [
        Spoke(
            turn + k * 2 * math.pi / count + float(off[k]), 1, width, Control.YIELD, posts=warning
        )
        for k in range(count)
    ]
    limit = min(config.speed_limits_mps)
    return build_roads(star(rng, config, node, spokes, limit), rng, config)


LAYOUT = Layout("roundabout", build)
