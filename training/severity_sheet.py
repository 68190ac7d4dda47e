"""The findings of ``severity`` as words and as a report: curves, thresholds, the surface."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render.store import Truth
from training.bootstrap import Interval
from training.breakdown import CONFUSION_OVERLAP, CONFUSION_SCORE, TOLD_APART
from training.checkpoint import ModelCard
from training.detector import Detections
from training.fine_print import (
    SIMULATED,
    measured_on,
    not_a_result,
    optimistic,
    origin,
    overlap,
)  # fmt: skip
from training.metrics import MIN_OBJECTS
from training.page import listed, percent, points
from training.pictures import pictures
from training.severity import Curve, Ladder, LadderFindings
from training.sheet import Chart, Gallery, Heat, Line, Section, Sheet, Table
from training.surface import Grid, Surface

LABEL_SHARE = 0.075
"""Least distance of two labels on an axis, of its length."""

PICTURED = 4
"""Levels of the first ladder that are shown as pictures."""

FOGLESS_M = 50_000.0
"""A visibility that is called none."""


@dataclasses.dataclass(frozen=True, eq=False)
class Severity:
    """Everything that the report says.

    Attributes:
        altitude_m: of the camera. ladders: the figures. grid, surfaces: of two quantities at once.
        truth, found: test data and the first model's detections, for the pictures.
        cards: of the models. seen: a scene that a model had seen.
    """

    title: str
    size: str
    altitude_m: float
    ladders: tuple[LadderFindings, ...]
    grid: Grid
    surfaces: tuple[Surface, ...]
    truth: Truth
    found: Detections
    cards: tuple[ModelCard, ...]
    seen: str | None


def headline(findings: Severity) -> str:
    """The answer in one or two sentences: where the first ladder loses half of signs and lights."""
    first = findings.ladders[0]
    parts = [
        f"half of the {curve.group} at {half_words(first.ladder, curve.half)}"
        for curve in first.curves
        if curve.group in ("stop signs", "red lights") and math.isfinite(curve.half.value)
    ]
    if not parts:
        return f"On the ladder of {first.ladder.name} it never loses half of signs or lights."
    return (
        f"In {first.ladder.name} it loses {listed(parts)}, seen from {findings.altitude_m:g} m up."
    )


def half_words(ladder: Ladder, half: Interval) -> str:
    """Where half is lost, a place on the axis, in the quantity's own unit with its interval."""
    if math.isnan(half.value):
        return "-"
    if math.isinf(half.value):
        return f"beyond {_short(ladder.levels[-1])} {ladder.unit}"
    value = ladder.values(half)
    ends = ["beyond" if math.isnan(v) else _short(v) for v in (value.low, value.high)]
    return f"{_short(value.value)} {ladder.unit} [{ends[0]}, {ends[1]}]"


