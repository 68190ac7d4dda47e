"""What the first start on a machine waits for: `pytest -m slow`, for all kernels are compiled."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from render import warm
from render.config import GenerateConfig, scene_config
from render.picture import draw, prepare
from scenarios.sampler import unchecked
from tests.conftest import PROJECT

LISTENING = """
import sys
from numba.core import event
from render.config import GenerateConfig
from render.generate import generate

class Heard(event.Listener):
    def on_start(self, heard):
        print("compiled", heard.data["dispatcher"].py_func.__module__)
    def on_end(self, heard):
        pass

with event.install_listener("numba:compile", Heard()):
    generate(GenerateConfig(out=sys.argv[1], scenes=1, frames_per_scene=2, workers=1))
"""


@pytest.mark.slow
def test_two_processes_share_the_compilation_and_nothing_is_compiled_twice(tmp_path):
    """The process that asks for pictures compiles the traffic alone; the other one the drawing."""
    made = subprocess.run(
        [sys.executable, "-c", LISTENING, str(tmp_path / "made")],
        cwd=PROJECT, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = {line.split()[1] for line in made.stdout.splitlines() if line.startswith("compiled")}
    assert "simulator.loop" in modules
    assert not {name for name in modules if name.startswith("render.")}
    assert (tmp_path / "made" / "dataset.json").is_file()


def test_the_picture_that_is_drawn_to_compile_shows_somebody_who_drives():
    scene = unchecked(scene_config(GenerateConfig(out="")), 0, 0, "train", 0)
    drawing = draw(prepare(scene), warm._still(scene))
    assert drawing.moving.close.any()
    assert len(drawing.geometry.instance)
