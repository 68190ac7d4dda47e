"""YOLO segmentation: the outline of each mask, as shares of the image."""

from __future__ import annotations

from pathlib import Path

from render.format import Format, Item, Source
from render.outline import decoded_masks, outline_px
from render.yolo_files import write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(item: Item) -> list[list[float]]:
    size = item.size_px
    parts = decoded_masks(item.labels, size)
    return [(outline_px(mask, corner) / size).ravel().tolist() for mask, corner in parts]


FORMAT = Format(
    "YOLO segmentation: one polygon a line, and data.yaml",
    "holes in masks; parts of one mask are joined by a line; oriented boxes, tracks, every "
    "attribute; ids",
    _write,
)
