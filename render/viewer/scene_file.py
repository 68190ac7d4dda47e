"""The running scene as a file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from render.files import make_folder, write_bytes
from render.viewer.view import View, said
from simulator.scene_io import dump_scene

SAVED_IN = Path("outputs/window")
"""Where the window puts files, under the folder that the command runs in."""


def saved(view: View) -> View:
    """Write the running scene, in the weather of now, to a file that can be opened again."""
    begins = view.front.knots[0] if view.front else view.conditions
    scene = dataclasses.replace(view.scene, conditions=begins, course=view.front)
    path = make_folder(SAVED_IN) / f"{scene.layout}-{scene.seed}.json"
    write_bytes(path, dump_scene(scene).encode())
    return said(view, f"written to {path}")
