"""Weather on pixels: physics where there is a law, monotone severity everywhere."""

from __future__ import annotations

import dataclasses
import itertools
from statistics import NormalDist

import numpy as np
import pytest

from render.air import active
from render.effect import View
from render.light import light_of
from render.picture import draw, prepare
from render.texture import hollows_seen
from render.weather import EFFECTS
from simulator.camera import Sensor
from simulator.conditions import NO_FOG_M, Conditions, mor_m
from simulator.course import Course
from simulator.driving import friction_at
from simulator.grip import CELL_M, TILE
from simulator.surroundings import Pole
from simulator.unevenness import uneven
from tests.render.drawn import CLEAR, OVERCAST, backdrop, linear_light, moment, replace, shoot

NAMES = sorted(EFFECTS)


def test_a_target_at_the_meteorological_range_keeps_five_percent_of_its_contrast():
    scene, state = moment("straight", 2)
    conditions = replace(OVERCAST, visibility_m=scene.camera.altitude_m)
    assert mor_m(conditions) == pytest.approx(scene.camera.altitude_m)
    flat = draw(backdrop("straight", 2), state).canvas.height == 0  # a roof is nearer
    after, before = (plane[flat] for plane in linear_light("straight", 2, conditions))
    ground = before < np.quantile(before, 0.02)
    bright = (before > np.quantile(before, 0.6)) & (before < np.quantile(before, 0.9))
    left = (after[bright].mean() - after[ground].mean()) / (
        before[bright].mean() - before[ground].mean()
    )
    assert left == pytest.approx(0.05, abs=0.001)


def test_rain_takes_the_contrast_that_its_extinction_says():
    scene, _ = moment("straight", 2)
    conditions = replace(OVERCAST, rain_mm_h=50.0)
    beta = 3.912 / (11_600 * 50.0**-0.63)
    a = shoot("straight", 2, conditions, Sensor(blur_px=0)).annotations
    left = np.exp(-beta * scene.camera.altitude_m)
    assert 0.6 < left < 0.8
    assert np.median(a.contrast_left) == pytest.approx(left, abs=0.08)


@pytest.mark.parametrize("name", NAMES)
def test_more_of_each_weather_changes_more_pixels(name):
    quantity, steps = EFFECTS[name].quantities[0], EFFECTS[name].steps
    base = replace(OVERCAST, **EFFECTS[name].shown_with)
    sensor = Sensor(blur_px=0, read_noise_e=0, full_well_e=200_000)
    clear = shoot("crossroads_signals", 0, base, sensor).bgr.astype(float)
    change = [
        np.sqrt(
            np.mean(
                (shoot("crossroads_signals", 0, replace(base, **{quantity: v}), sensor).bgr - clear)
                ** 2
            )
        )
        for v in steps
    ]
    assert change[0] > 0.5
    assert all(b > a for a, b in itertools.pairwise(change)), change


def test_no_effect_does_anything_in_clear_air():
    assert active(Conditions(sun_elevation_rad=0.9)) == []
    for effect in EFFECTS.values():
        assert effect.title
        assert effect.strength(Conditions(sun_elevation_rad=0.9)) == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_effect_comes_in_without_a_jump(name):
    quantity, first = EFFECTS[name].quantities[0], EFFECTS[name].steps[0]
    neutral = getattr(Conditions(), quantity, 0.0)
    sensor = Sensor(blur_px=0)
    start = replace(OVERCAST, **EFFECTS[name].shown_with, **{quantity: neutral})
    clear = shoot("straight", 2, start, sensor).bgr.astype(int)
    faint = replace(start, **{quantity: neutral + 0.004 * (first - neutral)})
    now = shoot("straight", 2, faint, sensor).bgr.astype(int)
    assert np.abs(now - clear).mean() < 1.0


def test_twins_share_boxes_masks_and_geometry():
    clear = shoot("crossroads_signals", 0, CLEAR)
    for conditions in (replace(OVERCAST, visibility_m=120), replace(CLEAR, sun_elevation_rad=-0.3)):
        twin = shoot("crossroads_signals", 0, conditions)
        assert np.array_equal(twin.ids, clear.ids)
        for field in (
            "box_px",
            "full_box_px",
            "visible_px",
            "occlusion",
            "category",
            "oriented_px",
        ):
            a, b = getattr(twin.annotations, field), getattr(clear.annotations, field)
            assert np.array_equal(a, b), field
        assert not np.array_equal(twin.bgr, clear.bgr)


