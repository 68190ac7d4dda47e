"""Joining the scenes' parts into a dataset's tables, in scene order, at constant memory."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from render.annotation_json import categories
from render.config import GenerateConfig
from render.frame import CLASSES
from render.part import load_part
from render.scene_job import WORK
from render.tables import OBJECTS, TableFile, frames_schema

SIZES, SIZE_STEPS_PX2 = ("small", "medium", "large"), (32**2, 96**2)
"""Sizes by visible area, in the steps of COCO's evaluation."""


def merge_parts(root: Path, config: GenerateConfig) -> tuple[dict[str, str], dict[str, Any]]:
    """Write annotations/<split>.json, objects.parquet and frames.parquet from the parts.

    Returns:
        SHA-256 by path of every file that scenes wrote; and counts of scenes, images, annotations
        and objects a class and a size.
    """
    hashes: dict[str, str] = {}
    per_class = dict.fromkeys(CLASSES, 0)
    per_size = dict.fromkeys(SIZES, 0)
    counts = {"scenes": config.scenes, "images": 0, "annotations": 0}
    # a table has its name when it is whole
    work = root / WORK
    objects = TableFile(work / "objects.parquet", OBJECTS)
    frames = TableFile(work / "frames.parquet", frames_schema(config.maps))
    with (
        (work / "annotations.json").open("wb") as out,
        (work / "annotations.tail").open("w+b") as tail,
    ):
        out.write(_head(config))
        for index in range(config.scenes):
            part = load_part((work / f"{index:06d}.part").read_bytes())
            hashes |= {path: digest for path, digest, _ in part.files}
            out.write(b"," if index else b"")
            out.write(part.images)
            if part.annotations:
                tail.write(b"," if counts["annotations"] else b"")
                tail.write(part.annotations)
            counts["images"] += len(part.frames)
            counts["annotations"] += len(part.objects)
            for row in part.objects["category"].value_counts().to_pylist():
                per_class[row["values"]] += row["counts"]
            of_size = np.digitize(part.objects["visible_area"].to_numpy(), SIZE_STEPS_PX2)
            for name, number in zip(SIZES, np.bincount(of_size, minlength=3).tolist(), strict=True):
                per_size[name] += number
            frames.add(part.frames)
            objects.add(part.objects)
        out.write(b'],"annotations":[')
        tail.seek(0)
        shutil.copyfileobj(tail, out, 1 << 20)
        out.write(b"]}\n")
    objects.close()
    frames.close()
    (work / "annotations.json").replace(root / "annotations" / f"{config.split}.json")
    for name in ("objects.parquet", "frames.parquet"):
        (work / name).replace(root / name)
    return hashes, {**counts, "per_class": per_class, "per_size": per_size}


def _head(config: GenerateConfig) -> bytes:
    info = {"description": f"Fairweather, seed {config.seed}, split {config.split}", "version": "1"}
    licence = [
        {"id": 1, "name": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}
    ]
    text = orjson.dumps({"info": info, "licenses": licence, "categories": categories()})
    return text[:-1] + b',"images":['
