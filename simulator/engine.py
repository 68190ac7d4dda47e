"""How a scene moves: states of all vehicles at given times, from one compiled loop."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator import motion
from simulator.agents import AgentState
from simulator.conditions import Conditions
from simulator.motion import Motion
from simulator.scene import Scene
from simulator.world import World, compile_world, driving

__all__ = ["World", "aspects", "compile_world", "initial_state", "rollout", "step"]


def initial_state(
    scene: Scene, *, world: World | None = None, conditions: Conditions | None = None
) -> AgentState:
    """The vehicles at time 0, before the warm-up.

    Args:
        scene: the scene.
        world: ``compile_world(scene)``, where it is at hand.
        conditions: the weather that the drivers drive in, instead of the scene's own.
    """
    world = world or compile_world(scene)
    moving = _empty(len(scene.agents), len(scene.network.lanes))
    motion.begin(world, driving(conditions or scene.conditions), moving)
    return _state(moving, 0.0)


def step(
    scene: Scene,
    state: AgentState,
    *,
    world: World | None = None,
    conditions: Conditions | None = None,
    emergency_s: float = math.inf,
) -> AgentState:
    """The state one ``scene.step_s`` later; equal bit for bit to :func:`rollout`'s.

    Args:
        scene, world, conditions: as in :func:`initial_state`.
        state: a state of this scene at a multiple of its step.
        emergency_s: from this time on every driver brakes as hard as the road allows.
    """
    world = world or compile_world(scene)
    moving = _moving(state, len(scene.network.lanes))
    first = round(state.time_s / scene.step_s)
    weather = driving(conditions or scene.conditions)
    motion.run(world, weather, moving, first, first + 1, emergency_s)
    return _state(moving, (first + 1) * scene.step_s)


def rollout(
    scene: Scene,
    times_s: Sequence[float],
    conditions: Conditions | None = None,
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
    weather = driving(conditions or scene.conditions)
    moving = _empty(len(scene.agents), len(scene.network.lanes))
    motion.begin(world, weather, moving)
    states, done = [], 0
    for time in times_s:
        index = round(time / scene.step_s)
        if index < done or abs(index * scene.step_s - time) > 1e-9:
            raise ValueError(f"time {time} s is out of order or no multiple of {scene.step_s} s")
        motion.run(world, weather, moving, done, index, emergency_s)
        done = index
        states.append(_state(moving, index * scene.step_s))
    return states


def aspects(scene: Scene, time_s: float, *, world: World | None = None) -> np.ndarray:
    """The aspect of every signal group at a time: i8[G], see ``signals.Aspect``; dark without plan."""
    world = world or compile_world(scene)
    ruled = [line.group for line in scene.network.stop_lines]
    groups = max([world.phase_aspect.shape[1] - 1, *ruled, -1]) + 1
    out = np.zeros(groups, np.int8)
    motion.aspects_at(world, float(time_s), out[: world.phase_aspect.shape[1]])
    return out


def _empty(count: int, lanes: int) -> Motion:
    reals = [np.zeros(count) for _ in range(5)]
    scratch = _scratch(count, lanes)
    return Motion(
        *reals,
        np.zeros(count, np.int32),
        np.zeros(count),
        np.zeros(count, np.uint8),
        np.zeros(count, np.bool_),
        np.full(count, -1.0),
        np.full(count, -1, np.int32),
        *scratch,
    )


def _scratch(count: int, lanes: int) -> tuple[np.ndarray, ...]:
    words = [np.full(count, -1, np.int32) for _ in range(3)]
    return words[0], words[1], np.zeros(count), words[2], np.zeros(lanes)


def _moving(state: AgentState, lanes: int) -> Motion:
    columns = (
        state.x_m, state.y_m, state.heading_rad, state.speed_mps, state.accel_mps2, state.leg,
        state.s_m, state.lamps, state.active, state.stopped_since_s, state.granted_line,
    )  # fmt: skip
    return Motion(*(c.copy() for c in columns), *_scratch(len(state.x_m), lanes))


def _state(moving: Motion, time_s: float) -> AgentState:
    return AgentState(time_s, *moving[:11])
