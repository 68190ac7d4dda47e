"""YOLO segmentation: the outline of each mask, as shares of the image."""

from __future__ import annotations

from pathlib import Path

from render.format import Format, Item, Source
from render.outline import outlines_px
from render.yolo_files import Numbers, write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, lambda items: map(_shares, items))


def _shares(item: Item) -> Numbers:
    points, counts = outlines_px(item.labels, item.size_px)
    for axis, length_px in enumerate(item.size_px):  # both at once would be pair by pair
        points[:, axis] /= length_px
    return points.ravel(), 2 * counts


FORMAT = Format(
    "YOLO segmentation: one polygon a line, and data.yaml",
    "holes in masks; parts of one mask are joined by a line; oriented boxes, tracks, every "
    "attribute; ids",
    _write,
)
