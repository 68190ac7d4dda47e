"""Shadows without a sun: what things keep off a clouded sky, close to them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render import contact, exposure, obstacles
from render.light import light_of
from render.picture import draw, prepare
from render.sunlight import follow, sunlight
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.arrays import same
from simulator.camera import Camera, to_ground
from simulator.conditions import Conditions
from simulator.seeding import stream
from simulator.surroundings import Block, Surroundings
from tests.render.drawn import CLEAR, OVERCAST, SHARP, backdrop, moment


def lit_of(kind="orthographic", near=1.0, sun_m=None):
    ground = backdrop("straight", 2, kind)
    _, state = moment("straight", 2, kind)
    drawing = draw(ground, state)
    light = sunlight(ground, sun_m, near)
    follow(light, ground, drawing)
    return drawing, light.lit


def with_blocks(scene, *blocks):
    return Surroundings(scene.surroundings.ground, blocks=blocks)


CAMERAS = {
    "orthographic": Camera(x_m=3.0, y_m=-2.0, heading_rad=0.4),
    "tilted": Camera(kind="pinhole", altitude_m=60.0, tilt_rad=0.5, heading_rad=-1.1),
    "bent": Camera(kind="pinhole", altitude_m=60.0, heading_rad=2.0, k1=-0.25, k2=0.05),
}


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=list(CAMERAS))
def test_ground_near_a_wall_loses_what_the_wall_hides_of_the_sky(camera):
    """Every pixel by itself: how far from the box it lies, and what of the sky is left there."""
    x, y, heading, length, width, tall = 4.0, 6.0, 0.7, 9.0, 3.0, 2.0
    block = Block(x, y, heading, length, width, tall, (90, 90, 90))
    scene, _ = moment("straight", 2)
    scene = dataclasses.replace(scene, surroundings=with_blocks(scene, block))
    lit = np.full((camera.height_px, camera.width_px), 255, np.uint8)
    contact.shade(lit, np.zeros_like(lit), camera, contact.feet_of_obstacles(camera, scene), 0.8)
    v, u = np.indices(lit.shape) + 0.5
    off = to_ground(camera, np.stack([u.ravel(), v.ravel()], axis=1)) - [x, y]
    c, s = np.cos(heading), np.sin(heading)
    along, aside = off @ [c, s], off @ [-s, c]
    away = np.hypot(
        np.maximum(np.abs(along) - length / 2, 0), np.maximum(np.abs(aside) - width / 2, 0)
    )
    hidden, last = (1 - d / np.hypot(tall, d) for d in (away, contact.FAR * tall))
    left = 1 - 0.8 * np.maximum(hidden - last, 0) / (1 - last)
    wrong = np.abs(lit.ravel() - 255 * left)
    assert (away == 0).sum() > 1000
    assert wrong.max() < 6
    assert wrong.mean() < 0.6


def test_things_with_a_foot_out_of_sight_darken_nothing():
    camera = CAMERAS["orthographic"]
    scene, _ = moment("straight", 2)
    far = Block(500.0, 0.0, 0.0, 2.0, 2.0, 3.0, (90, 90, 90))
    scene = dataclasses.replace(scene, surroundings=with_blocks(scene, far))
    lit = np.full((640, 640), 255, np.uint8)
    contact.shade(lit, np.zeros_like(lit), camera, contact.feet_of_obstacles(camera, scene), 1.0)
    assert lit.min() == 255


def test_what_stands_above_the_ground_is_not_darkened_and_the_darker_shadow_counts():
    camera = CAMERAS["orthographic"]
    scene, _ = moment("straight", 2)
    blocks = tuple(Block(x, 0.0, 0.0, 2.0, 2.0, 2.0, (90, 90, 90)) for x in (2.0, 4.5))
    planes = []
    for some in (blocks[:1], blocks[1:], blocks):
        one = dataclasses.replace(scene, surroundings=with_blocks(scene, *some))
        lit = np.full((640, 640), 255, np.uint8)
        heights = np.zeros_like(lit)
        heights[:300] = 1
        contact.shade(lit, heights, camera, contact.feet_of_obstacles(camera, one), 1.0)
        assert lit[:300].min() == 255
        planes.append(lit)
    assert np.array_equal(np.minimum(*planes[:2]), planes[2])


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_the_road_is_dark_beside_a_car_and_even_a_few_metres_away(kind):
    drawing, lit = lit_of(kind)
    a = drawing.geometry
    whole = (a.category == 0) & (a.visible_px == a.full_px)
    for k in np.flatnonzero(whole)[:3]:
        x0, y0, x1, y1 = a.box_px[k]
        near = lit[max(y0 - 3, 0) : y1 + 3, max(x0 - 3, 0) : x1 + 3]
        assert near.min() < 130
    open_road = (drawing.canvas.ids == 0) & (drawing.canvas.height == 0)
    assert (lit[open_road] > 220).mean() > 0.4


@pytest.mark.parametrize("near", [1.0, 0.4])
def test_the_next_frame_is_as_one_drawn_alone(near):
    scene, _ = moment("crossroads_signals", 0)
    ground = backdrop("crossroads_signals", 0)
    sun_m = None if near == 1.0 else np.array([0.8, -0.5])
    states = engine.rollout(scene, [30.0, 30.5, 31.0])
    light, drawing = sunlight(ground, sun_m, near), None
    for state in states:
        drawing = draw(ground, state, drawing)
        follow(light, ground, drawing)
        alone, own = sunlight(ground, sun_m, near), draw(ground, state)
        follow(alone, ground, own)
        assert np.array_equal(light.lit, alone.lit)


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_what_is_out_of_sight_is_left_out_and_changes_nothing(kind, monkeypatch):
    scene = sample_scene(SceneConfig(layouts=("town",), camera=CameraConfig(kind=kind)), 5, 2)
    seen = sunlight(prepare(scene), None, 1.0)
    monkeypatch.setattr(obstacles, "near_view", lambda _, points, *__: np.ones(len(points), bool))
    assert same(seen.still, sunlight(prepare(scene), None, 1.0).still)


def test_light_is_kept_whole_and_comes_from_the_zenith_as_clouds_close():
    shares = []
    for cloud in (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0):
        light = light_of(Conditions(sun_elevation_rad=0.8, cloud=cloud))
        assert (light.sky + light.sun) @ [0.2126, 0.7152, 0.0722] == pytest.approx(1.0, abs=0.02)
        shares.append(light.near * float(light.sun.mean()))
    assert shares[0] == shares[1] == 0
    assert np.all(np.diff(shares) >= 0)
    assert shares[-1] == pytest.approx(0.5, abs=0.02)
    night = light_of(Conditions(sun_elevation_rad=-0.3, cloud=1.0, street_lamps=True))
    assert night.near == 0


@pytest.mark.parametrize(
    ("name", "most"),
    [("visibility_m", 60.0), ("dust_mg_m3", 25.0), ("smog_ug_m3", 4000.0), ("snow_mm_h", 1.0)],
)
def test_thick_air_under_a_clear_sky_softens_the_sun_away_bit_by_bit_and_keeps_the_light(
    name, most
):
    direct, contact = [], []
    for share in np.linspace(0.0, 1.0, 200):
        end = {"visibility_m": 1 / (1 / 50_000 + share / most)} if name == "visibility_m" else {}
        conditions = Conditions(sun_elevation_rad=0.7, cloud=0.0, **(end or {name: share * most}))
        light = light_of(conditions)
        whole = (light.sky + light.sun) @ [0.2126, 0.7152, 0.0722]
        assert whole == pytest.approx(1.0, abs=0.02)
        green = float(light.sun[1])
        direct.append((1.0 - light.near) * green)
        contact.append(light.near * green)
    assert direct[0] > 0.75
    assert direct[-1] < 0.05
    assert np.all(np.diff(direct) <= 0)
    assert contact[0] == 0
    assert contact[-1] > 0.35
    assert np.abs(np.diff([direct, contact])).max() < 0.08


def test_a_car_under_cloud_stands_on_its_shadow_as_seen_in_the_picture():
    ground = backdrop("straight", 2)
    _, state = moment("straight", 2)
    dark = []
    for conditions in (CLEAR, dataclasses.replace(OVERCAST, sun_elevation_rad=0.8)):
        weather = exposure.light_up(ground, conditions, camera_sensor=SHARP)
        drawing = draw(ground, state)
        exposure.expose(ground, drawing, weather, stream(0, 0, "test/contact"))
        dark.append(np.count_nonzero((weather.sunlight.lit > 60) & (weather.sunlight.lit < 235)))
    assert dark[1] > 3 * dark[0]
