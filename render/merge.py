"""Joining the scenes' parts into a dataset's tables, in scene order, at constant memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from render.annotation_json import categories
from render.config import GenerateConfig
from render.frame import CLASSES
from render.scene_job import WORK
from render.tables import FRAME_FIELDS, OBJECT_FIELDS, Table


def merge_parts(root: Path, config: GenerateConfig) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Write annotations/<split>.json, objects.parquet and frames.parquet from the parts.

    Returns:
        (path, SHA-256) of every file that scenes wrote; and counts of scenes, images, annotations
        and objects a class.
    """
    hashes: list[tuple[str, str]] = []
    per_class = dict.fromkeys(CLASSES, 0)
    counts = {"scenes": config.scenes, "images": 0, "annotations": 0}
    objects = Table(root / "objects.parquet", OBJECT_FIELDS)
    frames = Table(root / "frames.parquet", FRAME_FIELDS)
    with (
        (root / "annotations" / f"{config.split}.json").open("w", encoding="utf-8") as out,
        (root / WORK / "annotations.tail").open("w+", encoding="utf-8") as tail,
    ):
        _head(out, config)
        for index, (head, images, annotations) in enumerate(_parts(root, config.scenes)):
            hashes += [(path, digest) for path, digest, _ in head["files"]]
            out.write(("," if index else "") + images)
            if annotations:
                tail.write(("," if counts["annotations"] else "") + annotations)
            image_rows, object_rows = _rows(images, annotations)
            counts["images"] += len(image_rows)
            counts["annotations"] += len(object_rows)
            for row in object_rows:
                per_class[row["category"]] += 1
            frames.add(image_rows)
            objects.add(object_rows)
        out.write('],"annotations":[')
        tail.seek(0)
        while piece := tail.read(1 << 20):
            out.write(piece)
        out.write("]}\n")
    objects.close()
    frames.close()
    return hashes, {**counts, "per_class": per_class}


def _head(out: TextIO, config: GenerateConfig) -> None:
    info = {"description": f"Fairweather, seed {config.seed}, split {config.split}", "version": "1"}
    licence = [
        {"id": 1, "name": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}
    ]
    parts = [("info", info), ("licenses", licence), ("categories", categories())]
    text = ",".join(f'"{k}":{json.dumps(v, separators=(",", ":"))}' for k, v in parts)
    out.write("{" + text + ',"images":[')


def _parts(root: Path, scenes: int) -> Iterator[tuple[dict[str, Any], str, str]]:
    for index in range(scenes):
        with (root / WORK / f"{index:06d}.part").open(encoding="utf-8") as lines:
            head = json.loads(lines.readline())
            images = lines.readline().rstrip("\n")
            yield head, images, lines.readline().rstrip("\n")


def _rows(images: str, annotations: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Table rows of one part."""
    image_rows = [
        {**image, **image["attributes"], "image_id": image["id"]}
        for image in json.loads(f"[{images}]")
    ]
    object_rows = []
    for item in json.loads(f"[{annotations}]"):
        x, y, w, h = item["bbox"]
        named = {
            "image_id": item["image_id"], "annotation_id": item["id"],
            "category": CLASSES[item["category_id"] - 1], "x": x, "y": y, "w": w, "h": h,
        }  # fmt: skip
        object_rows.append({**item["attributes"], **named})
    return image_rows, object_rows
