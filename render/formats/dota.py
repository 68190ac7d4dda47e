"""DOTA: <split>/images/, <split>/labelTxt/*.txt, four corners in px, class, difficulty."""

from __future__ import annotations

from pathlib import Path

from render.corners import corners_px
from render.files import make_folder, write_bytes
from render.format import Format, Source
from render.images import copy_image

LEAST_PX = 16
"""Visible pixels below which an object is marked difficult."""


def _write(source: Source, out: Path) -> None:
    names = [name.replace(" ", "-") for name in source.classes.names]
    for split in source.splits:
        labels = make_folder(out / split / "labelTxt")
        for item in source.items(split):
            name = copy_image(item, out / split / "images")
            lines = []
            for label in item.labels:
                corners = " ".join(f"{v:.2f}" for v in corners_px(label).ravel().tolist())
                difficult = int(label.get("area", LEAST_PX) < LEAST_PX)
                lines.append(f"{corners} {names[label['class_index']]} {difficult}\n")
            write_bytes(labels / f"{Path(name).stem}.txt", "".join(lines).encode())


FORMAT = Format(
    "DOTA: images/, labelTxt/*.txt, oriented boxes in pixels",
    "masks, plain boxes of what is visible, tracks, every attribute; ids; which end is the front",
    _write,
)
