"""Frames for the tests of pixels and labels: real scenes from the sampler, small and few."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from render import coat, exposure, picture
from render.air import Air
from render.effect import View
from render.frame import Frame
from render.rects import bands
from render.sensor import noise_offsets
from render.sunlight import follow
from render.weather_pass import sweep
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import AgentState
from simulator.camera import Sensor
from simulator.conditions import Conditions, with_values
from simulator.scene import Scene
from simulator.seeding import stream

SHARP = Sensor(blur_px=0.0)
CLEAR = Conditions(sun_elevation_rad=0.9, cloud=0.0)
OVERCAST = Conditions(cloud=1.0)


@functools.cache
def moment(layout: str, index: int, kind: str = "orthographic") -> tuple[Scene, AgentState]:
    """A sampled scene and its state after 30 s."""
    camera = CameraConfig(kind=kind, width_px=480, height_px=480)
    scene = sample_scene(SceneConfig(layouts=(layout,), camera=camera), 11, index, "test")
    return scene, engine.rollout(scene, [30.0])[0]


@functools.cache
def backdrop(layout: str, index: int, kind: str = "orthographic") -> picture.Backdrop:
    """The static part of that scene's picture."""
    return picture.prepare(moment(layout, index, kind)[0])


def shoot(
    layout: str,
    index: int,
    conditions: Conditions = CLEAR,
    sensor: Sensor = SHARP,
    kind: str = "orthographic",
) -> Frame:
    """One frame of that scene."""
    _, state = moment(layout, index, kind)
    ground = backdrop(layout, index, kind)
    weather = exposure.light_up(ground, conditions, camera_sensor=sensor)
    rng = stream(11, index, "test/frame")
    return exposure.expose(ground, picture.draw(ground, state), weather, rng)


def linear_light(layout: str, index: int, conditions: Conditions) -> tuple[np.ndarray, np.ndarray]:
    """Luminance f64[H, W] of a frame in front of the lens, and without the weather."""
    scene, state = moment(layout, index)
    ground = backdrop(layout, index)
    drawing = picture.draw(ground, state)
    weather = exposure.light_up(ground, conditions, camera_sensor=SHARP)
    view = View(
        scene, ground.camera, weather.light, ground.px_to_m,
        drawing.canvas.kind, drawing.canvas.height, ground.slant,
    )  # fmt: skip
    rng = stream(11, index, "test/frame")
    noise_offsets(rng)
    shape = drawing.canvas.kind.shape
    boxes = bands(shape, shape[0])
    coat.follow(weather.coat, view, drawing)
    follow(weather.sunlight, ground, drawing)
    albedo, lit = weather.coat.albedo, weather.sunlight.lit
    raw, beam = (
        light.reshape(3, *shape) if light.size else np.empty((3, 0, 0), np.uint16)
        for light in sweep(drawing.canvas, albedo, lit, weather.air, view, boxes)
    )
    kept = dataclasses.replace(
        exposure._nothing_kept(ground, drawing, weather), seen=raw, beam=beam, through_plumes=raw
    )
    plumes = exposure._plumes(ground, drawing, weather, view)
    light, lamps, _ = exposure._fleeting(ground, drawing, weather, view, kept, plumes, rng)
    clean = Air((), None, None, lamps, (), beams=False, plumes=False)
    before, _ = sweep(drawing.canvas, drawing.canvas.albedo, lit, clean, view, boxes)
    return _luminance(light), _luminance(before.reshape(3, *shape))


def _luminance(light: np.ndarray) -> np.ndarray:
    return np.tensordot([0.2126, 0.7152, 0.0722], light.astype(float) / 4096, axes=1)


def replace(conditions: Conditions, **quantities: float) -> Conditions:
    """The conditions with some quantities changed; those outside the physics go to ``extra``."""
    return with_values(conditions, quantities)
