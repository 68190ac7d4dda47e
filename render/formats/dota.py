"""DOTA: <split>/images/, <split>/labelTxt/*.txt, four corners in px, class, difficulty."""

from __future__ import annotations

from pathlib import Path

from render.corners import corners_px
from render.files import make_folder, write_bytes
from render.format import Format, Source
from render.images import copy_image

LEAST_PX = 16
"""Visible pixels below which an object is marked difficult."""

CORNERS = " ".join(["%.2f"] * 8)


def _write(source: Source, out: Path) -> None:
    names = [name.replace(" ", "-") for name in source.classes.names]
    for split in source.splits:
        labels = make_folder(out / split / "labelTxt")
        for item in source.items(split):
            name = copy_image(item, out / split / "images")
            lines = [
                f"{CORNERS} %s %d\n"
                % (*corners, names[a["class_index"]], a.get("area", LEAST_PX) < LEAST_PX)
                for a, corners in zip(
                    item.labels, corners_px(item.labels).reshape(-1, 8).tolist(), strict=True
                )
            ]
            write_bytes(f"{labels}/{Path(name).stem}.txt", "".join(lines).encode())


FORMAT = Format(
    "DOTA: images/, labelTxt/*.txt, oriented boxes in pixels",
    "masks, plain boxes of what is visible, tracks, every attribute; ids; which end is the front",
    _write,
)
