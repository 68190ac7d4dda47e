"""KITTI object labels: <split>/image_2/, <split>/label_2/*.txt, fifteen fields a line, 2D only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from render.format import Format, Item, Source
from render.images import copy_with_texts
from render.item_batches import counts_of, together
from render.label_text import texts_of

PARTLY, LARGELY = 0.1, 0.5
"""Hidden shares from which KITTI's occlusion is 1 (partly) and 2 (largely)."""

NAMES = {
    "car": "Car", "vehicle": "Car", "truck": "Truck", "bus": "Bus", "motorcycle": "Motorcycle",
    "bicycle": "Cyclist", "pedestrian": "Pedestrian", "person": "Pedestrian",
}  # fmt: skip
"""How KITTI spells our classes and COCO's; it has no buses, motorcycles, signs or signals: what it
does not name keeps a name of its own, so that a reader sees what it may leave out."""

UNKNOWN_3D = "-1 -1 -1 -1000 -1000 -1000 -10"
"""Size, place and turn in the frame of a driver's camera: what the development kit writes where
there are none."""


def _write(source: Source, out: Path) -> None:
    names = [NAMES.get(name, name).replace(" ", "_") for name in source.classes.names]
    copy_with_texts(source, out, ("image_2", "label_2"), lambda some: _texts(some, names))


def _texts(items: Sequence[Item], names: Sequence[str]) -> list[bytes]:
    labels = together(items)
    hidden = labels.column("occlusion")
    level = (hidden >= PARTLY).astype(int) + (hidden >= LARGELY)
    return texts_of(
        f"%s %.2f %d -10 %.2f %.2f %.2f %.2f {UNKNOWN_3D}\n", names, counts_of(items),
        np.array(labels.classes), labels.column("truncation"), level, labels.edges_px,
    )  # fmt: skip


FORMAT = Format(
    "KITTI: image_2/, label_2/*.txt, 2D boxes with occlusion and truncation",
    "our names (Car, Truck, Cyclist, Pedestrian; what KITTI lacks keeps a name of its own); "
    "masks, oriented boxes, tracks; occlusion beyond three levels; other attributes; ids",
    _write,
)
