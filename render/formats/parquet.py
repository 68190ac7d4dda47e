"""Parquet with the images inside, as Hugging Face datasets load it: data/<split>-*.parquet."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from render.files import AT_ONCE, make_folder, read_into, unwritable
from render.format import Format, Item, Source
from render.label_columns import BOX, PLACE, joined_masks
from simulator.errors import DataError

IMAGES_A_FILE, IMAGES_A_GROUP = 2000, 200

BYTES_A_GROUP = 1 << 25
"""Of images, from which on a group has fewer of them: readers take in one at once."""

PAGE_IMAGES = 64
"""At most; else as many as the first as take ``AT_ONCE``: faster written than whole groups."""

PICTURES = "image.bytes"
"""The stored column of the images: packed already, none equals another, not to be ordered."""

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
    for split in source.splits:
        written = list(_parts(source, split, out))
        for number, path in enumerate(written):
            path.replace(_named(path.parent, split, number, len(written)))


def _shards(source: Source, out: Path) -> Iterator[Path]:
    for split in source.splits:
        # a file's name tells how many there are: they are counted first, for it cannot change later
        total = -(-sum(1 for _ in source.items(split)) // IMAGES_A_FILE)
        for number, path in enumerate(_parts(source, split, out)):
            yield path.replace(_named(path.parent, split, number, total))


def _parts(source: Source, split: str, out: Path) -> Iterator[Path]:
    """The files of a split under names that they have for now."""
    folder, schema = make_folder(out / "data"), _schema(source.classes.names)
    items = source.items(split)
    for number in itertools.count():
        first = list(itertools.islice(items, 1))
        if not first:
            return
        path = folder / f".{split}.{number}.{os.getpid()}.part"
        page = min(max(AT_ONCE // max(first[0].size, 1), 1), PAGE_IMAGES)
        rest = itertools.islice(items, IMAGES_A_FILE - 1)
        try:
            _file(path, itertools.chain(first, rest), schema, page)
        except OSError as error:
            raise unwritable(path, error) from error
        yield path


def _named(folder: Path, split: str, number: int, total: int) -> Path:
    name = split.replace("-", "_")  # a minus would end the name for the readers
    return folder / f"{name}-{number:05d}-of-{total:05d}.parquet"


def _file(path: Path, items: Iterator[Item], schema: pa.Schema, page: int) -> None:
    """``page``: how many images one has at least."""
    others: Any = [name for name in _leaves(schema) if name != PICTURES]
    packed: Any = {PICTURES: "NONE", **dict.fromkeys(others, "ZSTD")}
    # used again and again: new memory costs as much as the reading
    rooms = [np.empty(0, np.uint8)] * 2
    # without dictionaries the file is smaller, and to look for equal images takes longest of all
    with pa.OSFile(str(path), "wb") as file, pq.ParquetWriter(
        file, schema, compression=packed, use_dictionary=False, write_statistics=others,
        write_batch_size=page,
    ) as writer, ThreadPoolExecutor(1, "parquet") as behind:  # fmt: skip
        written: Future[None] | None = None
        for group, sizes in _groups(items):
            room = rooms.pop(0)
            if len(room) < sum(sizes):
                room = np.empty(sum(sizes) * 5 // 4, np.uint8)  # groups differ by less
            known = [*_facts(group, schema), _objects(group)]  # before pictures fill the caches
            table = pa.Table.from_arrays([_pictures(group, sizes, room), *known], schema=schema)
            if written is not None:
                written.result()
            written = behind.submit(writer.write_table, table)  # while the next is read
            rooms.append(room)
        if written is not None:
            written.result()


def _groups(items: Iterator[Item]) -> Iterator[tuple[list[Item], list[int]]]:
    """Images that are written together, and the bytes of each."""
    group: list[Item] = []
    sizes: list[int] = []
    for item in items:
        if len(group) == IMAGES_A_GROUP or (group and sum(sizes) + item.size > BYTES_A_GROUP):
            yield group, sizes
            group, sizes = [], []
        group.append(item)
        sizes.append(item.size)
    if group:
        yield group, sizes


def _leaves(schema: pa.Schema) -> list[str]:
    """Names of the stored columns, as parquet calls them."""
    table = pa.table({f.name: pa.array([], f.type) for f in schema}, schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    stored = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [stored.column(i).path for i in range(len(stored))]


def _pictures(group: Sequence[Item], sizes: Sequence[int], room: np.ndarray) -> pa.Array:
    places = np.zeros(len(group) + 1, np.int32)
    np.cumsum(sizes, out=places[1:])
    whole, edges = room.data, places.tolist()
    for item, (start, end) in zip(group, itertools.pairwise(edges), strict=True):
        if read_into(item.file, whole[start:end]) != end - start:
            raise DataError(
                "has changed while it was read", place=item.file, mend="Export it again"
            )
    buffers = [None, pa.py_buffer(places), pa.py_buffer(room[: edges[-1]])]
    told = pa.Array.from_buffers(pa.binary(), len(group), buffers)
    names = pa.array([item.name for item in group], pa.string())
    return pa.StructArray.from_arrays([told, names], fields=list(IMAGE))


def _facts(group: Sequence[Item], schema: pa.Schema) -> list[pa.Array]:
    """What is known of each image, in the order of the schema."""
    columns = (
        [item.image["id"] for item in group],
        [item.image["width"] for item in group],
        [item.image["height"] for item in group],
        [item.fact("scene_index") for item in group],
        [item.fact("frame") for item in group],
        [item.fact("condition", "") for item in group],
        [item.fact("layout", "") for item in group],
        [item.fact("optical_depth") for item in group],
    )
    kinds = [field.type for field in schema][1:-1]
    return [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]


def _objects(group: Sequence[Item]) -> pa.Array:
    """The labels of each image, a list for every column of theirs."""
    numbers = np.concatenate([item.labels.numbers for item in group])
    ends = np.cumsum([0, *(len(item.labels) for item in group)], dtype=np.int32)
    boxes = pa.array(numbers[:, BOX].astype(np.float32).ravel())
    columns = {
        "bbox": pa.FixedSizeListArray.from_arrays(
            boxes, type=OBJECTS.field("bbox").type.value_type
        ),
        "category": pa.array([k for item in group for k in item.labels.classes], pa.int64()),
        "mask": _masks(group),
        **{n: pa.array(numbers[:, PLACE[n]].astype(np.int64)) for n in ("id", "track_id")},
        **{n: pa.array(numbers[:, PLACE[n]].astype(np.float32)) for n in _NUMBERS},
    }
    lists = [pa.ListArray.from_arrays(ends, columns[f.name], type=f.type) for f in OBJECTS]
    return pa.StructArray.from_arrays(lists, fields=list(OBJECTS))


def _masks(group: Sequence[Item]) -> pa.Array:
    """Of all labels, from their own bytes: a text of its own for each would take longer than all
    else about them.
    """
    text, edges = joined_masks(item.labels for item in group)
    buffers = [None, pa.py_buffer(edges.astype(np.int32)), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string(), len(edges) - 1, buffers)


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
    _shards,
)