def test_fog_lowers_the_contrast_left_of_every_object_that_stands_out():
    bare = shoot("crossroads_signals", 0, OVERCAST).annotations
    out = bare.contrast_abs > 0.3  # what all but vanishes in its surroundings may go either way
    assert out.sum() >= 8
    light = shoot("crossroads_signals", 0, replace(OVERCAST, visibility_m=800)).annotations
    dense = shoot("crossroads_signals", 0, replace(OVERCAST, visibility_m=160)).annotations
    assert (dense.contrast_left < light.contrast_left)[out].all()
    assert np.median(dense.contrast_left) == pytest.approx(np.exp(-3 * 80 / 160), abs=0.08)


def test_at_night_a_lit_lamp_outshines_the_stop_sign_that_only_reflects():
    night = replace(CLEAR, sun_elevation_rad=-0.3, street_lamps=True)
    after, _ = linear_light("crossroads_signals", 0, night)
    ids = shoot("crossroads_signals", 0, night).ids
    lamps = [after[ids == k].max() for k in np.unique(ids[ids > 2000])]
    after_stop, _ = linear_light("crossroads_stop", 2, night)
    stop_ids = shoot("crossroads_stop", 2, night).ids
    signs = [
        after_stop[stop_ids == k].max()
        for k in np.unique(stop_ids[(stop_ids > 1000) & (stop_ids < 2000)])
    ]
    assert lamps
    assert signs
    assert min(lamps) > 2 * max(signs)


def test_noise_grows_when_light_fails():
    def grain(conditions):
        a, b = (
            shoot("straight", 2, conditions, Sensor(full_well_e=8000)).bgr.astype(float)
            for _ in "ab"
        )
        assert np.array_equal(a, b)
        quiet = shoot("straight", 2, conditions, Sensor(full_well_e=200_000, read_noise_e=0)).bgr
        return np.abs(a - quiet).mean()

    dark = replace(CLEAR, sun_elevation_rad=-0.3, street_lamps=True)
    assert grain(dark) > 1.5 * grain(CLEAR)


def test_patches_make_fog_uneven_and_not_denser():
    thickness = EFFECTS["fog"].thickness
    assert thickness is not None
    even, patchy = (
        thickness(replace(OVERCAST, visibility_m=160, fog_patches=p), _wide_view(), None)
        for p in (0.0, 0.5)
    )
    assert even is None
    assert patchy is not None
    assert patchy.min() > 0.05
    assert patchy.mean() == pytest.approx(1.0, abs=0.1)
    assert patchy.std() == pytest.approx(np.sqrt(np.exp(0.25) - 1), rel=0.25)


def _wide_view() -> View:
    scene, _ = moment("straight", 2)
    camera = dataclasses.replace(scene.camera, m_per_px=1.0)
    ground = backdrop("straight", 2)
    px_to_m = ground.px_to_m * [[10, 10, 1]]
    return View(
        scene, camera, light_of(OVERCAST), px_to_m, ground.canvas.kind, ground.canvas.height,
        ground.slant,
    )  # fmt: skip


def test_dust_is_brown_and_takes_contrast_like_fog_of_its_range():
    dust = replace(OVERCAST, dust_mg_m3=3.0 / 160 / 0.6e-3)
    fog = replace(OVERCAST, visibility_m=1 / (1 / 160 + 1 / NO_FOG_M))
    assert mor_m(dust) == pytest.approx(mor_m(fog))
    brown, white = (shoot("straight", 2, c, Sensor(blur_px=0)) for c in (dust, fog))
    left = brown.annotations.contrast_left, white.annotations.contrast_left
    assert np.median(left[0]) == pytest.approx(np.median(left[1]), abs=0.05)
    blue, _, red = brown.bgr.reshape(-1, 3).mean(axis=0)
    assert red - blue > 18
    blue, _, red = white.bgr.reshape(-1, 3).mean(axis=0)
    assert abs(red - blue) < 15


