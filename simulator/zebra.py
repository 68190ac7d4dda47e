"""Where lanes and footpaths meet crosswalks: derived from a scene once, and only if people walk."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.footpath import Footpath
from simulator.geometry import point_at
from simulator.lane import Lane
from simulator.network import Network
from simulator.scene import Scene

SAMPLE_M = 0.2
"""Between two points of a lane that are looked at."""

ZEBRA = np.dtype([("group", "i8")], align=True)
"""A crosswalk: the signal group of its people, -1 none."""

ZONE = np.dtype(
    [("lane", "i8"), ("zebra", "i8"), ("begin", "f8"), ("end", "f8"), ("low", "f8"),
     ("high", "f8")],
    align=True,
)  # fmt: skip
"""A piece of a lane on a crosswalk: from where to where along the lane, and which part of the
crosswalk the lane covers, from its end a, m."""

CROSSING = np.dtype([("zebra", "i8"), ("begin", "f8"), ("end", "f8"), ("back", "?")], align=True)
"""A piece of a footpath on a crosswalk, m along the path; ``back``: from its end b to its end a."""

WALKER = np.dtype(
    [("row", "i8"), ("path", "i8"), ("first", "i8"), ("last", "i8"), ("cross", "i8"),
     ("cross_end", "i8"), ("length", "f8"), ("speed", "f8"), ("stand", "f8"), ("start", "f8"),
     ("enter", "f8")],
    align=True,
)  # fmt: skip
"""Somebody on foot: row of the agent table, path, rows of the path's points and of its crossings,
its length, free speed, how far before the kerb one waits, where and when one starts; SI units."""


CLAIM = np.dtype([("first", "i8"), ("danger", "i8")], align=True)
"""A crosswalk: the first of those who claim it, and a vehicle that keeps somebody on the kerb; -1
none."""

STEP = np.dtype([("next", "i8"), ("u", "f8"), ("on", "?")], align=True)
"""Somebody on foot who claims a crosswalk: the next who does, the distance from the crosswalk's end
a, m, and whether it is on it."""


class People(NamedTuple):
    """Everybody on foot: tables that stay the same, and memory of one step.

    Attributes:
        walkers: WALKER[P]. crossings: CROSSING[K], by path. zebras: ZEBRA[C].
        points: f64[V, 3], x, y and distance along the path of all points of paths.
        claims: CLAIM[C]. steps: STEP[P].
    """

    walkers: np.ndarray
    crossings: np.ndarray
    zebras: np.ndarray
    points: np.ndarray
    claims: np.ndarray
    steps: np.ndarray


def compile_people(scene: Scene) -> People:
    """Everybody on foot as flat arrays; all are empty where nobody walks."""
    agents = scene.agents
    rows = np.flatnonzero(agents.on_foot)
    zebras = np.zeros(len(scene.network.crosswalks) if len(rows) else 0, ZEBRA)
    if len(rows):
        zebras["group"] = [c.group for c in scene.network.crosswalks]
    pieces, first = _crossings(scene.paths, scene.network)
    points, start = _points(scene.paths)
    walkers, path = np.zeros(len(rows), WALKER), agents.route[rows]
    walkers["row"], walkers["path"] = rows, path
    walkers["first"], walkers["last"] = start[path], start[path + 1] - 1
    walkers["cross"], walkers["cross_end"] = first[path], first[path + 1]
    walkers["length"] = points[start[path + 1] - 1, 2]
    walkers["speed"], walkers["stand"] = agents.desired_speed_mps[rows], agents.min_gap_m[rows]
    walkers["start"], walkers["enter"] = agents.start_s_m[rows], agents.enter_time_s[rows]
    return remembered(People(walkers, pieces, zebras, points, *(np.zeros(0) for _ in range(2))))


def remembered(people: People) -> People:
    """The same people with a memory of their own."""
    claims, steps = np.zeros(len(people.zebras), CLAIM), np.zeros(len(people.walkers), STEP)
    return people._replace(claims=claims, steps=steps)


def zones(network: Network) -> np.ndarray:
    """Every piece of a lane on a crosswalk, ZONE[Z] by lane and place."""
    if not network.lanes:
        return np.zeros(0, ZONE)
    found = []
    lines = [lane.centre_m for lane in network.lanes]
    points, first = np.concatenate(lines), np.cumsum([0, *(len(line) for line in lines[:-1])])
    sampled: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for crosswalk in network.crosswalks:
        a, b = np.array(crosswalk.a_m), np.array(crosswalk.b_m)
        length, half = float(np.hypot(*(b - a))), crosswalk.width_m / 2
        along = (b - a) / length
        for lane in _lanes_near(points - a, first, along, length, half):
            if lane not in sampled:
                sampled[lane] = _sampled(network.lanes[lane])
            s, places = sampled[lane]
            i, j, low, high = _on_crosswalk(places, a, along, length, half)
            if i >= 0:
                beside = network.lanes[lane].width_m / 2
                ends = float(s[i]) - SAMPLE_M, float(s[j]) + SAMPLE_M
                found.append((lane, crosswalk.id, *ends, low - beside, high + beside))
    found.sort()
    return np.array(found, dtype=ZONE)


def _lanes_near(
    points_m: np.ndarray, first: np.ndarray, along: np.ndarray, length_m: float, half_m: float
) -> list[int]:
    """Lanes that may lie on a crosswalk.

    Args:
        points_m: f64[V, 2], points of all lanes as seen from the crosswalk's end a. first: i64[L],
            the first of each lane. along: f64[2], unit vector. length_m, half_m: of the crosswalk.
    """
    x, y = points_m.T
    u, v = x * along[0] + y * along[1], y * along[0] - x * along[1]
    over = (np.maximum.reduceat(u, first) > -1.0) & (np.minimum.reduceat(u, first) < length_m + 1.0)
    high, low = np.maximum.reduceat(v, first), np.minimum.reduceat(v, first)
    return np.flatnonzero(over & (high > -half_m - 1.0) & (low < half_m + 1.0)).tolist()


@njit(cache=True)
def _on_crosswalk(
    places: np.ndarray, a: np.ndarray, along: np.ndarray, length: float, half: float
) -> tuple[int, int, float, float]:
    """First and last of a lane's points f64[N, 2] on a crosswalk, -1 none, and from where to where
    along the crosswalk they lie; the crosswalk as for ``_lanes_near``.
    """
    first, last, low, high = -1, -1, math.inf, -math.inf
    for k in range(len(places)):
        x, y = places[k, 0] - a[0], places[k, 1] - a[1]
        u, v = x * along[0] + y * along[1], y * along[0] - x * along[1]
        if abs(v) <= half and 0.0 <= u <= length:
            first, last = k if first < 0 else first, k
            low, high = min(low, u), max(high, u)
    return first, last, low, high


def _sampled(lane: Lane) -> tuple[np.ndarray, np.ndarray]:
    """Distances f64[N] m along a lane, SAMPLE_M apart, and the points there f64[N, 2] m."""
    s = np.minimum(np.arange(0.0, lane.length_m + SAMPLE_M, SAMPLE_M), lane.length_m)
    return s, point_at(lane.centre_m, lane.s_m, s)


def _crossings(paths: tuple[Footpath, ...], network: Network) -> tuple[np.ndarray, np.ndarray]:
    """(CROSSING[K] by path, i64[P + 1] the first of each path)."""
    rows = []
    for path in paths:
        for ident, (begin, end) in zip(
            path.crosswalks.tolist(), path.spans_m.tolist(), strict=True
        ):
            crosswalk = network.crosswalks[ident]
            heading = np.diff(point_at(path.line_m, path.s_m, np.array([begin, end])), axis=0)[0]
            back = float(heading @ (np.array(crosswalk.b_m) - crosswalk.a_m)) < 0.0
            rows.append((ident, begin, end, back))
    first = np.cumsum([0, *(len(p.crosswalks) for p in paths)])
    return np.array(rows, dtype=CROSSING), first.astype(np.int64)


def _points(paths: tuple[Footpath, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(x, y and distance along its path of all points f64[V, 3], i64[P + 1] first of each path)."""
    first = np.cumsum([0, *(len(p.s_m) for p in paths)]).astype(np.int64)
    if not paths:
        return np.zeros((0, 3)), first
    lines = np.concatenate([p.line_m for p in paths])
    return np.column_stack([lines, np.concatenate([p.s_m for p in paths])]), first
