"""A scene as flat arrays for the compiled loop, and what the weather makes of its drivers.

Made once a scene by :func:`compile_world`; :func:`driving` is made again whenever the weather
changes, which costs microseconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.conditions import Conditions, headlamps_on
from simulator.friction import GRAVITY_MPS2, friction
from simulator.geometry import heading_at, point_at
from simulator.lane import Lane
from simulator.network import Network
from simulator.scene import Scene
from simulator.sight import headway_factor, sight_m, sight_speed_mps, speed_factor

PARTED_M = 3.0
"""Centre lines this far apart no longer share the road: two wide bodies and some air."""

COMFORT_LATERAL_MPS2 = 2.5
"""Lateral acceleration that drivers accept in a turn (2-3 m/s2)."""

SIGNAL_BRAKE_MPS2 = 3.05
"""Braking that the yellow time is laid out for (ITE, 10 ft/s2)."""


class World(NamedTuple):
    """All that stays the same while a scene runs. Shapes: P points, L lanes, S stop lines, R routes,
    Q route legs, F phases, G signal groups, N vehicles. Units as in the vocabulary (m, s, rad)."""

    step_s: float
    lane_from: np.ndarray  # i32[L + 1], first point of each lane
    point_x: np.ndarray  # f64[P]
    point_y: np.ndarray
    point_s: np.ndarray
    lane_length: np.ndarray  # f64[L]
    lane_limit: np.ndarray
    lane_bend: np.ndarray  # f64[L], largest curvature, 1/m
    lane_turn: np.ndarray  # u8[L]
    lane_line: np.ndarray  # i32[L], stop line on the lane, -1 none
    line_s: np.ndarray  # f64[S]
    line_control: np.ndarray  # i32[S]
    line_group: np.ndarray
    line_heading: np.ndarray  # f64[S], direction of the traffic that it stops
    conflict: np.ndarray  # bool[L, L]
    sibling: np.ndarray  # i32[L, 4], lanes that part from the same lane, -1 none
    shared: np.ndarray  # f64[L, L], along siblings: where they have parted
    route_from: np.ndarray  # i32[R + 1]
    route_lane: np.ndarray  # i32[Q]
    route_start: np.ndarray  # f64[Q], distance of the leg's beginning from the route's
    phase_s: np.ndarray  # f64[F]
    phase_aspect: np.ndarray  # i8[F, G]
    plan_offset: float
    length: np.ndarray  # f64[N] and so on, one a vehicle
    desired: np.ndarray
    headway: np.ndarray
    min_gap: np.ndarray
    accel: np.ndarray
    decel: np.ndarray
    route: np.ndarray
    start: np.ndarray
    enter: np.ndarray
    parked_x: np.ndarray
    parked_y: np.ndarray
    parked_heading: np.ndarray


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


def compile_world(scene: Scene) -> World:
    """The scene's static side as the flat arrays that the compiled loop reads."""
    lanes, agents = scene.network.lanes, scene.agents
    sibling, shared = _siblings(scene.network)
    points = np.concatenate([lane.centre_m for lane in lanes])
    return World(
        scene.step_s,
        _starts([len(lane.s_m) for lane in lanes]),
        points[:, 0].copy(),
        points[:, 1].copy(),
        np.concatenate([lane.s_m for lane in lanes]),
        np.array([lane.length_m for lane in lanes]),
        np.array([lane.speed_limit_mps for lane in lanes]),
        np.array([bend_per_m(lane) for lane in lanes]),
        np.array([int(lane.turn) for lane in lanes], dtype=np.uint8),
        *_lines(scene.network),
        _conflicts(scene.network),
        sibling,
        shared,
        *_routes(scene),
        *_plan(scene),
        agents.length_m,
        agents.desired_speed_mps,
        agents.headway_s,
        agents.min_gap_m,
        agents.accel_mps2,
        agents.decel_mps2,
        agents.route,
        agents.start_s_m,
        agents.enter_time_s,
        agents.parked_x_m,
        agents.parked_y_m,
        agents.parked_heading_rad,
    )


def bend_per_m(lane: Lane) -> float:
    """Largest curvature of a lane's centre line, 1/m: the turn at a vertex over its half spans."""
    if len(lane.centre_m) < 3:
        return 0.0
    step = np.diff(lane.centre_m, axis=0)
    turn = np.abs(np.diff(np.unwrap(np.arctan2(step[:, 1], step[:, 0]))))
    span = np.diff(lane.s_m)
    # The smaller neighbouring span belongs to the arc where an arc meets a straight.
    return float((turn / np.minimum(span[:-1], span[1:])).max())


def _starts(counts: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _lines(network: Network) -> tuple[np.ndarray, ...]:
    lines = network.stop_lines
    lane_line = np.full(len(network.lanes), -1, np.int32)
    for line in lines:
        lane_line[line.lane_id] = line.id
    lanes = [network.lanes[line.lane_id] for line in lines]
    pairs = zip(lanes, lines, strict=True)
    heading = [heading_at(a.centre_m, a.s_m, np.array([b.s_m]))[0] for a, b in pairs]
    return (
        lane_line,
        np.array([line.s_m for line in lines], dtype=np.float64),
        np.array([int(line.control) for line in lines], dtype=np.int32),
        np.array([line.group for line in lines], dtype=np.int32),
        np.array(heading, dtype=np.float64),
    )


def _conflicts(network: Network) -> np.ndarray:
    table = np.zeros((len(network.lanes),) * 2, dtype=np.bool_)
    a, b = network.conflicts[:, 0], network.conflicts[:, 1]
    table[a, b] = table[b, a] = True
    return table


def _siblings(network: Network) -> tuple[np.ndarray, np.ndarray]:
    count = len(network.lanes)
    sibling = np.full((count, 4), -1, np.int32)
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


def _routes(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lanes = np.array([i for route in scene.routes for i in route], dtype=np.int32)
    length = [lane.length_m for lane in scene.network.lanes]
    start = [np.cumsum([0.0, *(length[i] for i in route[:-1])]) for route in scene.routes]
    joined = np.concatenate(start) if start else np.zeros(0)
    return _starts([len(r) for r in scene.routes]), lanes, joined


def _plan(scene: Scene) -> tuple[np.ndarray, np.ndarray, float]:
    phases = scene.plan.phases
    groups = len(phases[0].aspects) if phases else 0
    aspect = np.array([[int(a) for a in p.aspects] for p in phases], dtype=np.int8)
    duration = np.array([p.duration_s for p in phases], dtype=np.float64)
    return duration, aspect.reshape(len(phases), groups), float(scene.plan.offset_s)
