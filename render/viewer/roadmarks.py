"""Overlays of the road: lanes with their directions, conflict points, friction."""

from __future__ import annotations

import functools
import math

import numpy as np
import pygame
import shapely
from pygame import Rect

from render.viewer import style
from render.viewer.look import in_window
from render.viewer.sheet import WHITE, Sheet, tag
from simulator.conditions import Conditions
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


def draw_lanes(sheet: Sheet) -> None:
    """The middle of every lane with an arrow; ways through junctions in another colour."""
    for lane in sheet.shot.backdrop.scene.network.lanes:
        points = in_window(sheet.now, lane.centre_m)
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


def draw_friction(sheet: Sheet, conditions: Conditions) -> None:
    """The pavement in the colour of its friction, from blue (dry) to orange (ice)."""
    mu = friction(conditions)
    share = (mu - ICE) / (DRY - ICE)
    colour = tuple(
        round(a + (b - a) * share) for a, b in zip((255, 140, 0), (0, 114, 255), strict=True)
    )
    network = sheet.shot.backdrop.scene.network
    layer = pygame.Surface(sheet.clip.size, pygame.SRCALPHA)
    for polygon in (*network.kerbs_m, *network.junctions_m):
        points = in_window(sheet.now, polygon) - np.array(sheet.clip.topleft)
        pygame.draw.polygon(layer, (*colour, 110), points.tolist())
    sheet.surface.blit(layer, sheet.clip)
    stop_m = stopping_distance_m(TYPICAL_MPS, mu, REACTION_S)
    text = f"friction {mu:.2f}: from 50 km/h to a stand in {stop_m:.0f} m"
    tag(sheet, text, Rect(sheet.clip.bottomleft, (0, 0)), WHITE)


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
