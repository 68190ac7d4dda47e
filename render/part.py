"""A part file: what a finished scene leaves for the merge, sealed with its own SHA-256.

First a line of JSON with the scene's files and the lengths of what follows: the COCO records of its
images and of its annotations as text, and its rows of both tables as Arrow streams.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from render.annotation_json import (
    Labelled,
    annotations_json,
    frame_row,
    object_columns,
    object_rows,
)
from render.tables import OBJECTS, frames_schema

IMAGES_AT_ONCE = 64
"""Images whose objects are put into words together: many small steps become few large ones."""


@dataclasses.dataclass
class Gathered:
    """What one scene's frames have given so far.

    Attributes:
        files: (path, SHA-256, bytes) of every file that was written.
        images: COCO image records. labelled: the objects of each.
    """

    files: list[tuple[str, str, int]] = dataclasses.field(default_factory=list)
    images: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    labelled: list[Labelled] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """A part file that was read: records as text without brackets, table rows."""

    files: list[tuple[str, str, int]]
    images: memoryview
    annotations: memoryview
    frames: pa.Table
    objects: pa.Table


def dump_part(gathered: Gathered, maps: Sequence[str]) -> bytes:
    """The content of a part file of a dataset with these maps."""
    rows = [frame_row(i) for i in gathered.images]
    size = (rows[0]["height"], rows[0]["width"])
    texts, batches = [], []
    for first in range(0, len(rows), IMAGES_AT_ONCE):
        objects = object_rows(gathered.labelled[first : first + IMAGES_AT_ONCE], size)
        texts.append(annotations_json(objects))
        batches.append(pa.RecordBatch.from_pydict(object_columns(objects), OBJECTS))
    bodies = [
        orjson.dumps(gathered.images, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1],
        b",".join(filter(None, texts)),
        _stream([pa.RecordBatch.from_pylist(rows, frames_schema(maps))]),
        _stream(batches),
    ]
    head = orjson.dumps({"files": gathered.files, "lengths": [len(b) for b in bodies]})
    digest = hashlib.sha256()
    for piece in (head, b"\n", *bodies):
        digest.update(piece)
    return b"".join([head, b"\n", *bodies, b"\n", digest.hexdigest().encode()])


def files_of_part(file: Path) -> list[tuple[str, str, int]] | None:
    """The files that a part file names; None where it is not there or not as it was written."""
    data = file.read_bytes() if file.is_file() else b""
    content, _, digest = data.rpartition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != digest:
        return None
    return orjson.loads(content.partition(b"\n")[0])["files"]


def load_part(data: bytes) -> Part:
    """Read the content of a part file that is known to be sound."""
    line = data.index(b"\n")
    whole, head = memoryview(data), orjson.loads(data[:line])
    ends = itertools.accumulate(head["lengths"], initial=line + 1)
    images, annotations, frames, objects = (whole[a:b] for a, b in itertools.pairwise(ends))
    return Part(head["files"], images, annotations, _table(frames), _table(objects))


def _stream(batches: list[pa.RecordBatch]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as out:
        for batch in batches:
            out.write_batch(batch)
    return sink.getvalue().to_pybytes()


def _table(stream: memoryview) -> pa.Table:
    return pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
