"""Pascal VOC: JPEGImages/, Annotations/*.xml, ImageSets/Main/<split>.txt, labelmap.txt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from render.files import make_folder, write_bytes
from render.format import Format, Item, Source
from render.images import copy_image

HIDDEN, CUT = 0.05, 0.05
"""Shares from which an object is marked as occluded, and as truncated."""

LEAST_PX, MOST_HIDDEN, LEAST_CONTRAST = 16, 0.8, 0.05
"""Beyond these an object is difficult: VOC's own evaluation then leaves it out."""


def _write(source: Source, out: Path) -> None:
    xml, lists = make_folder(out / "Annotations"), make_folder(out / "ImageSets" / "Main")
    write_bytes(out / "labelmap.txt", _label_map(source.classes.names).encode())
    names = tuple(escape(name) for name in source.classes.names)
    for split in source.splits:
        with (lists / f"{split}.txt").open("w", encoding="utf-8", newline="\n") as listed:
            for item in source.items(split):
                name = copy_image(item, out / "JPEGImages")
                stem = Path(name).stem
                text = _annotation(item, name, names)
                write_bytes(f"{xml}/{stem}.xml", text.encode())
                listed.write(f"{stem}\n")


def _label_map(names: tuple[str, ...]) -> str:
    """The file by which datumaro and CVAT learn classes that are not the twenty of VOC."""
    lines = [f"{name}:::" for name in ("background", *names)]
    return "\n".join(["# label:color_rgb:parts:actions", *lines, ""])


def _annotation(item: Item, name: str, names: tuple[str, ...]) -> str:
    width, height = item.size_px
    objects = "".join(_object(a, names[a["class_index"]]) for a in item.labels)
    return (
        f"<annotation><folder>JPEGImages</folder><filename>{escape(name)}</filename>"
        f"<source><database>Fairweather</database></source>"
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        f"<segmented>0</segmented>{objects}</annotation>\n"
    )


def _object(label: Mapping[str, Any], name: str) -> str:
    x, y, w, h = (round(v) for v in label["bbox"])
    known = label.get("attributes", {})
    hidden, cut = known.get("occlusion", 0.0), known.get("truncation", 0.0)
    difficult = (
        known.get("visible_area", w * h) < LEAST_PX
        or hidden > MOST_HIDDEN
        or known.get("contrast_left", 1.0) < LEAST_CONTRAST
    )
    # the first pixel of an image is (1, 1), and the last of a box belongs to it
    return (
        f"<object><name>{name}</name><pose>Unspecified</pose>"
        f"<truncated>{int(cut >= CUT)}</truncated><occluded>{int(hidden >= HIDDEN)}</occluded>"
        f"<difficult>{int(difficult)}</difficult><bndbox><xmin>{x + 1}</xmin><ymin>{y + 1}</ymin>"
        f"<xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
    )


FORMAT = Format(
    "Pascal VOC: JPEGImages/, Annotations/*.xml, ImageSets/Main",
    "masks, oriented boxes, tracks; occlusion and truncation beyond yes or no; other attributes; "
    "ids",
    _write,
)
