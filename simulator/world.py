"""A scene as flat arrays for the compiled loop, and what the weather makes of its drivers.

Made once a scene by :func:`compile_world`; :func:`driving` is made again whenever the weather
changes, which costs microseconds.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.conditions import Conditions, headlamps_on
from simulator.friction import GRAVITY_MPS2, friction
from simulator.geometry import heading_at, point_at
from simulator.lane import Lane
from simulator.motion import FAR
from simulator.network import Network
from simulator.scene import Scene
from simulator.sight import headway_factor, sight_m, sight_speed_mps, speed_factor

CLEARANCE_M = 3.4
"""A rear this far from another way's centre line is out of the way of a wide body on it."""

PARTED_M = 3.0
"""Centre lines this far apart no longer share the road: two wide bodies and some air."""

COMFORT_LATERAL_MPS2 = 2.5
"""Lateral acceleration that drivers accept in a turn (2-3 m/s2)."""

SIGNAL_BRAKE_MPS2 = 3.05
"""Braking that the yellow time is laid out for (ITE, 10 ft/s2)."""


LANE = np.dtype(
    [
        ("first", "i8"), ("last", "i8"), ("length", "f8"), ("limit", "f8"), ("bend", "f8"),
        ("turn", "i8"), ("line", "i8"),
    ],
    align=True,
)  # fmt: skip
"""A lane: rows of its points, length, limit, largest curvature (1/m), stop line or -1."""

LINE = np.dtype(
    [("s", "f8"), ("control", "i8"), ("group", "i8"), ("heading", "f8")],
    align=True,
)
"""A stop line; ``heading`` is the direction of the traffic that it stops."""

LEG = np.dtype([("lane", "i8"), ("start", "f8")], align=True)
"""A lane of a route and the distance of its beginning from the route's."""

_DRIVER = {
    "length": "length_m", "desired": "desired_speed_mps", "headway": "headway_s",
    "min_gap": "min_gap_m", "accel": "accel_mps2", "decel": "decel_mps2", "route": "route",
    "start": "start_s_m", "enter": "enter_time_s", "parked_x": "parked_x_m",
    "parked_y": "parked_y_m", "parked_heading": "parked_heading_rad",
}  # fmt: skip
DRIVER = np.dtype([(k, "i8" if k == "route" else "f8") for k in _DRIVER], align=True)
"""A row of the agent table, as far as it matters for driving."""


class World(NamedTuple):
    """All that stays the same while a scene runs, SI units.

    Attributes:
        step_s: time step.
        lanes: LANE[L]. lines: LINE[S]. drivers: DRIVER[N].
        points: f64[P, 3], x, y and distance along the lane of all centre line points.
        meets: f64[L, L], how far a rear must be on the first lane to be out of the way of the
            second, -FAR where they do not conflict.
        sibling: i64[L, 4], lanes that part from the same lane, -1 none.
        shared: f64[L, L], along siblings: where they have parted.
        routes: i64[R + 1], first leg of each route. legs: LEG[Q].
        phase_s: f64[F], phase_aspect: i8[F, G], plan_offset: the signals' programme.
    """

    step_s: float
    lanes: np.ndarray
    lines: np.ndarray
    drivers: np.ndarray
    points: np.ndarray
    meets: np.ndarray
    sibling: np.ndarray
    shared: np.ndarray
    routes: np.ndarray
    legs: np.ndarray
    phase_s: np.ndarray
    phase_aspect: np.ndarray
    plan_offset: float


class Driving(NamedTuple):
    """What conditions mean for driving: grip (m/s2), lateral comfort (m/s2), factors, sight (m)."""

    grip: float
    lateral: float
    signal_brake: float
    speed_factor: float
    speed_max: float
    headway_factor: float
    sight: float
    headlamps: bool


def driving(conditions: Conditions) -> Driving:
    """The weather as drivers and tyres meet it."""
    grip = friction(conditions) * GRAVITY_MPS2
    return Driving(
        grip,
        min(COMFORT_LATERAL_MPS2, 0.5 * grip),
        min(SIGNAL_BRAKE_MPS2, 0.8 * grip),
        speed_factor(conditions),
        sight_speed_mps(conditions),
        headway_factor(conditions),
        sight_m(conditions),
        bool(headlamps_on(conditions)),
    )


@functools.lru_cache(maxsize=1)  # a scene is checked before it runs, and runs once a weather
def compile_world(scene: Scene) -> World:
    """The scene's static side as the flat arrays that the compiled loop reads and never writes."""
    lanes = scene.network.lanes
    points = np.concatenate([np.column_stack([lane.centre_m, lane.s_m]) for lane in lanes])
    drivers = np.zeros(len(scene.agents), DRIVER)
    for column, name in _DRIVER.items():
        drivers[column] = getattr(scene.agents, name)
    return World(
        scene.step_s,
        _lanes(scene.network),
        _lines(scene.network),
        drivers,
        points,
        _meets(scene.network),
        *_siblings(scene.network),
        *_routes(scene),
        *_plan(scene),
    )


