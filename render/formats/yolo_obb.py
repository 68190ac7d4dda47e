"""YOLO with oriented boxes: four corners of each footprint, as shares of the image."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from render.corners import corners_px
from render.format import Format, Item, Source
from render.yolo_files import each, write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(item: Item) -> tuple[np.ndarray, np.ndarray]:
    # readers throw an image away when one corner lies outside of it
    corners = corners_px(item.labels, item.size_px) / item.size_px
    return each(corners.reshape(-1, 8))


FORMAT = Format(
    "YOLO oriented boxes: four corners a line, and data.yaml",
    "masks, tracks, every attribute; ids; which end is the front; corners outside the image are "
    "moved to its edge",
    _write,
)
