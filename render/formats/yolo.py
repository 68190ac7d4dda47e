"""YOLO detection: images/<split>/, labels/<split>/*.txt, data.yaml that works from any folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from render.format import Format, Item, Source
from render.yolo_files import each, write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(item: Item) -> tuple[np.ndarray, np.ndarray]:
    """Centre and size of each box as shares of the image."""
    corner, size = np.split(item.labels.box_px, 2, axis=1)
    return each(np.concatenate([corner + size / 2, size], axis=1) / (item.size_px * 2))


FORMAT = Format(
    "YOLO detection: labels/<split>/*.txt and data.yaml",
    "masks, oriented boxes, tracks, every attribute; ids",
    _write,
)
