"""DOTA: <split>/images/, <split>/labelTxt/*.txt, four corners in px, class, difficulty."""

from __future__ import annotations

from pathlib import Path

from render.corners import corners_px
from render.files import make_folder, write_unseen
from render.format import Format, Source
from render.images import copy_image
from render.label_columns import lines

LEAST_PX = 16
"""Visible pixels below which an object is marked difficult."""

CORNERS = " ".join(["%.2f"] * 8)


def _write(source: Source, out: Path) -> None:
    names = [name.replace(" ", "-") for name in source.classes.names]
    for split in source.splits:
        images, labels = (make_folder(out / split / n) for n in ("images", "labelTxt"))
        for item in source.items(split):
            name = copy_image(item, images)
            text = lines(
                f"{CORNERS} %s %d\n",
                *corners_px(item.labels).reshape(-1, 8).T.tolist(),
                [names[k] for k in item.labels.classes],
                (item.labels.column("area") < LEAST_PX).tolist(),
            )
            write_unseen(f"{labels}/{Path(name).stem}.txt", text.encode())


FORMAT = Format(
    "DOTA: images/, labelTxt/*.txt, oriented boxes in pixels",
    "masks, plain boxes of what is visible, tracks, every attribute; ids; which end is the front",
    _write,
)
