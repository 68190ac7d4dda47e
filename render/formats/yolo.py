"""YOLO detection: images/<split>/, labels/<split>/*.txt, data.yaml that works from any folder."""

from __future__ import annotations

from pathlib import Path

from render.format import Format, Item, Source
from render.yolo_files import write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(item: Item) -> list[tuple[float, ...]]:
    """Centre and size of each box as shares of the image."""
    width, height = item.size_px
    boxes = [label["bbox"] for label in item.labels]
    return [
        ((x + w / 2) / width, (y + h / 2) / height, w / width, h / height) for x, y, w, h in boxes
    ]


FORMAT = Format(
    "YOLO detection: labels/<split>/*.txt and data.yaml",
    "masks, oriented boxes, tracks, every attribute; ids",
    _write,
)
