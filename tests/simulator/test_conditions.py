import dataclasses
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.conditions import (
    CONTRAST_AT_RANGE,
    Conditions,
    extinction,
    headlamps_on,
    mor_m,
    optical_depth,
    sun_lux,
)
from simulator.friction import friction, stopping_distance_m
from simulator.scene_io import compact, from_plain
from simulator.sight import (
    REACTION_S,
    headway_factor,
    sight_m,
    sight_speed_mps,
    speed_factor,
)

FOUL = st.builds(
    Conditions,
    rain_mm_h=st.floats(0, 150),
    snow_mm_h=st.floats(0, 10),
    snow_cover=st.floats(0, 1),
    water_film_mm=st.floats(0, 10),
    ice=st.floats(0, 1),
    visibility_m=st.floats(10, 50_000),
    sun_elevation_rad=st.floats(-1.5, 1.5),
    cloud=st.floats(0, 1),
    street_lamps=st.booleans(),
)
WORSE = [
    ("rain_mm_h", [0, 1, 5, 20, 60, 150]),
    ("snow_mm_h", [0, 0.3, 1, 3, 10]),
    ("visibility_m", [50_000, 2000, 400, 100, 30]),
    ("ice", [0, 0.2, 0.5, 1]),
    ("snow_cover", [0, 0.2, 0.5, 1]),
    ("water_film_mm", [0, 0.1, 0.3, 0.5, 2]),
]


def series(name, values, quantity):
    return [quantity(Conditions(**{name: value})) for value in values]


def test_five_percent_of_the_contrast_is_left_at_the_range_of_a_fog():
    fog = Conditions(visibility_m=160)
    left = math.exp(-optical_depth(fog, mor_m(fog)))
    assert left == pytest.approx(CONTRAST_AT_RANGE, abs=0.001)
    assert mor_m(fog) == pytest.approx(160)


def test_fog_rain_and_snow_add_up_in_the_air():
    parts = [Conditions(visibility_m=500), Conditions(rain_mm_h=20), Conditions(snow_mm_h=2)]
    clean = extinction(Conditions())
    together = Conditions(visibility_m=500, rain_mm_h=20, snow_mm_h=2)
    assert extinction(together) - clean == pytest.approx(sum(extinction(p) - clean for p in parts))


def test_heavy_rain_leaves_the_range_that_the_formula_of_atlas_gives():
    # 11.6 * 25 ** -0.63 = 1.53 km at 2 % contrast, thus 3.0 / 3.912 of it at 5 %.
    assert mor_m(Conditions(rain_mm_h=25)) == pytest.approx(1527 * 3.0 / 3.912, rel=0.03)


@given(FOUL)
def test_every_weather_gives_a_finite_range_friction_and_speed(conditions):
    assert 1 < mor_m(conditions) <= 50_000
    assert 0.05 <= friction(conditions) <= 0.8
    assert 0 < speed_factor(conditions) <= 1
    assert headway_factor(conditions) >= 1
    assert sight_speed_mps(conditions) > 0


@pytest.mark.parametrize(("name", "values"), WORSE)
def test_worse_weather_is_never_grippier_faster_or_closer(name, values):
    for quantity, sign in ((friction, -1), (speed_factor, -1), (headway_factor, 1), (mor_m, -1)):
        numbers = series(name, values, quantity)
        assert all(sign * (b - a) >= 0 for a, b in itertools.pairwise(numbers)), quantity.__name__


@pytest.mark.parametrize(("name", "values"), WORSE)
def test_every_kind_of_foul_weather_slows_drivers_down(name, values):
    first, *_, last = series(name, values, speed_factor)
    assert last < first


def test_ice_is_slipperier_than_snow_than_water_than_a_dry_road():
    roads = [{}, {"water_film_mm": 1}, {"snow_cover": 1}, {"ice": 1}]
    assert [round(friction(Conditions(**road)), 2) for road in roads] == [0.8, 0.5, 0.25, 0.1]


def test_snow_on_ice_does_not_make_it_grip():
    assert friction(Conditions(ice=1, snow_cover=1)) <= friction(Conditions(ice=1)) + 1e-12


def test_the_stopping_distance_is_reaction_and_braking():
    # 20 m/s, one second, mu 0.5: 20 + 400 / 9.81.
    assert stopping_distance_m(20, 0.5, 1.0) == pytest.approx(60.77, abs=0.01)


@given(FOUL)
def test_a_driver_at_the_sight_speed_stops_exactly_within_what_it_sees(conditions):
    speed = sight_speed_mps(conditions)
    distance = stopping_distance_m(speed, friction(conditions), REACTION_S)
    assert distance == pytest.approx(sight_m(conditions), rel=1e-6)


def test_at_night_street_lamps_show_more_than_low_beams():
    night = Conditions(sun_elevation_rad=-0.5)
    assert sight_m(night) < sight_m(dataclasses.replace(night, street_lamps=True))
    assert sight_m(Conditions(visibility_m=3000)) == pytest.approx(3000)


def test_light_falls_steadily_from_noon_to_night():
    lux = [sun_lux(math.radians(h), 0.0) for h in np.arange(90, -25, -5)]
    assert all(b <= a for a, b in itertools.pairwise(lux))
    assert 90_000 < lux[0] < 150_000
    assert lux[-1] < 0.01


def test_cloud_takes_light_away_by_day():
    assert sun_lux(1.0, 1.0) < 0.5 * sun_lux(1.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "lit"),
    [
        ({}, False),
        ({"rain_mm_h": 5}, True),
        ({"visibility_m": 200}, True),
        ({"snow_mm_h": 1}, True),
        ({"sun_elevation_rad": -0.2}, True),
    ],
)
def test_headlamps_are_on_when_it_is_hard_to_see(changes, lit):
    assert headlamps_on(Conditions(**changes)) is lit


def test_smog_shortens_the_range_as_its_mass_says_and_is_written_only_where_there_is_some():
    clear, smog = Conditions(), Conditions(smog_ug_m3=1000.0)
    assert 3.0 / mor_m(smog) - 3.0 / mor_m(clear) == pytest.approx(4.4e-3)
    written = {name: json.loads(compact(c)) for name, c in (("clear", clear), ("smog", smog))}
    assert written["smog"].pop("smog_ug_m3") == 1000.0
    assert written["smog"] == written["clear"]
    for conditions in (clear, smog):
        assert from_plain(Conditions, json.loads(compact(conditions))) == conditions
