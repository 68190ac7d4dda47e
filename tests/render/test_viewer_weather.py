"""The weather that changes by itself, and the weather by keyboard."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from render.config import SimulateConfig
from render.viewer import clock, sky, view
from render.viewer.arrange import arrange, track
from render.viewer.keys import press
from render.viewer.view import SIZE_PX, SLIDERS
from scenarios.presets import condition_names
from simulator.conditions import Conditions
from tests.render.windowed import picture

pytestmark = pytest.mark.window


def test_the_sun_of_an_hour_is_in_the_east_at_six_and_high_in_the_south_at_noon():
    elevation, azimuth = sky.sun_at(6.0)
    assert elevation == pytest.approx(0, abs=1e-9)
    assert azimuth == pytest.approx(0, abs=1e-9)
    elevation, azimuth = sky.sun_at(12.0)
    assert elevation == pytest.approx(math.radians(90 - 48))
    assert azimuth == pytest.approx(-math.pi / 2)
    assert sky.sun_at(0.0)[0] == pytest.approx(-math.radians(42))
    for hour in (0.0, 5.5, 9.25, 17.0, 23.5):
        made = dataclasses.replace(Conditions(), **sky.values_at(hour))
        assert sky.hour_of(made) == pytest.approx(hour, abs=0.03)


def test_the_slider_of_the_hour_brings_night_and_lamps(play):
    bar = track(arrange(SIZE_PX).sliders["hour"])
    noon, night, later = play(
        {"key": "space"}, {"click": list(bar.center)}, {"state": "a"}, {"screenshot": "a.png"},
        {"click": [bar.x + round(bar.width * 23 / 24), bar.centery]}, {"state": "b"},
        {"screenshot": "b.png"}, {"key": "'"}, {"state": "c"},
    )  # fmt: skip
    assert noon["hour"] == pytest.approx(12, abs=0.1)
    assert night["hour"] == pytest.approx(23, abs=0.1)
    assert not noon["conditions"]["street_lamps"]
    assert night["conditions"]["street_lamps"]
    assert night["illuminance_lux"] < noon["illuminance_lux"] / 1000
    assert later["hour"] == pytest.approx(23.5, abs=0.1)
    assert np.abs(picture("a.png") - picture("b.png")).mean() > 10


def test_a_front_passes_and_leaves_the_weather_that_it_found(play):
    change = list(arrange(SIZE_PX, "tools").buttons["change"].center)
    before, under, after = play(
        {"state": "a"}, {"key": "tab"}, {"click": change}, {"key": "]"}, {"key": "]"},
        {"wait_s": 14}, {"state": "b"}, {"wait_s": 20}, {"state": "c"},
        words=["layouts=[straight]"],
    )  # fmt: skip
    assert under["front"]
    assert under["conditions"]["rain_mm_h"] > 20
    assert under["friction"] < before["friction"]
    assert not after["front"]
    for name, value in before["conditions"].items():
        assert after["conditions"][name] == pytest.approx(value)


def test_winding_back_under_a_front_winds_the_weather_back_and_on_again():
    now = press(view.opened(SimulateConfig()), "0")
    end = clock.advanced(now, 50)
    back = clock.wound(end, -30)
    assert back.conditions.rain_mm_h < end.conditions.rain_mm_h
    again = clock.advanced(clock.paused_or_playing(back), 30)
    assert again.state is end.state
    assert again.conditions == end.conditions


def test_every_slider_and_preset_can_be_reached_by_keyboard():
    now = view.opened(SimulateConfig())
    seen = set()
    for _ in SLIDERS:
        now = press(now, "f4")
        seen.add(now.chosen)
        up = press(press(now, "f6"), "f6")
        down = press(press(now, "f5"), "f5")
        assert up.conditions != down.conditions
    assert seen == set(SLIDERS)
    presets = set()
    for _ in condition_names():
        now = press(now, "f2")
        presets.add(now.preset)
    assert presets == set(condition_names())
    assert press(press(now, "f1"), "f2").preset == now.preset
    assert press(now, "f7").conditions.street_lamps != now.conditions.street_lamps
