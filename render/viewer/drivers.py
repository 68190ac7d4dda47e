"""Overlays of who drives: where to, why not faster, how far it sees, how far it takes to stop."""

from __future__ import annotations

import math
import re

import numpy as np
import pygame
from pygame import Rect

from render.viewer import style
from render.viewer.look import in_window, line_in_window, outline_in_window
from render.viewer.sheet import WHITE, Sheet, in_sight, places, tag
from render.viewer.view import View
from simulator import engine
from simulator.agents import AgentState, Kind, Lamp
from simulator.conditions import Conditions
from simulator.friction import friction, stopping_distance_m
from simulator.geometry import point_at
from simulator.reasons import FREE, WORDS
from simulator.scene import Scene
from simulator.sight import REACTION_S, sight_m
from simulator.signals import aspect_at
from simulator.signs import SIGNS

ROUTE_M = 60.0
"""How much of its way is drawn before a vehicle that the camera does not follow."""

WAITS: style.Colour = (255, 200, 80)
REACTS: style.Colour = (255, 225, 70)
STOPS: style.Colour = (255, 110, 40)
ROUTE: style.Colour = (200, 160, 255)
SEES = (255, 255, 160, 44)
HALF_ANGLE_RAD = math.radians(20)
MOST_SIGHT_M = 300.0
"""Farther than any picture reaches."""

Reasons = dict[int, str]
"""Why vehicles do not drive freely, by row."""


def reasons(view: View) -> Reasons:
    """What keeps each driver from driving freely in the engine's state, sentences by row."""
    rows = np.flatnonzero(view.state.active & view.scene.agents.driven)
    found = {}
    for row in rows.tolist():
        why = engine.why(view.scene, view.state, row, world=view.world, conditions=view.weather)
        if why != WORDS[FREE]:
            found[row] = why
    return found


def draw_reasons(sheet: Sheet, why: Reasons) -> None:
    """Beside each vehicle that is held up: by what; and a line to the vehicle that it waits for."""
    rows = in_sight(sheet)
    for row, at in zip(rows.tolist(), places(sheet, rows).tolist(), strict=True):
        if row not in why:
            continue
        other = re.search(r"(?:vehicle|person) (\d+)", why[row])
        if other and sheet.state.active[int(other[1])]:
            end = places(sheet, np.array([int(other[1])]))[0].tolist()
            pygame.draw.line(sheet.surface, WAITS, at, end, 2)
            pygame.draw.circle(sheet.surface, WAITS, end, 5)
        tag(sheet, f"{row} {why[row]}", Rect(round(at[0]) + 8, round(at[1]), 0, 0), WAITS)


def draw_routes(sheet: Sheet, follow: int) -> None:
    """Where vehicles are going to: some metres, or all of the way of the one that is followed."""
    scene, state = sheet.shot.backdrop.scene, sheet.state
    for row in in_sight(sheet).tolist():
        far_m = 1e4 if row == follow else ROUTE_M
        points = line_in_window(sheet.now, ahead(scene, state, row, 0.0, far_m))
        pygame.draw.lines(sheet.surface, ROUTE, False, points.tolist(), 3)


def draw_stopping(sheet: Sheet, conditions: Conditions) -> None:
    """How far each vehicle goes until it stands: while its driver reacts, and while it brakes."""
    scene, state, mu = sheet.shot.backdrop.scene, sheet.state, friction(conditions)
    for row in _driven(sheet).tolist():
        speed = float(state.speed_mps[row])
        if speed < 0.1:
            continue
        reacts_m, stops_m = speed * REACTION_S, stopping_distance_m(speed, mu, REACTION_S)
        for colour, a_m, b_m in ((REACTS, 0.0, reacts_m), (STOPS, reacts_m, stops_m)):
            points = line_in_window(sheet.now, ahead(scene, state, row, a_m, b_m)).tolist()
            pygame.draw.lines(sheet.surface, colour, False, points, 4)
        end = Rect(round(points[-1][0]), round(points[-1][1]), 0, 0)
        tag(sheet, f"{stops_m:.0f} m", end, STOPS)


def draw_sight(sheet: Sheet, conditions: Conditions, follow: int) -> None:
    """What lies within the sight of each driver, or of the one that is followed."""
    scene, state, far_m = sheet.shot.backdrop.scene, sheet.state, sight_m(conditions)
    layer = pygame.Surface(sheet.clip.size, pygame.SRCALPHA)
    turns = np.linspace(-HALF_ANGLE_RAD, HALF_ANGLE_RAD, 9)
    rows = _driven(sheet)
    for row in rows[rows == follow] if follow in rows else rows:
        turn = float(state.heading_rad[row])
        front = np.array([state.x_m[row], state.y_m[row]])
        front = front + scene.agents.body_m[row] / 2 * np.array([math.cos(turn), math.sin(turn)])
        arc = np.stack([np.cos(turn + turns), np.sin(turn + turns)], axis=1)
        points = np.concatenate([front[None], front + min(far_m, MOST_SIGHT_M) * arc])
        seen = outline_in_window(sheet.now, points) - np.array(sheet.clip.topleft)
        pygame.draw.polygon(layer, SEES, seen.tolist())
        pygame.draw.lines(layer, (*SEES[:3], 160), True, seen.tolist(), 1)
    sheet.surface.blit(layer, sheet.clip)
    far = f"{far_m / 1000:.1f} km" if far_m >= 1000 else f"{far_m:.0f} m"
    tag(sheet, f"drivers see {far}", Rect(sheet.clip.topleft, (0, 0)), WHITE)


