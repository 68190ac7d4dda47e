"""Lamps that a wet road mirrors by night."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from render import exposure, lens, picture
from render.surface import Kind
from render.weather import EFFECTS
from simulator import engine
from simulator.camera import Camera, to_px
from simulator.conditions import Conditions
from simulator.surroundings import Pole, Surroundings
from tests import cast
from tests.render.drawn import CLEAR, replace, shoot
from tests.render.lenses import MIXED, TILTED

WET_NIGHT = replace(CLEAR, sun_elevation_rad=-0.3, street_lamps=True, water_film_mm=1.0)
CAMERAS = {
    "orthographic": Camera(x_m=50.0, y_m=12.0),
    "pinhole": dataclasses.replace(MIXED, k1=0.0, k2=0.0, p1=0.0, p2=0.0),
    "bent": MIXED,
    "tilted": TILTED,
}
LAMP = 52.0, 3.0, 9.0


def mirrored(camera: Camera, conditions: Conditions, kind: Kind = Kind.ROAD) -> np.ndarray:
    """Reflectance f[H, W] that street lamps add to a picture of one kind alone."""
    x, y, h = LAMP
    behind = Pole(50.0, -300.0, h, 50.0, -300.0)
    around = Surroundings(cast.GROUND, poles=(Pole(x, y, h, x, y), behind))
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=camera, surroundings=around)
    ground = picture.prepare(scene)
    ground.canvas.kind[:] = kind
    found = []
    for lamps in (True, False):
        given = dataclasses.replace(conditions, street_lamps=lamps)
        weather = exposure.light_up(ground, given)
        view = exposure._view(ground, weather.light, ground.canvas)
        wet = EFFECTS["wet_road"]
        assert wet.surface is not None
        block = np.full((3, *ground.canvas.kind.shape), 0.1, np.float32)
        wet.surface(block, (0, 0), view, wet.prepare(given, view))
        found.append(block[1])
    return found[0] - found[1]


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
def test_a_lamp_is_mirrored_where_its_way_by_the_ground_is_a_straight_one(camera):
    shine = mirrored(camera, WET_NIGHT)
    x, y, h = LAMP
    point = np.array([x, y])
    if camera.kind == "pinhole":  # as far below the ground as the lamp is above: what the eye sees
        back = camera.altitude_m * np.tan(camera.tilt_rad)
        turn = np.array([np.sin(camera.heading_rad), -np.cos(camera.heading_rad)])
        eye = np.array([camera.x_m, camera.y_m]) + back * turn
        point = eye + (point - eye) * camera.altitude_m / (camera.altitude_m + h)
    row, column = np.unravel_index(shine.argmax(), shine.shape)
    assert np.abs(to_px(camera, point[None])[0] - [column + 0.5, row + 0.5]).max() < 1.0
    wide = np.count_nonzero(shine > shine.max() / 2) * camera.m_per_px**2
    assert 0.3 < wide < 1.5  # half as bright on a square metre
    assert (shine > 0).mean() < 0.05


def test_more_water_mirrors_more_and_what_does_not_get_wet_nothing():
    films = [0.01, 0.3, 1.0, 3.0]
    peaks = [mirrored(MIXED, replace(WET_NIGHT, water_film_mm=f)).max() for f in films]
    assert all(b > a for a, b in itertools.pairwise(peaks))
    assert peaks[0] < 0.1
    assert mirrored(MIXED, WET_NIGHT, Kind.BODY).max() == 0
    assert mirrored(MIXED, WET_NIGHT, Kind.VERGE).max() == 0


def test_a_lit_signal_glows_on_wet_ground_by_night_alone():
    def glow(conditions: Conditions) -> float:
        signal = shoot("crossroads_signals", 0, conditions).ids > 2000
        canvas = np.zeros(signal.shape, bool)
        for dy, dx in itertools.product((-8, 0, 8), repeat=2):
            canvas |= np.roll(signal, (dy, dx), (0, 1))
        around = canvas & ~signal
        with pytest.MonkeyPatch.context() as patch:
            lit = shoot("crossroads_signals", 0, conditions).bgr[around].astype(float)
            patch.setattr(lens, "WET_SHARE", 0.0)
            bare = shoot("crossroads_signals", 0, conditions).bgr[around].astype(float)
        return float((lit - bare).mean())

    by_film = [glow(replace(WET_NIGHT, water_film_mm=f)) for f in (0.0, 0.3, 2.0)]
    assert by_film[0] == 0.0
    assert 1.0 < by_film[1] < by_film[2]
    assert glow(replace(CLEAR, water_film_mm=2.0)) == 0.0
    assert glow(replace(CLEAR, water_film_mm=2.0, sun_elevation_rad=0.1)) == 0.0


def test_a_moment_on_used_planes_keeps_its_mirror_images():
    x, y, h = LAMP
    around = Surroundings(cast.GROUND, poles=(Pole(x, y, h, x, y),))
    camera = dataclasses.replace(TILTED, width_px=320, height_px=320)
    scene = cast.open_road(cast.drivers([40.0]), 300.0, camera=camera, surroundings=around)
    ground = picture.prepare(scene)
    weather = exposure.light_up(ground, WET_NIGHT)
    assert weather.coat.parts
    states = engine.rollout(scene, [0.0, 0.5])
    first = picture.draw(ground, states[0])
    exposure.coat.follow(weather.coat, exposure._view(ground, weather.light, first.canvas), first)
    second = picture.draw(ground, states[1], first)
    exposure.coat.follow(weather.coat, exposure._view(ground, weather.light, second.canvas), second)
    fresh = exposure.light_up(ground, WET_NIGHT)
    alone = picture.draw(ground, states[1])
    exposure.coat.follow(fresh.coat, exposure._view(ground, fresh.light, alone.canvas), alone)
    assert np.array_equal(weather.coat.albedo, fresh.coat.albedo)