def bend_per_m(lane: Lane) -> float:
    """Largest curvature of a lane's centre line, 1/m: turn at a vertex over half its two spans."""
    if len(lane.centre_m) < 3:
        return 0.0
    step = np.diff(lane.centre_m, axis=0)
    turn = np.abs(np.diff(np.unwrap(np.arctan2(step[:, 1], step[:, 0]))))
    span = np.diff(lane.s_m)
    return float((turn / (0.5 * (span[:-1] + span[1:]))).max())


def _lanes(network: Network) -> np.ndarray:
    table = np.zeros(len(network.lanes), LANE)
    ends = np.cumsum([len(lane.s_m) for lane in network.lanes])
    table["last"] = ends - 1
    table["first"] = ends - [len(lane.s_m) for lane in network.lanes]
    table["length"] = [lane.length_m for lane in network.lanes]
    table["limit"] = [lane.speed_limit_mps for lane in network.lanes]
    table["bend"] = [bend_per_m(lane) for lane in network.lanes]
    table["turn"] = [int(lane.turn) for lane in network.lanes]
    table["line"] = -1
    for line in network.stop_lines:
        table["line"][line.lane_id] = line.id
    return table


def _lines(network: Network) -> np.ndarray:
    table = np.zeros(len(network.stop_lines), LINE)
    for row, line in zip(table, network.stop_lines, strict=True):
        lane = network.lanes[line.lane_id]
        heading = heading_at(lane.centre_m, lane.s_m, np.array([line.s_m]))[0]
        row["s"], row["control"], row["group"] = line.s_m, int(line.control), line.group
        row["heading"] = heading
    return table


def _meets(network: Network) -> np.ndarray:
    count = len(network.lanes)
    meets = np.full((count, count), -FAR)
    ways = sorted(set(network.conflicts.ravel().tolist()))
    row = np.full(count, -1, np.int32)
    row[ways] = np.arange(len(ways))
    paths = np.zeros((len(ways), 40, 2))
    for path, i in zip(paths, ways, strict=True):
        lane = network.lanes[i]
        path[:] = point_at(lane.centre_m, lane.s_m, np.linspace(0.0, lane.length_m, len(path)))
    follow = [set(s) for s in network.successors]
    for a, b in network.conflicts.tolist():
        merge = bool(follow[a] & follow[b])
        for i, j in ((a, b), (b, a)):
            length = network.lanes[i].length_m
            meets[i, j] = length if merge else _out_of_way_m(paths[row[i]], paths[row[j]], length)
    return meets


@njit(cache=True)
def _out_of_way_m(path: np.ndarray, other: np.ndarray, length: float) -> float:
    """Distance along a path from which all that follows is clear of the other path, m."""
    clear = length
    for k in range(len(path) - 1, -1, -1):
        nearest = 1e18
        for q in range(len(other)):
            nearest = min(nearest, math.hypot(path[k, 0] - other[q, 0], path[k, 1] - other[q, 1]))
        if nearest < CLEARANCE_M:
            break
        clear = k * length / (len(path) - 1)
    return clear


def _siblings(network: Network) -> tuple[np.ndarray, np.ndarray]:
    count = len(network.lanes)
    sibling = np.full((count, 4), -1)
    shared = np.zeros((count, count))
    along = np.arange(0.0, 20.0, 0.25)
    for follow in network.successors:
        if len(follow) < 2:
            continue
        lanes = [network.lanes[i] for i in follow]
        paths = np.stack([point_at(lane.centre_m, lane.s_m, along) for lane in lanes])
        for i, a in enumerate(follow):
            others = [b for b in follow if b != a][:4]
            sibling[a, : len(others)] = others
            apart = np.hypot(*np.moveaxis(paths - paths[i], 2, 0)) > PARTED_M
            until = np.where(apart.any(axis=1), along[apart.argmax(axis=1)], along[-1])
            shared[a, list(follow)] = until
    return sibling, shared


def _routes(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    first = np.concatenate([[0], np.cumsum([len(r) for r in scene.routes])]).astype(np.int64)
    length = [lane.length_m for lane in scene.network.lanes]
    legs = np.zeros(int(first[-1]), LEG)
    for start, route in zip(first, scene.routes, strict=False):
        end = start + len(route)
        legs["lane"][start:end] = route
        legs["start"][start:end] = np.cumsum([0.0, *(length[i] for i in route[:-1])])
    return first, legs


def _plan(scene: Scene) -> tuple[np.ndarray, np.ndarray, float]:
    phases = scene.plan.phases
    groups = len(phases[0].aspects) if phases else 0
    aspect = np.array([[int(a) for a in p.aspects] for p in phases], dtype=np.int8)
    duration = np.array([p.duration_s for p in phases], dtype=np.float64)
    return duration, aspect.reshape(len(phases), groups), float(scene.plan.offset_s)
