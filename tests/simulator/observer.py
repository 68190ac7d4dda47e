"""An observer of recorded traffic: judges from poses and speeds alone, never from engine flags."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from simulator.agents import AgentState
from simulator.articulation import overlaps
from simulator.conditions import Conditions
from simulator.drivers import manners
from simulator.friction import GRAVITY_MPS2, friction
from simulator.geometry import heading_at, point_at
from simulator.network import StopLine
from simulator.scene import Scene
from simulator.signals import Aspect, aspect_at


@dataclasses.dataclass(frozen=True)
class Passage:
    """One front passing one stop line: when, how far the front was from it through the record
    (m, NaN where it was not on the approach), and how fast it was (m/s)."""

    line: StopLine
    vehicle: int
    step: int
    before_m: np.ndarray
    speed_mps: np.ndarray


def overlapping(scene: Scene, states: list[AgentState]) -> list[tuple[float, int, int]]:
    """(time, row, row) of every overlap of two bodies in the record; people make way for people."""
    agents, found = scene.agents, []
    for state in states:
        pairs = overlaps(agents, state)
        pairs = pairs[~agents.on_foot[pairs].all(axis=1)]
        found += [(state.time_s, i, j) for i, j in pairs.tolist()]
    return found


def passages(scene: Scene, states: list[AgentState]) -> list[Passage]:
    """Every passing of a front over a stop line, seen from the poses."""
    x, y, heading, speed = (
        np.stack([getattr(s, name) for s in states])
        for name in ("x_m", "y_m", "heading_rad", "speed_mps")
    )
    on = np.stack([s.active for s in states]) & scene.agents.driven
    half = scene.agents.body_m / 2
    front_x, front_y = x + half * np.cos(heading), y + half * np.sin(heading)
    found = []
    for line in scene.network.stop_lines:
        lane = scene.network.lanes[line.lane_id]
        s = np.array([line.s_m])
        at = point_at(lane.centre_m, lane.s_m, s)[0]
        angle = float(heading_at(lane.centre_m, lane.s_m, s)[0])
        dx, dy = front_x - at[0], front_y - at[1]
        along = dx * math.cos(angle) + dy * math.sin(angle)
        aside = dy * math.cos(angle) - dx * math.sin(angle)
        here = on & (np.abs(aside) < lane.width_m / 2) & (np.cos(heading - angle) > 0.9)
        crossed = here[:-1] & here[1:] & (along[:-1] <= 0) & (along[1:] > 0)
        for step, vehicle in np.argwhere(crossed).tolist():
            left = np.where(here[:, vehicle], -along[:, vehicle], np.nan)
            found.append(Passage(line, vehicle, step, left, speed[:, vehicle]))
    return found


def dilemma_m(speed_mps: float, conditions: Conditions) -> float:
    """Far end of the dilemma zone: v t_r + v^2 / (2 b), b what the road gives in comfort."""
    b = min(3.05, 0.8 * friction(conditions) * GRAVITY_MPS2)
    return speed_mps * 1.0 + speed_mps**2 / (2 * b)


def ran_red(scene: Scene, states: list[AgentState], passage: Passage) -> bool:
    """Whether the front passed at red although it could have stopped when the light turned.

    The modelled few who run late yellows may have been some metres further off.
    """
    if passage.line.group < 0 or not scene.plan.phases:
        return False
    shows = [aspect_at(scene.plan, passage.line.group, s.time_s) for s in states]
    step = passage.step
    if shows[step] != Aspect.RED:
        return False
    onset = step
    while onset > 0 and shows[onset] != Aspect.GREEN:
        onset -= 1
    onset += 1
    left, speed = passage.before_m[onset], passage.speed_mps[onset]
    late = float(manners(scene.agents.temper[passage.vehicle : passage.vehicle + 1])["late"][0])
    return not (left <= dilemma_m(float(speed), scene.conditions) + late * float(speed))


def passed_without_stop(scene: Scene, passage: Passage) -> bool:
    """Whether a front passed a STOP line, or a dark signal, without a stand within 2 m of it."""
    if passage.line.group >= 0 and scene.plan.phases:
        return False
    left = passage.before_m[: passage.step + 1]
    stood = (passage.speed_mps[: passage.step + 1] == 0.0) & (left >= 0) & (left <= 2.0)
    return not stood.any()


def longest_stand_s(scene: Scene, states: list[AgentState]) -> float:
    """Longest time in which vehicles were on the road and none of them moved, s."""
    longest = since = 0.0
    for state in states:
        driving = state.active & scene.agents.driven
        if not driving.any() or (state.speed_mps[driving] > 0).any():
            since = state.time_s
        longest = max(longest, state.time_s - since)
    return longest