def _driven(sheet: Sheet) -> np.ndarray:
    rows = in_sight(sheet)
    return rows[sheet.shot.backdrop.scene.agents.driven[rows]]


def draw_card(sheet: Sheet, view: View) -> None:
    """What the vehicle is that the camera follows, and what it does."""
    scene, state, row = view.scene, view.state, view.follow
    agents = scene.agents
    why = engine.why(scene, state, row, world=view.world, conditions=view.weather)
    lamps = [lamp.name.lower() for lamp in Lamp if state.lamps[row] & lamp and lamp.name]
    name, speed = f"{Kind(int(agents.kind[row])).name.lower()} {row}", state.speed_mps[row]
    if agents.on_foot[row]:
        lines = (f"{name}, {agents.height_m[row]:.2f} m tall", f"{speed:.1f} m/s", why)
    else:
        lines = (
            f"{name}, {agents.length_m[row]:.1f} m",
            f"{speed * 3.6:.0f} km/h, {state.accel_mps2[row]:+.1f} m/s2",
            why,
            f"lamps: {', '.join(lamps) or 'none'}",
        )
    corner = Rect(sheet.clip.right - 1, sheet.clip.top, 0, 0)
    for line in lines:
        tag(sheet, line, corner, WHITE, below=True)
    at = places(sheet, np.array([row]))[0].tolist()
    pygame.draw.circle(sheet.surface, WHITE, at, 24, 1)


def draw_plate_card(sheet: Sheet, view: View) -> None:
    """What the sign or the signal that was clicked is, says and rules."""
    scene, (sign, signal) = view.scene, view.plate
    lines = scene.network.stop_lines
    if sign >= 0:
        thing, kind = scene.signs[sign], SIGNS[scene.signs[sign].type]
        said = [f"sign {thing.id}: {kind.title}", kind.meaning.value]
        said += [f"number {thing.number}"] if thing.number else []
    else:
        thing = scene.signals[signal]
        aspect = aspect_at(scene.plan, thing.group, view.state.time_s)
        said = [f"signal {thing.id}, group {thing.group}", f"shows {aspect.name.lower()}"]
    if 0 <= thing.stop_line_id < len(lines):
        line = lines[thing.stop_line_id]
        said.append(f"rules line {line.id} of lane {line.lane_id}: {line.control.name.lower()}")
        lane = scene.network.lanes[line.lane_id]
        place = point_at(lane.centre_m, lane.s_m, np.array([line.s_m]))
        pygame.draw.circle(sheet.surface, WAITS, in_window(sheet.now, place)[0].tolist(), 8, 2)
    corner = Rect(sheet.clip.left, sheet.clip.top + 20, 0, 0)
    for text in said:
        tag(sheet, text, corner, WHITE, below=True)


def ahead(scene: Scene, state: AgentState, row: int, from_m: float, to_m: float) -> np.ndarray:
    """The middle of the lanes before a vehicle's front, or the way before somebody on foot, between
    two distances, f64[N, 2] m.
    """
    if scene.agents.on_foot[row]:
        path = scene.paths[int(state.route[row])]
        s, gone = path.s_m, float(state.s_m[row])
        inner = path.line_m[(s > gone + from_m) & (s < gone + to_m)]
        ends = point_at(path.line_m, s, np.clip(gone + np.array([from_m, to_m]), 0.0, s[-1]))
        return np.concatenate([ends[:1], inner, ends[1:]])
    route = scene.routes[int(state.route[row])]
    parts, gone = [], -float(state.s_m[row])
    for lane_id in route[int(state.leg[row]) :]:
        lane = scene.network.lanes[lane_id]
        a_m, b_m = max(from_m - gone, 0.0), min(to_m - gone, lane.length_m)
        if b_m >= a_m:
            inner = (lane.s_m > a_m) & (lane.s_m < b_m)
            at = np.concatenate([[a_m], lane.s_m[inner], [b_m]])
            xy = [np.interp(at, lane.s_m, lane.centre_m[:, k]) for k in (0, 1)]
            parts.append(np.stack(xy, axis=1))
        gone += lane.length_m
        if gone > to_m:
            break
    if not parts:
        end = scene.network.lanes[route[-1]].centre_m[-1]
        return np.array([end, end])
    return np.concatenate(parts)
