"""Parquet with the images inside, as Hugging Face datasets load it: data/<split>-*.parquet."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from render.files import make_folder
from render.format import Format, Item, Source

IMAGES_A_FILE, IMAGES_A_GROUP = 2000, 100

_NUMBERS = ("area", "occlusion", "truncation", "contrast_left", "contrast_abs", "heading_rad",
            "speed_mps")  # fmt: skip
OBJECTS = pa.struct(
    [
        pa.field("id", pa.list_(pa.int64())),
        pa.field("bbox", pa.list_(pa.list_(pa.float32(), 4))),
        pa.field("category", pa.list_(pa.int64())),
        pa.field("track_id", pa.list_(pa.int64())),
        *(pa.field(name, pa.list_(pa.float32())) for name in _NUMBERS),
        pa.field("mask", pa.list_(pa.string())),
    ]
)
IMAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])


def _write(source: Source, out: Path) -> None:
    folder = make_folder(out / "data")
    schema = _schema(source.classes.names)
    for split in source.splits:
        name = split.replace("-", "_")  # a minus would end the name for the readers
        written = []
        items = source.items(split)
        while first := list(itertools.islice(items, 1)):
            path = folder / f".{name}.{len(written)}.{os.getpid()}.part"
            rest = itertools.islice(items, IMAGES_A_FILE - 1)
            _file(path, itertools.chain(first, rest), schema)
            written.append(path)
        for number, path in enumerate(written):
            path.replace(folder / f"{name}-{number:05d}-of-{len(written):05d}.parquet")


def _file(path: Path, items: itertools.chain[Item], schema: pa.Schema) -> None:
    # pictures are compressed already
    packed: Any = {name: "NONE" if name == "image.bytes" else "ZSTD" for name in _leaves(schema)}
    with pq.ParquetWriter(path, schema, compression=packed) as writer:
        while group := [_row(i) for i in itertools.islice(items, IMAGES_A_GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _leaves(schema: pa.Schema) -> list[str]:
    """Names of the stored columns, as parquet calls them."""
    table = pa.table({f.name: pa.array([], f.type) for f in schema}, schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    stored = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [stored.column(i).path for i in range(len(stored))]


def _row(item: Item) -> dict[str, Any]:
    width, height = item.size_px
    labels = item.labels
    objects = {
        "id": labels.column("id").astype(int).tolist(),
        "bbox": labels.box_px.tolist(),
        "category": labels.classes,
        "track_id": labels.column("track_id").astype(int).tolist(),
        **{name: labels.column(name).tolist() for name in _NUMBERS},
        "mask": labels.masks(),
    }
    return {
        "image": {"bytes": item.path.read_bytes(), "path": item.path.name},
        "image_id": item.image["id"], "width": width, "height": height,
        "scene": item.fact("scene_index"), "frame": item.fact("frame"),
        "condition": item.fact("condition", ""), "layout": item.fact("layout", ""),
        "optical_depth": item.fact("optical_depth"), "objects": objects,
    }  # fmt: skip


def _schema(names: tuple[str, ...]) -> pa.Schema:
    """Columns, with the note by which Hugging Face datasets know images and class names."""
    columns = [
        pa.field("image", IMAGE), pa.field("image_id", pa.int64()), pa.field("width", pa.int32()),
        pa.field("height", pa.int32()), pa.field("scene", pa.int64()),
        pa.field("frame", pa.int32()), pa.field("condition", pa.string()),
        pa.field("layout", pa.string()), pa.field("optical_depth", pa.float32()),
        pa.field("objects", OBJECTS),
    ]  # fmt: skip

    def value(kind: str) -> dict[str, Any]:
        return {"dtype": "float32" if kind == "float" else kind, "_type": "Value"}

    def many(feature: dict[str, Any], length: int = -1) -> dict[str, Any]:
        return {"feature": feature, "length": length, "_type": "Sequence"}

    features = {
        "image": {"_type": "Image"},
        **{c.name: value(str(c.type)) for c in columns[1:-1]},
        "objects": {
            "id": many(value("int64")), "bbox": many(many(value("float32"), 4)),
            "category": many({"names": list(names), "_type": "ClassLabel"}),
            "track_id": many(value("int64")),
            **{name: many(value("float32")) for name in _NUMBERS}, "mask": many(value("string")),
        },
    }  # fmt: skip
    note = json.dumps({"info": {"features": features}})
    return pa.schema(columns, metadata={"huggingface": note})


FORMAT = Format(
    "Parquet with images, for Hugging Face datasets",
    "oriented and amodal boxes, what a signal shows, the weather's quantities",
    _write,
)
