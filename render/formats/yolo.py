"""YOLO detection: images/<split>/, labels/<split>/*.txt, data.yaml that works from any folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from render.format import Format, Item, Source
from render.item_batches import sizes_px, together
from render.yolo_files import Numbers, apart, write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(items: Sequence[Item]) -> Iterator[Numbers]:
    """Centre and size of each box as shares of the image."""
    corner, size = np.split(together(items).box_px, 2, axis=1)
    boxes = np.concatenate([corner + size / 2, size], axis=1)
    return apart(items, boxes / np.tile(sizes_px(items), 2))


FORMAT = Format(
    "YOLO detection: labels/<split>/*.txt and data.yaml",
    "masks, oriented boxes, tracks, every attribute; ids",
    _write,
)
