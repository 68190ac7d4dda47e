"""Findings as words and as one self-contained page: tables, drawn intervals, pictures, limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from render.store import Lineage, Truth
from training.behaviour import Behaviour
from training.bootstrap import ENOUGH_SCENES, Interval
from training.breakdown import (
    ALL,
    BACKGROUND,
    CONFUSION_OVERLAP,
    CONFUSION_SCORE,
    COUNTED,
    Cell,
    drop,
    drop_over_seeds,
)  # fmt: skip
from training.checkpoint import ModelCard
from training.detector import Detections
from training.metrics import MIN_OBJECTS
from training.page import listed, percent, points, rendered
from training.pictures import LEGEND, Picture, pictures
from training.standing import Standing, facts
from training.taxonomy import POLICIES

GROUPS = (("stop sign", ("stop_sign",)), ("red light", ("light_red",)))
"""What must not be taken for each other; every other class is 'another object'."""

KIND_WORDS = {
    "class": "wrong class", "location": "wrong place", "both": "wrong class and place",
    "duplicate": "found twice", "background": "nothing is there", "missed": "not found",
}  # fmt: skip

POWER = 2.8
"""Effect over standard error that is found 80 times in 100 at the 5 % level: 1.96 + 0.84."""


@dataclasses.dataclass(frozen=True, eq=False)
class Findings:
    """Everything that a report says.

    Attributes:
        study, title, size: what was asked. conditions: the reference first. cells: figures by
            (condition, policy suffix). confusions: by condition, see ``breakdown.confusion``.
        truth, found: test data and the first model's detections, for the pictures.
        cards: of the models. plan: numbers of the design. seen: a scene that a model had seen.
        severity: the quantities of each condition in words. standing: of the study's plan.
        ways: how it goes wrong, by condition.
    """

    study: str
    title: str
    size: str
    conditions: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    confusions: Mapping[str, np.ndarray]
    truth: Truth
    found: Detections
    cards: tuple[ModelCard, ...]
    plan: Mapping[str, Any]
    seen: str | None
    severity: Mapping[str, str]
    ways: Mapping[str, Behaviour]
    standing: Standing | None = None


def headline(findings: Findings) -> str:
    """The answer in one or two sentences."""
    changes = _changes(findings, 0)
    if not changes:
        return "There was nothing to compare."
    worst = max(changes, key=lambda name: changes[name].value)
    change, reference = changes[worst], findings.conditions[0]
    before = _primary(findings, reference, 0).value
    after = _primary(findings, worst, 0).value
    if not change.low > 0:
        return (
            f"No condition is shown to break it: the largest fall of AP50 is {points(change)} "
            f"points in {worst}."
        )
    fine = [n for n, c in changes.items() if not c.low > 0]
    rest = f" {listed(fine).capitalize()} is not shown to harm it." if len(fine) == 1 else ""
    rest = f" {listed(fine).capitalize()} are not shown to harm it." if len(fine) > 1 else rest
    text = (
        f"{worst.capitalize()} breaks it most: AP50 falls from {percent(before)} in {reference} to "
        f"{percent(after)}, a fall of {points(change)} points.{rest}"
    )
    return text[0].upper() + text[1:]


def verdict(change: Interval) -> str:
    """What a paired fall says: worsens, improves, or inconclusive."""
    if np.isnan(change.low):
        return "not measured"
    return "worsens" if change.low > 0 else "improves" if change.high < 0 else "inconclusive"


def words(findings: Findings) -> str:
    """The table in plain words for the terminal."""
    reference = findings.conditions[0]
    lines = ["", headline(findings), ""]
    lines.append(
        f"{'':10s} {'AP50 [95 % interval]':24s} {'AP':22s} fall of AP50 against {reference}"
    )
    changes = _changes(findings, 0)
    for name in findings.conditions:
        both = [points(_primary(findings, name, k)) for k in (0, 1)]
        change = changes.get(name)
        fall = f"{points(change)} ({verdict(change)})" if change else "-"
        lines.append(f"{name:10s} {both[0]:24s} {both[1]:22s} {fall}")
    cell = findings.cells[reference, ""]
    lines.append("")
    lines.append(f"AP50 by class, over {cell.scenes} unseen scenes:")
    lines.append(f"{'':14s}" + "".join(f"{c:>9s}" for c in findings.conditions) + "   objects")
    for row, name in enumerate(cell.classes[:-2]):
        if cell.truth[row]:
            values = [findings.cells[c, ""].value[row, 0] for c in findings.conditions]
            mark = " (few)" if cell.truth[row] < MIN_OBJECTS else ""
            text = "".join(f"{percent(v):>9s}" for v in values)
            lines.append(f"{name:14s}{text}   {cell.truth[row]}{mark}")
    lines += ["", *_limits(findings)]
    return "\n".join(lines)


def page(findings: Findings) -> str:
    """The report as one page, see ``page.rendered``."""
    return rendered("report.html.j2", _context(findings))


def _primary_row(findings: Findings) -> int:
    """The headline's row: classes with enough objects, or all where none has."""
    cell = findings.cells[findings.conditions[0], ""]
    name = COUNTED if cell.truth[cell.classes.index(COUNTED)] else ALL
    return cell.classes.index(name)


