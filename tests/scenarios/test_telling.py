"""A scene in words says what the scene holds."""

from __future__ import annotations

import numpy as np

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from scenarios.telling import tell
from simulator import engine
from simulator.agents import Kind
from simulator.convention import Convention


def told(layout: str, condition: str = "clear", **traffic: float) -> tuple[str, object]:
    config = SceneConfig(
        layouts=(layout,), conditions=(condition,), traffic=TrafficConfig(**traffic)
    )
    scene = sample_scene(config, 3, 1)
    return "\n".join(tell(scene)), scene


def test_words_count_the_vehicles_and_tell_why_each_one_stands():
    text, scene = told("crossroads_signals")
    cars = int(((scene.agents.kind == Kind.CAR) & scene.agents.driven).sum())
    assert f"{cars} cars" in text
    assert f"{int((scene.agents.route < 0).sum())} vehicles are parked" in text
    assert f"{len(scene.signals)} signal heads" in text
    state = engine.rollout(scene, [scene.warm_up_s])[0]
    driven = state.active & scene.agents.driven
    standing = np.flatnonzero(driven & (state.speed_mps < 0.1))
    assert len(standing) > 0
    for row in standing[:8].tolist():
        assert f" {row + 1} {engine.why(scene, state, row)}." in text


def test_words_tell_the_weather_in_its_units_and_nothing_of_it_when_it_is_clear():
    snow, _ = told("straight", "snow")
    assert "2 mm/h of water" in snow
    assert "Headlamps are on." in snow
    clear, _ = told("straight")
    assert "The air is clear and the road is dry." in clear
    assert "Headlamps" not in clear


def test_words_name_the_side_of_the_road_and_the_signs():
    config = SceneConfig(layouts=("straight",), convention=Convention("left", "vienna"))
    words = tell(sample_scene(config, 3, 1))
    assert "Traffic keeps left, Vienna-convention signs." in words
    assert "Traffic keeps right, North American signs." in told("straight")[0]


def test_an_empty_road_is_told_as_empty():
    text, _ = told("straight", vehicles_low=0, vehicles_high=0)
    assert "Nobody drives" in text
    assert "nobody is on the road" in text


def test_words_tell_how_the_weather_goes_on_and_what_it_is_at_the_moment():
    change = {"clear": {"to": "rain", "starts_s": 5, "lasts_s": 10, "front_mps": 9, "uneven": True}}
    config = SceneConfig(layouts=("straight",), conditions=(change,))
    scene = sample_scene(config, 3, 1)
    before = "\n".join(tell(scene))
    assert "The weather changes from 35 to 45 s." in before
    assert "moves over the map at 9 m/s" in before
    assert "lie in patches" in before
    assert "The air is clear and the road is dry." in before
    (late,) = engine.rollout(scene, [75.0])
    assert "rain rate 25 mm/h" in "\n".join(tell(scene, late))
