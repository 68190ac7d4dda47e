"""A roundabout of three or four arms, of one lane or two; whoever comes in yields to the ring.

Two lanes has it where the share of the settings says so, with two lanes in and out on each arm.
With three arms its outer lane would have nowhere to go on to.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios import draw
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.crossing_roads import Spoke, star
from scenarios.layout import Layout, Roads
from scenarios.plan import Node, NodeKind, Post
from simulator.network import Control
from simulator.seeding import beside, uniform

WIDER_M = 20.0
"""How much larger a circle of two lanes is: 54 to 64 m across instead of 34 to 44 (NCHRP 672,
exhibit 6-9: 46 to 67 m)."""

RING_M = (4.4, 4.9)
"""Width of each of two circulating lanes: together 8.5 to 9.8 m (NCHRP 672, exhibit 6-27)."""

LEAST_LANE_M = 3.5
"""Where two come in side by side (NCHRP 672, 6.5.2: 12 to 15 ft)."""


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; arms are evenly about it within a few degrees."""
    turn = uniform(rng, -math.pi, math.pi)
    count = int(rng.choice([3, 4, 4]))
    off = rng.uniform(-1.0, 1.0, count) * math.radians(5.0 if count == 4 else 12.0)
    width = draw.lane_width_m(rng, config)
    node = Node(
        kind=NodeKind.ROUNDABOUT,
        inscribed_m=draw.between(rng, config.roundabout_low_m, config.roundabout_high_m),
        ring_m=draw.between(rng, 4.9, 5.6),
    )
    lanes = beside(rng, "lanes")
    two = lanes.random() < config.roundabout_two_lane_share and count == 4
    if two:
        node = dataclasses.replace(
            node, inscribed_m=node.inscribed_m + WIDER_M, ring_m=draw.between(lanes, *RING_M),
            rings=2,
        )  # fmt: skip
        width = max(width, LEAST_LANE_M)
    warning = (Post("roundabout", -16.0, forward=False),)
    spokes = [
        Spoke(
            turn + k * 2 * math.pi / count + float(off[k]), node.rings, width, Control.YIELD,
            posts=warning,
        )
        for k in range(count)
    ]  # fmt: skip
    limit = min(config.speed_limits_mps)
    return build_roads(star(rng, config, node, spokes, limit), rng, config)


LAYOUT = Layout("roundabout", build)
