"""Overlays of the road: lanes with their directions, conflict points, friction."""

from __future__ import annotations

import functools
import math

import numpy as np
import pygame
import shapely
from pygame import Rect

from render.viewer import style
from render.viewer.look import grounds_at, in_window, line_in_window, outline_in_window
from render.viewer.sheet import WHITE, Sheet, tag
from render.viewer.view import View
from simulator.driving import friction_at
from simulator.friction import DRY, ICE, friction, stopping_distance_m
from simulator.lane import Turn
from simulator.network import Network
from simulator.scene import Scene
from simulator.sight import REACTION_S

LANE: style.Colour = (120, 200, 255)
TURN: style.Colour = (255, 190, 90)
CROSS: style.Colour = (255, 90, 200)
MERGE: style.Colour = (90, 230, 230)
TYPICAL_MPS = 50 / 3.6
ARROW_PX = 7
MAP_PX = 4
"""Side of a square of the map of friction."""


def draw_lanes(sheet: Sheet) -> None:
    """The middle of every lane with an arrow; ways through junctions in another colour."""
    for lane in sheet.shot.backdrop.scene.network.lanes:
        points = line_in_window(sheet.now, lane.centre_m)
        colour = LANE if lane.turn == Turn.NONE else TURN
        pygame.draw.lines(sheet.surface, colour, False, points.tolist(), 1)
        middle = len(points) // 2
        _arrow(sheet.surface, points[middle - 1], points[middle], colour)


def draw_conflicts(sheet: Sheet) -> None:
    """Where paths through a junction cross (filled) or merge (ring)."""
    crossing, merging = conflict_points(sheet.shot.backdrop.scene)
    for at in in_window(sheet.now, crossing).tolist():
        pygame.draw.circle(sheet.surface, CROSS, at, 5)
    for at in in_window(sheet.now, merging).tolist():
        pygame.draw.circle(sheet.surface, MERGE, at, 6, 2)


def draw_friction(sheet: Sheet, view: View) -> None:
    """The pavement in the colour of its friction, from blue (dry) to orange (ice), place by place
    where the weather differs by place.
    """
    mu = friction(view.conditions)
    network = sheet.shot.backdrop.scene.network
    layer = pygame.Surface(sheet.clip.size, pygame.SRCALPHA)
    for polygon in (*network.kerbs_m, *network.junctions_m):
        points = outline_in_window(sheet.now, polygon) - np.array(sheet.clip.topleft)
        pygame.draw.polygon(layer, (255, 255, 255, 110), points.tolist())
    if view.front is None:
        layer.fill((*_colours(np.array(mu)).tolist(), 255), special_flags=pygame.BLEND_RGBA_MULT)
    else:
        tint = pygame.surfarray.make_surface(_colours(_friction_seen(sheet, view)))
        tint = pygame.transform.scale(tint, sheet.clip.size)
        layer.blit(tint, (0, 0), special_flags=pygame.BLEND_RGB_MULT)
    sheet.surface.blit(layer, sheet.clip)
    stop_m = stopping_distance_m(TYPICAL_MPS, mu, REACTION_S)
    text = f"friction {mu:.2f}: from 50 km/h to a stand in {stop_m:.0f} m"
    tag(sheet, text, Rect(sheet.clip.bottomleft, (0, 0)), WHITE)


def _colours(mu: np.ndarray) -> np.ndarray:
    """The colours of frictions, u8[..., 3]."""
    share = ((mu - ICE) / (DRY - ICE))[..., None]
    icy, dry = np.array([255, 140, 0]), np.array([0, 114, 255])
    return np.rint(icy + (dry - icy) * share).astype(np.uint8)


def _friction_seen(sheet: Sheet, view: View) -> np.ndarray:
    """Friction at every few px of the picture, f64[W, H]."""
    clip = sheet.clip
    columns, rows = clip.width // MAP_PX, clip.height // MAP_PX
    steps = np.indices((columns, rows)).reshape(2, -1).T + 0.5
    x, y = grounds_at(sheet.now, np.array(clip.topleft) + steps * MAP_PX).T.reshape(
        2, columns, rows
    )
    return friction_at(view.scene, view.weather, x, y, view.state.time_s)


@functools.lru_cache(maxsize=1)
def conflict_points(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Where the middles of lanes that are in conflict cross, and where they merge, f64[N, 2] m."""
    network = scene.network
    crossing, merging = [], []
    for a, b in network.conflicts.tolist():
        if set(network.successors[a]) & set(network.successors[b]):
            merging.append(network.lanes[a].centre_m[-1])
        else:
            crossing.append(_nearest(network, a, b))
    return np.array(crossing).reshape(-1, 2), np.array(merging).reshape(-1, 2)


def _nearest(network: Network, a: int, b: int) -> tuple[float, float]:
    """Where one lane's middle comes nearest to another's."""
    first, second = (shapely.LineString(network.lanes[i].centre_m) for i in (a, b))
    one, two = shapely.shortest_line(first, second).coords
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2


def _arrow(
    surface: pygame.Surface, tail: np.ndarray, head: np.ndarray, colour: style.Colour
) -> None:
    """The head of an arrow in the middle of a span."""
    turn = math.atan2(head[1] - tail[1], head[0] - tail[0])
    tip = (tail + head) / 2
    ends = [
        (tip[0] - ARROW_PX * math.cos(turn + side), tip[1] - ARROW_PX * math.sin(turn + side))
        for side in (-0.5, 0.5)
    ]
    pygame.draw.polygon(surface, colour, [tuple(tip), *ends])
