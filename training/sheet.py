"""A study's report as parts: tables, charts and pictures, laid out by one template for all."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from training.bootstrap import Interval
from training.page import points, rendered
from training.pictures import LEGEND, Picture

COLOURS = (
    "#0072b2", "#d55e00", "#cc3f8c", "#00916e", "#7a5fd0", "#8a7a3b", "#74808f", "#b5333f",
)  # fmt: skip
"""Told apart also by people who see red and green alike (after Okabe and Ito)."""

WIDTH, HEIGHT, LEFT, TOP = 780, 250, 64, 14
"""Of a chart's inner part and its place, in units of the drawing."""

HEAT_LEFT, HEAT_ROW = 150, 54
"""Of a heat map: where its cells begin, and the height of a row."""

FOREST_LEFT, FOREST_WIDTH, FOREST_ROW = 330, 420, 30
"""Of a forest plot: where its axis begins, its length, and the height of a row."""


@dataclasses.dataclass(frozen=True)
class Table:
    """Cells as words; ``marks`` gives a row a look: '', 'mean' or 'few'. ``note`` stands above."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[str, ...] = ()
    note: str = ""
    kind: str = "table"


@dataclasses.dataclass(frozen=True)
class Line:
    """A curve with a band: places f64 on the axis and one share with its interval at each.

    ``mark`` is a place that is marked by a line from top to bottom.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[Interval, ...]
    mark: float | None = None


@dataclasses.dataclass(frozen=True)
class Chart:
    """Curves of shares over an axis; ``ticks`` are (place, word)."""

    x_label: str
    y_label: str
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    note: str = ""
    kind: str = "chart"


@dataclasses.dataclass(frozen=True)
class Forest:
    """Differences with their intervals and verdicts, one below the other; shares."""

    label: str
    rows: tuple[tuple[str, Interval, str], ...]
    note: str = ""
    kind: str = "forest"


@dataclasses.dataclass(frozen=True)
class Bars:
    """Shares as bars with their intervals; the first is the reference."""

    label: str
    rows: tuple[tuple[str, Interval], ...]
    note: str = ""
    kind: str = "bars"


@dataclasses.dataclass(frozen=True)
class Heat:
    """A map of shares: rows over columns, and a line through it.

    Attributes:
        columns, rows: words at the axes, labels what they are of. cells: f64 shares, row by row.
        contour: a line as (column, row) in cells, 0 the middle of the first.
    """

    x_label: str
    y_label: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[Interval, ...], ...]
    contour: tuple[tuple[float, float], ...]
    note: str = ""
    kind: str = "heat"


@dataclasses.dataclass(frozen=True)
class Gallery:
    """Rows of pictures with boxes, and a caption for each column."""

    rows: tuple[tuple[Picture, ...], ...]
    captions: tuple[str, ...]
    note: str = ""
    kind: str = "gallery"


Part = Table | Chart | Forest | Bars | Heat | Gallery


