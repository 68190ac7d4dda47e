"""Coverage counts what a batch has seen of all that it could."""

from __future__ import annotations

import math

import pytest

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.coverage import APART, LEVELS, factor_coverage, light, scene_row, severity
from scenarios.presets import condition_names
from scenarios.sampler import sample_scene
from scenarios.sky import sample_conditions
from simulator.conditions import Conditions

ROWS = [
    {"a": "x", "b": "1", "c": "p"},
    {"a": "x", "b": "2", "c": "p"},
    {"a": "y", "b": "1", "c": "q"},
]


def test_pairs_are_counted_by_hand():
    found = factor_coverage(ROWS, 2)
    assert (found.covered, found.possible) == (8, 12)
    assert found.by_factors == ((("a", "b"), 3, 4), (("a", "c"), 2, 4), (("b", "c"), 3, 4))
    assert (("a", "y"), ("b", "2")) in found.missing
    assert len(found.missing) == 4


def test_levels_that_nobody_met_are_missing_and_factors_apart_are_not_combined():
    found = factor_coverage(ROWS, 1, {"a": ("x", "y", "z"), "d": ("on", "off")})
    assert found.missing == ((("a", "z"),), (("d", "on"),), (("d", "off"),))
    apart = factor_coverage(ROWS, 2, apart=[("a", "b")])
    assert [names for names, *_ in apart.by_factors] == [("a", "c"), ("b", "c")]
    assert factor_coverage(ROWS, 4).possible == 0
    assert factor_coverage([], 1, {"a": ("x",)}).covered == 0


def test_rows_that_differ_in_their_factors_are_refused():
    with pytest.raises(ValueError, match="same factors"):
        factor_coverage([{"a": "x"}, {"b": "y"}], 1)


def test_every_full_design_covers_everything():
    rows = [{"a": a, "b": b, "c": c} for a in "xyz" for b in "12" for c in "pq"]
    for t in (1, 2, 3):
        assert factor_coverage(rows, t).share == 1.0


def test_the_rows_of_scenes_have_known_levels_and_follow_traffic_people_and_weather():
    quiet = TrafficConfig(vehicles_low=0, vehicles_high=0, people_low=0, people_high=0)
    busy = TrafficConfig(vehicles_low=60, vehicles_high=60, people_low=30, people_high=30)
    for traffic, wanted in ((quiet, ("none", "none")), (busy, ("dense", "many"))):
        scene = sample_scene(SceneConfig(layouts=("mid_block_crosswalk",), traffic=traffic), 4, 0)
        row = scene_row(scene, "fog", Conditions(visibility_m=160))
        assert (row["traffic"], row["people"]) == wanted
        assert (row["layout"], row["condition"]) == ("mid_block_crosswalk", "fog")
        assert all(row[factor] in LEVELS[factor] for factor in LEVELS)
        assert {f for pair in APART for f in pair} <= row.keys()


def test_the_bands_of_the_presets_are_what_their_names_say():
    def level(name):
        return severity(sample_conditions(name, 1, "train", 0), 80.0)

    assert level("clear") == "none"
    assert level("light_fog") == "light"
    assert level("fog") == level("dense_fog") == "severe"
    assert level("wet") == "light"
    assert level("snow") in ("moderate", "severe")
    lights = {n: light(sample_conditions(n, 1, "train", 0)) for n in condition_names()}
    assert lights["night"] == "night"
    assert lights["clear"] == "day"
    assert lights["dusk"] in ("twilight", "low_sun")
    assert light(Conditions(sun_elevation_rad=math.radians(5))) == "low_sun"
