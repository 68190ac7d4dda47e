"""The sides of tall things before a tilted camera, in layers from below upward.

A line of sight goes down away from the camera: of two things in a pixel the higher point is the
nearer. So the raster's heights sort everything, where each part of a side says how high it is.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render.canvas import DECAL, KEEP, ONE
from render.hull import hull
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from simulator.camera import Camera, foot_m, straight_px
from simulator.seeding import stream

LAYERS_M = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0, 13.0, 18.0])
"""Heights between which sides are cut: finely as far up as vehicles reach."""

OVERLAP_M = 0.25
"""How far a layer reaches into the next, which is drawn over it: edges that only met would let what
is behind shine through.
"""

STOREY_M, SILL_M, PANE_M = 3.0, 0.9, 1.4
"""Height of a storey, of the sill of its windows, and of these."""

BAY_M, WIDE_M = 2.6, 1.3
"""From one window to the next, and the width of one."""

PANE = fixed((52, 60, 70))

LIT_SHARE = 1 / 3
"""Of windows behind which there is light by night (a choice; in the evening more, after midnight
fewer)."""

ROUND = ((0.35, 0.6), (0.6, 1.0), (0.95, 0.45))
"""A crown from the side: share of a tree's height, and how wide it is there."""

BARK = fixed((84, 70, 58))

AVERTED, FACING = 0.5, 0.9
"""What of its reflectance a wall shows that is turned from the sun, and one that faces it: beside
level ground under a sun at 45 degrees a wall would have 0.2 and 1.0, under cloud 0.6 throughout."""

PALEST = 0.5
"""Reflectance above which no wall goes: what the camera exposes for is level and darker, and paler
walls would be but white."""


def layers(top_m: float, low_m: float = 0.0) -> np.ndarray:
    """Heights from the ground, or from a foot above it, to a top, f64[N] m."""
    within = (top_m - 0.05 > LAYERS_M) & (low_m + 0.05 < LAYERS_M)
    return np.concatenate([[low_m], LAYERS_M[within], [top_m]])


def _reach(z: np.ndarray) -> np.ndarray:
    """How far up each layer is drawn, f64[N - 1] m, of those between heights f64[N]."""
    return np.minimum(z[1:] + OVERLAP_M, z[-1])


@dataclasses.dataclass(frozen=True, eq=False)
class Sides:
    """The sides of an upright prism, in the order of its corners.

    Attributes:
        along: f64[N, 2], from corner to corner, m. length: f64[N], m. outward: f64[N, 2], normals.
        faces: i64[M], those that face the camera.
    """

    along: np.ndarray
    length: np.ndarray
    outward: np.ndarray
    faces: np.ndarray


def sides_of(base: np.ndarray, camera: Camera) -> Sides:
    """Of a prism over an outline f64[N, 2] m."""
    turn = np.roll(base, -1, axis=0)
    sense = np.sign(np.sum(base[:, 0] * turn[:, 1] - base[:, 1] * turn[:, 0]))
    along = turn - base
    length = np.hypot(*along.T)
    outward = (
        sense * np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(length, 1e-9)[:, None]
    )
    towards = ((foot_m(camera) - base) * outward).sum(axis=1)
    return Sides(along, length, outward, np.flatnonzero((length > 0.05) & (towards > 0)))


def tones(colour: np.ndarray, outward: np.ndarray, sun_rad: float) -> np.ndarray:
    """Colours u16[N, 3] of upright faces of a colour u16[3] with normals f64[N, 2].

    All weathers of a scene share them, also those without a sun: so they are between what a sun
    makes of a wall, and what a cloud does.
    """
    facing = 0.5 + 0.5 * (outward @ [math.cos(sun_rad), math.sin(sun_rad)])
    share = AVERTED + (FACING - AVERTED) * facing
    pale = min(PALEST * ONE / max(int(colour.max()), 1), 1.0)
    return np.rint(colour * (share * pale)[:, None]).astype(np.uint16)


