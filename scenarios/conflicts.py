"""Which ways through a node get in each other's way."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numba import njit

from scenarios.draft import Draft
from scenarios.ways import heading
from simulator.geometry import evenly
from simulator.lane import Lane, LaneKind, Turn

STRAIGHT_CLEARANCE_M = 2.8
"""Nearest distance of the centre lines of two straight ways that may be driven side by side."""

TURN_CLEARANCE_M = 3.4
"""The same where one of them turns: its body swings out and cuts in."""

BIKE_CLEARANCE_M = 1.7
"""The same between a bicycle and a vehicle: half of both widths and some air."""

OPPOSED = -0.7
"""Cosine of the angle from which on two approaches come towards each other."""

POINTS = 48


def find_conflicts(draft: Draft) -> np.ndarray:
    """Pairs of ways through the same node whose swept paths meet: i32[K, 2].

    Ways of one approach part or run side by side: they meet only where they have the same goal,
    or where one is for bicycles and the other turns across it.
    """
    ways = [i for i, node in enumerate(draft.node) if node >= 0]
    if not ways:
        return np.zeros((0, 2), np.int32)
    paths = np.stack([_resampled(draft.lanes[i]) for i in ways])
    clearance = np.full((len(ways), len(ways)), -1.0)
    rows: dict[int, list[int]] = {}
    for a, i in enumerate(ways):
        rows.setdefault(draft.node[i], []).append(a)
    goals, headings = [set(s) for s in draft.successors], {i: heading(draft.lanes[i]) for i in ways}
    for met in rows.values():
        for a, b in itertools.combinations(met, 2):
            i, j = ways[a], ways[b]
            if goals[i] & goals[j]:
                clearance[a, b] = math.inf
            else:
                clearance[a, b] = _clearance_m(draft, i, j, headings[i] - headings[j])
    return np.array(ways, dtype=np.int32)[_nearer(paths, clearance)].reshape(-1, 2)


def _clearance_m(draft: Draft, i: int, j: int, apart_rad: float) -> float:
    """How far apart two ways of one node to different goals must be; -1 where they never meet.
    ``apart_rad`` is the angle between their beginnings.
    """
    a, b = draft.lanes[i], draft.lanes[j]
    if LaneKind.BIKE in (a.kind, b.kind):
        return BIKE_CLEARANCE_M
    if draft.origin[i] == draft.origin[j]:
        return -1.0
    turns = a.turn, b.turn
    straight = Turn.LEFT not in turns and Turn.RIGHT not in turns
    if Turn.LEFT not in turns and math.cos(apart_rad) < OPPOSED:
        straight = True  # a right turn leads away from those who come towards it
    return STRAIGHT_CLEARANCE_M if straight else TURN_CLEARANCE_M


def _resampled(lane: Lane) -> np.ndarray:
    return evenly(lane.centre_m, lane.s_m, POINTS)


@njit(cache=True)
def _nearer(paths: np.ndarray, clearance: np.ndarray) -> np.ndarray:
    """Pairs of paths f64[W, P, 2] that come nearer than their clearance f64[W, W]: i64[K, 2]."""
    found = [(0, 0) for _ in range(0)]
    for a in range(len(paths)):
        for b in range(a + 1, len(paths)):
            limit = clearance[a, b]
            if limit < 0.0:
                continue
            near = math.isinf(limit)
            for i in range(paths.shape[1]):
                if near:
                    break
                for j in range(paths.shape[1]):
                    dx, dy = paths[a, i, 0] - paths[b, j, 0], paths[a, i, 1] - paths[b, j, 1]
                    if dx * dx + dy * dy < limit * limit:
                        near = True
                        break
            if near:
                found.append((a, b))
    out = np.empty((len(found), 2), np.int64)
    for k in range(len(found)):
        out[k, 0], out[k, 1] = found[k]
    return out
