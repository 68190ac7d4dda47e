"""DOTA: <split>/images/, <split>/labelTxt/*.txt, four corners in px, class, difficulty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from render.corners import corners_px
from render.format import Format, Item, Source
from render.images import copy_with_texts
from render.item_batches import counts_of, together
from render.label_text import texts_of

LEAST_PX = 16
"""Visible pixels below which an object is marked difficult."""

CORNERS = " ".join(["%.2f"] * 8)


def _write(source: Source, out: Path) -> None:
    names = [name.replace(" ", "-") for name in source.classes.names]
    copy_with_texts(source, out, ("images", "labelTxt"), lambda some: _texts(some, names))


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
