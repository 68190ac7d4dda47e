"""YOLO segmentation: the outline of each mask, as shares of the image."""

from __future__ import annotations

from pathlib import Path

from render.format import Format, Item, Source
from render.outline import decode_mask, outline_px
from render.yolo_files import write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(item: Item) -> list[list[float]]:
    size = item.size_px
    return [(outline_px(*decode_mask(a, size)) / size).ravel().tolist() for a in item.labels]


FORMAT = Format(
    "YOLO segmentation: one polygon a line, and data.yaml",
    "holes in masks; parts of one mask are joined by a line; oriented boxes, tracks, every "
    "attribute; ids",
    _write,
)
