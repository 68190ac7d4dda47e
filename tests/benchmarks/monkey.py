"""An hour of random input: whatever a person does, the window lives and does not grow.

Keys, clicks, drags, wheels, typed text and dropped files from a seed, about one a second of window
time, in steps of 1/60 s, as fast as the machine can; one step in a few is drawn, onto SDL's driver
without a screen. Ends with an error at the first exception that no person should see, or when
the lows of the memory grew by more than MOST_GROWTH_MB from the first fifth of the time to the
last: it swings with scene and window, but what is never given back lifts the lows.
Usage: python -m tests.benchmarks.monkey [minutes] [seed]
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pygame

from render.config import SimulateConfig
from render.viewer import entry, pointer, view
from render.viewer.finder import Finder
from render.viewer.governor import Governor, told
from render.viewer.keys import COMMANDS, press
from render.viewer.view import SIZE_PX, View
from render.viewer.window import Window, closed, tick
from scenarios.config import CameraConfig
from simulator.errors import FairweatherError

TICK_S = 1 / 60
KEYS = [k for c in COMMANDS for k in c.keys]
SIZES = (SIZE_PX, (1000, 600), (1920, 1080), (640, 480))
MOST_GROWTH_MB = 150.0
"""A scene keeps up to ten minutes of its states, some 70 MB with much traffic; the rest is room."""

DRAWN = 6
"""Of so many steps one is drawn: ten pictures a second of window time."""

CLIP_STEPS = 40
"""A clip is ended after so many pictures, or most of the time would be spent on coding it."""


def act(window: Window, rng: np.random.Generator) -> View:
    """One random thing that a person may do."""
    now, (width, height) = window.view, window.view.size_px
    at = int(rng.integers(width)), int(rng.integers(height))
    to = int(rng.integers(-200, width + 200)), int(rng.integers(height))
    match rng.choice(
        ["key"] * 4 + ["click"] * 3 + ["drag", "drag", "wheel", "type", "size", "drop"]
    ):
        case "key":
            return press(now, KEYS[rng.integers(len(KEYS))])
        case "click":
            return pointer.released(pointer.pressed(now, at))
        case "drag":
            return pointer.released(pointer.moved(pointer.pressed(now, at), to))
        case "wheel":
            return pointer.wheeled(now, at, int(rng.integers(-3, 4)))
        case "size":
            window.surface = pygame.display.set_mode(SIZES[rng.integers(len(SIZES))])
            return now
        case "drop":
            files = sorted(Path().glob("outputs/window/*"))
            name = str(files[rng.integers(len(files))]) if files else "nothing.json"
            return entry.opened_file(now, name)
    return press(entry.typed(now, "8"), "return")


def monkey(
    window: Window, rng: np.random.Generator, steps: int, every: int = 60, drawn: int = 1
) -> None:
    """So many steps, with something random about every so many, one of ``drawn`` steps shown."""
    slow_s = 0.01
    for step in range(steps):
        window.seen = step % drawn == 0
        if window.governor is not None:
            slow_s = float(rng.choice([0.004, 0.05])) if rng.random() < 0.003 else slow_s
            told(window.governor, slow_s, TICK_S)
        try:
            if rng.random() * every < 1:
                window.view = act(window, rng)
            tick(window, TICK_S)
        except FairweatherError as error:
            window.view = view.said(window.view, str(error))
        if window.clip is not None and window.clip.frames > CLIP_STEPS:
            window.view = dataclasses.replace(window.view, recording=False)
        window.view = dataclasses.replace(window.view, closing=False)


def opened(camera: CameraConfig) -> Window:
    """A window with a detector that finds a car and a stop sign anywhere."""

    def detect(bgr: np.ndarray) -> SimpleNamespace:
        x = float(bgr[0, 0, 0])
        return SimpleNamespace(
            box_px=np.array([[x, 40.0, x + 40, 70.0], [90.0, x, 120.0, x + 30]]),
            category=np.array([0, 1]), score=np.array([0.9, 0.6]), classes=("car", "stop_sign"),
        )  # fmt: skip

    surface = pygame.display.set_mode(SIZE_PX)
    first = view.opened(SimulateConfig(camera=camera), detector=True)
    return Window(surface, first, Finder(detect), seen=True, rate=60.0, governor=Governor())


def rss_mb() -> float:
    """Memory of this process, MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    """Let it play, print a line a minute of window time."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.display.init()
    pygame.font.init()
    rng = np.random.Generator(np.random.Philox(seed))
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        window, begun = opened(CameraConfig()), time.process_time()
        for minute in range(1, minutes + 1):
            monkey(window, rng, 60 * 60, drawn=DRAWN)
            sizes.append(rss_mb())
            spent, scene = time.process_time() - begun, window.view.scene
            print(f"minute {minute}: {sizes[-1]:.0f} MB, {spent:.0f} s of CPU, {scene.layout} "
                  f"{scene.seed}", flush=True)  # fmt: skip
        closed(window)
        os.chdir("/")
    fifth = max(minutes // 5, 1)
    growth = min(sizes[-fifth:]) - min(sizes[:fifth])
    print(f"the lows grew by {growth:.0f} MB from the first fifth to the last")
    return 0 if growth < MOST_GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(main())
