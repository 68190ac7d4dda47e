"""Pictures a second of the window, running: 60 actors, 1280 x 720.

The window is drawn whole and shown, as for a person, onto SDL's driver without a screen, or with
"screen" onto the one that DISPLAY names; each picture is 1/60 s of the scene's time after the one
before, as fast as they come. "own" is the dataset's camera, "full" one that fills the window's
area, "follow" one that follows a vehicle; "twin" is split with its clear twin, and in "turned" the
slider of the visibility moves with every picture. Medians of a few spans: pictures a second of CPU
(all threads) and by the clock on the wall, which counts only on a quiet machine. No picture is
softened.
Usage: python -m tests.benchmarks.window_speed [screen]
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import sys
import time

import pygame

from render.config import SimulateConfig
from render.viewer import aim
from render.viewer.keys import press
from render.viewer.view import SIZE_PX, View, opened, with_preset, with_values
from render.viewer.window import Window, tick
from scenarios.config import TrafficConfig

VEHICLES, PEOPLE = 66, 14
PICTURES, SPANS = 60, 5
TICK_S = 1 / 60


def begun(weather: str, camera: str) -> View:
    """A running scene."""
    traffic = TrafficConfig(
        vehicles_low=VEHICLES, vehicles_high=VEHICLES, parked_low=0.7, parked_high=0.95,
        people_low=PEOPLE, people_high=PEOPLE,
    )  # fmt: skip
    config = SimulateConfig(traffic=traffic, layouts=("crossroads_stop",), warm_up_s=60.0)
    view = with_preset(opened(config), weather)
    if camera != "own":
        view = dataclasses.replace(view, look=aim.look.free(aim.framing(view)))
    if camera == "follow":
        view = press(view, "f")
    return dataclasses.replace(view, split="twin") if camera == "twin" else view


def rates(weather: str, camera: str) -> tuple[float, float, int]:
    """Pictures a second of CPU and by the clock on the wall, and how many are on the move."""
    window = Window(pygame.display.set_mode(SIZE_PX), begun(weather, camera), None, seen=True)
    by_cpu, by_wall, count = [], [], 0
    for span in range(SPANS + 1):
        spent, wall = time.process_time(), time.perf_counter()
        for _ in range(PICTURES):
            count += 1
            if camera == "turned":
                visibility_m = 50.0 + 5000.0 * (count % 97 / 97)
                window.view = with_values(window.view, {"visibility_m": visibility_m})
            tick(window, TICK_S)
        if span:  # the first is not counted: everything is drawn for the first time
            by_cpu.append(PICTURES / (time.process_time() - spent))
            by_wall.append(PICTURES / (time.perf_counter() - wall))
    moving = int((window.view.state.active & (window.view.scene.agents.route >= 0)).sum())
    return statistics.median(by_cpu), statistics.median(by_wall), moving


def main() -> None:
    """Print the table."""
    if "screen" not in sys.argv[1:]:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.display.init()
    pygame.font.init()
    print(f"driver {pygame.display.get_driver()}, load {os.getloadavg()[0]:.1f}")
    for weather in ("clear", "worst"):
        for camera in ("own", "full", "follow", "twin", "turned"):
            cpu, wall, actors = rates(weather, camera)
            print(f"{weather:6} {camera:7} {cpu:6.1f} a CPU second {wall:6.1f} a second, "
                  f"{actors} actors", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
