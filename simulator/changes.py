"""Where a lane change leads: for each leg of a route, the route that goes on from beside it.

A neighbour lane will do if a route of the scene goes on from it over the same roads (lanes side by
side are one road). A lane that ends while its neighbour goes on must be left.
"""

from __future__ import annotations

import numpy as np

from simulator.lane import LaneKind, Turn
from simulator.network import Network

_SIGN = {"left": 1, "right": -1}


def add_changes(
    network: Network, routes: tuple[tuple[int, ...], ...], first: np.ndarray, legs: np.ndarray
) -> None:
    """Fill in where changes lead, and where they must be made.

    Args:
        network: the network. routes: the scene's routes.
        first: i64[R + 1], first row of each route in the table of legs.
        legs: LEG[Q], changed in place.
    """
    for side in ("left", "right"):
        legs[f"{side}_route"], legs[f"{side}_leg"] = -1, -1
    beside = {"left": network.left_of.tolist(), "right": network.right_of.tolist()}
    if not any(i >= 0 for i in beside["left"]):
        return
    goals = _goals(network, routes, beside["left"])
    by_lane, onward = _first_legs(routes, goals)
    found: dict[str, list[tuple[int, int, int]]] = {"left": [], "right": []}
    begins = first.tolist()
    free = [k.turn == Turn.NONE and k.kind == LaneKind.DRIVE for k in network.lanes]
    for r, route in enumerate(routes):
        for leg, lane in enumerate(route):
            ends = leg + 1 == len(route) and not network.successors[lane]
            for side in beside if free[lane] else ():
                other = beside[side][lane]
                if other < 0 or not free[other]:  # only from and to such lanes do vehicles change
                    continue
                goal = by_lane.get((other, goals[r][leg]))
                row = begins[r] + leg
                if ends and network.successors[other] and other in onward:
                    goal = onward[other]
                    legs["must"][row] = legs["must"][row] or _SIGN[side]
                if goal:
                    found[side].append((row, *goal))
    for side, rows in found.items():
        row, route, leg = np.array(rows, np.int64).reshape(-1, 3).T
        legs[f"{side}_route"][row], legs[f"{side}_leg"][row] = route, leg


def _goals(
    network: Network, routes: tuple[tuple[int, ...], ...], left_of: list[int]
) -> list[list[int]]:
    """For each leg a number that is equal where the same roads are still to come."""
    road = list(range(len(left_of)))
    for lane in range(len(left_of)):
        seen = {lane}
        while left_of[road[lane]] >= 0 and left_of[road[lane]] not in seen:
            road[lane] = left_of[road[lane]]
            seen.add(road[lane])
    known: dict[tuple[int, int], int] = {}
    out = []
    for route in routes:
        goal, goals = -1, []
        for lane in reversed(route):
            if network.lanes[lane].turn == Turn.NONE:
                goal = known.setdefault((road[lane], goal), len(known))
            goals.append(goal)
        out.append(goals[::-1])
    return out


def _first_legs(
    routes: tuple[tuple[int, ...], ...], goals: list[list[int]]
) -> tuple[dict[tuple[int, int], tuple[int, int]], dict[int, tuple[int, int]]]:
    """The first (route, leg) by lane and goal, and by lane where the route goes on from it."""
    by_lane: dict[tuple[int, int], tuple[int, int]] = {}
    onward: dict[int, tuple[int, int]] = {}
    for r, route in enumerate(routes):
        for leg, lane in enumerate(route):
            by_lane.setdefault((lane, goals[r][leg]), (r, leg))
            if leg + 1 < len(route):
                onward.setdefault(lane, (r, leg))
    return by_lane, onward
