"""Shadows without a sun: what things keep off a clouded sky, close to them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render import contact, exposure, obstacles
from render.contact import ENDS, TAKEN
from render.light import light_of
from render.picture import draw, prepare
from render.sunlight import follow, sunlight
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.arrays import same
from simulator.conditions import Conditions
from simulator.seeding import stream
from tests.render.drawn import CLEAR, OVERCAST, SHARP, backdrop, moment


def lit_of(kind="orthographic", near=1.0, sun_m=None):
    ground = backdrop("straight", 2, kind)
    _, state = moment("straight", 2, kind)
    drawing = draw(ground, state)
    light = sunlight(ground, sun_m, near)
    follow(light, ground, drawing)
    return drawing, light.lit


def test_rings_take_less_and_less_of_what_a_wall_hides():
    assert TAKEN[0] > 0.8
    assert 0 < TAKEN[-1] < 0.05
    assert np.all(np.diff(TAKEN) < 0)
    assert np.all(np.diff(ENDS) > 0)


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


def test_outlines_grow_by_as_much_on_all_sides():
    square = np.array([[[0, 0], [4, 0], [4, 2], [0, 2]]], float)
    for outline in (square, square[:, ::-1]):
        grown = contact._offset(outline, np.array([0.5]))[0]
        assert grown.min(axis=0).tolist() == [-0.5, -0.5]
        assert grown.max(axis=0).tolist() == [4.5, 2.5]
