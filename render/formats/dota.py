"""DOTA: <split>/images/, <split>/labelTxt/*.txt, four corners in px, class, difficulty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from render.corners import corners_px
from render.files import make_folder, write_unseen
from render.format import Format, Item, Source
from render.images import copy_image
from render.item_batches import batches, counts_of, together
from render.text_lines import texts_of

LEAST_PX = 16
"""Visible pixels below which an object is marked difficult."""

CORNERS = " ".join(["%.2f"] * 8)


def _write(source: Source, out: Path) -> None:
    names = [name.replace(" ", "-") for name in source.classes.names]
    for split in source.splits:
        images, labels = (make_folder(out / split / n) for n in ("images", "labelTxt"))
        for some in batches(source.items(split)):
            for item, text in zip(some, _texts(some, names), strict=True):
                copy_image(item, images)
                write_unseen(f"{labels}/{item.stem}.txt", text)


def _texts(items: Sequence[Item], names: Sequence[str]) -> list[bytes]:
    labels = together(items)
    return texts_of(
        f"{CORNERS} %s %d\n", names, counts_of(items),
        corners_px(labels).reshape(-1, 8), np.array(labels.classes),
        labels.column("area") < LEAST_PX,
    )  # fmt: skip


FORMAT = Format(
    "DOTA: images/, labelTxt/*.txt, oriented boxes in pixels",
    "masks, plain boxes of what is visible, tracks, every attribute; ids; which end is the front",
    _write,
)
