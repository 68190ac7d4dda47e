"""A scene, a moment, a camera and conditions -> a labelled frame, along the path of light.

The costly parts are done once where they can be: ``prepare`` once a scene and camera, ``light_up``
once a weather, ``draw`` once a moment (all open-loop twins share it), ``expose`` once a frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render import actors, faces, labels, lens, sensor
from render.canvas import Canvas, blank
from render.effect import View
from render.frame import Frame
from render.ground import draw_ground
from render.light import Light, light_of
from render.obstacles import draw_obstacles, obstacle_shadows
from render.raster import fill, fill_mask, fill_shadows
from render.surface import KINDS, Kind
from render.weather_pass import bare_luminance, sweep
from simulator.agents import AgentState
from simulator.camera import Camera, Sensor, ground_to_px
from simulator.conditions import Conditions, mor_m, optical_depth
from simulator.scene import Scene
from simulator.signals import aspect_at

_TALL = np.isin(np.arange(KINDS), [Kind.ROOF, Kind.WALL, Kind.LEAF])
"""Kinds of what stands above the shadows of other things."""


@dataclasses.dataclass(frozen=True, eq=False)
class Backdrop:
    """What does not move: ground, obstacles, parked vehicles, plates, for one scene and camera.

    Attributes:
        canvas: everything static but the plates. parked: the parked vehicles in view.
        still, faces: silhouettes of parked vehicles and of plates.
        px_to_m: f64[2, 3]. slant: see ``effect.View``.
    """

    scene: Scene
    camera: Camera
    canvas: Canvas
    parked: actors.Poses
    plates: faces.Plates
    still: labels.Objects
    faces: labels.Objects
    px_to_m: np.ndarray
    slant: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Weather:
    """Conditions with their light, and where the sun reaches the static scene, u8[H, W]."""

    conditions: Conditions
    light: Light
    lit: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Drawing:
    """One moment, drawn but not lit: the same for every weather."""

    state: AgentState
    moving: actors.Poses
    canvas: Canvas
    geometry: labels.Geometry


def prepare(scene: Scene, camera: Camera | None = None) -> Backdrop:
    """Draw what does not move. The scene's own camera unless another is given."""
    camera = camera or scene.camera
    canvas = blank(camera.height_px, camera.width_px)
    draw_ground(canvas, scene, camera)
    fill(canvas, draw_obstacles(scene, camera))
    still = actors.draw_vehicles(camera, scene.agents, actors.parked(camera, scene.agents))
    fill(canvas, still.polygons)
    plates = faces.lay_plates(scene, camera)
    m = ground_to_px(camera)
    inverse = np.linalg.inv(m[:, :2])
    px_to_m = np.concatenate([inverse, (-inverse @ m[:, 2])[:, None]], axis=1)
    return Backdrop(
        scene, camera, canvas, still.poses, plates,
        labels.vehicle_objects(camera, scene.agents, still), labels.plate_objects(camera, plates),
        px_to_m, _slant(camera),
    )  # fmt: skip


def light_up(backdrop: Backdrop, conditions: Conditions, like: Sequence[Weather] = ()) -> Weather:
    """Work out the light, and the shadows of what does not move.

    Args:
        like: weathers of the same backdrop; one with the same sun lends its shadows.
    """
    light = light_of(conditions)
    for other in like:
        if _same_sun(light.sun_m, other.light.sun_m):
            return Weather(conditions, light, other.lit)
    lit = np.full(backdrop.canvas.kind.shape, 255, np.uint8)
    if light.sun_m is not None:
        outlines = obstacle_shadows(backdrop.scene, backdrop.camera, light.sun_m)
        fill_mask(lit, outlines, 0)
        lit[_TALL[backdrop.canvas.kind]] = 255
        shadows = actors.vehicle_shadows(
            backdrop.camera, backdrop.scene.agents, backdrop.parked, light.sun_m
        )
        fill_shadows(lit, backdrop.canvas.height, *shadows)
    return Weather(conditions, light, lit)


