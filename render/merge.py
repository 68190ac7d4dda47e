"""Joining the scenes' parts into a dataset's tables, in scene order, at constant memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from render.annotation_json import categories
from render.config import GenerateConfig
from render.frame import CLASSES
from render.scene_job import WORK

ROWS_A_GROUP = 20_000
"""Rows that are collected before a parquet row group is written."""

OBJECT_FIELDS = {
    "image_id": pa.int64(), "annotation_id": pa.int64(), "category": pa.string(),
    "x": pa.float32(), "y": pa.float32(), "w": pa.float32(), "h": pa.float32(),
    "instance_id": pa.int32(), "track_id": pa.int32(), "visible_area": pa.int32(),
    "full_area": pa.int32(), "occlusion": pa.float32(), "truncation": pa.float32(),
    "contrast_left": pa.float32(), "contrast_abs": pa.float32(), "heading_rad": pa.float32(),
    "speed_mps": pa.float32(), "aspect": pa.string(), "sign": pa.string(), "ego_lane": pa.bool_(),
}  # fmt: skip
FRAME_FIELDS = {
    "image_id": pa.int64(), "file_name": pa.string(), "mask": pa.string(), "width": pa.int32(),
    "height": pa.int32(), "seed": pa.int64(), "split": pa.string(), "scene_index": pa.int32(),
    "frame": pa.int32(), "condition": pa.string(), "layout": pa.string(), "time_s": pa.float32(),
    "m_per_px": pa.float32(), "altitude_m": pa.float32(), "mor_m": pa.float32(),
    "optical_depth": pa.float32(), "illuminance_lux": pa.float32(), "geometry_sha256": pa.string(),
}  # fmt: skip


class Table:
    """A parquet file that is written in row groups while rows come in."""

    def __init__(self, path: Path, fields: dict[str, pa.DataType]) -> None:
        self._schema = pa.schema(list(fields.items()))
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Add rows; keys outside the schema are left out."""
        self._rows += rows
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


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
