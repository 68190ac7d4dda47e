"""The scene changed by hand: cones, signs, parked cars and people put down and taken away, signals
set.
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np

from render.faces import lay_plates
from render.viewer import aim, look
from render.viewer.stroll import strolling
from render.viewer.view import View, said
from simulator import engine
from simulator.agents import AgentState, AgentTable, Kind
from simulator.articulation import overlaps
from simulator.geometry import heading_at
from simulator.lane import LaneKind
from simulator.scene import Scene
from simulator.sign import Sign
from simulator.sign import look as look_of
from simulator.signals import Aspect, Phase, SignalPlan, aspect_at
from simulator.signs import SIGNS
from simulator.surroundings import Cone

T = TypeVar("T", AgentTable, AgentState)

TOOLS = ("cone", "sign", "car", "person", "remove", "signal")
REACH_M = 3.0
"""What is no farther than this from a click is meant by it."""

HOLD_S = 999.0
"""How long a phase lasts that was set by hand."""

NUMBER = 30
"""What a sign with a number shows, mph or km/h."""


def with_edited(view: View, scene: Scene, state: AgentState | None = None) -> View:
    """The running scene changed: what was driven in the old one cannot be wound to."""
    state = state or view.state
    return dataclasses.replace(
        view, scene=scene, world=engine.compile_world(scene), state=state, previous=state,
        past=((state, view.conditions),), ahead_s=0.0, plate=(-1, -1), given=True,
    )  # fmt: skip


def applied(view: View, at_px: tuple[float, float]) -> View:
    """What the chosen tool does at a point of the window."""
    at = look.ground_at(aim.framing(view), at_px)
    match view.tool:
        case "cone":
            around = view.scene.surroundings
            cones = (*around.cones, Cone(*at))
            return with_edited(view, _surrounded(view.scene, cones))
        case "sign":
            return with_edited(view, _with_sign(view, at))
        case "car":
            return _with_car(view, at)
        case "person":
            return _with_person(view, at)
        case "signal":
            return _signal_set(view, at_px)
        case "remove":
            return _removed(view, at, at_px)
    return view


def plate_at(view: View, at_px: tuple[float, float]) -> tuple[int, int]:
    """Row of the sign and of the signal whose plate is at a point of the window, -1 each for none.

    Plates stand beside their legal places, so that they are looked for where they are drawn.
    """
    scene, now = view.scene, aim.framing(view)
    plates = lay_plates(scene, now.camera)
    px = np.array(now.box.topleft) + plates.centre_px * now.box.width / now.camera.width_px
    far = np.hypot(*(px - np.array(at_px)).T) * now.camera.width_px / now.box.width
    near = np.flatnonzero(far <= plates.size_px.max(axis=1, initial=0) / 2 + 4)
    if not len(near):
        return -1, -1
    k = int(near[np.argmin(far[near])])
    if plates.signal_row[k] >= 0:
        return -1, int(plates.signal_row[k])
    x, y = look.ground_at(now, tuple(px[k]))
    same = [
        (np.hypot(s.x_m - x, s.y_m - y), row)
        for row, s in enumerate(scene.signs)
        if s.type == plates.sign_type[k] and s.heading_rad == plates.heading_rad[k]
    ]
    return min(same)[1], -1


def _surrounded(scene: Scene, cones: tuple[Cone, ...]) -> Scene:
    around = dataclasses.replace(scene.surroundings, cones=cones)
    return dataclasses.replace(scene, surroundings=around)


def _with_sign(view: View, at: tuple[float, float]) -> Scene:
    """A sign for the traffic of the nearest lane; it rules no line."""
    scene, kind = view.scene, SIGNS[view.sign_type]
    ident = max((s.id for s in scene.signs), default=-1) + 1
    number = NUMBER if look_of(kind, scene.convention).number else 0
    made = Sign(ident, view.sign_type, *at, _heading(scene, at), -1, number)
    return dataclasses.replace(scene, signs=(*scene.signs, made))


def _with_car(view: View, at: tuple[float, float]) -> View:
    """A parked car along the nearest lane, of the build of a car that is there already."""
    agents, state = view.scene.agents, view.state
    cars = np.flatnonzero(agents.kind == Kind.CAR)
    if not len(cars):
        return said(view, "there is no car here to make another like it")
    rows = np.append(np.arange(len(agents)), cars[0])
    heading = _heading(view.scene, at)
    parked = {"route": -1, "parked_x_m": at[0], "parked_y_m": at[1], "parked_heading_rad": heading}
    stands = {
        "route": -1, "x_m": at[0], "y_m": at[1], "heading_rad": heading, "speed_mps": 0.0,
        "accel_mps2": 0.0, "leg": 0, "s_m": 0.0, "lamps": 0, "active": True,
        "stopped_since_s": -1.0, "granted_line": -1, "shift_m": 0.0, "shift_done": 1.0,
    }  # fmt: skip
    table, now = _taken(agents, rows, parked), _taken(state, rows, stands)
    pairs = overlaps(table, now)
    if (pairs == len(agents)).any():
        return said(view, "another vehicle is in the way")
    return with_edited(view, dataclasses.replace(view.scene, agents=table), now)


def _with_person(view: View, at: tuple[float, float]) -> View:
    """Somebody who strolls about there."""
    made = strolling(view.scene, view.state, at, _heading(view.scene, at))
    if made is None:
        return said(view, "people stroll beside the road: there is no room for it here")
    return with_edited(view, *made)


def _removed(view: View, at: tuple[float, float], at_px: tuple[float, float]) -> View:
    """Take away the sign, the cone, the vehicle or the person there."""
    scene, state = view.scene, view.state
    row, _ = plate_at(view, at_px)
    if row >= 0:
        signs = tuple(s for i, s in enumerate(scene.signs) if i != row)
        return with_edited(view, dataclasses.replace(scene, signs=signs))
    cones = scene.surroundings.cones
    far = [float(np.hypot(c.x_m - at[0], c.y_m - at[1])) for c in cones]
    if far and min(far) <= REACH_M / 2:
        gone = far.index(min(far))
        return with_edited(view, _surrounded(scene, (*cones[:gone], *cones[gone + 1 :])))
    away = np.where(state.active, np.hypot(state.x_m - at[0], state.y_m - at[1]), np.inf)
    if not len(away) or away.min() > REACH_M:
        return said(view, "nothing here that can be removed")
    rows = np.delete(np.arange(len(away)), int(np.argmin(away)))
    table, now = _taken(scene.agents, rows, {}), _taken(state, rows, {})
    free = dataclasses.replace(view, follow=-1)
    return with_edited(free, dataclasses.replace(scene, agents=table), now)


def _signal_set(view: View, at_px: tuple[float, float]) -> View:
    """The next aspect for the group of the signal there; all groups then stay as they are."""
    _, row = plate_at(view, at_px)
    if row < 0:
        return said(view, "no signal here")
    scene, group = view.scene, view.scene.signals[row].group
    count = max(s.group for s in scene.signals) + 1
    if scene.plan.phases:
        count = len(scene.plan.phases[0].aspects)
    shown = [aspect_at(scene.plan, g, view.state.time_s) for g in range(count)]
    shown[group] = Aspect((shown[group] + 1) % len(Aspect))
    plan = SignalPlan((Phase(HOLD_S, tuple(shown)),))
    made = with_edited(view, dataclasses.replace(scene, plan=plan))
    return said(made, f"signal group {group} stays {shown[group].name.lower()}")


def _heading(scene: Scene, at: tuple[float, float]) -> float:
    """Direction of travel where the nearest lane comes nearest."""
    best = (np.inf, 0.0)
    for lane in scene.network.lanes:
        if lane.kind != LaneKind.DRIVE:
            continue
        s = np.arange(0.0, lane.length_m, 1.0)
        xy = [np.interp(s, lane.s_m, lane.centre_m[:, k]) - at[k] for k in (0, 1)]
        k = int(np.argmin(np.hypot(*xy)))
        turn = float(heading_at(lane.centre_m, lane.s_m, s[k : k + 1])[0])
        best = min(best, (float(np.hypot(xy[0][k], xy[1][k])), turn))
    return best[1]


def _taken(rows_of: T, rows: np.ndarray, last: dict[str, object]) -> T:
    """Some rows of a table, with values for the last one."""
    fields: dict[str, np.ndarray] = {}
    for field in dataclasses.fields(rows_of):
        value = getattr(rows_of, field.name)
        if not isinstance(value, np.ndarray):
            continue
        fields[field.name] = value[rows].copy()
        if field.name in last:
            fields[field.name][-1] = last[field.name]
    return dataclasses.replace(rows_of, **fields)
