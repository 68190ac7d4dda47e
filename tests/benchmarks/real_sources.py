"""Real frames, a source at a time and at the scale of ours, and drawn ones to learn from."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from conf.composition import compose
from render.config import GenerateConfig
from render.dataset_reader import read_any
from render.files import make_folder
from render.generate import generate
from render.store import Truth
from simulator.settings import build
from training.compare import Comparison
from training.real_frames import rescaled
from training.taxonomy import classes_of

SOURCES = {"KIT": ("KIT AIS", 1.25), "Minsk": ("Kharuzhy and Minsk OSM community", 0.8)}
"""Part of the name of each source, and how much its frames are enlarged."""


def of_source(real: Path, name: str) -> dict[str, Any]:
    """What a COCO file holds of one source."""
    coco = json.loads(real.read_text(encoding="utf-8"))
    coco["images"] = [i for i in coco["images"] if i["source"] == SOURCES[name][0]]
    ids = {i["id"] for i in coco["images"]}
    coco["annotations"] = [a for a in coco["annotations"] if a["image_id"] in ids]
    return coco


def source_frames(real: Path, cache: Path, name: str) -> Path:
    """The COCO file of one source's frames, rescaled, in the cache; made once."""
    scale = SOURCES[name][1]
    make_folder(str(cache))
    part = cache / f"{name}.json"
    part.write_text(json.dumps(of_source(real, name)), encoding="utf-8")
    truth = classes_of(read_any(part, "", real.parent / "images"), "vehicle", foreign=True)
    return rescaled(truth, scale, cache / name)


def named(place: Path, condition: str) -> Truth:
    """The frames of a COCO file as of one condition, all classes one."""
    truth = classes_of(read_any(place), "vehicle", foreign=True)
    return dataclasses.replace(truth, condition=(condition,) * len(truth), severity=(), lineage=())


def drone_frames(
    out: Path, scenes: int, seed: int, conditions: list[Any], changes: tuple[str, ...] = ()
) -> Path:
    """Frames as a drone takes them, in clear weather unless conditions are named; made once.

    Args:
        changes: what differs, as for the command line.
    """
    values = compose("generate", ["experiment=drone_frames", f"out={out}", *changes])
    config = dataclasses.replace(build(GenerateConfig, values), scenes=scenes, seed=seed)
    if conditions:
        config = dataclasses.replace(config, conditions=tuple(conditions))
    return generate(config)


def verdict_line(made: Comparison) -> str:
    """A difference between two arms in words."""
    low, value, high = (100 * x for x in (made.change.low, made.change.value, made.change.high))
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}] points: {made.verdict}; {made.scenes} scenes"