def _primary(findings: Findings, condition: str, metric: int, suffix: str = "") -> Interval:
    return findings.cells[condition, suffix].interval(_primary_row(findings), metric)


def _changes(findings: Findings, metric: int, suffix: str = "") -> dict[str, Interval]:
    reference = findings.cells[findings.conditions[0], suffix]
    row = _primary_row(findings)
    return {
        name: drop(reference, findings.cells[name, suffix], row, metric)
        for name in findings.conditions[1:]
    }


def _context(findings: Findings) -> dict[str, Any]:
    cell = findings.cells[findings.conditions[0], ""]
    shown: list[list[Picture]] = pictures(findings.truth, findings.found, findings.conditions)
    return {
        "title": findings.title, "size": findings.size, "headline": headline(findings),
        "conditions": findings.conditions, "reference": findings.conditions[0],
        "severity": findings.severity, "bars": _bars(findings), "rows": _class_rows(findings),
        "drops": _drops(findings), "pictures": shown, "legend": LEGEND,
        "confusions": _confusions(findings), "confusion_score": CONFUSION_SCORE,
        "confusion_overlap": CONFUSION_OVERLAP, "limits": _limits(findings),
        "facts": _facts(findings), "cell": cell, "min_objects": MIN_OBJECTS, "seen": findings.seen,
        "policies": POLICIES,
        "trainings": len(findings.cards), "counted": _counted(cell),
        "columns": len(findings.conditions), "ways": _ways(findings),
    }  # fmt: skip


def _counted(cell: Cell) -> list[str]:
    names = zip(cell.classes[:-2], cell.truth, strict=False)
    return [name for name, n in names if n >= MIN_OBJECTS]


def _bars(findings: Findings) -> list[dict[str, Any]]:
    """Bars of AP50 with whiskers, in units of a chart that is 100 wide."""
    out = []
    for name in findings.conditions:
        value = _primary(findings, name, 0)
        low, high = (0.0 if np.isnan(v) else 100 * v for v in (value.low, value.high))
        width = 0.0 if np.isnan(value.value) else 100 * value.value
        out.append({"name": name, "width": width, "low": low, "high": high, "shown": value})
    return out


def _class_rows(findings: Findings) -> list[dict[str, Any]]:
    cell = findings.cells[findings.conditions[0], ""]
    out = []
    for row, name in enumerate(cell.classes):
        if not cell.truth[row] and name != ALL:
            continue
        figures = {}
        for suffix in (p.suffix for p in POLICIES):
            figures[suffix] = [
                tuple(findings.cells[c, suffix].interval(row, k) for k in (0, 1))
                for c in findings.conditions
            ]
        label = {ALL: "all classes", COUNTED: f"classes with {MIN_OBJECTS}+"}.get(name, name)
        few = name not in (ALL, COUNTED) and cell.truth[row] < MIN_OBJECTS
        visible = [int(findings.cells[c, "_visible"].truth[row]) for c in findings.conditions]
        out.append(
            {
                "name": label, "figures": figures, "objects": int(cell.truth[row]), "few": few,
                "mean": name in (ALL, COUNTED), "visible": visible,
            }
        )  # fmt: skip
    return out


