"""Drops and flakes near the lens: as many, as large and as long as they are in the air."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from render.effect import View
from render.falling import NEAREST_M, UNIT, Look, look, particles, plane, tile
from render.light import light_of
from render.texture import TILE
from render.weather.rain import DROPS, marshall_palmer
from render.weather.snow import FLAKES, FLUFF, gunn_marshall
from simulator.camera import Camera
from tests.render.drawn import OVERCAST, backdrop, moment

FOCAL_PX = 800.0
KINDS = {"rain": (DROPS, (2.5, 7.6, 25.0, 50.0)), "snow": (FLAKES, (0.3, 1.0, 2.5, 5.0))}


def still(kind, amount, focal_px=FOCAL_PX):
    return Look(kind, amount, focal_px, 0, 0.0)


def view_of(camera: Camera, exposure_s: float = 0.0) -> View:
    scene, _ = moment("straight", 2)
    ground = backdrop("straight", 2)
    return View(
        scene, camera, light_of(OVERCAST), ground.px_to_m, ground.canvas.kind,
        ground.canvas.height, ground.slant, None, exposure_s,
    )  # fmt: skip


@pytest.mark.parametrize("rain_mm_h", KINDS["rain"][1])
def test_the_drops_of_the_distribution_bring_the_rain_that_they_are_of(rain_mm_h):
    """Number times volume times the speed of Atlas (1973), over all diameters."""
    d = np.linspace(0.0, 10.0, 5001)
    sizes = marshall_palmer(rain_mm_h)
    number = sizes.per_m3_mm * np.exp(-sizes.slope_per_mm * d)
    speed = np.maximum(9.65 - 10.3 * np.exp(-0.6 * d), 0.0)
    water_mm_h = np.trapezoid(number * np.pi / 6 * d**3 * speed, d) * 3600 * 1e-6
    assert water_mm_h == pytest.approx(rain_mm_h, rel=0.2)


@pytest.mark.parametrize("snow_mm_h", KINDS["snow"][1])
def test_the_flakes_of_the_distribution_bring_the_water_that_they_are_of(snow_mm_h):
    d = np.linspace(0.0, 60.0, 5001)
    sizes = gunn_marshall(snow_mm_h)
    number = sizes.per_m3_mm * np.exp(-sizes.slope_per_mm * d)
    water = np.trapezoid(number * np.pi / 6 * (d / FLUFF) ** 3, d) * FLAKES.fall_mps
    assert water * 3600 * 1e-6 == pytest.approx(snow_mm_h, rel=0.12)


@pytest.mark.parametrize("name", KINDS)
def test_as_many_are_seen_as_are_in_the_volume_and_of_their_sizes(name):
    kind, amounts = KINDS[name]
    for amount in amounts:
        found = particles(still(kind, amount))
        sizes = kind.sizes(amount)
        d = np.linspace(sizes.least_mm, 80.0, 40_001)
        number = sizes.per_m3_mm * np.exp(-sizes.slope_per_mm * d)
        far_m = FOCAL_PX / kind.px_per_m
        steradian = (TILE / FOCAL_PX) ** 2
        volume_m3 = steradian * (far_m**3 - NEAREST_M**3) / 3
        expected = np.trapezoid(number, d) * volume_m3
        assert len(found.diameter_mm) == pytest.approx(expected, abs=1.0)
        mean = np.trapezoid(number * d, d) / np.trapezoid(number, d)
        assert found.diameter_mm.min() >= sizes.least_mm
        assert found.diameter_mm.mean() == pytest.approx(mean, rel=4 / math.sqrt(expected))
        distance_m = FOCAL_PX / found.px_per_m
        half = np.cbrt((far_m**3 + NEAREST_M**3) / 2)
        assert (distance_m < half).mean() == pytest.approx(0.5, abs=2 / math.sqrt(expected))
        assert distance_m.min() >= NEAREST_M
        assert distance_m.max() <= far_m


@pytest.mark.parametrize("name", KINDS)
def test_more_of_it_covers_more_and_keeps_what_was_there(name):
    kind, amounts = KINDS[name]
    found = [particles(still(kind, a)) for a in amounts]
    for less, more in itertools.pairwise(found):
        n = min(len(less.place_px), len(more.place_px))
        assert np.array_equal(less.place_px[:n], more.place_px[:n])
        assert np.all(more.diameter_mm[:n] >= less.diameter_mm[:n])
    assert np.all(np.diff([plane(still(kind, a)).sum() for a in amounts]) > 0)


@pytest.mark.parametrize("way_m", [0.0, 0.02])
@pytest.mark.parametrize("name", KINDS)
def test_they_take_the_light_of_their_cross_sections_however_long_the_streaks(name, way_m):
    kind, amounts = KINDS[name]
    seen = still(kind, amounts[2])._replace(way_m=way_m)
    sizes, far_m = kind.sizes(amounts[2]), FOCAL_PX / kind.px_per_m
    away_m = np.linspace(NEAREST_M, far_m, 2001)  # layer by layer
    number = sizes.per_m3 * (TILE / FOCAL_PX * away_m) ** 2
    square_px = sizes.square_mm2 * 1e-6 * (FOCAL_PX / away_m) ** 2
    expected = kind.opaque * np.pi / 4 * np.trapezoid(number * square_px, away_m)
    assert plane(seen).sum() * UNIT == pytest.approx(expected, rel=0.001)


def test_a_streak_is_as_long_as_the_way_while_the_shutter_is_open():
    seen = Look(DROPS, 2.0**-9, FOCAL_PX, 0, 0.04)
    alone = particles(seen)
    assert len(alone.diameter_mm) == 1
    light = np.roll(plane(seen), -np.int64(alone.place_px[0, ::-1]), axis=(0, 1))
    light = np.roll(light, (TILE // 2, TILE // 2), axis=(0, 1))
    along, across = light.sum(axis=0), light.sum(axis=1)
    spread = [
        math.sqrt(np.cov(np.arange(TILE), aweights=profile, ddof=0)) for profile in (along, across)
    ]
    way_px = 0.04 * float(alone.px_per_m[0])
    assert way_px > 10
    assert spread[0] == pytest.approx(way_px / math.sqrt(12), rel=0.15)
    assert spread[1] < 1.5


def test_the_way_is_that_of_wind_and_fall_across_the_line_of_sight():
    wind = dataclasses.replace(OVERCAST, rain_mm_h=10.0, wind_x_mps=8.0)
    down = Camera(heading_rad=0.0)
    seen, _ = look(DROPS, 10.0, wind, view_of(down, 0.01))
    assert seen.way_m == pytest.approx(0.08, rel=0.2)
    assert seen.direction == 0
    calm = dataclasses.replace(wind, wind_x_mps=0.0)
    assert look(DROPS, 10.0, calm, view_of(down, 0.01))[0].way_m == 0.0
    tilted = Camera(kind="pinhole", tilt_rad=0.5)
    seen, _ = look(DROPS, 10.0, calm, view_of(tilted, 0.01))
    assert seen.way_m == pytest.approx(0.01 * DROPS.fall_mps * math.sin(0.5), rel=0.2)
    assert seen.direction == 4


def test_between_two_tiles_more_rain_makes_drops_brighter_and_all_tiles_are_few():
    amounts = np.geomspace(1.0, 50.0, 60)
    wind = dataclasses.replace(OVERCAST, wind_x_mps=4.0)
    shown = [look(DROPS, a, wind, view_of(Camera())) for a in amounts]
    assert len({seen for seen, _ in shown}) < 14
    total = [plane(seen).sum() * more for seen, more in shown]
    assert np.all(np.diff(total) > 0)
    assert np.max(np.abs(np.diff(np.log(total)))) < 0.2


def test_what_is_left_out_as_too_faint_is_little():
    for kind, amounts in KINDS.values():
        seen = still(kind, amounts[1])
        assert tile(seen).opacity.sum() > 0.7 * plane(seen).sum()
