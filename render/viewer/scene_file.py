"""Scenes as files: written from the window, read from the window's or a dataset's files."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from render.files import make_folder, write_bytes
from render.record import load_record
from render.viewer.view import View, said
from simulator.errors import DataError
from simulator.scene import Scene
from simulator.scene_io import MAX_BYTES, dump_scene, load_scene

SAVED_IN = Path("outputs/window")
"""Where the window puts files, under the folder that the command runs in."""


def saved(view: View) -> View:
    """Write the running scene, in the weather of now, to a file that can be opened again."""
    scene = dataclasses.replace(view.scene, conditions=view.conditions)
    path = make_folder(SAVED_IN) / f"{scene.layout}-{scene.seed}.json"
    write_bytes(path, dump_scene(scene).encode())
    return said(view, f"written to {path}")


def read_scene(path: Path) -> Scene:
    """A scene from its own file, or from the record of a scene of a dataset.

    Raises:
        DataError: no file, or no scene in it.
    """
    place = str(path)
    try:
        if not path.is_file():
            raise DataError("is no file", place=place, mend="Give a scene as JSON")
        if path.stat().st_size > 10 * MAX_BYTES:
            raise DataError("is too large for a scene", place=place)
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", place=place) from None
    return load_record(data, place).scene if _is_record(data) else load_scene(data, place)


def _is_record(data: bytes) -> bool:
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(plain, dict) and "tracks" in plain