def _short(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def words(findings: Severity) -> str:
    """The thresholds in plain words for the terminal."""
    lines = ["", headline(findings), "", "Where half of what is found at the mild end is lost:"]
    for found in findings.ladders:
        lines.append(f"{found.ladder.name} ({found.ladder.quantity}, {found.ladder.unit})")
        for curve in found.curves:
            first, last = curve.recall[0].value, curve.recall[-1].value
            few = " (few)" if curve.objects < MIN_OBJECTS else ""
            lines.append(
                f"  {curve.group:12s} {half_words(found.ladder, curve.half):34s} recall "
                f"{100 * first:.0f} -> {100 * last:.0f} %   {curve.objects} objects{few}"
            )
    down = findings.grid.down
    for surface in findings.surfaces:
        lines.append(f"{surface.group}, half lost at this visibility by daylight:")
        for level, half in zip(down.levels, surface.contour, strict=True):
            lines.append(f"  {_short(level):>6s} {down.unit}  {_row_half(findings.grid, half)}")
    return "\n".join([*lines, "", *_limits(findings)])


def sheet(findings: Severity) -> Sheet:
    """The whole report."""
    warnings = not_a_result(findings.seen)
    return Sheet(
        study="severity", size=findings.size, headline=headline(findings),
        lead=f"{findings.title.capitalize()}. Recall: the share of objects found as what they are, "
        f"at a score of {CONFUSION_SCORE} and an overlap of {CONFUSION_OVERLAP}. Bands and "
        f"brackets are 95 % intervals from resampling {findings.ladders[0].scenes} scenes; every "
        "level shows the same scenes.",
        warnings=warnings,
        sections=(
            *(_ladder(f) for f in findings.ladders), *_surfaces(findings), _pictures(findings)
        ),
        facts=_facts(findings), limits=(*warnings, *_limits(findings)),
    )  # fmt: skip


def _ladder(found: LadderFindings) -> Section:
    ladder = found.ladder
    x = tuple(ladder.place(v) for v in ladder.levels)
    lines = tuple(
        Line(c.group, x, c.recall, c.half.value if math.isfinite(c.half.value) else None)
        for c in found.curves
        if c.objects >= MIN_OBJECTS
    )
    chart = Chart(
        f"{ladder.quantity}, {ladder.unit}", "recall, %; dashed: half is lost", _ticks(ladder, x),
        lines,
    )  # fmt: skip
    head = (
        "what", "half is lost at", "recall at the mild end", "at the severe end",
        "area, %", "largest rise", "objects",
    )  # fmt: skip
    rows = tuple(_curve_row(ladder, c) for c in found.curves)
    note = (
        "Area: mean recall over the axis, as a share of that at the mild end. Largest rise: from a "
        "level to a severer one, points; 0 is a monotone curve."
    )
    marks = tuple("few" if c.objects < MIN_OBJECTS else "" for c in found.curves)
    return Section(
        ladder.name.capitalize(), "", (chart, Table(head, rows, marks, note), _taken(found))
    )  # fmt: skip


def _curve_row(ladder: Ladder, curve: Curve) -> tuple[str, ...]:
    return (
        curve.group, half_words(ladder, curve.half), points(curve.recall[0]),
        points(curve.recall[-1]), points(curve.area), percent(curve.rise), str(curve.objects),
    )  # fmt: skip


def _ticks(ladder: Ladder, x: tuple[float, ...]) -> tuple[tuple[float, str], ...]:
    """Labels of an axis, without those that would lie on others; both ends always have one."""
    least = LABEL_SHARE * (x[-1] - x[0])
    ticks: list[tuple[float, str]] = []
    for place, level in zip(x, ladder.levels, strict=True):
        word = "none" if place == x[0] and level in (0, FOGLESS_M) else _short(level)
        if place == x[-1]:
            while len(ticks) > 1 and place - ticks[-1][0] < least:
                ticks.pop()
        elif ticks and place - ticks[-1][0] < least:
            continue
        ticks.append((place, word))
    return tuple(ticks)


def _taken(found: LadderFindings) -> Table:
    """Of each level: what stop signs and red lights were taken for."""
    classes, rows = found.classes, []
    index = [[classes.index(n) for n in names if n in classes] for _, names in TOLD_APART]
    for level, table in zip(found.ladder.levels, found.confusions, strict=True):
        cells = []
        for own, others in ((index[0], index[1]), (index[1], index[0])):
            line = table[own].sum(axis=0)
            right, other, missed = (int(line[k].sum()) for k in (own, others, [-1]))
            total = int(line.sum())
            cells += [f"{right} of {total}", str(other), str(total - right - other - missed)]
            cells.append(str(missed))
        rows.append((_short(level), *cells))
    head = (
        f"{found.ladder.quantity}, {found.ladder.unit}", "stop signs found",
        "as a red light", "as another", "missed", "red lights found",
        "as a stop sign", "as another", "missed",
    )  # fmt: skip
    return Table(head, tuple(rows))


def _surfaces(findings: Severity) -> list[Section]:
    """One section a group: the map with its contour, where half is lost, what both do together."""
    grid = findings.grid
    columns = tuple(
        "none" if v >= FOGLESS_M else f"{_short(v)} {grid.across.unit}" for v in grid.across.levels
    )
    rows = tuple(f"{_short(v)} {grid.down.unit}" for v in grid.down.levels)
    title = f"{grid.across.name} x {grid.down.name}"
    return [
        Section(
            f"{title.capitalize()}: {surface.group}",
            f"Recall over {surface.objects} objects, % [95 % interval]. The dashed line is the "
            "contour of failure: beyond it less than half is found of what is found in the mild "
            "corner, read off between the levels.",
            (
                Heat(
                    f"{grid.across.quantity}, {grid.across.unit}",
                    f"{grid.down.quantity}, {grid.down.unit}", columns, rows, surface.recall,
                    _line(grid, surface),
                ),
                Table(
                    (f"{grid.down.quantity}", f"half is lost at this {grid.across.quantity}"),
                    tuple(
                        (word, _row_half(grid, half))
                        for word, half in zip(rows, surface.contour, strict=True)
                    ),
                ),
                Table(
                    (f"{grid.down.quantity}", *columns[1:]),
                    tuple(
                        (word, *(points(v) for v in line[1:]))
                        for word, line in zip(rows[1:], surface.beyond[1:], strict=True)
                    ),
                    note="Recall minus the product of what each leaves alone, points: below 0 "
                    "both together do more harm than each by itself would make expect.",
                ),
            ),
        )
        for surface in findings.surfaces
    ]  # fmt: skip


def _row_half(grid: Grid, half: Interval) -> str:
    if half.value == grid.across.place(grid.across.levels[0]):
        return "lost without any"
    return half_words(grid.across, half)


def _line(grid: Grid, surface: Surface) -> tuple[tuple[float, float], ...]:
    """The contour in cells; at the left edge where half is lost without any, at the right where
    it is never lost.
    """
    x = np.array([grid.across.place(v) for v in grid.across.levels])
    places = [
        -0.5 if half.value <= x[0] else len(x) - 0.5 if math.isinf(half.value)
        else float(np.interp(half.value, x, np.arange(len(x))))
        for half in surface.contour
    ]  # fmt: skip
    return tuple((place, float(row)) for row, place in enumerate(places) if place == place)


def _pictures(findings: Severity) -> Section:
    fog = findings.ladders[0].ladder
    steps = np.linspace(0, len(fog.labels) - 1, PICTURED).round().astype(int)
    rows = pictures(findings.truth, findings.found, tuple(fog.labels[i] for i in steps))
    captions = tuple(f"{fog.levels[i]:g} {fog.unit}" for i in steps)
    gallery = Gallery(tuple(tuple(r) for r in rows), captions)
    return Section(f"The same scenes in more and more {fog.name}", "", (gallery,))


def _limits(findings: Severity) -> tuple[str, ...]:
    count = len(findings.cards)
    trainings = f"{count} training{'s' * (count > 1)}"
    both = f"{findings.grid.across.name} and {findings.grid.down.name}"
    return (
        *optimistic(findings.ladders[0].scenes),
        f"{trainings}: the intervals cover the choice of scenes, not the luck of training.",
        f"Ladders change one quantity at a time, under an overcast sky; only {both} are crossed.",
        "The contour is read off straight lines between levels: it is no finer than they are.",
        f"Rows in grey have fewer than {MIN_OBJECTS} objects and no curve.",
        SIMULATED,
    )


def _facts(findings: Severity) -> tuple[tuple[str, str], ...]:
    card, truth, first = findings.cards[0], findings.truth, findings.ladders[0]
    return (
        ("Detector", f"{card.detector}, {card.steps} steps, {len(findings.cards)} training(s)"),
        ("Trained on", origin(card.lineage)),
        *measured_on(truth),
        ("Images", f"{len(truth)} of {first.scenes} scenes, on ladders and the surface"),
        ("Fingerprint", first.fingerprint),
        overlap(findings.seen),
    )  # fmt: skip
