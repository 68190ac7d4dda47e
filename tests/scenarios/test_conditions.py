"""Presets of weather, and the conditions that are drawn from them."""

import dataclasses

import pytest

from scenarios.presets import condition_names, read_condition
from scenarios.sky import sample_conditions
from simulator.conditions import Conditions, mor_m, optical_depth, sun_lux
from simulator.errors import ConfigError
from simulator.friction import friction
from simulator.settings import check, quantities

NAMES = {
    "clear", "overcast", "rain", "heavy_rain", "wet", "light_fog", "fog", "dense_fog", "snow",
    "night", "night_rain", "dusk",
}  # fmt: skip


def drawn(spec, index=0):
    return sample_conditions(spec, 11, "train", index)


def test_all_named_conditions_are_there_and_stay_within_their_bounds():
    assert set(condition_names()) >= NAMES
    for name in condition_names():
        for index in range(5):
            made = drawn(name, index)
            for key, q in quantities(Conditions).items():
                check(getattr(made, key), q, f"{name}.{key}")


def test_twins_share_every_quantity_that_their_preset_does_not_name():
    clear, fog, snow = drawn("clear"), drawn("fog"), drawn("snow")
    assert clear.sun_elevation_rad == fog.sun_elevation_rad == snow.sun_elevation_rad
    assert clear.sun_azimuth_rad == fog.sun_azimuth_rad
    assert clear.wind_x_mps == fog.wind_x_mps
    assert drawn("clear", 1).sun_azimuth_rad != clear.sun_azimuth_rad
    assert sample_conditions("clear", 11, "test", 0) != clear


def test_a_range_is_drawn_at_the_same_quantile_in_every_twin():
    low = drawn({"snow": {"snow_cover": [0.0, 0.5]}}).snow_cover
    high = drawn({"snow": {"snow_cover": [0.5, 1.0]}}).snow_cover
    assert high == pytest.approx(low + 0.5)


def test_presets_are_what_their_names_say():
    assert 0.45 <= drawn("clear").sun_elevation_rad <= 1.15
    assert optical_depth(drawn("fog"), 80.0) == pytest.approx(1.5)
    assert optical_depth(drawn("dense_fog"), 80.0) == pytest.approx(3.0)
    assert drawn("rain").rain_mm_h == 25
    assert drawn("rain").water_film_mm >= 0.5
    assert 0.6 <= drawn("snow").snow_cover <= 0.9
    night = drawn("night")
    assert night.street_lamps
    assert sun_lux(night.sun_elevation_rad, night.cloud) < 1.0
    assert not drawn("clear").street_lamps
    assert 1.0 < sun_lux(drawn("dusk").sun_elevation_rad, 0.5) < 400.0
    assert mor_m(drawn("heavy_rain")) < mor_m(drawn("rain")) < mor_m(drawn("wet"))
    assert friction(drawn("snow")) < friction(drawn("rain")) < friction(drawn("clear"))


def test_an_override_replaces_the_quantity_and_names_the_condition():
    spec = read_condition({"fog": {"visibility_m": 90}})
    assert spec.label == "fog-visibility_m-90"
    assert drawn({"fog": {"visibility_m": 90}}).visibility_m == 90
    assert read_condition("fog").label == "fog"
    assert read_condition({"clear": {"rain_mm_h": [2, 4]}}).label == "clear-rain_mm_h-2_4"
    assert drawn({"clear": {"extra": {"lens_dirt": 0.4}}}).extra == {"lens_dirt": 0.4}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("fgo", "Did you mean 'fog'"),
        ({"fog": {"visibilty_m": 9}}, "Did you mean 'visibility_m'"),
        ({"fog": {"visibility_m": 5}}, "10 to 50000 m"),
        ({"fog": {"visibility_m": [300, 100]}}, "above its upper end"),
        ({"fog": {"visibility_m": "thick"}}, "a number or"),
        ({"fog": {"street_lamps": 1}}, "true or false"),
        ({"fog": 3}, "Write a name"),
        (7, "Write a name"),
        ({"fog": {"visibility_m": float("nan")}}, "visibility_m"),
        ("../condition/fog", "no condition"),
    ],
)
def test_a_wrong_condition_is_refused_in_one_line_that_says_what_is_right(spec, said):
    with pytest.raises(ConfigError) as caught:
        read_condition(spec)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_drivers_meet_the_first_condition_of_the_config():
    from scenarios.config import SceneConfig
    from scenarios.sampler import sample_scene

    scene = sample_scene(SceneConfig(conditions=("snow", "clear")), 2, 0)
    expected = sample_conditions("snow", 2, "train", 0)
    assert dataclasses.asdict(scene.conditions) == dataclasses.asdict(expected)
