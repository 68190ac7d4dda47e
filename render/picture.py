"""A scene, a moment and a camera -> what is where: drawn, measured, not yet lit.

``prepare`` draws what stands still, once a scene and camera; ``draw`` adds what moves, once a
moment. Both are the same for every weather; ``exposure.py`` lights them.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render import actors, faces, labels, rects
from render.canvas import Canvas, blank
from render.ground import draw_ground
from render.obstacles import draw_obstacles
from render.raster import fill
from simulator.agents import AgentState
from simulator.camera import Camera, ground_to_px
from simulator.scene import Scene
from simulator.signals import aspect_at


@dataclasses.dataclass(frozen=True, eq=False)
class Backdrop:
    """What does not move: ground, obstacles, parked vehicles, plates, for one scene and camera.

    Attributes:
        bare: everything static but the plates. canvas: with the plates, their lamps dark.
        parked: the parked vehicles in view.
        still, faces: silhouettes of parked vehicles and of plates.
        px_to_m: f64[2, 3]. slant: see ``effect.View``.
    """

    scene: Scene
    camera: Camera
    bare: Canvas
    canvas: Canvas
    parked: actors.Poses
    plates: faces.Plates
    still: labels.Objects
    faces: labels.Objects
    px_to_m: np.ndarray
    slant: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Drawing:
    """One moment, drawn but not lit: the same for every weather.

    Attributes:
        rects: i32[R, 4], where its canvas differs from the backdrop's.
    """

    state: AgentState
    moving: actors.Poses
    canvas: Canvas
    rects: np.ndarray
    geometry: labels.Geometry


def prepare(scene: Scene, camera: Camera | None = None) -> Backdrop:
    """Draw what does not move. The scene's own camera unless another is given."""
    camera = camera or scene.camera
    bare = blank(camera.height_px, camera.width_px)
    draw_ground(bare, scene, camera)
    fill(bare, draw_obstacles(scene, camera))
    still = actors.draw_vehicles(camera, scene.agents, actors.parked(camera, scene.agents))
    fill(bare, still.polygons)
    plates = faces.lay_plates(scene, camera)
    canvas = bare.copy()
    fill(canvas, plates.polygons)
    m = ground_to_px(camera)
    inverse = np.linalg.inv(m[:, :2])
    px_to_m = np.concatenate([inverse, (-inverse @ m[:, 2])[:, None]], axis=1)
    return Backdrop(
        scene, camera, bare, canvas, still.poses, plates,
        labels.vehicle_objects(camera, scene.agents, still), labels.plate_objects(camera, plates),
        px_to_m, _slant(camera),
    )  # fmt: skip


def draw(backdrop: Backdrop, state: AgentState, onto: Drawing | None = None) -> Drawing:
    """Draw the vehicles and the plates of one moment and measure their geometry.

    Args:
        onto: a drawing of the same backdrop that is no longer needed: its planes are used again.
    """
    scene, camera, plates = backdrop.scene, backdrop.camera, backdrop.plates
    shape = backdrop.canvas.kind.shape
    drawn = actors.draw_vehicles(camera, scene.agents, actors.moving(camera, scene.agents, state))
    aspects = _aspects(scene, plates, state.time_s)
    places, redrawn = _changes(drawn, plates, aspects, shape)
    canvas = backdrop.canvas.copy() if onto is None else onto.canvas
    for plane, bare, whole in zip(
        _planes(canvas), _planes(backdrop.bare), _planes(backdrop.canvas), strict=True
    ):
        if onto is not None:
            rects.copy(whole, plane, onto.rects)
        rects.copy(bare, plane, plates.rects[redrawn])
    _, _, limit = faces.first_ids(scene)
    met = np.zeros(limit, np.bool_)
    fill(canvas, drawn.polygons, met)
    fill(canvas, faces.lit(plates, aspects, redrawn), met)
    seen = labels.scan(canvas.ids, limit)
    groups = (
        labels.vehicle_objects(camera, scene.agents, drawn, seen, met),
        backdrop.still,
        backdrop.faces,
    )
    geometry = labels.measure_geometry(scene, camera, seen, groups, plates, state, aspects)
    return Drawing(state, drawn.poses, canvas, places, geometry)


def _planes(canvas: Canvas) -> tuple[np.ndarray, ...]:
    return canvas.albedo, canvas.ids, canvas.kind, canvas.height


def _changes(
    drawn: actors.Drawn, plates: faces.Plates, aspects: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Where the picture differs from the backdrop, and which plates are drawn again, bool[P].

    A plate that any of it touches is taken in whole: drawn twice, its edges would not be as drawn
    once.
    """
    p = drawn.polygons
    own = np.flatnonzero(np.diff(p.ident.astype(np.int32), prepend=-1))
    places = rects.merged(rects.around(p.vertices_px, p.starts[own], 1, shape))
    redrawn = aspects > 0
    while True:
        places = rects.merged(places, plates.rects[redrawn])
        more = rects.touching(plates.rects, places) & ~redrawn
        if not more.any():
            return places, redrawn
        redrawn = redrawn | more


def _aspects(scene: Scene, plates: faces.Plates, time_s: float) -> np.ndarray:
    """Aspect that each plate shows, -1 for signs."""
    shown = [int(aspect_at(scene.plan, s.group, time_s)) for s in scene.signals]
    return np.array([shown[r] if r >= 0 else -1 for r in plates.signal_row], dtype=np.int64)


def _slant(camera: Camera) -> np.ndarray:
    """1 / cos of the angle between each pixel's ray and the vertical, f32."""
    if camera.kind == "orthographic":
        return np.ones((1, 1), np.float32)
    focal = camera.altitude_m / camera.m_per_px
    u = (np.arange(camera.width_px) + 0.5 - camera.width_px / 2) / focal
    v = (np.arange(camera.height_px) + 0.5 - camera.height_px / 2) / focal
    return np.sqrt(1.0 + u[None, :] ** 2 + v[:, None] ** 2).astype(np.float32)
