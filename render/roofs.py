"""Buildings from above: walls that lean outward, pitched roofs and flat ones, and what is on them.

What a roof carries follows from where it stands: a scene says footprint, height and colours.
"""

from __future__ import annotations

import math

import numpy as np

from render.canvas import DECAL, KEEP
from render.hull import hull
from render.kernel import kernel
from render.leaning import LIT_SHARE, draw_walls, sides_of, tones
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from simulator.camera import Camera, is_tilted, straight_px
from simulator.seeding import stream, uniform
from simulator.surroundings import Building

PITCHED_M = 9.0
"""Lower houses have pitched roofs."""

LEAST_UNLIKE = 0.3
"""How unlike its two faces are where the sun stands along the ridge, beside where it stands across
it: under cloud and at noon no side is the darker one."""

SHADOW, SHADOW_TO_TALL = 0.5, 0.6
"""How dark it is beside what stands on a roof, for sun and cloud alike, and how far of its height:
between the shadow of a sun half-way up and none."""

APART_M = 0.1
"""At least between two things on a roof."""

_HALF, _FELT, _SEAM = fixed((20, 20, 24)), fixed((90, 90, 92)), fixed((16, 16, 18))
"""The face that turns from the light, felt, and seams."""

_SQUARE = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])


def draw_building(shapes: PolygonList, building: Building, camera: Camera, sun_rad: float) -> None:
    """Add a building to what is drawn; ``sun_rad``, azimuth of the scene's sun."""
    base, z = building.footprint_m, building.height_m
    x, y = (base.sum(axis=0) / len(base)).tolist()
    place = abs(int(x * 100)) + abs(int(y * 100)) * 100_003
    if is_tilted(camera):
        draw_walls(shapes, base, z, fixed(building.wall), camera, sun_rad, place)
    elif camera.kind == "pinhole":
        _faces(shapes, base, z, fixed(building.wall), camera, sun_rad)
    shapes.add(base, fixed(building.roof), Kind.ROOF, z)
    rng = stream(place, 0, "roof")
    sun = np.array([math.cos(sun_rad), math.sin(sun_rad)])
    if len(base) == 4 and z < PITCHED_M:
        boxes = _pitched(shapes, base, z, rng, sun)
    else:
        boxes = _flat(shapes, base, z, rng)
    _boxes(shapes, base, z, boxes, place, sun)


def _faces(
    shapes: PolygonList, base: np.ndarray, z: float, colour: np.ndarray, camera: Camera,
    sun_rad: float,
) -> None:  # fmt: skip
    """The walls that a pinhole sees which looks straight down: one outline, in which each has its
    tone. No ground shines through where two meet.
    """
    low, high = straight_px(camera, base), straight_px(camera, base, z)
    sides = sides_of(base, camera)
    tone = tones(colour, sides.outward, sun_rad)
    shapes.add(hull(low, high), tone.min(axis=0), Kind.WALL, z, in_px=True)
    if len(sides.faces):
        k, other = sides.faces, (sides.faces + 1) % len(base)
        quads = np.stack([low[k], low[other], high[other], high[k]], axis=1)
        shapes.add_all(quads, tone[k], KEEP, z, in_px=True)


