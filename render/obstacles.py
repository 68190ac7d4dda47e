"""Whatever stands still and is tall, drawn once a scene over the ground; and its shadows."""

from __future__ import annotations

import dataclasses
import enum
import functools
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from render.bare_trees import bare_shadows, draw_bare_trees
from render.bending import bend
from render.canvas import Polygons
from render.cones import cone_outline, draw_cone
from render.hull import hull, hulls
from render.leaning import draw_stem, draw_walls
from render.overhead import draw_support, prisms
from render.polygon_list import PolygonList
from render.roofs import draw_building
from render.surface import Kind, fixed
from render.trees import draw_trees, tree_shadows
from simulator.camera import (
    BEHIND,
    NEAR,
    Camera,
    depth,
    is_tilted,
    leaning,
    more_px,
    straight_px,
)
from simulator.geometry import box_corners
from simulator.lane import Lane
from simulator.scene import Scene
from simulator.support import Support
from simulator.surroundings import Block, Building, Cone, Pole, Tree

STEEL = np.array([900, 920, 940], np.uint16)


class Sort(enum.IntEnum):
    """What something tall is."""

    OBJECT = 1
    BUILDING = 2
    POLE = 3
    TREE = 4


_NO_SUN = np.zeros(2)

BESIDE_BEAM_M = 6.0
"""What hangs from a support reaches no further from its beam."""


def near_view(
    camera: Camera,
    points_m: np.ndarray,
    reach_m: float | np.ndarray,
    height_m: float | np.ndarray = 0.0,
) -> np.ndarray:
    """Which points f64[N, 2] m lie within a reach (f64[N] or one) of the camera's view, bool[N].

    What stands there and reaches no further is else out of sight: a pinhole that looks straight
    down moves tall things outward. A tilted one may see their tops, at ``height_m``, alone.
    """
    if is_tilted(camera):
        return _near_tilted(camera, np.asarray(points_m, float).reshape(-1, 2), reach_m, height_m)
    points = np.asarray(points_m, dtype=float).reshape(-1, 2) - (camera.x_m, camera.y_m)
    c, s = math.cos(camera.heading_rad), math.sin(camera.heading_rad)
    across = np.abs(points[:, 0] * c + points[:, 1] * s)
    down = np.abs(points[:, 1] * c - points[:, 0] * s)
    half = camera.m_per_px / 2
    reach_m = reach_m + more_px(camera) * camera.m_per_px
    within = across < camera.width_px * half + reach_m
    return within & (down < camera.height_px * half + reach_m)


def _near_tilted(
    camera: Camera, points: np.ndarray, reach_m: float | np.ndarray, height_m: float | np.ndarray
) -> np.ndarray:
    foot, top = straight_px(camera, points), straight_px(camera, points, height_m)
    far = depth(camera, points)
    less = np.asarray(reach_m) * leaning(camera)[0] / camera.m_per_px
    nearest = np.maximum(depth(camera, points, height_m) - less, NEAR)
    margin = (np.asarray(reach_m) / (camera.m_per_px * nearest))[:, None] + more_px(camera)
    low, high = np.minimum(foot, top) - margin, np.maximum(foot, top) + margin
    size = camera.width_px, camera.height_px
    return np.all((low < size) & (high > 0), axis=1) & (far + less > BEHIND)


def lanes_near(camera: Camera, lanes: Sequence[Lane]) -> np.ndarray:
    """Which lanes the camera may see, bool[L]."""
    if not lanes:
        return np.zeros(0, np.bool_)
    first = np.cumsum([0, *(len(lane.centre_m) for lane in lanes[:-1])])
    away = np.array([lane.width_m for lane in lanes])
    px = straight_px(camera, np.concatenate([lane.centre_m for lane in lanes]))
    reach = away[:, None] / camera.m_per_px * (2.0 if is_tilted(camera) else 1.0) + more_px(camera)
    low, high = np.minimum.reduceat(px, first) - reach, np.maximum.reduceat(px, first) + reach
    return np.all((low < (camera.width_px, camera.height_px)) & (high > 0), axis=1)


def sorted_obstacles(scene: Scene, camera: Camera) -> Polygons:
    """Everything tall and static, where each has its Sort in the place of an instance id."""
    shapes = PolygonList(camera)
    ends = draw_obstacles(shapes, standing_near(scene, camera), camera)
    sorts = np.repeat(np.array(list(ends), np.uint16), np.diff([0, *ends.values()]))
    return dataclasses.replace(shapes.batch(), ident=sorts)


