"""The findings of ``held_out`` as the rows of results.json."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.arm_figures import interval_of_figure
from training.bootstrap import Interval
from training.breakdown import ALL, COUNTED, METRICS, Cell
from training.compare import compare
from training.held_out_findings import HeldOut, bounds_of, headline_row, lost, pair
from training.results import row


def rows(findings: HeldOut) -> list[dict[str, Any]]:
    """The content of results.json: one entry a figure; NaN becomes null when it is written.

    ``_drop``, ``_difficulty`` and ``_shift_cost`` are losses: positive where a condition is worse.
    """
    out = []
    for (condition, suffix), cell in findings.cells.items():
        reference = findings.cells[findings.conditions[0], suffix]
        for at, name in enumerate(cell.classes):
            if not cell.truth[at] and name not in (ALL, COUNTED):
                continue
            for k, metric in enumerate(METRICS):
                bounds = bounds_of(cell, at, k)
                out.append(_row(findings, cell, name, f"{metric}{suffix}", bounds))
                if condition != findings.conditions[0]:
                    both = pair(reference, cell, at, k)
                    made = compare(*both, findings.smallest, "conditions", findings.pairs)
                    label = f"{metric}{suffix}_drop"
                    out.append(_row(findings, cell, name, label, lost(made)))
    return (
        out + _judged_rows(findings) + _elsewhere_rows(findings) + _group_rows(findings)
        + _behaviour_rows(findings) + _confusion_rows(findings)
    )  # fmt: skip


def _judged_rows(findings: HeldOut) -> list[dict[str, Any]]:
    """The headline figure of every condition with its verdict, and the parts of its loss."""
    out = []
    for found in findings.shifts:
        cell = findings.cells[found.condition, ""]
        name = cell.classes[headline_row(findings.cells[findings.conditions[0], ""])]
        parts = (
            ("loss", found.loss),
            ("difficulty", found.difficulty),
            ("shift_cost", found.shift),
        )
        for label, made in parts:
            if made is not None:
                line = _row(findings, cell, name, f"AP50_{label}", lost(made))
                out.append(line | {"verdict": made.verdict, "p": made.p})
        if found.share is not None:
            out.append(_row(findings, cell, name, "shift_share_of_loss", found.share))
        if found.condition in findings.trained_in:
            own = findings.trained_in[found.condition]
            for at, word in enumerate(own.classes):
                if own.truth[at]:
                    bounds = bounds_of(own, at, 0)
                    out.append(_row(findings, own, word, "AP50_trained_in_it", bounds))
    return out


def _elsewhere_rows(findings: HeldOut) -> list[dict[str, Any]]:
    """AP50 by class in every other test set, and what it costs."""
    out = []
    for found in findings.elsewhere:
        cell = found.cell
        for at, name in enumerate(cell.classes):
            if cell.truth[at] or name in (ALL, COUNTED):
                out.append(_row(findings, cell, name, "AP50", bounds_of(cell, at, 0)))
        line = _row(findings, cell, COUNTED, "AP50_loss", lost(found.change))
        out.append(line | {"verdict": found.change.verdict, "p": found.change.p})
    return out


def _group_rows(findings: HeldOut) -> list[dict[str, Any]]:
    """Slices and groups, measured in the half of the scenes that the search did not see."""
    out = []
    for found in findings.slices:
        made = found.confirmed
        known = (made.scenes, made.objects, str(findings.halves[1].fingerprint))
        line = row("held_out", "", "", found.name, "share_found_short_of_the_rest",
                   lost(made), *known)  # fmt: skip
        out.append(line | {"verdict": made.verdict, "p": made.p, "searched": found.searched})
    if findings.worst is not None:
        shown = [(name, f) for name, _, f in findings.worst.groups]
        for name, made in (*shown, (findings.worst.fifth.name, findings.worst.fifth)):
            bounds = interval_of_figure(made)
            known = (made.scenes, made.objects, str(made.fingerprint))
            out.append(row("held_out", "", "", name, "share_found", bounds, *known))
    return out


def _behaviour_rows(findings: HeldOut) -> list[dict[str, Any]]:
    out = []
    for condition, how in findings.ways.items():
        cell = findings.cells[condition, ""]
        for cost in how.costs:
            metric = f"AP50_cost_of_{cost.kind.replace(' ', '_')}"
            out.append(_row(findings, cell, ALL, metric, cost.cost) | {"count": cost.count})
        out.append(_row(findings, cell, ALL, "D-ECE", how.scores.d_ece))
        out.append(_row(findings, cell, ALL, "LaECE", how.scores.la_ece))
    return out


def _confusion_rows(findings: HeldOut) -> list[dict[str, Any]]:
    out = []
    for condition, table in findings.confusions.items():
        cell = findings.cells[condition, ""]
        names = (*findings.truth.classes, "background")
        for i, j in zip(*np.nonzero(table), strict=True):
            share = float(table[i, j] / table[i].sum())
            bounds = Interval(share, float("nan"), float("nan"))
            line = _row(findings, cell, names[i], f"taken_for_{names[j]}", bounds)
            out.append(line | {"count": int(table[i, j])})
    return out


def _row(findings: HeldOut, cell: Cell, name: str, metric: str, bounds: Interval) -> dict[str, Any]:
    known = {c: int(n) for c, n in zip(cell.classes, cell.truth, strict=True)}
    severity = findings.severity.get(cell.condition, "")
    return row(
        "held_out", cell.condition, severity, name, metric, bounds, cell.scenes, known.get(name, 0),
        str(cell.fingerprint),
    )  # fmt: skip
