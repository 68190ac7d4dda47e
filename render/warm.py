"""Compiling the kernels once, aloud: the first run on a machine takes a while and says why.

What drives and what draws share no kernel that takes long, so two processes compile them side by
side and meet in the cache on disk. ``python -m render.warm`` is the one that draws.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from render import raster_kernels
from render.annotation_json import Labelled, annotations_json, object_rows
from render.config import GenerateConfig, scene_config
from render.encode import rle
from render.exposure import Weather, expose, light_up
from render.id_png import png_ids
from render.picture import draw, prepare
from render.progress import say
from scenarios.config import SceneConfig
from scenarios.presets import read_condition
from scenarios.sampler import sample_scene, unchecked
from scenarios.sky import sample_conditions
from simulator import loop
from simulator.agents import AgentState
from simulator.scene import Scene
from simulator.seeding import stream

ENOUGH = ("clear", "fog", "night_rain", "snow")
"""Weathers that between them need every kernel that most pictures need."""


def compiled() -> bool:
    """Whether the compiled kernels of drawing and driving are in the cache already."""
    folders = {
        "raster_kernels.fill-*.nbi": raster_kernels.fill.stats.cache_path,  # pyright: ignore[reportFunctionMemberAccess]
        "loop.*.run-*.nbi": loop.run.stats.cache_path,  # pyright: ignore[reportFunctionMemberAccess]
    }
    return all(path and any(Path(path).glob(name)) for name, path in folders.items())


def compile_once() -> None:
    """Compile what is not in the cache, on two cores where there are two, and say so before."""
    if compiled():
        return
    say("compiling the traffic and drawing kernels for this machine, once: about half a minute")
    if (os.cpu_count() or 1) < 2:
        return
    drawing = subprocess.Popen(
        [sys.executable, "-m", "render.warm"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        sample_scene(SceneConfig(), 0, 0)  # whose check sets the traffic going
        drawing.wait()
    finally:
        drawing.kill()


def _still(scene: Scene) -> AgentState:
    """Everybody in the middle of the picture: states that ask nothing of the traffic."""
    count = len(scene.agents)
    zero = {f.name: np.zeros(count) for f in dataclasses.fields(AgentState) if f.name != "time_s"}
    x, y = np.full(count, scene.camera.x_m), np.full(count, scene.camera.y_m)
    there = {"x_m": x, "y_m": y, "active": np.ones(count, np.bool_)}
    return AgentState(0.0, **(zero | there))


def _draw() -> None:
    """Draw and label a scene in a few weathers, twice as a video is drawn, and forget it."""
    scene = unchecked(scene_config(GenerateConfig(out="")), 0, 0, "train", 0)
    backdrop, drawing = prepare(scene), None
    weathers: list[Weather] = []
    for name in ENOUGH:
        now = sample_conditions(read_condition(name), 0, "train", 0)
        weathers.append(light_up(backdrop, now, weathers))
    for _ in range(2):
        drawing = draw(backdrop, _still(scene), drawing)
        for weather in weathers:
            frame = expose(backdrop, drawing, weather, stream(0, 0, "warm"))
            masks = rle(drawing.edges, frame.annotations.instance)
            labelled = Labelled(1, frame.annotations, masks)
            annotations_json(object_rows([labelled], frame.ids.shape), masks)
            png_ids(drawing.edges)


if __name__ == "__main__":
    _draw()