@dataclasses.dataclass(frozen=True)
class Section:
    """A heading, a few words, and what is shown below them."""

    title: str
    text: str
    parts: tuple[Part, ...] = ()


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A whole report.

    Attributes:
        study, size: what was asked. headline: the answer in a sentence. lead: how to read it.
        warnings: what makes it no result. sections: the body. facts: what this is a measurement
            of, by name. limits: what it is not.
    """

    study: str
    size: str
    headline: str
    lead: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]


def sheet_page(sheet: Sheet) -> str:
    """The report as one page, see ``page.rendered``."""
    sections = [
        {"title": s.title, "text": s.text, "parts": [_drawn(p) for p in s.parts]}
        for s in sheet.sections
    ]
    widest = [len(p.captions) for s in sheet.sections for p in s.parts if isinstance(p, Gallery)]
    return rendered(
        "sheet.html.j2",
        {
            "sheet": sheet, "sections": sections, "legend": LEGEND,
            "columns": max(widest, default=1),
        },
    )  # fmt: skip


def _drawn(part: Part) -> dict[str, Any]:
    if isinstance(part, Chart):
        return _chart(part)
    if isinstance(part, Forest):
        return _forest(part)
    if isinstance(part, Bars):
        return _bars(part)
    if isinstance(part, Heat):
        return _heat(part)
    if isinstance(part, Table):
        marks = part.marks or ("",) * len(part.rows)
        rows = [(mark, row) for mark, row in zip(marks, part.rows, strict=True)]
        return {"kind": part.kind, "head": part.head, "rows": rows, "note": part.note}
    return {"kind": part.kind, "rows": part.rows, "captions": part.captions, "note": part.note}


def _chart(chart: Chart) -> dict[str, Any]:
    places = [x for x, _ in chart.ticks] + [x for line in chart.lines for x in line.x]
    low, high = min(places), max(places)

    def across(x: float) -> float:
        return LEFT + WIDTH * (x - low) / ((high - low) or 1.0)

    values = [v for line in chart.lines for y in line.y for v in (y.value, y.high)]
    most = max((v for v in values if not math.isnan(v)), default=1.0)
    top = next((t for t in (0.2, 0.4, 0.6, 0.8) if most <= t), 1.0)
    lines = [
        _curve(
            line,
            [across(x) for x in line.x],
            COLOURS[k % len(COLOURS)],
            None if line.mark is None else across(line.mark),
            top,
        )
        for k, line in enumerate(chart.lines)
    ]
    return {
        "kind": chart.kind, "note": chart.note, "x_label": chart.x_label, "y_label": chart.y_label,
        "ticks": [(across(x), word) for x, word in chart.ticks], "lines": lines,
        "levels": [(_down(top * k / 4, top), f"{25 * top * k:g}") for k in range(5)],
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP,
    }  # fmt: skip


def _curve(
    line: Line, across: Sequence[float], colour: str, mark: float | None, top: float
) -> dict[str, Any]:
    """A line as paths; ``top`` is the share at the upper end of the axis."""
    known = [(x, y) for x, y in zip(across, line.y, strict=True) if not math.isnan(y.value)]
    banded = [(x, y) for x, y in known if not math.isnan(y.low)]
    upper = [f"{x:.1f} {_down(y.high, top):.1f}" for x, y in banded]
    lower = [f"{x:.1f} {_down(y.low, top):.1f}" for x, y in reversed(banded)]
    dots = [(x, _down(y.value, top)) for x, y in known]
    return {
        "name": line.name, "colour": colour, "dots": dots, "mark": mark,
        "line": "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in dots) if dots else "",
        "band": "M" + "L".join(upper + lower) + "Z" if len(banded) > 1 else "",
        "whisker": f"M{upper[0]}V{lower[0].split()[1]}" if len(banded) == 1 else "",
    }  # fmt: skip


def _down(share: float, top: float) -> float:
    return TOP + HEIGHT * (1.0 - min(max(share / top, 0.0), 1.0))


def _forest(forest: Forest) -> dict[str, Any]:
    ends = [v for _, i, _ in forest.rows for v in (i.low, i.high, i.value) if not math.isnan(v)]
    reach = max((abs(v) for v in ends), default=0.1) or 0.1
    middle = FOREST_LEFT + FOREST_WIDTH / 2

    def across(v: float) -> float:
        return middle + FOREST_WIDTH / 2 * v / reach

    rows = []
    for k, (name, value, verdict) in enumerate(forest.rows):
        known = not math.isnan(value.value)
        banded = not math.isnan(value.low)
        rows.append(
            {
                "name": name, "verdict": verdict, "shown": points(value),
                "y": 22 + FOREST_ROW * k, "x": across(value.value) if known else None,
                "low": across(value.low) if banded else None,
                "high": across(value.high) if banded else None,
            }
        )  # fmt: skip
    ticks = [(across(v), f"{100 * v:+.0f}" if v else "0") for v in (-reach, 0.0, reach)]
    return {
        "kind": forest.kind, "note": forest.note, "label": forest.label, "rows": rows,
        "ticks": ticks, "height": 22 + FOREST_ROW * len(rows), "middle": middle,
    }  # fmt: skip


def _bars(bars: Bars) -> dict[str, Any]:
    """Bars of shares in percent, whiskers where there is an interval."""
    rows = []
    for name, value in bars.rows:
        known = not math.isnan(value.value)
        banded = known and not math.isnan(value.low)
        rows.append(
            {
                "name": name, "width": 100 * value.value if known else 0.0, "shown": points(value),
                "low": 100 * value.low if banded else None,
                "high": 100 * value.high if banded else None,
            }
        )  # fmt: skip
    return {"kind": bars.kind, "note": bars.note, "label": bars.label, "rows": rows}


def _heat(heat: Heat) -> dict[str, Any]:
    """Cells with their place, words and depth of colour, and the contour as a path."""
    wide, high = WIDTH / len(heat.columns), HEAT_ROW
    cells = [
        {
            "x": HEAT_LEFT + wide * i, "y": TOP + high * k, "share": min(max(v.value, 0.0), 1.0),
            "word": points(v).split(" ", 1)[0], "bounds": points(v).partition(" ")[2],
        }
        for k, row in enumerate(heat.cells)
        for i, v in enumerate(row)
        if not math.isnan(v.value)
    ]  # fmt: skip
    path = [
        f"{HEAT_LEFT + wide * (x + 0.5):.1f} {TOP + high * (y + 0.5):.1f}" for x, y in heat.contour
    ]
    return {
        "kind": heat.kind, "note": heat.note, "x_label": heat.x_label, "y_label": heat.y_label,
        "cells": cells, "wide": wide, "high": high, "left": HEAT_LEFT, "top": TOP,
        "width": WIDTH, "height": high * len(heat.rows),
        "columns": [(HEAT_LEFT + wide * (i + 0.5), w) for i, w in enumerate(heat.columns)],
        "rows": [(TOP + high * (k + 0.5), w) for k, w in enumerate(heat.rows)],
        "contour": "M" + "L".join(path) if len(path) > 1 else "",
    }  # fmt: skip
