"""A part file: what a finished scene leaves for the merge, sealed with its own SHA-256.

First a line of JSON with the scene's files and the lengths of what follows: the COCO records of its
images and of its annotations as text, the numbers of its objects as they lie in memory, and their
words as JSON.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from render.annotation_json import Labelled, ObjectRows, annotations_json, object_rows
from render.label_columns import NUMBERS

WORDS = ("aspect", "sign", "ego_lane", "sign_state")
"""What an object has beside its numbers: attributes of ``ObjectRows``, in their order."""

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
    """A part file that was read: COCO records as text without brackets, and all objects."""

    files: list[tuple[str, str, int]]
    images: memoryview
    annotations: memoryview
    objects: ObjectRows


def dump_part(gathered: Gathered) -> bytes:
    """The content of a part file."""
    size = (gathered.images[0]["height"], gathered.images[0]["width"])
    texts: list[bytes] = []
    objects: list[ObjectRows] = []
    for first in range(0, len(gathered.labelled), IMAGES_AT_ONCE):
        some = gathered.labelled[first : first + IMAGES_AT_ONCE]
        rows = object_rows(some, size)
        texts.append(annotations_json(rows, [mask for image in some for mask in image.masks]))
        objects.append(rows)
    words = [[word for rows in objects for word in getattr(rows, name)] for name in WORDS]
    bodies = [
        orjson.dumps(gathered.images, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1],
        b",".join(filter(None, texts)),
        b"".join([rows.numbers.astype("<f8", copy=False).tobytes() for rows in objects]),
        orjson.dumps(words),
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
    images, annotations, numbers, words = (whole[a:b] for a, b in itertools.pairwise(ends))
    table = np.frombuffer(numbers, "<f8").reshape(-1, len(NUMBERS))
    return Part(head["files"], images, annotations, ObjectRows(table, *orjson.loads(words)))