def _drops(findings: Findings) -> list[dict[str, Any]]:
    out = []
    reference, row = findings.cells[findings.conditions[0], ""], _primary_row(findings)
    visible = _changes(findings, 0, "_visible")
    ap = _changes(findings, 1)
    for name, change in _changes(findings, 0).items():
        deviation = (change.high - change.low) / 3.92
        out.append(
            {
                "name": name,
                "ap50": change,
                "ap": ap[name],
                "visible": visible[name],
                "verdict": verdict(change),
                "seeds": drop_over_seeds(reference, findings.cells[name, ""], row, 0),
                "smallest": POWER * deviation,
            }
        )
    return out


def _ways(findings: Findings) -> dict[str, Any]:
    """Rows of the table of errors: a kind, then its cost and number in every condition."""
    each = [findings.ways[name] for name in findings.conditions]
    costs = [
        {"name": KIND_WORDS.get(row[0].kind, row[0].kind), "cells": row}
        for row in zip(*(how.costs for how in each), strict=True)
    ]
    scores = [
        {"name": name, "cells": [getattr(how.scores, field) for how in each]}
        for name, field in (("D-ECE", "d_ece"), ("LaECE", "la_ece"))
    ]
    return {"costs": costs, "scores": scores}


def _confusions(findings: Findings) -> list[dict[str, Any]]:
    """Shares of stop signs, red lights and other objects by what they were taken for."""
    classes = findings.truth.classes
    groups = [[classes.index(n) for n in names if n in classes] for _, names in GROUPS]
    named = {i for g in groups for i in g}
    groups.append([i for i in range(len(classes)) if i not in named])
    groups.append([len(classes)])
    labels = [*[label for label, _ in GROUPS], "another object", BACKGROUND]
    out = []
    for condition in findings.conditions:
        table = findings.confusions[condition]
        small = np.array([[table[np.ix_(a, b)].sum() for b in groups] for a in groups])
        lines = [
            {"name": label, "counts": [int(n) for n in line], "total": int(line.sum())}
            for label, line in zip(labels, small, strict=True)
        ]
        out.append({"condition": condition, "labels": [*labels[:3], "not found"], "lines": lines})
    return out


def _limits(findings: Findings) -> list[str]:
    cell = findings.cells[findings.conditions[0], ""]
    lines = []
    if findings.seen:
        lines.append(f"NOT A RESULT: a model was trained on {findings.seen} (allow_seen=true).")
    if cell.scenes < ENOUGH_SCENES:
        lines.append(
            f"The intervals are optimistic: they come from {cell.scenes} scenes, fewer than "
            f"{ENOUGH_SCENES}."
        )
    if len(findings.cards) < 5:
        count = len(findings.cards)
        lines.append(
            f"{count} training{'s' * (count > 1)}: the intervals cover the choice of scenes, "
            "not the luck of training."
        )
    else:
        lines.append(
            f"Figures are means over {len(findings.cards)} trainings; brackets cover the choice of "
            "scenes, the column 'over trainings' the luck of training."
        )
    lines.append("Simulated scenes only: a figure here is no evidence about real roads.")
    return lines


def _facts(findings: Findings) -> list[tuple[str, str]]:
    card, truth = findings.cards[0], findings.truth
    cell = findings.cells[findings.conditions[0], ""]
    return [
        ("Detector", f"{card.detector}, {card.steps} steps, {len(findings.cards)} training(s)"),
        ("Trained on", origin(card.lineage)),
        ("Root hash of that", "; ".join(h for _, h in card.datasets if h) or "none"),
        ("Measured on", origin(truth.lineage)),
        ("Root hash of that", truth.root_hash or "none"),
        ("Images", f"{len(truth)} in {len(findings.conditions)} conditions, {cell.scenes} scenes"),
        ("Fingerprint", str(cell.fingerprint)),
        *facts(findings.standing),
        ("Overlap of both", findings.seen or "none: other streams, other geometry (checked)"),
    ]


def origin(lineage: tuple[Lineage, ...]) -> str:
    """Where scenes come from, in words."""
    lines = [f"seed {x.seed}, split '{x.split}', scenes {x.first} to {x.last}" for x in lineage]
    return "; ".join(lines)
