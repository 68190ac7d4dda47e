"""A scene, a moment and a camera -> what is where: drawn, measured, not yet lit.

``prepare`` draws what stands still, once a scene and camera; ``draw`` adds what moves, once a
moment. Both are the same for every weather; ``exposure.py`` lights them.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render import actors, faces, labels, poses, rects
from render.bending import straight_places
from render.canvas import Canvas, empty
from render.grain import lay_grain
from render.ground import draw_ground
from render.id_edges import Edges, edges_of
from render.obstacles import draw_obstacles, standing_near
from render.polygon_list import PolygonList
from render.raster import fill, filled
from render.rigs import Bodies, Rigs, bodies_of, rigs_of
from render.surface import fixed, walled_up
from simulator.agents import AgentState
from simulator.camera import Camera, focal_px, is_tilted, lens_of, px_to_ground
from simulator.scene import Scene
from simulator.signals import aspect_at


@dataclasses.dataclass(frozen=True, eq=False)
class Backdrop:
    """What does not move: ground, obstacles, parked vehicles, plates, for one scene and camera.

    Attributes:
        canvas: everything static, the lamps of plates dark. bare: the same without the plates, in
            the rectangles that hold them; elsewhere anything.
        rigs: what is drawn of each agent. parked: the parked vehicles in view, and their bodies.
        objects: silhouettes of parked vehicles and of plates; rows of driven ones mean nothing.
        px_to_m: f64[3, 3]. slant: see ``effect.View``.
    """

    scene: Scene
    camera: Camera
    bare: Canvas
    canvas: Canvas
    rigs: Rigs
    parked: poses.Poses
    parked_bodies: Bodies
    plates: faces.Plates
    objects: labels.Objects
    px_to_m: np.ndarray
    slant: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Kept:
    """What the next drawing on the same planes needs to know of this one.

    Attributes:
        aspects: i64[P], what each plate shows, -1 for signs.
        met: bool[I], see ``raster.fill``.
        bounds: i32[N, 4], by row of the agent table what is drawn of a driven vehicle; else empty.
        objects: see ``labels.Objects``; of the driven only rows of what is drawn mean something.
    """

    aspects: np.ndarray
    met: np.ndarray
    bounds: np.ndarray
    objects: labels.Objects


@dataclasses.dataclass(frozen=True, eq=False)
class Drawing:
    """One moment, drawn but not lit: the same for every weather.

    Attributes:
        order: how many drawings were made on these planes before.
        moving: the driven vehicles in view. bodies: theirs. stirred: bool[rows of the agent table],
            those that are not as the drawing before shows them.
        edges: of the canvas's ids.
        changed: i32[R, 4], where the canvas differs from that of the drawing before; from the
            backdrop's if it is the first.
    """

    state: AgentState
    order: int
    moving: poses.Poses
    bodies: Bodies
    stirred: np.ndarray
    canvas: Canvas
    edges: Edges
    changed: np.ndarray
    geometry: labels.Geometry
    kept: Kept


def prepare(scene: Scene, camera: Camera | None = None) -> Backdrop:
    """Draw what does not move. The scene's own camera unless another is given."""
    camera = camera or scene.camera
    table = scene.agents
    canvas = _ground_and_obstacles(scene, camera)
    lay_grain(dataclasses.replace(canvas, kind=walled_up(canvas.kind)), scene, camera)
    rigs = rigs_of(table)
    parked = poses.parked(camera, table, rigs)
    bodies = bodies_of(rigs, parked)
    still = actors.draw_vehicles(camera, rigs, parked, bodies)
    fill(canvas, still.polygons)
    plates = faces.lay_plates(scene, camera)
    bare = empty(camera.height_px, camera.width_px)
    rects.copy_canvas(canvas, bare, plates.rects)
    fill(canvas, plates.polygons)
    objects = labels.objects_of(camera, table, plates)
    labels.measure_vehicles(objects, camera, rigs, still, parked.close.nonzero()[0])
    return Backdrop(
        scene,
        camera,
        bare,
        canvas,
        rigs,
        parked,
        bodies,
        plates,
        objects,
        px_to_ground(camera),
        _slant(camera),
    )


def _ground_and_obstacles(scene: Scene, camera: Camera) -> Canvas:
    """Filled at once: each band of rows is taken into the cache once for both."""
    shapes, standing = PolygonList(camera), standing_near(scene, camera)
    draw_ground(shapes, scene, standing.blocks, camera)
    draw_obstacles(shapes, standing, camera, scene.conditions.sun_azimuth_rad)
    verge = fixed(scene.surroundings.ground.verge)
    return filled(camera.height_px, camera.width_px, verge, shapes.batch())


