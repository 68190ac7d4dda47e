"""Pictures a CPU second of the window, running: 60 vehicles driving, 1280 x 720.

The window is drawn whole, as for a person, onto SDL's driver without a screen; each picture is
1/60 s of the scene's time after the one before. "own" is the dataset's camera, "full" one that
fills the window's area, "follow" one that follows a vehicle. The median of a few spans is taken.
Usage: python -m tests.benchmarks.window_speed
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import time

import pygame

from render.config import SimulateConfig
from render.viewer import aim
from render.viewer.keys import press
from render.viewer.view import SIZE_PX, opened, with_preset
from render.viewer.window import Window, tick
from scenarios.config import TrafficConfig

VEHICLES = 60
PICTURES, SPANS = 60, 5
TICK_S = 1 / 60


def pictures_per_s(weather: str, camera: str) -> float:
    """Pictures a CPU second of this process, all its threads counted."""
    traffic = TrafficConfig(
        vehicles_low=VEHICLES, vehicles_high=VEHICLES, parked_low=0.7, parked_high=0.95
    )
    config = SimulateConfig(traffic=traffic, layouts=("crossroads_signals",))
    view = with_preset(opened(config), weather)
    if camera != "own":
        view = dataclasses.replace(view, look=aim.look.free(aim.framing(view)))
    if camera == "follow":
        view = press(view, "f")
    window = Window(pygame.display.set_mode(SIZE_PX), view, None, seen=True)
    for _ in range(PICTURES):
        tick(window, TICK_S)
    rates = []
    for _ in range(SPANS):
        start = time.process_time()
        for _ in range(PICTURES):
            tick(window, TICK_S)
        rates.append(PICTURES / (time.process_time() - start))
    return statistics.median(rates)


def main() -> None:
    """Print the table."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.display.init()
    pygame.font.init()
    for weather in ("clear", "worst"):
        for camera in ("own", "full", "follow"):
            rate = pictures_per_s(weather, camera)
            print(f"{weather:8} {camera:8} {rate:6.1f} pictures a CPU second")


if __name__ == "__main__":
    main()