def test_smog_takes_contrast_like_fog_of_its_range_and_is_neither_as_white_nor_as_brown_as_dust():
    smog = replace(OVERCAST, smog_ug_m3=3.0 / 160 / 4.4e-6)
    dust = replace(OVERCAST, dust_mg_m3=3.0 / 160 / 0.6e-3)
    fog = replace(OVERCAST, visibility_m=1 / (1 / 160 + 1 / NO_FOG_M))
    assert mor_m(smog) == pytest.approx(mor_m(fog))
    frames = [shoot("straight", 2, c, Sensor(blur_px=0)) for c in (fog, smog, dust)]
    left = [np.median(f.annotations.contrast_left) for f in frames]
    assert left[1] == pytest.approx(left[0], abs=0.05)
    warmth = [f.bgr[..., 2].mean() - f.bgr[..., 0].mean() for f in frames]
    assert warmth[0] + 8 < warmth[1] < warmth[2] - 8
    # darker than fog: what nothing stands out of gives back less light
    light = [linear_light("straight", 2, c)[0].mean() for c in (fog, smog, dust)]
    assert light[1] < 0.8 * min(light[0], light[2])
    red, green, blue = EFFECTS["smog"].airlight
    assert red > green > blue


@pytest.mark.parametrize("name", ["lens_drops", "lens_dirt"])
def test_what_lies_on_the_lens_stays_there_and_takes_contrast(name):
    conditions = replace(OVERCAST, **{name: 1.0})
    clear, dirty = shoot("straight", 2), shoot("straight", 2, conditions)
    assert np.array_equal(clear.ids, dirty.ids)
    left = dirty.annotations.contrast_left
    assert (left < 0.95).mean() > 0.4
    film = EFFECTS[name].film
    assert film is not None
    first, second = (
        film(conditions, dataclasses.replace(_wide_view(), px_to_m=m), None)
        for m in (np.eye(2, 3), np.eye(2, 3) * 2)
    )
    assert np.array_equal(first.keep, second.keep)


def test_the_light_of_a_street_lamp_ends_nowhere_with_an_edge():
    scene, state = moment("straight", 2)
    camera = dataclasses.replace(scene.camera, m_per_px=0.3)
    pole = Pole(camera.x_m, camera.y_m, 9.0, camera.x_m, camera.y_m)
    alone = dataclasses.replace(
        scene, camera=camera, surroundings=dataclasses.replace(scene.surroundings, poles=(pole,))
    )
    ground = prepare(alone)
    night = replace(CLEAR, sun_elevation_rad=-0.3, street_lamps=True)
    canvas = draw(ground, state).canvas
    view = View(
        alone, camera, light_of(night), ground.px_to_m, canvas.kind, canvas.height, ground.slant
    )
    effect = EFFECTS["night"]
    assert effect.still_lamps is not None
    field = effect.still_lamps(night, view, effect.prepare(night, view))[:-1, :-1]
    middle = np.array(field.shape) // 2
    assert field.max() == pytest.approx(2400 / 81, rel=0.02)
    assert field[0, 0] == 0.0 < field[middle[0], 20]
    profile = field[middle[0], middle[1] :]
    assert np.all(np.diff(profile) <= 1e-4)
    assert np.abs(np.diff(profile[profile < 1.0])).max() < 0.15
    last = profile[profile > 0][-1]
    assert last < 0.02


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_water_and_snow_are_drawn_where_tyres_meet_them(kind):
    """The plane that puddles and drifts are drawn from, against what the loop's tyres look up."""
    scene, _ = moment("straight", 1, kind)
    ground = backdrop("straight", 1, kind)
    shape = ground.canvas.kind.shape
    low = hollows_seen(scene, ground.px_to_m, shape)
    pixels = np.random.Generator(np.random.Philox(3)).integers(0, shape[0], (400, 2))
    there = ground.px_to_m @ np.vstack([pixels.T, np.ones(len(pixels))])
    share = uneven(scene).tile
    cells = np.floor(there[:2] / there[2] / CELL_M).astype(int) % TILE
    expected = np.array([NormalDist().inv_cdf(1.0 - float(share[y, x])) for x, y in cells.T])
    assert np.corrcoef(low[pixels[:, 1], pixels[:, 0]], expected)[0, 1] > 0.99
    course = Course((0.0,), (Conditions(water_film_mm=0.2),), uneven=True)
    wet = friction_at(scene, course, *there[:2], 0.0)
    assert np.corrcoef(low[pixels[:, 1], pixels[:, 0]], wet)[0, 1] < -0.6
