"""Posts, mast arms and gantries as upright prisms: what is drawn of them, and their shadows."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import numpy as np

from render.canvas import KEEP
from render.hull import hull
from render.leaning import draw_walls, layers
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from simulator.camera import Camera, foot_m, is_tilted, straight_px
from simulator.geometry import box_corners
from simulator.support import Panel, Support

CHORD_M, LACE_M = 0.14, 0.07
"""Thickness of the chords of a truss and of the bars between them."""

POST_SHARE = 1.5
"""A post is so much thicker than the single beam that it carries, and a truss's leg as a chord."""

WALK_M = 0.12
"""Thickness of a walkway, below the signs before which it goes."""

FLAT_M = 0.1
"""What is no thicker shows no sides."""

ROOF_M = 0.4
"""Snow lies on tops that are at least so wide."""

WRITING = fixed((232, 232, 228)), fixed((30, 30, 32))
"""On dark and on light ground."""

LINE_M, RIM_M, WORDS = 0.45, 0.25, (0.85, 0.6, 0.72)
"""From line to line of writing, from it to the edge, and the share of the width of each line."""


@dataclasses.dataclass(frozen=True, eq=False)
class Prism:
    """An upright prism between two heights m over f64[4, 2] m, and its sRGB; ``panel``: its sign,
    of which one long side is the front.
    """

    base_m: np.ndarray
    low_m: float
    top_m: float
    colour: tuple[int, int, int]
    panel: Panel | None = None


@functools.lru_cache(maxsize=256)  # what is drawn and every sun ask for them
def prisms(support: Support) -> tuple[Prism, ...]:
    """A support as prisms, low ones first."""
    return (*_posts(support), *_walkways(support), *_beam(support), *_panels(support))


def draw_support(shapes: PolygonList, support: Support, camera: Camera, sun_rad: float) -> None:
    """Add one support; ``sun_rad``, azimuth of the scene's sun."""
    for prism in prisms(support):
        if camera.kind == "pinhole" and prism.top_m - prism.low_m > FLAT_M:
            _draw_sides(shapes, prism, camera, sun_rad)
        wide = min(np.hypot(*(prism.base_m[1:3] - prism.base_m[:2]).T)) >= ROOF_M
        kind = Kind.ROOF if wide else Kind.WALL
        shapes.add(prism.base_m, fixed(prism.colour), kind, prism.top_m)


def _draw_sides(shapes: PolygonList, prism: Prism, camera: Camera, sun_rad: float) -> None:
    """The sides of a prism that a pinhole sees; the front of a panel in its own colour."""
    panel = prism.panel
    front = panel if panel is not None and _is_before(panel, prism.base_m, camera) else None
    tone = fixed(front.face if front else prism.colour)
    if is_tilted(camera):
        draw_walls(shapes, prism.base_m, prism.top_m, tone, camera, sun_rad, low_m=prism.low_m)
    else:
        low, top = (straight_px(camera, prism.base_m, z) for z in (prism.low_m, prism.top_m))
        shapes.add(hull(low, top), tone, Kind.WALL, prism.top_m, in_px=True)
    if front and front.lettered:
        _write(shapes, prism, front, camera)


def _posts(support: Support) -> list[Prism]:
    alone = support.length_m == 0
    side = support.width_m * (1.0 if alone else POST_SHARE)
    along, heading = _along(support), math.atan2(*_along(support)[::-1])
    feet = np.array(support.posts_m)
    if support.truss:  # a leg below each chord
        half = (support.width_m - CHORD_M) / 2 * np.array([-along[1], along[0]])
        feet, side = np.concatenate([feet - half, feet + half]), POST_SHARE * CHORD_M
    bases = [box_corners(x, y, heading, side, side) for x, y in feet.tolist()]
    return [Prism(base, 0.0, support.height_m, support.colour) for base in bases]


