"""Pascal VOC: JPEGImages/, Annotations/*.xml, ImageSets/Main/<split>.txt, labelmap.txt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from render.files import make_folder, write_bytes, write_unseen
from render.format import Format, Item, Source
from render.images import copy_image
from render.item_batches import batches, counts_of, together
from render.label_text import texts_of

HIDDEN, CUT = 0.05, 0.05
"""Shares from which an object is marked as occluded, and as truncated."""

LEAST_PX, MOST_HIDDEN, LEAST_CONTRAST = 16, 0.8, 0.05
"""Beyond these an object is difficult: VOC's own evaluation then leaves it out."""


OBJECT = (
    "<object><name>%s</name><pose>Unspecified</pose><truncated>%d</truncated>"
    "<occluded>%d</occluded><difficult>%d</difficult><bndbox><xmin>%d</xmin><ymin>%d</ymin>"
    "<xmax>%d</xmax><ymax>%d</ymax></bndbox></object>"
)


def _write(source: Source, out: Path) -> None:
    folders = ("JPEGImages", "Annotations", "ImageSets/Main")
    images, xml, lists = (make_folder(out / name) for name in folders)
    write_bytes(out / "labelmap.txt", _label_map(source.classes.names).encode())
    names = tuple(escape(name) for name in source.classes.names)
    for split in source.splits:
        with (lists / f"{split}.txt").open("w", encoding="utf-8", newline="\n") as listed:
            for some in batches(source.items(split)):
                for item, objects in zip(some, _objects(some, names), strict=True):
                    copy_image(item, images)
                    write_unseen(f"{xml}/{item.stem}.xml", _annotation(item, objects))
                    listed.write(f"{item.stem}\n")


def _label_map(names: tuple[str, ...]) -> str:
    """The file by which datumaro and CVAT learn classes that are not the twenty of VOC."""
    lines = [f"{name}:::" for name in ("background", *names)]
    return "\n".join(["# label:color_rgb:parts:actions", *lines, ""])


def _annotation(item: Item, objects: bytes) -> bytes:
    width, height = item.size_px
    head = (
        f"<annotation><folder>JPEGImages</folder><filename>{escape(item.name)}</filename>"
        f"<source><database>Fairweather</database></source>"
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        f"<segmented>0</segmented>"
    )
    return head.encode() + objects + b"</annotation>\n"


def _objects(items: Sequence[Item], names: Sequence[str]) -> list[bytes]:
    labels = together(items)
    hidden = labels.column("occlusion")
    difficult = (
        (labels.column("visible_area") < LEAST_PX)
        | (hidden > MOST_HIDDEN)
        | (labels.column("contrast_left") < LEAST_CONTRAST)
    )
    box = np.rint(labels.box_px)
    # the first pixel of an image is (1, 1), and the last of a box belongs to it
    return texts_of(
        OBJECT, names, counts_of(items),
        np.array(labels.classes), labels.column("truncation") >= CUT, hidden >= HIDDEN, difficult,
        box[:, :2] + 1, box[:, :2] + box[:, 2:],
    )  # fmt: skip


FORMAT = Format(
    "Pascal VOC: JPEGImages/, Annotations/*.xml, ImageSets/Main",
    "masks, oriented boxes, tracks; occlusion and truncation beyond yes or no; other attributes; "
    "ids",
    _write,
)
