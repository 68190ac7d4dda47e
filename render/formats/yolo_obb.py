"""YOLO with oriented boxes: the four corners of each, as shares of the image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from render.corners import corners_px
from render.format import Format, Item, Source
from render.item_batches import sizes_px, together
from render.yolo_files import Numbers, apart, write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(items: Sequence[Item]) -> Iterator[Numbers]:
    sizes = sizes_px(items)
    # readers throw an image away when one corner lies outside of it
    corners = corners_px(together(items), sizes) / sizes[:, None]
    return apart(items, corners.reshape(-1, 8))


FORMAT = Format(
    "YOLO oriented boxes: four corners a line, and data.yaml",
    "masks, tracks, every attribute; ids; which end is the front; corners outside the image are "
    "moved to its edge",
    _write,
)
