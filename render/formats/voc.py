"""Pascal VOC: JPEGImages/, Annotations/*.xml, ImageSets/Main/<split>.txt, labelmap.txt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from render.files import make_folder, write_bytes, write_unseen
from render.format import Format, Item, Source
from render.images import copy_image
from render.label_columns import Labels, lines

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
            for item in source.items(split):
                name = copy_image(item, images)
                stem = Path(name).stem
                text = _annotation(item, name, names)
                write_unseen(f"{xml}/{stem}.xml", text.encode())
                listed.write(f"{stem}\n")


def _label_map(names: tuple[str, ...]) -> str:
    """The file by which datumaro and CVAT learn classes that are not the twenty of VOC."""
    lines = [f"{name}:::" for name in ("background", *names)]
    return "\n".join(["# label:color_rgb:parts:actions", *lines, ""])


def _annotation(item: Item, name: str, names: tuple[str, ...]) -> str:
    width, height = item.size_px
    objects = _objects(item.labels, names)
    return (
        f"<annotation><folder>JPEGImages</folder><filename>{escape(name)}</filename>"
        f"<source><database>Fairweather</database></source>"
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        f"<segmented>0</segmented>{objects}</annotation>\n"
    )


def _objects(labels: Labels, names: Sequence[str]) -> str:
    hidden = labels.column("occlusion")
    difficult = (
        (labels.column("visible_area") < LEAST_PX)
        | (hidden > MOST_HIDDEN)
        | (labels.column("contrast_left") < LEAST_CONTRAST)
    )
    box = np.rint(labels.box_px)
    # the first pixel of an image is (1, 1), and the last of a box belongs to it
    return lines(
        OBJECT,
        [names[k] for k in labels.classes],
        (labels.column("truncation") >= CUT).tolist(),
        (hidden >= HIDDEN).tolist(),
        difficult.tolist(),
        *(box[:, :2] + 1).T.tolist(),
        *(box[:, :2] + box[:, 2:]).T.tolist(),
    )


FORMAT = Format(
    "Pascal VOC: JPEGImages/, Annotations/*.xml, ImageSets/Main",
    "masks, oriented boxes, tracks; occlusion and truncation beyond yes or no; other attributes; "
    "ids",
    _write,
)
