"""Time in the window: wound back and forth, and scenes that come from files and typed seeds."""

from __future__ import annotations

import pygame
import pytest

import fairweather
from render.config import SimulateConfig
from render.viewer import app, clock, view
from render.viewer.arrange import arrange, track
from render.viewer.view import SIZE_PX

pytestmark = pytest.mark.window


def drive(now: view.View, seconds: float) -> view.View:
    return clock.advanced(now, seconds)


def same(a: view.AgentState, b: view.AgentState) -> bool:
    return a.time_s == b.time_s and all(
        (getattr(a, name) == getattr(b, name)).all()
        for name in ("x_m", "y_m", "heading_rad", "speed_mps", "lamps", "granted_line", "active")
    )


def test_winding_back_shows_the_very_state_of_then_and_driving_on_repeats_it():
    begun = view.opened(SimulateConfig())
    middle = drive(begun, 4)
    end = drive(middle, 6)
    back = clock.wound(end, -6)
    assert back.state is middle.state
    assert not back.playing
    again = drive(clock.paused_or_playing(back), 6)
    assert again.state is end.state
    fresh = clock.wound(end, -6).state
    for _ in range(60):
        fresh = view.engine.step(begun.scene, fresh, world=begun.world, conditions=begun.conditions)
    assert same(fresh, end.state)


def test_another_weather_makes_another_future_of_the_same_past():
    begun = view.opened(SimulateConfig(layouts=("straight",)))
    end = drive(begun, 10)
    icy = view.with_values(clock.wound(end, -8), {"ice": 1.0})
    slow = drive(clock.paused_or_playing(icy), 8)
    assert slow.state.time_s == pytest.approx(end.state.time_s)
    assert not same(slow.state, end.state)
    assert clock.at_share(slow, 0.0).state is begun.state
    assert len(slow.past) == len(end.past)


def test_the_past_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(clock, "LONGEST_PAST_S", 2.0)
    end = drive(view.opened(SimulateConfig()), 5)
    assert len(end.past) == 21
    assert end.past[-1][0] is end.state
    assert clock.at_share(end, 0.0).state.time_s == pytest.approx(end.state.time_s - 2)


def test_the_bar_of_time_and_the_keys_wind_the_scene(play):
    bar = track(arrange(SIZE_PX).bars["time"])
    end, start, middle, on, back, last = play(
        {"wait_s": 8}, {"state": "a"}, {"drag": [list(bar.midright), list(bar.midleft)]},
        {"state": "b"}, {"click": list(bar.center)}, {"state": "c"}, {"key": "pagedown"},
        {"state": "d"}, {"key": "r"}, {"state": "e"}, {"key": ","}, {"state": "f"},
    )  # fmt: skip
    assert end["time_s"] == pytest.approx(38)
    assert start["time_s"] == pytest.approx(30)
    assert not start["playing"]
    assert middle["time_s"] == pytest.approx(34)
    assert on["time_s"] == pytest.approx(38)
    assert on["positions_m"] == end["positions_m"]
    assert back["time_s"] == pytest.approx(33)
    assert last["time_s"] == pytest.approx(32.9)


def test_a_seed_is_typed_with_keys_that_would_do_something_else(play):
    typed, left, wrong = play(
        {"key": "g"}, {"type": "41x"}, {"key": "backspace"}, {"key": "return"}, {"state": "a"},
        {"key": "g"}, {"type": "7"}, {"key": "escape"}, {"state": "b"},
        {"key": "g"}, {"type": "-3"}, {"key": "return"}, {"state": "c"},
    )  # fmt: skip
    assert typed["seed"] == left["seed"] == wrong["seed"] == 41
    assert "whole number" in wrong["message"]


def test_a_written_scene_comes_back_by_key_by_script_and_by_the_command(play):
    words = ["seed=9", "layouts=[roundabout]"]
    file = "outputs/window/roundabout-9.json"
    first, loaded, typed = play(
        {"key": "space"}, {"state": "a"}, {"set": {"rain_mm_h": 12}}, {"key": "w"}, {"seed": 1},
        {"load": file}, {"key": "space"}, {"state": "b"},
        {"seed": 2}, {"key": "e"}, {"type": file}, {"key": "return"}, {"state": "c"}, words=words,
    )  # fmt: skip
    (given,) = play({"state": "d"}, words=[f"scene={file}"])
    for state in (loaded, typed, given):
        assert (state["seed"], state["layout"]) == (9, "roundabout")
        assert state["conditions"]["rain_mm_h"] == 12
    assert given["positions_m"] == loaded["positions_m"]
    assert first["time_s"] == loaded["time_s"]


def test_a_broken_scene_that_is_dropped_on_the_window_is_named_and_the_window_stays(
    monkeypatch, tmp_path
):
    broken = tmp_path / "broken.json"
    broken.write_text('{"seed": 1}', encoding="utf-8")
    frames = iter([[pygame.event.Event(pygame.DROPFILE, file=str(broken))], [], []])
    after = [pygame.event.Event(pygame.QUIT)]
    monkeypatch.setattr(pygame.event, "get", lambda: next(frames, after))
    views = []
    tick = app.tick
    monkeypatch.setattr(app, "tick", lambda w, s: (views.append(w.view), tick(w, s)))
    app.run(SimulateConfig())
    assert "broken.json" in views[1].message
    assert views[1].scene.seed == 0


def test_a_scene_that_is_not_there_is_refused_in_one_line(capsys, tmp_path):

    assert fairweather.main(["simulate", f"scene='{tmp_path / 'none.json'}'"]) == 2
    assert "none.json" in capsys.readouterr().err
