"""The labels of a COCO file of ours, image by image, as columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from render.json_stream import records_of
from render.label_columns import NO_LABELS, Labels
from simulator.errors import DataError

CHUNK = 1 << 18
WORTH_BYTES = 1 << 21
"""Of a file: to load the scanner takes as long as to read the labels of a smaller one."""

MOST_BYTES = 1 << 22
"""Of the labels of one image, and of what stands in front of the images."""

_IMAGES, _LABELS = b',"images":[', b',"annotations":['


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """Labels of one image.

    Attributes:
        image_id: as the file has it. first: number of the first of them in the file.
        labels: if they are written as we do it. told: the records, if not.
    """

    image_id: Any
    first: int
    labels: Labels = NO_LABELS
    told: list[dict[str, Any]] | None = None

    def __len__(self) -> int:
        return len(self.labels if self.told is None else self.told)

    def records(self) -> list[dict[str, Any]]:
        """The records, however they are written."""
        return self.labels.parsed() if self.told is None else self.told


NO_RUN = Run(None, 0)


def label_runs(path: Path) -> Generator[Run, None, None]:
    """Labels that follow on one another and have one image_id; nothing in them is checked yet.

    From the first label on that is not written as we do it, records are read as of any other file.

    Raises:
        DataError: see ``json_stream.records_of``.
    """
    count, whole = 0, False
    try:
        if path.is_file() and path.stat().st_size >= WORTH_BYTES:
            count, whole = yield from _scanned(path)
    except OSError as error:
        raise DataError("cannot be read", place=str(path), mend="Check the path") from error
    if not whole:
        others = islice(records_of(path, "annotations"), count, None)
        for key, group in groupby(others, lambda record: record.get("image_id")):
            records = list(group)
            yield Run(key, count, told=records)
            count += len(records)


def _scanned(path: Path) -> Generator[Run, None, tuple[int, bool]]:
    """Gives how many labels it found, and whether these are all."""
    from render.label_scan import scan  # here: see WORTH_BYTES

    count, text = 0, b""
    with path.open("rb") as file:
        if not _pass_images(file):
            return 0, False
        while len(text) < MOST_BYTES and (piece := file.read(CHUNK)):
            text += piece
            found = scan(text)
            rows = len(found.numbers)
            end = int(found.spans[-1, -1]) if rows else 0
            ended = text[end : end + 1] == b"]"
            if not ended and found.stopped < len(text):
                return count, False
            owners = found.numbers[:, 1]
            edges = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist()]
            if ended and rows:  # else more labels of the last image may follow
                edges.append(rows)
            for a, b in pairwise(edges):
                labels = Labels(found.numbers[a:b], text, found.spans[a:b])
                yield Run(int(owners[a]), count, labels)
                count += b - a
            if ended:
                return count, True
            text = text[int(found.spans[edges[-1], 0]) if rows else 0 :]
    return count, False


def _pass_images(file: BinaryIO) -> bool:
    """Stand in front of the first label, if what comes before it is in the order that we write.

    Whether it is sound is for those to say who read the images.
    """
    from render.label_scan import list_end

    text = b""
    while (at := text.find(_IMAGES)) < 0:
        piece = file.read(CHUNK)
        text += piece
        if not piece or len(text) > MOST_BYTES:
            return False
    try:
        head = orjson.loads(text[:at] + b"}")
    except orjson.JSONDecodeError:
        return False
    if not head.keys().isdisjoint(("images", "annotations")):
        return False
    place, end, state = file.seek(at + len(_IMAGES)), -1, (0, 0)
    while end < 0:
        piece = file.read(CHUNK)
        if not piece:
            return False
        end, *state = list_end(piece, *state)
        place += len(piece) if end < 0 else end
    file.seek(place + 1)
    return file.read(len(_LABELS)) == _LABELS
