"""Walls and roofs: lighter towards the scene's sun, never but white, the same to the labels."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from render import exposure, picture
from render.surface import Kind
from simulator import engine
from simulator.camera import Camera
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.surroundings import Building, Surroundings
from tests import cast
from tests.render.drawn import CLEAR, SHARP, replace

DOWN = Camera(kind="pinhole", width_px=400, height_px=400, m_per_px=0.2, altitude_m=80.0)
HOUSE_M = np.array([[12.0, 10.0], [30.0, 10.0], [30.0, 28.0], [12.0, 28.0]])
WHITE = (250, 250, 250)


def place(sun_rad: float, camera: Camera = DOWN, height_m: float = 14.0) -> Scene:
    """A road and a white house up and right of the image's middle, whose west and south walls a
    camera sees that looks straight down.
    """
    house = Building(HOUSE_M, height_m, WHITE, WHITE)
    return cast.open_road(
        cast.drivers([0.0]), 300.0, camera=camera,
        surroundings=Surroundings(cast.GROUND, buildings=(house,)),
        conditions=replace(CLEAR, sun_azimuth_rad=sun_rad),
    )  # fmt: skip


def lit(scene: Scene) -> tuple[np.ndarray, picture.Drawing]:
    """Grey levels f64[H, W] of the scene in its own weather, and what was drawn."""
    ground = picture.prepare(scene)
    drawing = picture.draw(ground, engine.rollout(scene, [1.0])[0])
    weather = exposure.light_up(ground, scene.conditions, camera_sensor=SHARP)
    frame = exposure.expose(ground, drawing, weather, stream(1, 0, "test/frame"))
    return frame.bgr.mean(axis=2), drawing


def walls(scene: Scene) -> tuple[float, float, float]:
    """Mean grey of the west wall and of the south wall, and the brightest percentile of both."""
    grey, drawing = lit(scene)
    wall = drawing.canvas.kind == Kind.WALL
    v, u = np.nonzero(wall)
    x, y = u - 200.0, 200.0 - v  # the roof's lower left corner is seen outward of 60, 50
    west, south = (y > 1.05 * x) & (y > 52), (x > 1.35 * y) & (x > 72)
    tones = grey[wall]
    return float(tones[west].mean()), float(tones[south].mean()), float(np.quantile(tones, 0.99))


def test_walls_before_a_camera_that_looks_down_are_lighter_towards_the_sun_and_never_but_white():
    west, south, brightest = walls(place(math.pi))
    assert west > 1.08 * south
    assert brightest < 245
    west, south, brightest = walls(place(-math.pi / 2))
    assert south > 1.08 * west
    assert brightest < 245


@pytest.mark.parametrize("tilt_rad", [0.0, 0.5])
def test_the_sun_of_a_scene_moves_nothing_that_labels_know(tilt_rad):
    camera = dataclasses.replace(DOWN, tilt_rad=tilt_rad)
    a, b = (lit(place(sun_rad, camera))[1].canvas for sun_rad in (0.3, 2.5))
    for plane in ("ids", "kind", "height"):
        assert np.array_equal(getattr(a, plane), getattr(b, plane))
    assert not np.array_equal(a.albedo, b.albedo)