def draw_obstacles(
    shapes: PolygonList, standing: Standing, camera: Camera, sun_rad: float = 0.0
) -> dict[Sort, int]:
    """Add everything tall and static, low things first; where the polygons of each sort end.

    Args:
        sun_rad: azimuth of the scene's sun, which colours look at alone.
    """
    ends: dict[Sort, int] = {}
    for block in standing.blocks:
        if block.height_m > 0:
            _block(shapes, block, camera, sun_rad)
    for cone in standing.cones:
        draw_cone(shapes, cone, camera)
    ends[Sort.OBJECT] = len(shapes)
    for building in standing.buildings:
        draw_building(shapes, building, camera, sun_rad)
    ends[Sort.BUILDING] = len(shapes)
    _draw_poles(shapes, standing.poles, camera)
    for support in standing.supports:
        draw_support(shapes, support, camera, sun_rad)
    ends[Sort.POLE] = len(shapes)
    draw_trees(shapes, standing.trees, camera)
    draw_bare_trees(shapes, standing.bare_trees, camera)
    ends[Sort.TREE] = len(shapes)
    return ends


def obstacle_shadows(
    scene: Scene, camera: Camera, sun_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shadow polygons on the ground: f32[V, 2] px and i32[P + 1] starts.

    Args:
        sun_m: f64[2], where the shadow of a point one metre high falls, m.
    """
    standing = standing_near(scene, camera, sun_m)
    upright = [(b.footprint_m, 0.0, b.height_m) for b in standing.buildings]
    upright += [(block_corners(b), 0.0, b.height_m) for b in standing.blocks if b.height_m > 0]
    upright += [(p.base_m, p.low_m, p.top_m) for s in standing.supports for p in prisms(s)]
    found = [outline[None] for outline in _swept(upright, sun_m)]
    for cone in standing.cones:
        top = np.array([[cone.x_m, cone.y_m]]) + cone.height_m * sun_m
        found.append(hull(cone_outline(cone), top)[None])
    found += tree_shadows(standing.trees, sun_m)
    found += bare_shadows(standing.bare_trees, sun_m)
    foot, lamp, tall = _standing(standing.poles)
    fall = tall[:, None] * sun_m
    found += _bars(foot, foot + fall, 0.12), _bars(foot + fall, lamp + fall, 0.1)
    return on_ground(camera, found)


def on_ground(camera: Camera, found: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Outlines on the ground, f64[P, N, 2] m each, as the camera sees them: f32[V, 2] px and
    i32[P + 1] starts.
    """
    if not found:
        return np.zeros((0, 2), np.float32), np.zeros(1, np.int32)
    sizes = np.repeat([some.shape[1] for some in found], [len(some) for some in found])
    starts = np.zeros(len(sizes) + 1, np.int32)
    sizes.cumsum(out=starts[1:])
    points = np.concatenate([some.reshape(-1, 2) for some in found])
    return bend(camera, straight_px(camera, points).astype(np.float32), starts)


def _swept(
    upright: Sequence[tuple[np.ndarray, float, float]], sun_m: np.ndarray
) -> list[np.ndarray]:
    """Outlines f32[N, 2] of the shadows of prisms: f64[N, 2], height of foot and top, m."""
    found: list[np.ndarray] = []
    for _, some in itertools.groupby(upright, lambda prism: len(prism[0])):
        base, low, top = map(np.array, zip(*some, strict=True))
        ends = [base + z[:, None, None] * sun_m for z in (low, top)]
        found += hulls(np.concatenate(ends, axis=1))
    return found


def block_corners(block: Block) -> np.ndarray:
    """Corners of a block on the ground, f64[4, 2] m."""
    return box_corners(block.x_m, block.y_m, block.heading_rad, block.length_m, block.width_m)


class Standing(NamedTuple):
    """What stands about, or lies there flat as some blocks do; ``trees`` are those in leaf."""

    blocks: list[Block]
    cones: list[Cone]
    poles: list[Pole]
    supports: list[Support]
    trees: list[Tree]
    bare_trees: list[Tree]
    buildings: list[Building]


def standing_near(
    scene: Scene, camera: Camera, sun_m: np.ndarray = _NO_SUN, beside_m: float = 0.0
) -> Standing:
    """Whatever the camera may see, or the shadow of, where that of a point one metre high falls
    f64[2] m off, or what is so much beside it.
    """
    s = scene.surroundings
    places, reach, tall = _stands(scene)
    half = tall / 2  # a thing and its shadow lie about the middle of both
    middle = places + half[:, None] * sun_m
    reach = reach + half * math.hypot(*sun_m) + beside_m
    near = iter(near_view(camera, middle, reach, tall).tolist())
    low = (
        list(itertools.compress(s.blocks, near)),
        list(itertools.compress(s.cones, near)),
        list(itertools.compress(s.poles, near)),
        list(itertools.compress(s.supports, near)),
    )
    trees = list(itertools.compress(s.trees, near))
    in_leaf, bare = ([tree for tree in trees if tree.bare == which] for which in (False, True))
    return Standing(*low, in_leaf, bare, list(itertools.compress(s.buildings, near)))


@functools.lru_cache(maxsize=1)  # what is drawn and every sun ask for it, one after the other
def _stands(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all that stands about, sort by sort, the places f64[N, 2], how far it reaches aside and
    how tall it is f64[N], m.
    """
    s = scene.surroundings
    rows = [(b.x_m, b.y_m, math.hypot(b.length_m, b.width_m) / 2, b.height_m) for b in s.blocks]
    rows += [(c.x_m, c.y_m, 1.0, c.height_m) for c in s.cones]
    rows += [(p.x_m, p.y_m, 4.0, p.height_m) for p in s.poles]
    for beam in s.supports:
        top = max([beam.height_m, *(p.top_m for p in beam.panels)])
        middle = (beam.x_m + beam.end_x_m) / 2, (beam.y_m + beam.end_y_m) / 2
        rows.append((*middle, beam.length_m / 2 + BESIDE_BEAM_M, top))
    rows += [(t.x_m, t.y_m, t.radius_m, t.height_m) for t in s.trees]
    stands = np.concatenate([np.array(rows, float).reshape(-1, 4), _extents(s.buildings)])
    return stands[:, :2].copy(), stands[:, 2].copy(), stands[:, 3].copy()


def _extents(buildings: Sequence[Building]) -> np.ndarray:
    """Middle, half of the diagonal and height of buildings, f64[B, 4] m."""
    if not buildings:
        return np.zeros((0, 4))
    first = np.cumsum([0, *(len(b.footprint_m) for b in buildings[:-1])])
    points = np.concatenate([b.footprint_m for b in buildings])
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    size = np.hypot(*(high - low).T) / 2
    return np.column_stack([(low + high) / 2, size, [b.height_m for b in buildings]])


def _block(shapes: PolygonList, block: Block, camera: Camera, sun_rad: float) -> None:
    base, z, tone = block_corners(block), block.height_m, fixed(block.colour)
    dark = tone // 2
    if is_tilted(camera):
        draw_walls(shapes, base, z, dark, camera, sun_rad)
    elif camera.kind == "pinhole":
        side = hull(straight_px(camera, base), straight_px(camera, base, z))
        shapes.add(side, dark, Kind.WALL, z, in_px=True)
    shapes.add(base, tone, Kind.ROOF, z)
    centre = np.array([block.x_m, block.y_m])
    shapes.stain(centre + (base - centre) * 0.8, dark, 0.3, z)


def _standing(poles: Sequence[Pole]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feet and lamps f64[N, 2] and heights f64[N] of poles, m."""
    rows = [(p.x_m, p.y_m, p.lamp_x_m, p.lamp_y_m, p.height_m) for p in poles]
    columns = np.array(rows).reshape(-1, 5)
    return columns[:, :2], columns[:, 2:4], columns[:, 4]


def _draw_poles(shapes: PolygonList, poles: Sequence[Pole], camera: Camera) -> None:
    foot, lamp, _ = _standing(poles)
    reach = (lamp - foot) * 0.15
    arms, heads = _bars(foot, lamp, 0.08), _bars(lamp - reach, lamp + reach, 0.17)
    for i, pole in enumerate(poles):
        top = pole.height_m
        if is_tilted(camera):
            draw_stem(shapes, foot[i], top, 0.08, STEEL, camera)
        elif camera.kind == "pinhole":
            low, high = (straight_px(camera, foot[i, None], z) for z in (0.0, top))
            stem = _bars(low, high, 0.08 / camera.m_per_px)[0]
            shapes.add(stem, STEEL, Kind.WALL, top, in_px=True)
        shapes.add(arms[i], STEEL, Kind.WALL, top)
        shapes.add(heads[i], STEEL * 2, Kind.WALL, top)


def _bars(a: np.ndarray, b: np.ndarray, half: float) -> np.ndarray:
    """Straight bars between points f64[N, 2], f64[N, 4, 2]; of no width where they coincide."""
    d = b - a
    length = np.hypot(d[:, 0], d[:, 1])
    n = np.array([-d[:, 1], d[:, 0]]).T / np.where(length >= 1e-6, length, 1.0)[:, None] * half
    return np.stack([a + n, b + n, b - n, a - n], axis=1)
