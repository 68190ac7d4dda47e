"""How a scene moves: states of all vehicles and people at given times, from one compiled loop."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from simulator import loop, motion, reasons
from simulator.agents import SOMETIMES, STATE, AgentState, states_of
from simulator.arrays import frozen
from simulator.conditions import Conditions
from simulator.course import Course
from simulator.driving import Weather, compile_weather
from simulator.motion import Motion
from simulator.obstacles import KINDS
from simulator.scene import Scene
from simulator.sight import REACTION_S
from simulator.signals import aspect_at
from simulator.world import World, compile_world
from simulator.zebra import remembered

__all__ = ["World", "aspects", "compile_world", "initial_state", "rollout", "step", "why"]

_COLUMNS = {
    "x": "x_m", "y": "y_m", "heading": "heading_rad", "speed": "speed_mps", "accel": "accel_mps2",
    "leg": "leg", "s": "s_m", "lamps": "lamps", "active": "active", "since": "stopped_since_s",
    "granted": "granted_line", "route": "route", "shift": "shift_m", "shift_done": "shift_done",
}  # fmt: skip
_SOME = {"trailer": "trailer_rad", "drift": "drift_m", "yaw": "drift_rad", "struck": "struck"}
"""Columns that a state has only where somebody needs them."""


def initial_state(
    scene: Scene, *, world: World | None = None, conditions: Conditions | Course | None = None
) -> AgentState:
    """The vehicles at time 0, before the warm-up.

    Args:
        scene: the scene.
        world: ``compile_world(scene)``, where it is at hand.
        conditions: the weather that the drivers drive in, instead of the scene's own; a course
            changes over time and over the map.
    """
    world = world or compile_world(scene)
    return _state(world, _begun(world, _weather(scene, conditions, 0)), 0.0)


def step(
    scene: Scene,
    state: AgentState,
    *,
    world: World | None = None,
    conditions: Conditions | Course | None = None,
    emergency_s: float = math.inf,
) -> AgentState:
    """The state one ``scene.step_s`` later; equal bit for bit to :func:`rollout`'s.

    Args:
        scene, world, conditions: as in :func:`initial_state`.
        state: a state of this scene at a multiple of its step.
        emergency_s: a danger shows at this time: a reaction time later (``sight.REACTION_S``) every
            driver brakes as hard as the road allows, down to a stand.
    """
    world = world or compile_world(scene)
    moving = _resumed(world, state)
    first = round(state.time_s / scene.step_s)
    weather = _weather(scene, conditions, first + 1)
    _run(world, weather, moving, first, first + 1, emergency_s + REACTION_S)
    return _state(world, moving, (first + 1) * scene.step_s)


def rollout(
    scene: Scene,
    times_s: Sequence[float],
    conditions: Conditions | Course | None = None,
    *,
    world: World | None = None,
    emergency_s: float = math.inf,
) -> list[AgentState]:
    """The states at the given times, from time 0 in one go.

    Args:
        scene: the scene.
        times_s: times >= 0 in increasing order, multiples of ``scene.step_s`` within 1e-9 s.
        conditions, world, emergency_s: as in :func:`step`.

    Raises:
        ValueError: a time is negative, out of order or no multiple of the step.
    """
    world = world or compile_world(scene)
    last = round(max(times_s, default=0.0) / scene.step_s)
    weather = _weather(scene, conditions, last)
    moving = _begun(world, weather)
    rows, times, done = [], [], 0
    for time in times_s:
        index = round(time / scene.step_s)
        if index < done or abs(index * scene.step_s - time) > 1e-9:
            raise ValueError(f"time {time} s is out of order or no multiple of {scene.step_s} s")
        _run(world, weather, moving, done, index, emergency_s + REACTION_S)
        done = index
        rows.append(moving.rows.tobytes())
        times.append(index * scene.step_s)
    return _states(world, rows, times)


def aspects(scene: Scene, time_s: float) -> np.ndarray:
    """The aspect of every signal group at a time: i8[G], ``signals.Aspect``; dark without plan."""
    plan = scene.plan
    groups = [line.group for line in scene.network.stop_lines if line.group >= 0]
    count = len(plan.phases[0].aspects) if plan.phases else max(groups, default=-1) + 1
    return np.array([int(aspect_at(plan, g, time_s)) for g in range(count)], dtype=np.int8)


def why(
    scene: Scene,
    state: AgentState,
    vehicle: int,
    *,
    world: World | None = None,
    conditions: Conditions | Course | None = None,
) -> str:
    """Why a vehicle drives as it does now, in words: a sentence without its subject.

    Args:
        scene, state, world, conditions: as in :func:`step`.
        vehicle: its row.
    """
    if scene.agents.route[vehicle] < 0:
        return "is parked"
    if not state.active[vehicle]:
        return "is not on the map"
    world = world or compile_world(scene)
    if state.struck is not None and state.struck[vehicle] > 0:
        kind = world.roads.things["kind"][state.struck[vehicle] - 1]
        return f"has run into {KINDS[kind]}"
    moving = _resumed(world, state)
    now = round(state.time_s / scene.step_s)
    weather = _weather(scene, conditions, now + 1)
    _run(world, weather, moving, now, now + 1, math.inf, look=True)
    row = moving.rows[vehicle]
    return reasons.WORDS[row["why"]].format(whom=row["whom"])


def _run(
    world: World, weather: Weather, moving: Motion, first: int, last: int, brake_s: float,
    *, look: bool = False,
) -> None:  # fmt: skip
    people = remembered(world.people)
    loop.run(world.roads, weather, moving, people, first, last, brake_s, look)


def _weather(scene: Scene, given: Conditions | Course | None, last: int) -> Weather:
    return compile_weather(scene, given or scene.weather, last * scene.step_s)


def _motion(world: World, rows: np.ndarray) -> Motion:
    return motion.at_rest(rows, len(world.roads.lanes), world.roads.phase_aspect.shape[1])


def _begun(world: World, weather: Weather) -> Motion:
    rows = np.zeros(len(world.roads.drivers), motion.ROW)
    rows["since"], rows["granted"] = -1.0, -1
    rows["route"], rows["shift_done"] = world.roads.drivers["route"], 1.0
    rows["route"][world.people.walkers["row"]] = world.people.walkers["path"]
    moving = _motion(world, rows)
    _run(world, weather, moving, -1, 0, math.inf)
    return moving


def _resumed(world: World, state: AgentState) -> Motion:
    rows = np.zeros(len(state.x_m), motion.ROW)
    for column, name in _COLUMNS.items():
        rows[column] = getattr(state, name)
    for column, name in _SOME.items():
        if (given := getattr(state, name)) is not None:
            rows[column] = given
    return _motion(world, rows)


def _state(world: World, moving: Motion, time_s: float) -> AgentState:
    return _states(world, [moving.rows.tobytes()], [time_s])[0]


def _states(world: World, rows: Sequence[bytes], times_s: Sequence[float]) -> list[AgentState]:
    """States of T times from the bytes of ROW[N] at each: a column is checked once for all."""
    shape = len(rows), len(world.roads.drivers)
    table = np.frombuffer(b"".join(rows), motion.ROW).reshape(shape)
    columns: dict[str, Iterable[np.ndarray | None]] = {
        name: frozen(table[c], STATE[name], shape, name) for c, name in _COLUMNS.items()
    }
    tows = np.full(len(rows), world.roads.drivers["tow"].any())
    drift, yaw, struck = (np.count_nonzero(table[c], axis=1) for c in ("drift", "yaw", "struck"))
    for (c, name), needed in zip(
        _SOME.items(), (tows, drift + yaw, drift + yaw, struck), strict=True
    ):
        columns[name] = [None] * len(rows)
        if needed.any():
            column = frozen(table[c], SOMETIMES[name], shape, name)
            columns[name] = [row if n else None for row, n in zip(column, needed, strict=True)]
    return states_of(times_s, columns)
