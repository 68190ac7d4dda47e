"""Walls and roofs: lighter towards the scene's sun, never but white, the same to the labels."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import shapely

from render import exposure, picture
from render.canvas import DECAL
from render.polygon_list import PolygonList
from render.roofs import draw_building
from render.surface import Kind
from simulator import engine
from simulator.camera import Camera
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.surroundings import Building, Surroundings
from tests import cast
from tests.render.drawn import CLEAR, SHARP, replace

DOWN = Camera(kind="pinhole", width_px=400, height_px=400, m_per_px=0.2, altitude_m=80.0)
FLAT = dataclasses.replace(DOWN, kind="orthographic")
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


def test_of_a_pitched_roof_the_face_that_turns_from_the_sun_is_the_darker_one():
    rows, left, right = slice(75, 135), slice(265, 295), slice(315, 345)
    for sun_rad in (0.2, math.pi - 0.2):
        grey, drawing = lit(place(sun_rad, FLAT, 6.0))
        assert np.all(drawing.canvas.kind[rows, 265:345] == Kind.ROOF)
        west, east = (float(np.median(grey[rows, columns])) for columns in (left, right))
        lighter, darker = (east, west) if sun_rad < 1 else (west, east)
        assert lighter > 1.03 * darker


def test_nothing_on_a_roof_stands_over_another():
    found = 0
    for k in range(60):
        shapes, height_m = PolygonList(FLAT), 6.0 if k % 3 == 0 else 14.0
        house = Building(HOUSE_M + np.array([7.3 * k, 3.1 * k]), height_m, WHITE, WHITE)
        draw_building(shapes, house, FLAT, 0.5)
        batch = shapes.batch()
        solid = np.isin(batch.kind, (Kind.ROOF, DECAL + Kind.SKYLIGHT))
        outlines = [
            shapely.Polygon(batch.vertices_px[batch.starts[p] : batch.starts[p + 1]])
            for p in np.flatnonzero(solid)[1:]
        ]
        found += len(outlines)
        for i, one in enumerate(outlines):
            assert all(one.intersection(other).area < 0.01 for other in outlines[:i])
    assert found > 200
