"""A scene in the window whose settings say what its weather becomes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from render.config import SimulateConfig
from render.record import load_record
from render.viewer import clock, exported, scene_file, view
from render.viewer.weather_keys import front_or_not
from simulator.scene_io import load_scene

pytestmark = pytest.mark.window

FRONT = {"clear": {"to": "rain", "starts_s": 1, "lasts_s": 4, "uneven": True}}


@pytest.fixture
def begun(tmp_path, monkeypatch) -> view.View:
    monkeypatch.chdir(tmp_path)
    return view.opened(SimulateConfig(layouts=("straight",), conditions=(FRONT,)))


def test_the_weather_of_the_window_goes_the_way_that_the_settings_say(begun):
    rates = [clock.advanced(begun, s + 0.15).conditions.rain_mm_h for s in (0.5, 3, 8, 60)]
    assert rates[0] == 0.0 < rates[1] < 25.0
    assert rates[2:] == [25.0, 25.0]
    films = [clock.advanced(begun, s).conditions.water_film_mm for s in (5, 20, 60)]
    assert films == sorted(set(films))  # the road goes on getting wet under the steady rain


def test_a_scene_that_is_saved_or_exported_takes_its_course_with_it(begun):
    later = clock.advanced(begun, 3)
    saved = scene_file.saved(later)
    (file,) = Path("outputs/window").glob("*.json")
    assert load_scene(file.read_bytes()).course == begun.front
    again = view.with_loaded(dataclasses.replace(saved, front=None), load_scene(file.read_bytes()))
    assert clock.advanced(again, 3).conditions == later.conditions
    exported.exported(later)
    (folder,) = (p for p in Path("outputs/window").iterdir() if p.is_dir())
    record = load_record((folder / "scene.json").read_bytes(), "it")
    (image,) = json.loads((folder / "labels.json").read_text())["images"]
    (label,) = record.courses
    told = image["attributes"]["conditions"]["rain_mm_h"]
    assert record.conditions_at(label, 0).rain_mm_h == told == later.conditions.rain_mm_h > 0


def test_a_change_that_is_held_stays_as_it_is(begun):
    held = front_or_not(clock.advanced(begun, 3))
    assert held.front is None
    assert clock.advanced(held, 20).conditions == held.conditions