def _pitched(
    shapes: PolygonList, base: np.ndarray, z: float, rng: np.random.Generator, sun: np.ndarray
) -> list[_Box]:
    """Two faces that take the light unlike, seams or rows of tiles; its chimneys and windows.

    ``sun``: f64[2], towards the scene's sun, which the darker face turns away from.
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = base.tolist()
    (px, py), (qx, qy) = ((ax + bx) / 2, (ay + by) / 2), ((cx + dx) / 2, (cy + dy) / 2)  # ridge
    half = np.array([(ax, ay), (px, py), (qx, qy), (dx, dy)])
    down = np.array([ax + dx - px - qx, ay + dy - py - qy])
    facing = float(down @ sun) / max(math.hypot(*down), 1e-9)
    if facing > 0:
        half = np.array([(px, py), (bx, by), (cx, cy), (qx, qy)])
    unlike = LEAST_UNLIKE + (1.0 - LEAST_UNLIKE) * abs(facing)
    shapes.stain(half, _HALF, uniform(rng, 0.12, 0.35) * unlike, z)
    across = rng.random() < 0.5
    step = uniform(rng, 0.35, 0.6) if across else uniform(rng, 0.5, 1.1)
    _stripes(shapes, base, z, across, step, 0.1, uniform(rng, 0.08, 0.25))
    boxes: list[_Box] = []
    for _ in range(int(rng.integers(0, 3))):
        u, v = uniform(rng, 0.15, 0.85), uniform(rng, -0.4, 0.4)
        spot = px + (qx - px) * u + (ax - px) * v, py + (qy - py) * u + (ay - py) * v
        grey = int(rng.integers(60, 170))
        size = uniform(rng, 0.3, 0.6), uniform(rng, 0.3, 0.6)
        boxes.append((spot, size, (grey, grey - 10, grey - 20), z + 0.6, False))
    for _ in range(int(rng.integers(0, 4))):
        u = uniform(rng, 0.1, 0.9)
        v = (0.25, 0.75)[int(rng.integers(2))] + uniform(rng, -0.08, 0.08)
        spot = ax + (dx - ax) * u + (bx - ax) * v, ay + (dy - ay) * u + (by - ay) * v
        size = uniform(rng, 0.4, 0.7), uniform(rng, 0.3, 0.5)
        boxes.append((spot, size, (52, 62, 74), z, True))
    return boxes


def _flat(shapes: PolygonList, base: np.ndarray, z: float, rng: np.random.Generator) -> list[_Box]:
    """A parapet, strips of felt, stains; its fittings: ducts, fans, skylights, stair heads."""
    centre = base.sum(axis=0) / len(base)
    inner = centre + (base - centre) * 0.94
    shapes.stain(inner, _FELT, uniform(rng, 0.15, 0.4), z)
    if len(base) == 4:
        _stripes(shapes, inner, z, bool(rng.random() < 0.5), 1.0, 0.05, uniform(rng, 0.0, 0.2))
    corners, middle = base.tolist(), centre.tolist()
    blots, tones, alphas = [], [], []
    for _ in range(int(rng.integers(1, 5))):
        spot = _within(corners, middle, rng)
        wide, ragged = 0.5 + (3.0 - 0.5) * rng.random(2), 0.7 + (1.2 - 0.7) * rng.random((4, 1))
        blots.append(spot + _SQUARE * wide * ragged)
        tones.append([int(rng.integers(30, 200))] * 3)
        alphas.append(uniform(rng, 0.1, 0.3))
    shapes.add_all(np.array(blots), fixed(np.array(tones)), KEEP, z, np.array(alphas))
    boxes: list[_Box] = []
    if rng.random() < 0.35:
        boxes += [(spot, (0.6, 0.6), (150, 170, 184), z, True) for spot in _skylights(inner, rng)]
    for _ in range(int(rng.integers(2, 12))):
        grey, tall = int(rng.integers(70, 220)), uniform(rng, 0.3, 1.6)
        along, aside = uniform(rng, 0.3, 1.6), uniform(rng, 0.3, 1.1)
        spot = _within(corners, middle, rng)
        boxes.append((spot, (along, aside), (grey, grey, grey), z + tall, False))
    return boxes


def _skylights(base: np.ndarray, rng: np.random.Generator) -> list[_Spot]:
    """Where the glass domes of a row along a roof are, m."""
    corners, centre = base.tolist(), (base.sum(axis=0) / len(base)).tolist()
    a, b = (np.array(_within(corners, centre, rng)) for _ in range(2))
    count = int(np.hypot(*(b - a)) / 2.5)
    return [(x, y) for x, y in (a + (b - a) * np.linspace(0, 1, count)[:, None]).tolist()]


def _within(corners: list[_Spot], centre: _Spot, rng: np.random.Generator) -> _Spot:
    """A place on the roof."""
    (x, y), share = corners[int(rng.integers(len(corners)))], uniform(rng, 0.05, 0.75)
    return centre[0] + (x - centre[0]) * share, centre[1] + (y - centre[1]) * share


_Spot = tuple[float, float]
"""A place, m."""

_Box = tuple[_Spot, tuple[float, float], tuple[int, int, int], float, bool]
"""Of a box on a roof: its middle, half of its sizes in m, sRGB, height of its top in m, whether it
is a window."""


def _boxes(
    shapes: PolygonList, base: np.ndarray, z: float, boxes: list[_Box], place: int,
    sun: np.ndarray,
) -> None:  # fmt: skip
    """Boxes on a roof at z m that stand square to the first side of a footprint, dark beside them
    where they keep the sun off; some windows are lit by night. One over another is left out.
    """
    if not boxes:
        return
    middle, half_m, srgb, top, glass = map(np.array, zip(*boxes, strict=True))
    lit = stream(place, 0, "skylights").random(len(boxes)) < LIT_SHARE
    along = base[1] - base[0]
    ax, ay = (along / np.hypot(along[0], along[1])).tolist()
    axes = np.array([[ax, ay], [-ay, ax]])
    alone = _apart(middle @ axes.T, half_m)
    corners = middle[:, None] + (_SQUARE * half_m[:, None]) @ axes
    kinds = np.where(glass & lit, DECAL + Kind.SKYLIGHT, Kind.ROOF)
    raised = alone & (top > z)
    fall = np.minimum(SHADOW_TO_TALL * (top - z), 1.5 * half_m.min(axis=1))
    shapes.stain_all((corners - fall[:, None, None] * sun)[raised], _SEAM, SHADOW, z)
    shapes.add_all(corners[alone], fixed(srgb)[alone], kinds[alone], top[alone])


def _apart(middle: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Which boxes are over none of those before them that are kept, bool[N]; middles and halves
    f64[N, 2] along their sides.
    """
    reach = half[:, None] + half + APART_M
    over = np.all(np.abs(middle[:, None] - middle) < reach, axis=2)
    keep = np.ones(len(middle), np.bool_)
    for k in np.flatnonzero(over.sum(axis=1) > 1).tolist():
        keep[k] = not np.any(over[k, :k] & keep[:k])
    return keep


def _stripes(
    shapes: PolygonList, base: np.ndarray, z: float, across: bool, step_m: float, wide: float,
    alpha: float,
) -> None:  # fmt: skip
    """Darker lines over a footprint of four corners, ``step_m`` apart, ``wide`` of a step wide."""
    a, b, d = (base[0], base[1], base[3]) if across else (base[0], base[3], base[1])
    along = b - a
    count = int(np.hypot(along[0], along[1]) / step_m)
    if count < 2 or alpha < 0.02:
        return
    lines = np.empty((count - 1, 4, 2))
    _rule(a, along, d - a, wide / count, lines)
    shapes.stain_all(lines, _SEAM, alpha, z)


@kernel
def _rule(first, along, across, wide, lines):
    """Write lines f64[L, 4, 2] that divide a side of a footprint, f64[2], evenly and lead across
    it; ``wide``, as a share of that side.
    """
    for k in range(len(lines)):
        begin = (k + 1) / (len(lines) + 1)
        for axis in range(2):
            near = first[axis] + along[axis] * begin
            far = first[axis] + along[axis] * (begin + wide)
            lines[k, 0, axis], lines[k, 1, axis] = near, far
            lines[k, 2, axis], lines[k, 3, axis] = far + across[axis], near + across[axis]
