"""Joining the scenes' parts into a dataset's tables, in scene order, at constant memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from render.annotation_json import categories, frame_row, object_columns
from render.config import GenerateConfig
from render.frame import CLASSES
from render.part import Part, load_part
from render.scene_job import WORK
from render.tables import OBJECTS, TableFile, frames_schema

SIZES, SIZE_STEPS_PX2 = ("small", "medium", "large"), (32**2, 96**2)
"""Sizes by visible area, in the steps of COCO's evaluation."""

BYTES_AT_ONCE = 4 << 20
"""Of parts whose rows are put into the tables together."""


def merge_parts(root: Path, config: GenerateConfig) -> tuple[dict[str, str], dict[str, Any]]:
    """Write annotations/<split>.json, objects.parquet and frames.parquet from the parts.

    Returns:
        SHA-256 by path of every file that scenes wrote; and counts of scenes, images, annotations
        and objects a class and a size.
    """
    hashes: dict[str, str] = {}
    per_class = dict.fromkeys(CLASSES, 0)
    of_size = np.zeros(len(SIZES), np.int64)
    images = annotations = 0
    # a table has its name when it is whole
    work = root / WORK
    objects = TableFile(work / "objects.parquet", OBJECTS)
    schema = frames_schema(config.maps)
    frames = TableFile(work / "frames.parquet", schema)
    with (
        (work / "annotations.json").open("wb") as out,
        (work / "annotations.tail").open("w+b") as tail,
    ):
        out.write(_head(config))
        for parts in _some(work, config.scenes):
            records = b",".join([part.images for part in parts])
            out.write(b"," if images else b"")
            out.write(records)
            if texts := [part.annotations for part in parts if part.annotations]:
                tail.write(b"," if annotations else b"")
                tail.write(b",".join(texts))
            rows = [frame_row(image) for image in orjson.loads(b"[%s]" % records)]
            columns = object_columns([part.objects for part in parts])
            frames.add(pa.Table.from_pylist(rows, schema))
            objects.add(pa.Table.from_pydict(columns, OBJECTS))
            hashes |= {path: digest for part in parts for path, digest, _ in part.files}
            for name in columns["category"]:
                per_class[name] += 1
            sizes = np.digitize(columns["visible_area"], SIZE_STEPS_PX2)
            of_size += np.bincount(sizes, minlength=len(SIZES))
            images += len(rows)
            annotations += len(sizes)
        out.write(b'],"annotations":[')
        tail.seek(0)
        shutil.copyfileobj(tail, out, 1 << 20)
        out.write(b"]}\n")
    objects.close()
    frames.close()
    (work / "annotations.json").replace(root / "annotations" / f"{config.split}.json")
    for name in ("objects.parquet", "frames.parquet"):
        (work / name).replace(root / name)
    counts = {"scenes": config.scenes, "images": images, "annotations": annotations}
    per_size = dict(zip(SIZES, of_size.tolist(), strict=True))
    return hashes, {**counts, "per_class": per_class, "per_size": per_size}


def _some(work: Path, scenes: int) -> Iterator[list[Part]]:
    """The parts of all scenes in order, as many at once as have some megabytes: many small steps
    become few large ones.
    """
    parts, size = [], 0
    for index in range(scenes):
        data = (work / f"{index:06d}.part").read_bytes()
        parts.append(load_part(data))
        size += len(data)
        if size >= BYTES_AT_ONCE or index == scenes - 1:
            yield parts
            parts, size = [], 0


def _head(config: GenerateConfig) -> bytes:
    info = {"description": f"Fairweather, seed {config.seed}, split {config.split}", "version": "1"}
    licence = [
        {"id": 1, "name": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}
    ]
    text = orjson.dumps({"info": info, "licenses": licence, "categories": categories()})
    return text[:-1] + b',"images":['
