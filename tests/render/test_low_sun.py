"""Stray light of a low sun in the lens."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from render import exposure, picture
from render.effect import Film
from render.light import light_of
from render.veil import joined_films
from render.weather.low_sun import EFFECT, HIGHEST_RAD, SET_RAD
from simulator.camera import Camera
from simulator.conditions import Conditions
from tests import cast
from tests.render.drawn import CLEAR, replace, shoot

DOWN = Camera(kind="pinhole", width_px=320, height_px=240, m_per_px=0.2, heading_rad=0.6)
FLAT = dataclasses.replace(DOWN, kind="orthographic")
TILTED = dataclasses.replace(DOWN, tilt_rad=0.45)
UPWARDS = 0.6 + math.pi / 2
"""Azimuth of what lies towards the image's upper edge."""


def veil(camera: Camera, **quantities: float) -> np.ndarray:
    """Haze f32[H, W] of a cloudless sun, low above the image's upper edge unless said."""
    given = {"sun_elevation_rad": 0.05, "sun_azimuth_rad": UPWARDS, **quantities}
    conditions = replace(CLEAR, **given)
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=camera)
    ground = picture.prepare(scene)
    film = EFFECT.film
    assert film is not None
    view = exposure._view(ground, light_of(conditions), ground.canvas)
    made = film(conditions, view, None)
    assert made.keep.min() == 1.0
    assert made.keep.shape == made.haze.shape == ground.canvas.kind.shape
    return made.haze


@pytest.mark.parametrize("camera", [DOWN, FLAT, TILTED], ids=["down", "flat", "tilted"])
@pytest.mark.parametrize("turn", [0.0, 0.5, 1.0, 1.5])
def test_it_is_strongest_at_the_edge_towards_the_sun(camera, turn):
    haze = veil(camera, sun_azimuth_rad=UPWARDS + turn * math.pi)
    top, bottom = haze[0].mean(), haze[-1].mean()
    left, right = haze[:, 0].mean(), haze[:, -1].mean()
    edges = [top, left, bottom, right]
    tilted = camera.tilt_rad > 0  # its upper edge looks furthest out
    assert int(np.argmax(edges)) == int(2 * turn) or (tilted and turn == 1.0)
    smooth = np.abs(np.diff(haze, axis=0)).max(), np.abs(np.diff(haze, axis=1)).max()
    assert max(smooth) < 0.05 * haze.max()


def test_who_looks_towards_the_sun_sees_more_and_who_looks_away_less():
    towards, away = (veil(TILTED, sun_azimuth_rad=UPWARDS + t) for t in (0.0, math.pi))
    level = veil(DOWN)
    assert towards.mean() > 1.3 * level.mean() > 1.3 * away.mean()
    assert np.abs(veil(DOWN) - veil(FLAT)).max() < 1e-6


def test_the_lower_the_sun_the_more_and_nothing_above_twenty_degrees_or_after_sunset():
    strength = EFFECT.strength
    heights = np.linspace(HIGHEST_RAD, 0.0, 30)
    rising = [strength(replace(CLEAR, sun_elevation_rad=float(e))) for e in heights]
    assert rising[0] == 0
    assert all(b > a for a, b in itertools.pairwise(rising))
    setting = [
        strength(replace(CLEAR, sun_elevation_rad=float(e))) for e in np.linspace(0, -SET_RAD, 30)
    ]
    assert all(b < a for a, b in itertools.pairwise(setting))
    assert setting[0] == pytest.approx(rising[-1])
    assert setting[-1] == pytest.approx(0.0, abs=1e-9)
    steps = np.abs(np.diff([*rising, *setting[1:]]))
    assert steps.max() < 0.05
    for cloud in (0.0, 0.3, 0.9):
        more = strength(Conditions(sun_elevation_rad=0.1, cloud=cloud))
        assert more > strength(Conditions(sun_elevation_rad=0.1, cloud=cloud + 0.1))
    assert strength(Conditions(sun_elevation_rad=0.1, cloud=1.0)) == 0


def test_it_takes_contrast_and_is_warm():
    low = replace(CLEAR, sun_elevation_rad=0.05)
    frame = shoot("crossroads_signals", 0, low)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("render.weather.low_sun.VEIL", 0.0)
        bare = shoot("crossroads_signals", 0, low)
    assert np.median(frame.annotations.contrast_abs / bare.annotations.contrast_abs) < 0.95
    blue, _, red = (frame.bgr.astype(float) - bare.bgr).reshape(-1, 3).mean(axis=0)
    assert red > blue > 2
    assert frame.bgr.std() < 0.95 * bare.bgr.std()
    assert np.array_equal(frame.ids, bare.ids)


def test_hazes_of_unlike_colour_are_one_of_the_colour_between():
    one = np.ones((4, 4), np.float32)
    grey, warm = Film(one, one * 0.1), Film(one, one * 0.1, np.array([1.4, 1.0, 0.6], np.float32))
    joined = joined_films([grey, warm])
    assert joined is not None
    assert joined.tint == pytest.approx([1.2, 1.0, 0.8])
    alone = joined_films([Film(one, one * 0), warm])
    assert alone is not None
    assert alone.tint == pytest.approx([1.4, 1.0, 0.6])
