"""What the window remembers, what it tells newcomers, and how it keeps its rate."""

from __future__ import annotations

import dataclasses

import numpy as np
import pygame
import pytest

from render.config import SimulateConfig
from render.viewer import app, remembered, view
from render.viewer.aim import framing
from render.viewer.governor import LEVELS, Governor, coarser, told
from render.viewer.keys import press
from render.viewer.pointer import pressed
from render.viewer.view import SIZE_PX
from render.viewer.window import Window, paint, png
from scenarios.config import CameraConfig
from simulator.convention import Convention
from tests.render.windowed import at_once

pytestmark = pytest.mark.window


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "fairweather" / "window.json"


@pytest.fixture(scope="module")
def first():
    return view.opened(SimulateConfig(layouts=("straight",), camera=CameraConfig()))


def test_the_window_opens_as_it_was_left(home, first):
    new = remembered.recalled(first)
    assert new.hint
    left = dataclasses.replace(
        press(press(press(new, "o"), "tab"), "]"), size_px=(1000, 700), divider=0.3
    )
    remembered.remember(left)
    again = remembered.recalled(first)
    for name in ("overlays", "tab", "speed", "size_px", "divider"):
        assert getattr(again, name) == getattr(left, name) != getattr(first, name)
    assert not again.hint


def test_the_convention_is_as_it_was_left_unless_a_setting_or_a_file_names_one(home, first):
    left = Convention("left", "vienna")
    remembered.remember(view.with_convention(first, left))
    again = remembered.recalled(first)
    assert again.scene.convention == again.config.convention == left
    assert (again.scene.seed, again.scene.layout) == (first.scene.seed, first.scene.layout)
    assert "keeps left" in again.message
    named = view.with_convention(first, Convention(signs="vienna"))
    assert remembered.recalled(named).scene.convention == named.scene.convention
    written = dataclasses.replace(first.config, recall_convention=False)  # the usual, in words
    typed = dataclasses.replace(first, config=written)
    assert remembered.recalled(typed).scene is first.scene
    from_file = view.with_loaded(first, first.scene)
    assert remembered.recalled(from_file).scene is first.scene


@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", "null", "{}", "\xff", '{"size_px": [1, 2]}', '{"size_px": 3}',
     '{"tab": "weather", "speed": 1.0, "divider": 0.5, "overlays": [[]]}',
     '{"tab": "weather", "speed": 1.0, "divider": 0.5, "overlays": ["no such"]}',
     '{"tab": "weather", "speed": [], "divider": 0.5}',
     '{"tab": "weather", "speed": 1.0, "divider": 0.5, "convention": {"side": "up"}}',
     '{"tab": "weather", "speed": 1.0, "divider": 0.5, "convention": 7}',
     '{"tab": "weather", "speed": 1.0, "divider": NaN}', "[" * 50_000],
)  # fmt: skip
def test_broken_settings_are_passed_over_in_one_line(text, home, first, capsys):
    home.parent.mkdir(parents=True)
    home.write_bytes(text.encode("latin-1"))
    assert remembered.recalled(first) is first
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_settings_that_cannot_be_written_are_no_error(home, first, capsys):
    home.parent.parent.write_text("a file in the place of the folder")
    remembered.remember(first)
    assert "not remembered" in capsys.readouterr().err


def test_a_script_neither_reads_nor_writes_settings(home, play):
    home.parent.mkdir(parents=True)
    home.write_text("broken")
    (state,) = play({"key": "tab"}, {"state": "a"})
    assert not state["hint"]
    assert home.read_text() == "broken"


def test_the_hint_is_gone_with_the_first_key_or_click(first):
    pygame.font.init()
    new = dataclasses.replace(first, hint=True, playing=False)
    pictures = []
    for now in (new, press(new, "x9"), pressed(new, (10, 10))):
        window = Window(pygame.Surface(SIZE_PX), now, None, seen=False)
        paint(window)
        pictures.append(pygame.surfarray.array3d(window.surface)[:900])
        assert now is new or not now.hint
    assert (pictures[0] != pictures[1]).any()
    assert np.array_equal(pictures[1], pictures[2])


# --- quality ---


def led(state: Governor, picture_s: float, seconds: float) -> list[int]:
    levels = []
    for _ in range(round(seconds * 60)):
        told(state, picture_s, 1 / 60)
        levels.append(state.level)
    return levels


def test_slow_pictures_become_soft_step_by_step_and_sharp_again_when_there_is_time():
    state = Governor()
    assert set(led(state, 0.012, 5)) == {0}
    down = led(state, 0.06, 4)
    assert down[-1] == len(LEVELS) - 1
    assert set(np.diff(down)) == {0, 1}
    up = led(state, 0.004, 300)
    assert up[-1] == 0
    assert set(np.diff(up)) == {0, -1}


def test_one_slow_picture_softens_nothing():
    state = Governor()
    led(state, 0.01, 1)
    told(state, 0.5, 0.1)
    assert set(led(state, 0.01, 3)) == {0}


def test_quality_does_not_go_up_and_down_where_sharp_pictures_are_too_slow():
    state = Governor()
    changes = 0
    for _ in range(60 * 120):
        before = state.level
        told(state, 0.03 if state.level == 0 else 0.004, 1 / 60)
        changes += before != state.level
    assert changes < 14


def test_a_soft_picture_shows_the_same_and_files_stay_sharp(first):
    pygame.font.init()
    now = framing(first)
    soft = coarser(now, 0.5)
    assert soft.box == now.box
    assert soft.camera.width_px * soft.camera.m_per_px == pytest.approx(
        now.camera.width_px * now.camera.m_per_px
    )
    still = dataclasses.replace(first, playing=False)
    exact = at_once(Window(pygame.Surface(SIZE_PX), still, None, seen=False))
    slow = Window(
        pygame.Surface(SIZE_PX), still, None, seen=True, governor=Governor(level=2), rate=30.0
    )
    paint(slow, exact=False)
    blurred = pygame.surfarray.array3d(slow.surface)[150:770, 20:640].astype(float)
    sharp = pygame.surfarray.array3d(exact.surface)[150:770, 20:640].astype(float)
    assert slow.shot.frame.bgr.shape == (320, 320, 3)
    assert 1 < np.abs(blurred - sharp).mean() < 12
    slow.rate = None
    assert png(slow) == png(exact)


def test_a_detector_is_never_shown_a_soft_picture(first):
    pygame.font.init()
    shapes = []
    work = app.Finder(lambda bgr: shapes.append(bgr.shape))
    seen = dataclasses.replace(first, detector=True, detections=True)
    window = Window(pygame.Surface(SIZE_PX), seen, work, seen=True, governor=Governor(level=3))
    paint(window, exact=False)
    work.worker.shutdown()
    assert shapes == [(640, 640, 3)]


@pytest.mark.parametrize("size", [(640, 480), (1000, 600), (320, 900), (1920, 1080)])
def test_a_window_of_any_size_is_drawn(size, first):
    pygame.font.init()
    window = Window(pygame.Surface(size), first, None, seen=False)
    for tab in ("weather", "tools", "tools"):
        window.view = dataclasses.replace(window.view, tab=tab)
        paint(window)
    assert len(np.unique(pygame.surfarray.array3d(window.surface))) > 50
