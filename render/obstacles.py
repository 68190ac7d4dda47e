"""Buildings, trees and street lamp poles: drawn once a scene, over the ground; and their shadows."""

from __future__ import annotations

import numpy as np
import shapely

from render.polygon_list import PolygonList
from render.raster import Polygons
from render.surface import Kind, fixed
from simulator.camera import Camera, to_px
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.surroundings import Building, Pole, Tree

STEEL = np.array([900, 920, 940], np.uint16)


def hull(*outlines: np.ndarray) -> np.ndarray:
    """Convex hull of the points of several outlines, f64[N, 2], counter-clockwise."""
    shape = shapely.MultiPoint(np.concatenate(outlines)).convex_hull
    if shape.geom_type != "Polygon":
        return np.zeros((0, 2))
    return np.asarray(shape.exterior.coords)[:-1]


def draw_obstacles(scene: Scene, camera: Camera) -> Polygons:
    """Polygons of everything tall and static, low things first."""
    shapes = PolygonList()
    around = scene.surroundings
    for building in around.buildings:
        _building(shapes, building, camera)
    for pole in around.poles:
        _pole(shapes, pole, camera)
    for tree in around.trees:
        _tree(shapes, tree, camera)
    return shapes.batch()


def obstacle_shadows(scene: Scene, camera: Camera, sun_m: np.ndarray) -> list[np.ndarray]:
    """Shadows on the ground, image px.

    Args:
        sun_m: f64[2], where the shadow of a point one metre high falls, m.
    """
    around = scene.surroundings
    found = [hull(b.footprint_m, b.footprint_m + b.height_m * sun_m) for b in around.buildings]
    for tree in around.trees:
        crown = crown_outline(tree)
        found.append(hull(crown + 0.35 * tree.height_m * sun_m, crown + 0.9 * tree.height_m * sun_m))
    for pole in around.poles:
        foot, top = np.array([pole.x_m, pole.y_m]), np.array([pole.lamp_x_m, pole.lamp_y_m])
        found.append(_bar(foot, foot + pole.height_m * sun_m, 0.12))
        found.append(_bar(foot + pole.height_m * sun_m, top + pole.height_m * sun_m, 0.1))
    return [to_px(camera, outline) for outline in found if len(outline) >= 3]


def crown_outline(tree: Tree) -> np.ndarray:
    """The ragged outline of a tree's crown, f64[28, 2] m."""
    rng = stream(tree.outline_seed, 0, "tree/outline")
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    radius = tree.radius_m * rng.uniform(0.78, 1.0, 28)
    return np.stack([np.cos(angles), np.sin(angles)], 1) * radius[:, None] + [tree.x_m, tree.y_m]


def _building(shapes: PolygonList, building: Building, camera: Camera) -> None:
    base, roof = building.footprint_m, to_px(camera, building.footprint_m, building.height_m)
    if camera.kind == "pinhole":
        wall = hull(to_px(camera, base), roof)
        shapes.add(wall, fixed(building.wall), Kind.WALL, building.height_m)
    shapes.add(roof, fixed(building.roof), Kind.ROOF, building.height_m)
    centre = base.mean(axis=0)
    rng = stream(abs(int(centre[0] * 100)) + abs(int(centre[1] * 100)) * 100_003, 0, "roof")
    inner = to_px(camera, centre + (base - centre) * 0.94, building.height_m)
    shapes.stain(inner, fixed(building.roof), 0.0, building.height_m)
    if building.height_m < 9 and len(base) == 4:
        ridge = (base[0] + base[1]) / 2, (base[2] + base[3]) / 2
        half = to_px(camera, np.stack([base[0], ridge[0], ridge[1], base[3]]), building.height_m)
        shapes.stain(half, fixed((20, 20, 24)), 0.28, building.height_m)
        return
    shapes.stain(inner, fixed((90, 90, 92)), 0.25, building.height_m)
    for _ in range(int(rng.integers(1, 7))):
        corner = centre + (base[int(rng.integers(len(base)))] - centre) * rng.uniform(0.1, 0.75)
        size, heading = rng.uniform([0.6, 0.6], [3.0, 2.0]) / 2, rng.uniform(0, np.pi)
        c, s = np.cos(heading), np.sin(heading)
        box = (np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * size) @ np.array([[c, s], [-s, c]])
        tone = fixed((int(rng.integers(70, 220)),) * 3)
        shapes.add(to_px(camera, corner + box, building.height_m), tone, Kind.ROOF, building.height_m)


def _tree(shapes: PolygonList, tree: Tree, camera: Camera) -> None:
    rng = stream(tree.outline_seed, 0, "tree/leaves")
    leaf = fixed(tree.leaf).astype(float)
    crown = crown_outline(tree)
    middle, top = 0.6 * tree.height_m, tree.height_m
    outline = to_px(camera, crown, middle)
    if camera.kind == "pinhole":
        outline = hull(outline, to_px(camera, (crown + [tree.x_m, tree.y_m]) / 2, top))
    shapes.add(outline, (leaf * 0.55).astype(np.uint16), Kind.LEAF, middle)
    unit = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    disc = np.stack([np.cos(unit), np.sin(unit)], 1)
    for _ in range(int(6 + 5 * tree.radius_m)):
        reach = np.sqrt(rng.random()) * 0.8
        angle = rng.uniform(0, 2 * np.pi)
        centre = tree.radius_m * reach * np.array([np.cos(angle), np.sin(angle)])
        radius = tree.radius_m * rng.uniform(0.12, 0.3)
        clump = centre + [tree.x_m, tree.y_m] + disc * radius * rng.uniform(0.7, 1.2, (9, 1))
        tone = np.clip(leaf * rng.uniform(0.5, 1.6), 0, 4095).astype(np.uint16)
        z = middle + (top - middle) * (1 - reach)
        shapes.add(to_px(camera, clump, z), tone, Kind.LEAF, z)


def _pole(shapes: PolygonList, pole: Pole, camera: Camera) -> None:
    foot, lamp = np.array([pole.x_m, pole.y_m]), np.array([pole.lamp_x_m, pole.lamp_y_m])
    top = pole.height_m
    if camera.kind == "pinhole":
        ends = np.concatenate([to_px(camera, foot[None], 0.0), to_px(camera, foot[None], top)])
        shapes.add(_bar(ends[0], ends[1], 0.08 / camera.m_per_px), STEEL, Kind.WALL, top)
    arm = _bar(foot, lamp, 0.08)
    if len(arm):
        shapes.add(to_px(camera, arm, top), STEEL, Kind.WALL, top)
    head = _bar(lamp - (lamp - foot) * 0.15, lamp + (lamp - foot) * 0.15, 0.17)
    if len(head):
        shapes.add(to_px(camera, head, top), STEEL * 2, Kind.WALL, top)


def _bar(a: np.ndarray, b: np.ndarray, half: float) -> np.ndarray:
    """A straight bar between two points, f64[4, 2]; empty when they coincide."""
    d = b - a
    length = float(np.hypot(*d))
    if length < 1e-6:
        return np.zeros((0, 2))
    n = np.array([-d[1], d[0]]) / length * half
    return np.stack([a + n, b + n, b - n, a - n])