def _same_sun(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b or (a is not None and b is not None and bool(np.array_equal(a, b)))


def draw(backdrop: Backdrop, state: AgentState) -> Drawing:
    """Draw the vehicles and the plates of one moment and measure their geometry."""
    scene, camera, plates = backdrop.scene, backdrop.camera, backdrop.plates
    canvas = backdrop.canvas.copy()
    drawn = actors.draw_vehicles(camera, scene.agents, actors.moving(camera, scene.agents, state))
    met = np.zeros(labels.MAX_ID, np.bool_)
    fill(canvas, drawn.polygons, met)
    aspects = _aspects(scene, plates, state.time_s)
    fill(canvas, faces.lit(plates, aspects), met)
    seen = labels.scan(canvas.ids)
    groups = (
        labels.vehicle_objects(camera, scene.agents, drawn, seen, met),
        backdrop.still,
        backdrop.faces,
    )
    geometry = labels.measure_geometry(scene, camera, seen, groups, plates, state, aspects)
    return Drawing(state, drawn.poses, canvas, geometry)


def expose(
    backdrop: Backdrop,
    drawing: Drawing,
    weather: Weather,
    camera_sensor: Sensor,
    rng: np.random.Generator,
) -> Frame:
    """Light a drawing, send it through weather, lens and sensor, and label what is left."""
    light, conditions = weather.light, weather.conditions
    noise = sensor.noise_offsets(rng)
    lit = weather.lit
    if light.sun_m is not None:
        lit = lit.copy()
        shadows = actors.vehicle_shadows(
            backdrop.camera, backdrop.scene.agents, drawing.moving, light.sun_m
        )
        fill_shadows(lit, drawing.canvas.height, *shadows)
    view = View(
        backdrop.scene, backdrop.camera, light, backdrop.px_to_m,
        _headlamps(backdrop.scene, drawing.state),
        drawing.canvas.kind, drawing.canvas.height, backdrop.slant,
    )  # fmt: skip
    plane, lamps = sweep(drawing.canvas, lit, conditions, view, rng)
    before = bare_luminance(
        drawing.canvas, lit, light, lamps, drawing.geometry.box_px, labels.RING_PX
    )
    brightest = float(light.emission.max())
    plane = lens.blur(plane, camera_sensor, brightest)
    gain = sensor.exposure_gain(plane, camera_sensor, light.white_lux)
    annotations = labels.annotate(drawing.geometry, drawing.canvas.ids, before, plane, gain)
    bgr = sensor.develop(plane, camera_sensor, light.white_lux, gain, noise)
    return Frame(
        bgr, drawing.canvas.ids, annotations, mor_m(conditions),
        optical_depth(conditions, backdrop.camera.altitude_m), light.illuminance_lux,
    )  # fmt: skip


def _aspects(scene: Scene, plates: faces.Plates, time_s: float) -> np.ndarray:
    """Aspect that each plate shows, -1 for signs."""
    shown = [int(aspect_at(scene.plan, s.group, time_s)) for s in scene.signals]
    return np.array([shown[r] if r >= 0 else -1 for r in plates.signal_row], dtype=np.int64)


def _headlamps(scene: Scene, state: AgentState) -> np.ndarray:
    rows = np.nonzero(state.active & (scene.agents.route >= 0))[0]
    columns = state.x_m[rows], state.y_m[rows], state.heading_rad[rows], scene.agents.length_m[rows]
    return np.stack(columns, axis=1)


def _slant(camera: Camera) -> np.ndarray:
    """1 / cos of the angle between each pixel's ray and the vertical, f32."""
    if camera.kind == "orthographic":
        return np.ones((1, 1), np.float32)
    focal = camera.altitude_m / camera.m_per_px
    u = (np.arange(camera.width_px) + 0.5 - camera.width_px / 2) / focal
    v = (np.arange(camera.height_px) + 0.5 - camera.height_px / 2) / focal
    return np.sqrt(1.0 + u[None, :] ** 2 + v[:, None] ** 2).astype(np.float32)
