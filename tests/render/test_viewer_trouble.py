"""What goes wrong is said in one line, and a window that is open stays so."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pygame
import pytest

import fairweather
from render.config import SimulateConfig
from render.viewer import app, view
from render.viewer.finder import Finder
from render.viewer.scene_file import saved
from render.viewer.view import SIZE_PX
from render.viewer.window import Window, paint, tick
from scenarios.config import CameraConfig

pytestmark = pytest.mark.window


@pytest.fixture
def window(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    pygame.font.init()
    camera = CameraConfig(width_px=128, height_px=128, m_per_px=0.3)
    config = SimulateConfig(layouts=("straight",), camera=camera, warm_up_s=2.0)
    return Window(pygame.Surface(SIZE_PX), view.opened(config), None, seen=False)


def changed(text: str, path: tuple[str | int, ...], value: object) -> str:
    whole = json.loads(text)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 99), (("network",), None), (("agents", "length_m", 0), -1),
        (("camera",), []),
        (("step_s",), 0), (("routes", 0), [10**6]), (("surroundings", "ground", "wear"), 1e9),
        (("network", "lanes", 0, "centre_m", 1), [1e9, 0.0]), (("signs",), 5),
        (("conditions", "rain_mm_h"), "much"), (("agents", "route", 0), 99),
    ],
)  # fmt: skip
def test_a_broken_scene_that_is_dropped_is_refused_in_a_line_and_the_window_goes_on(
    path, value, window
):
    saved(window.view)
    (file,) = Path("outputs/window").iterdir()
    file.write_text(changed(file.read_text(), path, value))
    before = window.view
    app.handle(window, pygame.event.Event(pygame.DROPFILE, file=str(file)))
    assert window.view.scene is before.scene
    assert window.view.message
    assert "\n" not in window.view.message
    tick(window, 0.2)
    paint(window)
    assert window.view.state.time_s > before.state.time_s


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"[" * 9999, b'{"tracks": 3}', None])
def test_a_file_that_is_no_scene_is_refused_in_a_line(content, window):
    if content is not None:
        Path("x.json").write_bytes(content)
    app.handle(window, pygame.event.Event(pygame.DROPFILE, file="x.json"))
    assert "x.json" in window.view.message


def test_a_model_that_is_not_there_is_named_in_a_line(capsys):
    assert fairweather.main(["simulate", "model=no/such/model.safetensors"]) == 2
    (line,) = (x for x in capsys.readouterr().err.splitlines() if "compiling" not in x)
    assert "no/such/model.safetensors" in line


def test_a_detector_that_fails_is_said_and_the_window_goes_on(window):
    def fails(bgr):
        raise RuntimeError("out of memory")

    window.finder = Finder(fails)
    window.view = dataclasses.replace(window.view, detector=True, detections=True)
    paint(window, exact=False)
    window.finder.worker.shutdown()
    with pytest.raises(app.FairweatherError, match="the detector failed"):
        paint(window, exact=False)
    window.view = dataclasses.replace(window.view, detections=False)
    paint(window, exact=False)
