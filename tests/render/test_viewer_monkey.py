"""Random input from a seed: whatever a person does, the window lives."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from render.viewer.window import closed
from scenarios.config import CameraConfig
from tests.benchmarks.monkey import monkey, opened

pytestmark = pytest.mark.window

STEPS = 10 * 60
"""Ten seconds of window time, with as many things as an hour's monkey does in over a minute."""


def test_a_monkey_does_not_break_the_window(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    pygame.font.init()
    window = opened(CameraConfig(width_px=256, height_px=256))
    monkey(window, np.random.Generator(np.random.Philox(7)), STEPS, every=8)
    closed(window)
    window.finder.worker.shutdown()
    assert window.view.state.time_s > 0
    assert window.shot.backdrop.scene is window.view.scene
    pygame.display.quit()