def _beam(support: Support) -> list[Prism]:
    """The beam: one bar, or two chords with bars to and fro between them."""
    if support.length_m == 0:
        return []
    a, b = np.array([support.x_m, support.y_m]), np.array([support.end_x_m, support.end_y_m])
    low, top, colour = support.height_m - support.width_m, support.height_m, support.colour
    if not support.truss:
        return [Prism(_bar(a, b, support.width_m), low, top, colour)]
    along = _along(support)
    half = (support.width_m - CHORD_M) / 2 * np.array([-along[1], along[0]])
    count = max(2 * round(support.length_m / support.width_m / 2), 2)
    nodes = a + np.linspace(0.0, 1.0, count + 1)[:, None] * (b - a)
    nodes = nodes + np.where(np.arange(count + 1) % 2, 1.0, -1.0)[:, None] * half
    laces = [
        Prism(_bar(p, q, LACE_M), top - LACE_M, top, colour) for p, q in itertools.pairwise(nodes)
    ]
    chords = [
        Prism(_bar(a + side * half, b + side * half, CHORD_M), z - CHORD_M, z, colour)
        for z in (low + CHORD_M, top)
        for side in (-1.0, 1.0)
    ]
    return [*chords[:2], *laces, *chords[2:]]


def _panels(support: Support) -> list[Prism]:
    return [
        Prism(
            _before(support, panel, panel.length_m, panel.depth_m, 0.0), panel.low_m, panel.top_m,
            panel.back, panel,
        )
        for panel in support.panels
    ]  # fmt: skip


def _walkways(support: Support) -> list[Prism]:
    if not support.catwalk_m:
        return []
    return [
        Prism(
            _before(support, panel, panel.length_m, support.catwalk_m, panel.depth_m),
            panel.low_m - WALK_M, panel.low_m, support.colour,
        )
        for panel in support.panels
    ]  # fmt: skip


def _before(
    support: Support, panel: Panel, length_m: float, depth_m: float, gap_m: float
) -> np.ndarray:
    """The outline of something before a beam where a panel is, f64[4, 2] m."""
    place = np.array([support.x_m, support.y_m]) + panel.s_m * _along(support)
    towards = np.array([math.cos(panel.heading_rad), math.sin(panel.heading_rad)])
    x, y = (place - (support.width_m / 2 + gap_m + depth_m / 2) * towards).tolist()
    return box_corners(x, y, panel.heading_rad, depth_m, length_m)


def _is_before(panel: Panel, base: np.ndarray, camera: Camera) -> bool:
    """Whether a camera sees the front of a panel that stands on an outline."""
    towards = np.array([math.cos(panel.heading_rad), math.sin(panel.heading_rad)])
    return bool((foot_m(camera) - base.mean(axis=0)) @ towards < 0)


def _write(shapes: PolygonList, prism: Prism, panel: Panel, camera: Camera) -> None:
    """Lines of writing on the front of a panel, as bars."""
    left, right = prism.base_m[1], prism.base_m[2]  # seen by the traffic that it faces
    tall = panel.top_m - panel.low_m
    lines = max(int((tall - RIM_M) / LINE_M), 1)
    quads, reach = [], []
    for k in range(lines):
        z = panel.top_m - (k + 0.5) * tall / lines
        width = WORDS[k % len(WORDS)] / 2
        ends = (left + right) / 2 + np.array([[-width], [width]]) * (right - left)
        up = z + np.array([1.0, -1.0]) * min(0.25 * tall / lines, LINE_M / 3)
        places = ends[[0, 1, 1, 0]]
        quads.append(straight_px(camera, places, up[[0, 0, 1, 1]]))
        reach.append(up[0])
    heights = layers(panel.top_m, panel.low_m)
    reach = heights[np.minimum(np.searchsorted(heights, reach), len(heights) - 1)]
    tone = WRITING[int(sum(panel.face) > 384)]
    top = reach if is_tilted(camera) else panel.top_m
    shapes.add_all(np.array(quads), tone, KEEP, top, 0.9, in_px=True)


def _along(support: Support) -> np.ndarray:
    """The direction of the beam, f64[2]; any for a post alone."""
    d = np.array([support.end_x_m - support.x_m, support.end_y_m - support.y_m])
    return d / support.length_m if support.length_m else np.array([1.0, 0.0])


def _bar(a: np.ndarray, b: np.ndarray, width_m: float) -> np.ndarray:
    """A straight bar between two points, f64[4, 2] m."""
    x, y = ((a + b) / 2).tolist()
    d = b - a
    return box_corners(x, y, math.atan2(d[1], d[0]), float(np.hypot(*d)), width_m)
