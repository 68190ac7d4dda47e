"""YOLO detection: images/<split>/, labels/<split>/*.txt, data.yaml that works from any folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.format import Format, Item, Source
from render.yolo_files import write_yolo


def _write(source: Source, out: Path) -> None:
    write_yolo(source, out, _shares)


def _shares(label: Mapping[str, Any], item: Item) -> tuple[float, ...]:
    """Centre and size of the box as shares of the image."""
    x, y, w, h = label["bbox"]
    width, height = item.size_px
    return (x + w / 2) / width, (y + h / 2) / height, w / width, h / height


FORMAT = Format(
    "YOLO detection: labels/<split>/*.txt and data.yaml",
    "masks, oriented boxes, tracks, every attribute; ids",
    _write,
)
