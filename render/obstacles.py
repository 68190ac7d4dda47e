"""Whatever stands still and is tall, drawn once a scene over the ground; and its shadows."""

from __future__ import annotations

import dataclasses
import enum
import functools
import itertools
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from render.bending import bend
from render.canvas import Polygons
from render.cones import cone_outline, draw_cone
from render.hull import hull
from render.leaning import draw_stem, draw_walls
from render.overhead import draw_support, support_shadows
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
    ends = draw_obstacles(shapes, scene, camera)
    sorts = np.repeat(np.array(list(ends), np.uint16), np.diff([0, *ends.values()]))
    return dataclasses.replace(shapes.batch(), ident=sorts)


def draw_obstacles(shapes: PolygonList, scene: Scene, camera: Camera) -> dict[Sort, int]:
    """Add everything tall and static, low things first; where the polygons of each sort end."""
    ends: dict[Sort, int] = {}
    for block in blocks_near(scene, camera, 0.0):
        if block.height_m > 0:
            _block(shapes, block, camera)
    for cone in cones_near(scene, camera, 0.0):
        draw_cone(shapes, cone, camera)
    ends[Sort.OBJECT] = len(shapes)
    for building in _buildings(scene, camera, 0.0):
        draw_building(shapes, building, camera)
    ends[Sort.BUILDING] = len(shapes)
    _draw_poles(shapes, _poles(scene, camera, 0.0), camera)
    for support in _supports(scene, camera, 0.0):
        draw_support(shapes, support, camera)
    ends[Sort.POLE] = len(shapes)
    draw_trees(shapes, _trees(scene, camera, 0.0), camera)
    ends[Sort.TREE] = len(shapes)
    return ends


