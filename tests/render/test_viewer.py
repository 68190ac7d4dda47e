"""The window, driven as a person would, on SDL's driver without a screen."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pygame
import pytest

import fairweather
from render.config import SimulateConfig
from render.extras import extras
from render.viewer import app, clock, finder, keys, shot, slider, view
from render.viewer.arrange import arrange, track
from render.viewer.view import QUANTITIES, SIZE_PX, TABS
from scenarios.config import CameraConfig
from simulator.conditions import Conditions
from simulator.errors import FairweatherError
from tests import cast
from tests.render.windowed import picture

pytestmark = pytest.mark.window


def complaint(words: list[str], capsys) -> str:
    """The one line with which the command refuses."""
    assert fairweather.main(["simulate", *words]) == 2
    lines = [x for x in capsys.readouterr().err.splitlines() if "compiling" not in x]
    assert len(lines) == 1
    return lines[0]


def refusal(actions: object, capsys, tmp_path) -> str:
    text = actions if isinstance(actions, str) else json.dumps(actions)
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    return complaint([f"script='{tmp_path / 'bad.json'}'"], capsys)


# --- time ----------------------------------------------------------------------------------------


def test_time_runs_until_it_is_paused_and_goes_on_in_single_steps(play):
    begun, ran, held, stepped, again = play(
        {"state": "a"}, {"wait_s": 2}, {"state": "b"},
        {"key": "space"}, {"wait_s": 1}, {"state": "c"},
        {"key": "."}, {"state": "d"}, {"key": "space"}, {"wait_s": 0.5}, {"state": "e"},
    )  # fmt: skip
    assert begun["time_s"] == pytest.approx(30.0)
    assert begun["playing"]
    assert ran["time_s"] == pytest.approx(32.0)
    assert ran["vehicles"] > 0
    assert held["time_s"] == ran["time_s"]
    assert not held["playing"]
    assert stepped["time_s"] == pytest.approx(32.1)
    assert again["time_s"] == pytest.approx(32.6)


def test_a_scene_runs_as_fast_as_it_is_told(play):
    quick, slow = play(
        {"key": "]"}, {"wait_s": 1}, {"state": "a"},
        {"key": "["}, {"key": "["}, {"wait_s": 1}, {"state": "b"},
    )  # fmt: skip
    assert quick["time_s"] == pytest.approx(32.0)
    assert slow["time_s"] == pytest.approx(32.5)


def test_a_paused_picture_stands_still_and_a_running_one_moves(play):
    play(
        {"wait_s": 1.05}, {"screenshot": "a.png"}, {"wait_s": 0.02}, {"screenshot": "b.png"},
        {"key": "space"}, {"screenshot": "c.png"}, {"wait_s": 1}, {"screenshot": "d.png"},
    )  # fmt: skip
    assert not np.array_equal(picture("a.png"), picture("b.png"))
    assert Path("c.png").read_bytes() == Path("d.png").read_bytes()


def test_a_paused_view_shows_the_engines_own_state():
    now = view.opened(SimulateConfig())
    later = clock.advanced(now, 0.25)
    assert shot.shown(later) is not later.state
    assert shot.shown(clock.paused(later)) is later.state


def test_poses_between_two_states_take_the_short_way_round():
    scene = cast.open_road(cast.drivers([50.0]))
    a = view.engine.initial_state(scene)
    b = dataclasses.replace(a, time_s=0.1, x_m=a.x_m + 1.0, heading_rad=np.array([-3.1]))
    a = dataclasses.replace(a, heading_rad=np.array([3.1]))
    half = shot.between(a, b, 0.5)
    assert half.x_m == pytest.approx(a.x_m + 0.5)
    assert np.cos(half.heading_rad) == pytest.approx(-1.0)
    assert half.time_s == pytest.approx(0.05)


# --- weather -------------------------------------------------------------------------------------


def test_weather_that_is_set_is_in_the_state_the_drivers_and_the_picture(play):
    dry, wet = play(
        {"key": "space"}, {"state": "a"}, {"screenshot": "a.png"},
        {"set": {"rain_mm_h": 40, "water_film_mm": 1, "street_lamps": True}},
        {"state": "b"}, {"screenshot": "b.png"},
    )  # fmt: skip
    assert dry["conditions"]["rain_mm_h"] == 0
    assert wet["conditions"]["rain_mm_h"] == 40
    assert wet["conditions"]["street_lamps"] is True
    assert wet["friction"] < dry["friction"]
    assert np.abs(picture("a.png") - picture("b.png")).mean() > 5


def test_drivers_slow_down_in_weather_that_is_set_while_they_drive(play):
    fair, icy = play({"wait_s": 10}, {"state": "a"}, {"seed": 0}, {"set": {"ice": 1}},
                     {"wait_s": 10}, {"state": "b"}, words=["layouts=[straight]"])  # fmt: skip
    assert icy["mean_speed_mps"] < 0.8 * fair["mean_speed_mps"]


@pytest.mark.parametrize("name", ["rain_mm_h", "visibility_m", "sun_elevation_rad"])
def test_a_click_on_a_slider_sets_its_quantity(play, name):
    bar = track(arrange(SIZE_PX).sliders[name])
    ends = [[bar.left, bar.centery], [bar.right, bar.centery], [bar.centerx, bar.centery]]
    low, high, middle = (
        s["conditions"][name]
        for s in play(
            *[a for i, at in enumerate(ends) for a in ({"click": at}, {"state": f"{i}.json"})]
        )
    )
    q = QUANTITIES[name]
    assert low == pytest.approx(q.low, rel=1e-3)
    assert high == pytest.approx(q.high, rel=1e-3)
    assert middle == pytest.approx(slider.value_at(q, 0.5), rel=0.1, abs=0.02)


def test_a_click_on_a_preset_or_a_switch_changes_the_weather(play):
    at = arrange(SIZE_PX)
    fog, lit = play(
        {"click": list(at.presets["fog"].center)}, {"state": "a"},
        {"click": list(at.switches["street_lamps"].center)}, {"state": "b"},
    )  # fmt: skip
    assert fog["preset"] == "fog"
    assert fog["mor_m"] < 1000
    assert lit["preset"] is None
    assert lit["conditions"] == fog["conditions"] | {"street_lamps": True}


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_slider_shows_its_quantity_where_it_was_set(name):
    q = QUANTITIES[name]
    for share in np.linspace(0, 1, 41):
        assert slider.share_of(q, slider.value_at(q, share)) == pytest.approx(share, abs=0.03)


def test_every_quantity_of_the_weather_can_be_reached():
    at = arrange(SIZE_PX)
    fields = {f.name for f in dataclasses.fields(Conditions)} - {"extra"} | set(extras())
    assert fields == {*at.sliders, *at.switches} - {"hour"}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("size", [(1000, 600), SIZE_PX, (1920, 1080)])
def test_nothing_in_the_window_lies_on_something_else(size, tab):
    at = arrange(size, tab)
    parts = [*at.bars.values(), at.status, *at.tabs.values(), *at.headings.values(),
             *at.sliders.values(), *at.switches.values(), *at.presets.values(),
             *at.buttons.values()]  # fmt: skip
    screen = pygame.Rect(0, 0, *size)
    for i, part in enumerate(parts):
        assert screen.contains(part)
        assert part.collidelist(parts[i + 1 :]) < 0


def test_every_command_has_a_button():
    shown = {label for tab in TABS for label in arrange(SIZE_PX, tab).buttons}
    assert shown == {c.label for c in keys.COMMANDS}
    assert len(keys.KEYS) == sum(len(c.keys) for c in keys.COMMANDS)


# --- scenes, labels, detections ------------------------------------------------------------------


def test_seed_layout_and_camera_change_on_their_keys(play):
    first, second, back, other, tall, named = play(
        {"key": "space"}, {"state": "a"}, {"key": "n"}, {"state": "b"}, {"key": "b"},
        {"state": "c"}, {"key": "l"}, {"state": "d"}, {"screenshot": "d.png"},
        {"key": "c"}, {"state": "e"}, {"screenshot": "e.png"}, {"seed": 5}, {"state": "f"},
        words=["seed=3"],
    )  # fmt: skip
    assert [s["seed"] for s in (first, second, back, other, named)] == [3, 4, 3, 3, 5]
    assert back == first
    assert other["layout"] != first["layout"]
    assert tall["camera"] == "pinhole"
    assert not np.array_equal(picture("d.png"), picture("e.png"))


def test_the_convention_changes_on_its_key_and_stays_for_the_next_scenes(play):
    first, left, next_one, vienna, round_again = play(
        {"state": "a"}, {"screenshot": "a.png"}, {"key": "end"}, {"state": "b"},
        {"screenshot": "b.png"}, {"key": "n"}, {"state": "c"}, {"key": "end"}, {"state": "d"},
        {"key": "end"}, {"key": "end"}, {"state": "e"}, words=["seed=3"],
    )  # fmt: skip
    assert [s["convention"]["side"] for s in (first, left, next_one)] == ["right", "left", "left"]
    assert (vienna["convention"]["side"], vienna["convention"]["signs"]) == ("right", "vienna")
    assert round_again["convention"] == first["convention"]
    assert (left["seed"], left["layout"]) == (first["seed"], first["layout"])
    assert not np.array_equal(picture("a.png"), picture("b.png"))


def test_the_overlay_draws_the_labels_over_the_picture(play):
    off, on = play(
        {"key": "space"}, {"screenshot": "a.png"}, {"state": "a"}, {"key": "o"},
        {"screenshot": "b.png"}, {"state": "b"}, {"key": "o"}, {"screenshot": "c.png"},
        words=["layouts=[crossroads_signals]"],
    )  # fmt: skip
    assert (off["overlays"], on["overlays"]) == ([], ["visible"])
    assert on["labels"] == off["labels"] > 0
    assert not np.array_equal(picture("a.png"), picture("b.png"))
    assert np.array_equal(picture("a.png"), picture("c.png"))


def test_detections_are_those_of_the_picture_and_go_on_their_key(play):
    seen = []

    def detect(bgr):
        seen.append(bgr.shape)
        return SimpleNamespace(
            box_px=np.array([[100, 100, 200, 180.0]]), category=np.array([0]),
            score=np.array([0.9]), classes=("car",),
        )  # fmt: skip

    on, off = play(
        {"key": "space"}, {"screenshot": "a.png"}, {"state": "a"}, {"key": "d"},
        {"screenshot": "b.png"}, {"state": "b"}, detect=detect,
    )  # fmt: skip
    assert set(seen) == {(640, 640, 3)}
    assert on["detections"] == 1
    moved = np.abs(picture("a.png") - picture("b.png")).sum(axis=2) > 0
    assert moved[90:190, 90:210].any()
    assert not moved[250:, 250:].any()
    assert off["labels"] == on["labels"]


def test_a_slow_detector_does_not_hold_up_a_running_window_and_is_not_called_exact():
    go = threading.Event()
    work = finder.Finder(lambda bgr: (go.wait(30), bgr)[1])
    first = shot.take(view.opened(SimulateConfig(camera=CameraConfig(width_px=64, height_px=64))))
    second = dataclasses.replace(first, frame=dataclasses.replace(first.frame))
    assert finder.found_lately(work, first) is None
    assert finder.found_lately(work, second) is None
    go.set()
    work.job.result(30)
    assert finder.found_lately(work, second).shot is first
    assert finder.find(work, second).shot is second
    other = dataclasses.replace(first, backdrop=dataclasses.replace(first.backdrop))
    assert finder.found_lately(work, other) is None
    work.worker.shutdown()


def test_the_same_script_gives_the_same_pictures(play):
    actions = [{"wait_s": 1.23}, {"key": "o"}, {"set": {"snow_mm_h": 2}}, {"screenshot": "a.png"}]
    play(*actions)
    first = Path("a.png").read_bytes()
    play(*actions)
    assert Path("a.png").read_bytes() == first


# --- the attended window -------------------------------------------------------------------------


def test_keys_and_mouse_reach_the_attended_window(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    row = track(arrange(SIZE_PX).sliders["cloud"])
    mouse = {"button": pygame.BUTTON_LEFT}
    frames = iter(
        [
            [pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE)],
            [pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=row.midleft, **mouse)],
            [pygame.event.Event(pygame.MOUSEMOTION, pos=row.center)],
            [pygame.event.Event(pygame.MOUSEBUTTONUP, pos=row.center, **mouse)],
            [pygame.event.Event(pygame.MOUSEMOTION, pos=row.midleft)],
            [pygame.event.Event(pygame.KEYDOWN, key=pygame.K_s)],
            [pygame.event.Event(pygame.QUIT)],
        ]
    )
    monkeypatch.setattr(pygame.event, "get", lambda: next(frames))
    windows = []
    tick = app.tick
    monkeypatch.setattr(app, "tick", lambda w, s: (windows.append(w.view), tick(w, s)))
    app.run(SimulateConfig())
    assert next(frames, None) is None
    assert not windows[-1].playing
    assert windows[-1].conditions.cloud == pytest.approx(0.5)
    (file,) = (tmp_path / "outputs" / "window").iterdir()
    assert cv2.imread(str(file)).shape == (SIZE_PX[1], SIZE_PX[0], 3)


def test_the_command_ends_quietly_with_zero(fairweather, tmp_path):
    (tmp_path / "s.json").write_text('[{"wait_s": 0.5}, {"key": "escape"}, {"state": "x.json"}]')
    done = fairweather("simulate", "script=s.json")
    assert done.returncode == 0
    assert done.stdout == ""
    assert not (tmp_path / "x.json").exists()


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actions", "named"),
    [
        ("[{]", "not JSON"),
        ({"wait_s": 1}, "JSON list"),
        ([{"wait_s": 1, "key": "n"}], "action 1"),
        ([{"wait_s": 0}, {"wiat_s": 1}], "action 2: no action 'wiat_s'. Did you mean 'wait_s'?"),
        ([{"wait_s": -1}], "wait_s must be 0 to 3600"),
        ([{"wait_s": "1"}], "must be a number"),
        ([{"set": {"rain_mm": 3}}], "no quantity 'rain_mm'. Did you mean 'rain_mm_h'?"),
        ([{"set": {"rain_mm_h": 900}}], "rain_mm_h must be 0 to 150 mm/h, got 900"),
        ([{"set": {"street_lamps": 1}}], "true or false"),
        ([{"click": [2000, 10]}], "click: x must be 0 to 1279 px"),
        ([{"key": "spce"}], "Did you mean 'space'?"),
        ([{"seed": -1}], "seed must be 0"),
        ([{"seed": 1.5}], "whole number"),
        ([{"screenshot": "a.gif"}], "PNG"),
        ([{"screenshot": "\ud800.png"}], "must be the name of a file"),
        ([{"screenshot": "script.txt/a.png"}], "script.txt/a.png: cannot be written"),
        ([{"state": "nowhere/at/all.json"}], "cannot be written"),
        ([{"state": "."}], "is a folder"),
    ],
)
def test_a_broken_script_is_refused_in_one_line_before_the_window_opens(
    actions, named, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.txt").touch()
    monkeypatch.setattr(app, "open_window", lambda **_: pytest.fail("the window was opened"))
    assert named in refusal(actions, capsys, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"bad.json", "script.txt"}


def test_settings_that_name_nothing_are_refused_in_one_line(capsys, tmp_path):
    assert "no-such.json" in complaint([f"script='{tmp_path / 'no-such.json'}'"], capsys)
    assert "Did you mean 'straight'?" in complaint(["layouts=[straigt]"], capsys)
    assert "Did you mean 'fog'?" in complaint(["conditions=[fgo]"], capsys)


def test_without_a_display_the_mend_is_named(capsys, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonsense")
    assert "SDL_VIDEODRIVER=dummy" in complaint([], capsys)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen to ask")
def test_a_script_needs_no_display_and_a_person_does(capsys, tmp_path, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        # Set before it is removed, so that what the window puts there goes with this test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    assert "SDL_VIDEODRIVER=dummy" in complaint([], capsys)
    (tmp_path / "s.json").write_text("[]")
    assert fairweather.main(["simulate", f"script='{tmp_path / 's.json'}'"]) == 0


def test_two_pygames_beside_each_other_are_pointed_out(capsys, monkeypatch):
    ce = SimpleNamespace(metadata={"Name": "pygame-ce"})
    monkeypatch.setattr(app.importlib.metadata, "distributions", lambda **_: [ce])
    app.warn_of_two_pygames()
    assert "pygame-ce" in capsys.readouterr().err


def test_a_scene_that_cannot_be_made_leaves_the_attended_window_open(monkeypatch):
    frames = iter([[pygame.event.Event(pygame.KEYDOWN, key=pygame.K_n)], [], []])
    after = [pygame.event.Event(pygame.QUIT)]
    monkeypatch.setattr(pygame.event, "get", lambda: next(frames, after))
    views = []
    tick = app.tick
    monkeypatch.setattr(app, "tick", lambda w, s: (views.append(w.view), tick(w, s)))

    def fail(*_):
        raise FairweatherError("no consistent scene")

    monkeypatch.setitem(keys.KEYS, "n", dataclasses.replace(keys.KEYS["n"], act=fail))
    app.run(SimulateConfig())
    assert views[1].message == "no consistent scene"
    assert views[1].scene.seed == 0
