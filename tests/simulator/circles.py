"""Roundabouts as the layout builds them, with names for the routes through them."""

from __future__ import annotations

import functools
import math

from scenarios.config import RoadConfig
from scenarios.layouts import LAYOUTS
from scenarios.mirror import mirrored_network
from simulator.lane import Turn
from simulator.network import Control, Network
from simulator.seeding import stream

OUTER, INNER = 0, 1
"""Lanes of an approach by the ring that they lead to."""

PURPOSE = {1: "test/one lane", 2: "test/two lanes"}


def entries(network: Network) -> int:
    """How many lanes lead into the roundabout of a network."""
    return sum(line.control == Control.YIELD for line in network.stop_lines)


@functools.cache
def circle(side: str, rings: int) -> tuple[Network, tuple, dict[tuple[int, int, int], int]]:
    """Four arms, so many rings: network, routes, and of each (arm, lane, exit) the route.

    Arms are counted in the direction of travel from any one of them; exit 1 is the first.
    """
    seed = 1
    while entries((roads := _built(seed, rings)).network) != 4 * rings:
        seed += 1
    net = mirrored_network(roads.network) if side == "left" else roads.network
    outwards = net.left_of if side == "left" else net.right_of
    round_ = -1.0 if side == "left" else 1.0
    ways = [
        (r, route) for r, route in enumerate(roads.routes) if roads.weights[r] > 0
    ]  # fmt: skip
    edges = {route[0] for _, route in ways if outwards[route[0]] < 0}
    angle = {
        i: round_ * math.atan2(net.lanes[i].centre_m[0, 1], net.lanes[i].centre_m[0, 0])
        for i in edges
    }  # fmt: skip
    arms = sorted(edges, key=lambda i: angle[i])
    names = {}
    for r, route in ways:
        edge, lane = route[0], OUTER
        if edge not in edges:
            edge, lane = int(outwards[edge]), INNER
        exits = sum(net.lanes[i].turn == Turn.STRAIGHT for i in route)  # one way past each arm
        names[arms.index(edge), lane, exits] = r
    return net, roads.routes, names


def _built(seed: int, rings: int):
    config = RoadConfig(roundabout_two_lane_share=rings - 1.0)
    return LAYOUTS["roundabout"].build(stream(seed, 0, PURPOSE[rings]), config)