def draw_walls(
    shapes: PolygonList, base: np.ndarray, top_m: float, colour: np.ndarray, camera: Camera,
    sun_rad: float, windows: int | None = None, low_m: float = 0.0,
) -> None:  # fmt: skip
    """Walls over an outline f64[N, 2] m that face a tilted camera.

    Args:
        sun_rad: azimuth of the scene's sun: the more a wall is turned from it, the darker it is.
        windows: a number of the building's own, if its walls have windows: some are lit by night.
    """
    z = layers(top_m, low_m)
    sides = sides_of(base, camera)
    tone = tones(colour, sides.outward, sun_rad)
    low, high = (
        straight_px(camera, np.repeat(base, len(z) - 1, axis=0), np.tile(ends, len(base)))
        for ends in (z[:-1], _reach(z))
    )
    low, high = low.reshape(len(base), -1, 2), high.reshape(len(base), -1, 2)
    for k in sides.faces.tolist():
        other = (k + 1) % len(base)
        quads = np.stack([low[k], low[other], high[other], high[k]], axis=1)
        shapes.add_all(quads, tone[k], Kind.WALL, z[1:], in_px=True)
        if windows is not None:
            rng = stream(windows, k, "windows")  # the same from wherever the wall is seen
            _windows(shapes, base[k], sides.along[k], float(sides.length[k]), top_m, camera, rng)


def _windows(
    shapes: PolygonList, a: np.ndarray, along: np.ndarray, length: float, top_m: float,
    camera: Camera, rng: np.random.Generator,
) -> None:  # fmt: skip
    columns, rows = int(length / BAY_M), int(top_m / STOREY_M)
    if columns < 1 or rows < 1:
        return
    middle = (np.arange(columns) + 0.5) * (length / columns)
    low = np.arange(rows) * STOREY_M + SILL_M
    s = (middle[:, None] + np.array([-1, 1, 1, -1]) * WIDE_M / 2)[None].repeat(rows, axis=0)
    z = (low[:, None] + np.array([0, 0, 1, 1]) * PANE_M)[:, None].repeat(columns, axis=1)
    places = a + s.reshape(-1, 1) / length * along
    quads = straight_px(camera, places, z.ravel()).reshape(-1, 4, 2)
    up = layers(top_m)
    reach = up[np.minimum(np.searchsorted(up, z.max(axis=2).ravel()), len(up) - 1)]
    kinds = np.where(rng.random(len(quads)) < LIT_SHARE, DECAL + Kind.WINDOW, KEEP)
    shapes.add_all(quads, PANE, kinds, reach, 0.75, in_px=True)


def draw_stem(
    shapes: PolygonList, foot: np.ndarray, top_m: float, half_m: float, colour: np.ndarray,
    camera: Camera,
) -> None:  # fmt: skip
    """An upright bar on a point f64[2] m, as wide from every side."""
    z = layers(top_m)
    right = np.array([np.cos(camera.heading_rad), np.sin(camera.heading_rad)]) * half_m
    sides = np.repeat(np.stack([foot - right, foot + right]), len(z) - 1, axis=0)
    (a, b), (c, d) = (
        straight_px(camera, sides, np.tile(ends, 2)).reshape(2, -1, 2)
        for ends in (z[:-1], _reach(z))
    )
    quads = np.stack([a, b, d, c], axis=1)
    shapes.add_all(quads, colour, Kind.WALL, z[1:], in_px=True)


def draw_crown(
    shapes: PolygonList, place: np.ndarray, outline: np.ndarray, top_m: float, colour: np.ndarray,
    camera: Camera,
) -> None:  # fmt: skip
    """Trunk and dark inside of a tree with a crown f64[N, 2] m round a place f64[2] m."""
    draw_stem(shapes, place, 0.5 * top_m, 0.02 * top_m + 0.06, BARK, camera)
    share, wide = np.array(ROUND).T
    points = place + (outline - place) * wide[:, None, None]
    z = np.repeat(share * top_m, len(outline))
    rings = straight_px(camera, points.reshape(-1, 2), z).reshape(points.shape)
    for k in range(len(rings) - 1):
        shapes.add(hull(rings[k], rings[k + 1]), colour, Kind.LEAF, ROUND[k][0] * top_m, in_px=True)
