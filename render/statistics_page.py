"""The job ``describe data=DIR out=PAGE``: a dataset's figures as one self-contained page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from render.dataset_reader import read_any
from render.files import write_bytes
from render.manifest import refuse_inside
from render.progress import progress
from render.statistics import LOOKS, SIDES_PX, Statistics, statistics
from render.thumbnails import COLOURS, heat_map, sheet, thumbnail
from render.truth import Truth
from simulator.errors import DataError, OutputError

MOST_CONDITIONS = 12
"""Contact sheets on a page."""

MOST_MAPS = 8
MOST_SHOWN = 8
"""Heat maps of classes, and pictures of pairs and outliers."""


def describe_dataset(data: Path, out: Path, images: str | None = None) -> Path:
    """Write the statistics page of any dataset.

    Args:
        data: a dataset of ours, in COCO or in YOLO. out: the page. images: of a COCO file.

    Raises:
        DataError: no dataset, or a broken one. OutputError: the page cannot be written.
    """
    # by its name, for a word mistyped would write the page over the labels that it is of
    if out.suffix.lower() not in (".html", ".htm") or out.is_dir() or not out.parent.is_dir():
        raise OutputError("is no place for a page", place=str(out), mend="Give out=PAGE.html")
    refuse_inside(out)
    truth = read_any(data, "", images)
    if not len(truth):
        raise DataError("has no image", place=str(data), mend="Check data=DIR")
    with progress("describing", len(truth), "images") as advance:
        figures = statistics(truth, advance)
    write_bytes(out, page(truth, figures).encode())
    return out


def page(truth: Truth, figures: Statistics) -> str:
    """The page as HTML: no script, no network."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    totals = figures.counts.sum(axis=1)
    order = np.argsort(-totals, kind="stable").tolist()
    template = environment.get_template("statistics.html.j2")
    return template.render(
        truth=truth, figures=figures, totals=totals, order=order, colours=COLOURS,
        headline=headline(truth, figures), conditions=_conditions(truth, figures),
        steps=_steps(figures), shapes=heat_map(figures.shapes[::-1]),
        maps=_maps(truth, figures, order), shares=_shares(figures), pairs=_pairs(truth, figures),
        odd_images=_odd_images(truth, figures), odd_boxes=_odd_boxes(truth, figures),
        per_image=_groups(figures.per_image), sizes=_sizes(truth), scenes=len(set(truth.scene)),
        looks=LOOKS,
    )  # fmt: skip


def headline(truth: Truth, figures: Statistics) -> str:
    """What there is to know first, in a sentence or two."""
    totals = figures.counts.sum(axis=1)
    empty = [n for n, count in zip(truth.classes, totals, strict=True) if not count]
    most = truth.classes[int(totals.argmax())]
    text = f"{len(truth):,} images, {int(totals.sum()):,} objects"
    if totals.sum():
        text += f"; {totals.max() / totals.sum():.0%} of them {most}"
    if empty:
        text += f"; none of {', '.join(empty[:6])}{' and others' if len(empty) > 6 else ''}"
    if figures.alike_count:
        text += f"; {figures.alike_count:,} pairs of images look the same"
    return f"{text}."


def _conditions(truth: Truth, figures: Statistics) -> list[dict[str, Any]]:
    said = dict(truth.severity)
    return [
        {"name": c or "all images", "images": int(n), "said": said.get(c, ""),
         "sheet": sheet(truth, c)}
        for c, n in list(zip(figures.conditions, figures.images, strict=True))[:MOST_CONDITIONS]
    ]  # fmt: skip


def _maps(truth: Truth, figures: Statistics, order: list[int]) -> list[tuple[str, str]]:
    shown = [k for k in order[:MOST_MAPS] if figures.counts[k].sum()]
    return [
        ("all classes", heat_map(figures.places[0])),
        *((truth.classes[k], heat_map(figures.places[1 + k])) for k in shown),
    ]


def _shares(figures: Statistics) -> list[dict[str, Any]]:
    """Occlusion and contrast by condition, each row as shares of its objects."""
    found = []
    for title, table in (("hidden share", figures.occlusion), ("contrast left", figures.contrast)):
        if table is not None:
            rows = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
            lines = [(c or "all images", r.tolist())
                     for c, r in zip(figures.conditions, rows, strict=True)]  # fmt: skip
            found.append({"title": title, "rows": lines})
    return found


def _pairs(truth: Truth, figures: Statistics) -> list[dict[str, Any]]:
    return [
        {"names": tuple(truth.path[i].name for i in (p.first, p.second)), "gap": p.difference,
         "uris": tuple(thumbnail(truth, i) for i in (p.first, p.second))}
        for p in figures.alike[:MOST_SHOWN]
    ]  # fmt: skip


def _odd_images(truth: Truth, figures: Statistics) -> list[dict[str, Any]]:
    return [
        {"name": truth.path[i].name, "uri": thumbnail(truth, i),
         "why": f"{'much' if off > 0 else 'little'} {look}",
         "value": float(figures.looks[i, LOOKS.index(look)])}
        for i, look, off in figures.odd_images[:MOST_SHOWN]
    ]  # fmt: skip


def _odd_boxes(truth: Truth, figures: Statistics) -> list[dict[str, Any]]:
    return [
        {"name": truth.path[truth.image[k]].name, "kind": truth.classes[truth.category[k]],
         "uri": thumbnail(truth, int(truth.image[k]), k), "why": why}
        for k, why in figures.odd_boxes[:MOST_SHOWN]
    ]  # fmt: skip


def _sizes(truth: Truth) -> list[tuple[str, int]]:
    sizes, counts = np.unique(truth.size_px, axis=0, return_counts=True)
    order = np.argsort(-counts)[:4]
    return [(f"{sizes[i][0]} x {sizes[i][1]} px", int(counts[i])) for i in order]


def _steps(figures: Statistics) -> list[tuple[int, str]]:
    """The size classes that have objects, and what to call them."""
    used = np.flatnonzero(figures.sides.sum(axis=0))
    between = range(int(used.min()), int(used.max()) + 1) if len(used) else range(0)
    return [(k, f"{SIDES_PX[k]:.0f} to {SIDES_PX[k + 1]:.0f}") for k in between]


def _groups(per_image: np.ndarray) -> list[tuple[str, int]]:
    """Images by number of objects, at most twenty lines."""
    step = -(-len(per_image) // 20)
    parts = [per_image[i : i + step].sum() for i in range(0, len(per_image), step)]
    names = [str(i * step) if step == 1 else f"{i * step} to {i * step + step - 1}"
             for i in range(len(parts))]  # fmt: skip
    return [(name, int(n)) for name, n in zip(names, parts, strict=True)]
