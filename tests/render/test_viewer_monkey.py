"""Random keys, clicks, drags and wheels, from a seed: whatever a person does, the window lives."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from render.config import SimulateConfig
from render.viewer import entry, pointer, view
from render.viewer.keys import COMMANDS, press
from render.viewer.view import SIZE_PX, View
from render.viewer.window import Window, closed, paint, tick
from scenarios.config import CameraConfig
from simulator.errors import FairweatherError

pytestmark = pytest.mark.window

KEYS = [c.keys[0] for c in COMMANDS if c.label not in ("quit", "clip")]
ACTIONS = 120


def act(now: View, rng: np.random.Generator) -> View:
    """One random thing that a person may do."""
    at = int(rng.integers(SIZE_PX[0])), int(rng.integers(SIZE_PX[1]))
    to = int(rng.integers(-200, SIZE_PX[0] + 200)), int(rng.integers(SIZE_PX[1]))
    match rng.choice(["key", "key", "click", "drag", "wheel", "type"]):
        case "key":
            return press(now, KEYS[rng.integers(len(KEYS))])
        case "click":
            return pointer.released(pointer.pressed(now, at))
        case "drag":
            return pointer.released(pointer.moved(pointer.pressed(now, at), to))
        case "wheel":
            return pointer.wheeled(now, at, int(rng.integers(-3, 4)))
    return press(entry.typed(now, "8"), "return")


def monkey(seed: int, actions: int) -> Window:
    """A window after so many of them, each one drawn."""
    rng = np.random.Generator(np.random.Philox(seed))
    camera = CameraConfig(width_px=256, height_px=256)
    w = Window(pygame.Surface(SIZE_PX), view.opened(SimulateConfig(camera=camera)), None, False)
    for _ in range(actions):
        try:
            w.view = act(w.view, rng)
            tick(w, float(rng.random()) * 0.1)
        except FairweatherError as error:
            w.view = view.said(w.view, str(error))
        if w.view.closing:
            w.view = view.dataclasses.replace(w.view, closing=False)
        paint(w, exact=bool(rng.integers(2)))
    closed(w)
    return w


def test_a_monkey_does_not_break_the_window(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    pygame.font.init()
    w = monkey(7, ACTIONS)
    assert w.view.state.time_s > 0
    assert w.shot.backdrop.scene is w.view.scene
