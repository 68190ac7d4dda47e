"""KITTI object labels: <split>/image_2/, <split>/label_2/*.txt, fifteen fields a line, 2D only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.files import make_folder, write_bytes
from render.format import Format, Source
from render.images import copy_image

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
    for split in source.splits:
        labels = make_folder(out / split / "label_2")
        for item in source.items(split):
            name = copy_image(item, out / split / "image_2")
            lines = [_line(a, names[a["class_index"]]) for a in item.labels]
            write_bytes(f"{labels}/{Path(name).stem}.txt", "".join(lines).encode())


def _line(label: Mapping[str, Any], name: str) -> str:
    x, y, w, h = label["bbox"]
    known = label.get("attributes", {})
    hidden = known.get("occlusion", 0.0)
    level = int(hidden >= PARTLY) + int(hidden >= LARGELY)
    box = f"{x:.2f} {y:.2f} {x + w:.2f} {y + h:.2f}"
    cut = known.get("truncation", 0.0)
    return f"{name} {cut:.2f} {level} -10 {box} {UNKNOWN_3D}\n"


FORMAT = Format(
    "KITTI: image_2/, label_2/*.txt, 2D boxes with occlusion and truncation",
    "our names (Car, Truck, Cyclist, Pedestrian; what KITTI lacks keeps a name of its own); "
    "masks, oriented boxes, tracks; occlusion beyond three levels; other attributes; ids",
    _write,
)