def obstacle_shadows(
    scene: Scene, camera: Camera, sun_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shadow polygons on the ground: f32[V, 2] px and i32[P + 1] starts.

    Args:
        sun_m: f64[2], where the shadow of a point one metre high falls, m.
    """
    length = float(np.hypot(*sun_m))
    found = [
        hull(b.footprint_m, b.footprint_m + b.height_m * sun_m)
        for b in _buildings(scene, camera, length)
    ]
    for block in blocks_near(scene, camera, length):
        if block.height_m > 0:
            base = block_corners(block)
            found.append(hull(base, base + block.height_m * sun_m))
    for cone in cones_near(scene, camera, length):
        foot = cone_outline(cone)
        found.append(hull(foot, np.array([[cone.x_m, cone.y_m]]) + cone.height_m * sun_m))
    found += tree_shadows(_trees(scene, camera, length), sun_m)
    foot, lamp, tall = _standing(_poles(scene, camera, length))
    fall = tall[:, None] * sun_m
    found += itertools.chain.from_iterable(
        zip(_bars(foot, foot + fall, 0.12), _bars(foot + fall, lamp + fall, 0.1), strict=True)
    )
    for support in _supports(scene, camera, length):
        found += support_shadows(support, sun_m)
    starts = np.cumsum([0, *(len(outline) for outline in found)]).astype(np.int32)
    points = np.concatenate(found) if found else np.zeros((0, 2))
    return bend(camera, straight_px(camera, points).astype(np.float32), starts)


def block_corners(block: Block) -> np.ndarray:
    """Corners of a block on the ground, f64[4, 2] m."""
    return box_corners(block.x_m, block.y_m, block.heading_rad, block.length_m, block.width_m)


_Thing = TypeVar("_Thing")

_Stands = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of what stands about the places f64[N, 2], how far it reaches aside and how tall it is f64[N], m:
worked out once a scene, as the ground, what is drawn and every sun ask for it."""


def _near(things: Sequence[_Thing], stands: _Stands, camera: Camera, shadow: float) -> list[_Thing]:
    """Those that the camera may see, or whose shadow it may see (m of shadow per m of height)."""
    if not things:
        return []
    places, reach, tall = stands
    near = near_view(camera, places, reach + tall * shadow, tall)
    return [things[k] for k in near.nonzero()[0].tolist()]


def _stands(rows: list[tuple[float, float, float, float]]) -> _Stands:
    columns = np.array(rows, dtype=float).reshape(-1, 4)
    return columns[:, :2].copy(), columns[:, 2], columns[:, 3]


@functools.lru_cache(maxsize=4)
def _block_stands(scene: Scene) -> _Stands:
    blocks = scene.surroundings.blocks
    return _stands(
        [(b.x_m, b.y_m, math.hypot(b.length_m, b.width_m) / 2, b.height_m) for b in blocks]
    )


@functools.lru_cache(maxsize=4)
def _tree_stands(scene: Scene) -> _Stands:
    return _stands([(t.x_m, t.y_m, t.radius_m, t.height_m) for t in scene.surroundings.trees])


@functools.lru_cache(maxsize=4)
def _pole_stands(scene: Scene) -> _Stands:
    return _stands([(p.x_m, p.y_m, 4.0, p.height_m) for p in scene.surroundings.poles])


@functools.lru_cache(maxsize=4)
def _cone_stands(scene: Scene) -> _Stands:
    return _stands([(c.x_m, c.y_m, 1.0, c.height_m) for c in scene.surroundings.cones])


@functools.lru_cache(maxsize=4)
def _support_stands(scene: Scene) -> _Stands:
    rows = []
    for s in scene.surroundings.supports:
        top = max([s.height_m, *(p.top_m for p in s.panels)])
        middle = (s.x_m + s.end_x_m) / 2, (s.y_m + s.end_y_m) / 2
        rows.append((*middle, s.length_m / 2 + BESIDE_BEAM_M, top))
    return _stands(rows)


def blocks_near(scene: Scene, camera: Camera, shadow: float) -> list[Block]:
    """Blocks that the camera may see, or whose shadow it may see (m of shadow per m of height)."""
    return _near(scene.surroundings.blocks, _block_stands(scene), camera, shadow)


def cones_near(scene: Scene, camera: Camera, shadow: float) -> list[Cone]:
    """Cones that the camera may see, or whose shadow it may see (m of shadow per m of height)."""
    return _near(scene.surroundings.cones, _cone_stands(scene), camera, shadow)


def _buildings(scene: Scene, camera: Camera, shadow: float) -> list[Building]:
    return _near(scene.surroundings.buildings, _building_stands(scene), camera, shadow)


@functools.lru_cache(maxsize=4)
def _building_stands(scene: Scene) -> _Stands:
    buildings = scene.surroundings.buildings
    if not buildings:
        return _stands([])
    first = np.cumsum([0, *(len(b.footprint_m) for b in buildings[:-1])])
    points = np.concatenate([b.footprint_m for b in buildings])
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    size = np.hypot(*(high - low).T) / 2
    return (low + high) / 2, size, np.array([b.height_m for b in buildings])


def _trees(scene: Scene, camera: Camera, shadow: float) -> list[Tree]:
    return _near(scene.surroundings.trees, _tree_stands(scene), camera, shadow)


def _poles(scene: Scene, camera: Camera, shadow: float) -> list[Pole]:
    return _near(scene.surroundings.poles, _pole_stands(scene), camera, shadow)


def _supports(scene: Scene, camera: Camera, shadow: float) -> list[Support]:
    return _near(scene.surroundings.supports, _support_stands(scene), camera, shadow)


def _block(shapes: PolygonList, block: Block, camera: Camera) -> None:
    base, z, tone = block_corners(block), block.height_m, fixed(block.colour)
    dark = tone // 2
    if is_tilted(camera):
        draw_walls(shapes, base, z, dark, camera)
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
            if len(stem):
                shapes.add(stem, STEEL, Kind.WALL, top, in_px=True)
        for bar, tone in ((arms[i], STEEL), (heads[i], STEEL * 2)):
            if len(bar):
                shapes.add(bar, tone, Kind.WALL, top)


def _bars(a: np.ndarray, b: np.ndarray, half: float) -> list[np.ndarray]:
    """Straight bars between points f64[N, 2], f64[4, 2] each; empty where they coincide."""
    d = b - a
    length = np.hypot(d[:, 0], d[:, 1])
    real = length >= 1e-6
    n = np.array([-d[:, 1], d[:, 0]]).T / np.where(real, length, 1.0)[:, None] * half
    bars = np.array([a + n, b + n, b - n, a - n]).transpose(1, 0, 2)
    return [bar if one else bar[:0] for bar, one in zip(bars, real.tolist(), strict=True)]
