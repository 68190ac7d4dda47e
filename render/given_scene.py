"""A scene from a file in the place of those that are drawn: for the window and for a dataset."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from render.config import GenerateConfig
from render.record import load_record
from simulator.agents import AgentState
from simulator.errors import ConfigError, DataError
from simulator.scene import Scene
from simulator.scene_io import MAX_BYTES, dump_scene, load_scene

GIVEN = "scene.json"
"""The scene of a dataset that was made from one, in the dataset's own folder."""

SAYS_ITSELF = (
    "seed", "scenes", "join", "hazard", "factors", "design", "balance", "layouts", "roads",
    "traffic", "signs", "camera", "sensor", "convention", "plate_scale", "plates", "warm_up_s",
    "step_s",
)  # fmt: skip
"""Settings that a scene from a file leaves nothing to."""


def read_scene(path: Path) -> Scene:
    """A scene from its own file, or from the record of a scene of a dataset.

    Raises:
        DataError: no file, or no scene in it.
    """
    return opened_scene(path)[0]


def opened_scene(path: Path) -> tuple[Scene, AgentState | None]:
    """The same with the state at its first frame, where a record tells one."""
    place = str(path)
    try:
        if not path.is_file():
            raise DataError("is no file", place=place, mend="Give a scene as JSON")
        if path.stat().st_size > 10 * MAX_BYTES:
            raise DataError("is too large for a scene", place=place)
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", place=place) from None
    if not _is_record(data):
        scene, state = load_scene(data, place), None
    else:
        record = load_record(data, place)
        states = next(iter(record.tracks.values()), ())
        scene, state = record.scene, states[0] if states else None
    return scene, state


def settled(config: GenerateConfig) -> GenerateConfig:
    """The settings of a dataset, where a file gives its scene: one scene, with the file's seed.

    Raises:
        ConfigError: settings that the file says itself. DataError: no scene in the file.
    """
    if config.scene is None:
        return config
    usual = GenerateConfig(out="", scenes=1 if config.scenes == 1 else 20)
    for name in SAYS_ITSELF:
        if getattr(config, name) != getattr(usual, name):
            raise ConfigError(f"{name} is of no use beside scene=FILE, which says it itself")
    scene = read_scene(Path(config.scene))
    return dataclasses.replace(
        config,
        seed=scene.seed,
        scenes=1,
        warm_up_s=scene.warm_up_s,
        step_s=scene.step_s,
        convention=scene.convention,
    )


def given_scene(file: str) -> Scene:
    """The scene of the file, as scene 0 of its dataset."""
    return dataclasses.replace(read_scene(Path(file)), index=0)


def given_bytes(file: str) -> bytes:
    """The same as a file: equal bytes for equal scenes, however they were written."""
    return dump_scene(given_scene(file)).encode()


def _is_record(data: bytes) -> bool:
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(plain, dict) and "tracks" in plain