def draw(backdrop: Backdrop, state: AgentState, onto: Drawing | None = None) -> Drawing:
    """Draw the vehicles and the plates of one moment and measure their geometry.

    Args:
        onto: a drawing of the same backdrop that is no longer needed: what it shows already is not
            drawn again.
    """
    scene, camera, plates = backdrop.scene, backdrop.camera, backdrop.plates
    table = scene.agents
    order, before, canvas, kept = (
        (0, poses.NOBODY, backdrop.canvas.copy(), _nothing_kept(backdrop))
        if onto is None
        else (onto.order + 1, onto.moving, onto.canvas, onto.kept)
    )
    now = poses.moving(camera, table, backdrop.rigs, state)
    bodies = bodies_of(backdrop.rigs, now)
    stirred = poses.stirred(before, now, len(table))
    aspects = _aspects(scene, plates, state.time_s)
    left = kept.bounds[stirred]
    actors.bounds(camera, now, bodies, stirred, kept.bounds)
    # whatever a rectangle touches is taken in whole: drawn twice, its edges would not be as once
    marked = np.concatenate([stirred, aspects != kept.aspects])
    places = rects.closed(left, np.concatenate([kept.bounds, plates.rects]), marked)
    again, redrawn = marked[: len(table)], marked[len(table) :]
    drawn = actors.draw_vehicles(camera, backdrop.rigs, now, bodies, again)
    if onto is not None:
        rects.copy_canvas(backdrop.canvas, canvas, places)
    of_agents = kept.met[1 : len(again) + 1]
    hidden = of_agents.copy()
    of_agents &= ~again
    if redrawn.any():
        rects.copy_canvas(backdrop.bare, canvas, plates.rects[redrawn])
        fill(canvas, drawn.polygons, kept.met)
        fill(canvas, faces.lit(plates, aspects, redrawn), kept.met)
        labels.show_aspects(kept.objects, aspects)
    else:
        fill(canvas, drawn.polygons, kept.met)
    edges = edges_of(canvas.ids)
    seen = labels.scan(edges, len(kept.met))
    # hidden ones are measured in another way than those that are seen whole
    fresh = (now.close & (stirred | (hidden != of_agents))[now.rows]).nonzero()[0]
    unsure = labels.take_seen(kept.objects, camera, now, fresh, seen, kept.met, kept.bounds)
    labels.measure_vehicles(kept.objects, camera, backdrop.rigs, drawn, fresh, unsure)
    geometry = labels.measure_geometry(scene, camera, seen, kept.objects, plates, state, aspects)
    kept = Kept(aspects, kept.met, kept.bounds, kept.objects)
    return Drawing(state, order, now, bodies, stirred, canvas, edges, places, geometry, kept)


def goes_on(drawing: Drawing, last: Drawing | None) -> bool:
    """Whether ``drawing.changed`` tells all that has changed since another drawing."""
    return last is not None and last.canvas is drawing.canvas and drawing.order == last.order + 1


def lamps_at(backdrop: Backdrop, drawing: Drawing) -> np.ndarray:
    """Rectangles i32[R, 4] that hold every lamp of a vehicle or signal that may be lit."""
    signals = backdrop.plates.rects[drawing.kept.aspects > 0]
    return rects.merged(drawing.kept.bounds, signals)


def _nothing_kept(backdrop: Backdrop) -> Kept:
    """Of the backdrop, which shows no driven vehicle and all lamps dark."""
    agents = len(backdrop.scene.agents)
    dark = np.where(backdrop.plates.signal_row >= 0, 0, -1).astype(np.int64)
    _, _, limit = faces.first_ids(backdrop.scene)
    return Kept(
        dark, np.zeros(limit, np.bool_), np.zeros((agents, 4), np.int32), backdrop.objects.copy()
    )


def _aspects(scene: Scene, plates: faces.Plates, time_s: float) -> np.ndarray:
    """Aspect that each plate shows, -1 for signs."""
    shown = [int(aspect_at(scene.plan, s.group, time_s)) for s in scene.signals]
    return np.array([shown[r] if r >= 0 else -1 for r in plates.signal_row], dtype=np.int64)


def _slant(camera: Camera) -> np.ndarray:
    """1 / cos of the angle between each pixel's ray and the vertical, f32."""
    if camera.kind == "orthographic":
        return np.ones((1, 1), np.float32)
    focal = focal_px(camera)
    if lens := lens_of(camera):
        places = straight_places(lens, (camera.height_px, camera.width_px), first=0.5)
        middle = np.array([lens.u_px, lens.v_px], np.float32)
        u, v = np.moveaxis((places - middle) / np.float32(focal), 2, 0)
        steep = math.cos(camera.tilt_rad) + math.sin(camera.tilt_rad) * v
        return (np.sqrt(1.0 + u * u + v * v) / steep).astype(np.float32)
    u = (np.arange(camera.width_px) + 0.5 - camera.width_px / 2) / focal
    v = (np.arange(camera.height_px) + 0.5 - camera.height_px / 2) / focal
    if is_tilted(camera):
        across, down = (u * u).astype(np.float32), (1.0 + v * v).astype(np.float32)
        steep = math.cos(camera.tilt_rad) + math.sin(camera.tilt_rad) * v
        return np.sqrt(across[None] + down[:, None]) * (1.0 / steep).astype(np.float32)[:, None]
    return np.sqrt(1.0 + u[None, :] ** 2 + v[:, None] ** 2).astype(np.float32)
