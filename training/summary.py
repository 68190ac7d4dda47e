"""The figures of one set of detections as plain data: what ``metrics.json`` holds."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from render.store import Truth
from training.bands import BANDS
from training.behaviour import behaviour
from training.bootstrap import ENOUGH_SCENES, Interval
from training.breakdown import METRICS, Cell, by_condition, confusion, drop, measure, part
from training.detector import Detections
from training.metrics import MIN_OBJECTS
from training.taxonomy import policies
from training.working_point import AtPoint


def figures(truth: Truth, found: Detections, replicates: int, seed: int) -> dict[str, Any]:
    """AP and AP50 over all, per class, in bands and per condition, under both policies.

    With it come the kinds of errors with their costs, calibration, and confusion under the primary
    policy.
    """
    cells = [measure(truth, [found], p, "", replicates, seed) for p in policies(truth.counting)]
    result = _table(cells)
    result["few_objects"] = [
        name for name, n in zip(truth.classes, cells[0].truth, strict=False) if 0 < n < MIN_OBJECTS
    ]
    result["interval_optimistic"] = cells[0].scenes < ENOUGH_SCENES
    result["bands"] = _bands(truth, found, replicates, seed)
    result |= _behaviour(truth, found, replicates, seed)
    conditions = by_condition(truth)
    if len(conditions) > 1:
        result["per_condition"] = _per_condition(truth, found, conditions, replicates, seed)
    return result


def point_figures(score: float, chosen_on: str, rows: list[AtPoint]) -> dict[str, Any]:
    """Precision and recall at a working point as plain data."""
    return {
        "score": score, "chosen_on": chosen_on,
        "per_class": {
            r.name: _with_bounds("precision", r.precision) | _with_bounds("recall", r.recall)
            | {"found": r.found, "objects": r.objects}
            for r in rows
        },
    }  # fmt: skip


def _table(cells: list[Cell]) -> dict[str, Any]:
    """The figures of one set of images under every policy, as plain data."""
    result: dict[str, Any] = {}
    names = cells[0].classes
    per_class: dict[str, dict[str, Any]] = {name: {} for name in names[:-2]}
    for cell in cells:
        for row, name in enumerate(names):
            place = per_class.get(name, result)
            suffix = "_counted" if name == "counted" else ""
            for k, metric in enumerate(METRICS):
                key = f"{metric}{suffix}{cell.policy.suffix}"
                place |= _with_bounds(key, cell.interval(row, k))
            place[f"objects{suffix}{cell.policy.suffix}"] = int(cell.truth[row])
        result[f"fingerprint{cell.policy.suffix}"] = str(cell.fingerprint)
    result["per_class"] = per_class
    result["scenes"] = cells[0].scenes
    return result


def _bands(truth: Truth, found: Detections, replicates: int, seed: int) -> dict[str, Any]:
    """Both policies side by side in every band that has an object."""
    result: dict[str, Any] = {}
    for band in BANDS:
        cells = [
            measure(truth, [found], p, "", replicates, seed, band) for p in policies(truth.counting)
        ]
        if cells[0].truth[-2]:
            result.setdefault(band.factor, {})[band.name] = _table(cells)
    return result


def _behaviour(truth: Truth, found: Detections, replicates: int, seed: int) -> dict[str, Any]:
    """Error kinds, calibration and confusion under the primary policy."""
    how = behaviour(truth, found, replicates, seed)
    scores = how.scores
    return {
        "errors": [
            {"kind": c.kind, "count": c.count, **_with_bounds("AP50_cost", c.cost)}
            for c in how.costs
        ],
        "calibration": _with_bounds("d_ece", scores.d_ece) | _with_bounds("la_ece", scores.la_ece)
        | {"detections": scores.detections,
           "curve": [dataclasses.asdict(b) for b in scores.curve if b.count]},
        "confusion": {
            "classes": [*truth.classes, "background"], "rows": confusion(truth, found).tolist()
        },
    }  # fmt: skip


def _per_condition(
    truth: Truth,
    found: Detections,
    conditions: dict[str, np.ndarray],
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    first: Cell | None = None
    for name, keep in conditions.items():
        some, theirs = part(truth, found, keep)
        cells = [
            measure(some, [theirs], p, name, replicates, seed) for p in policies(some.counting)
        ]
        result[name] = _table(cells) | _behaviour(some, theirs, replicates, seed)
        first = cells[0] if first is None else first
        if cells[0] is not first and first.fingerprint.twins == cells[0].fingerprint.twins != "":
            row = len(truth.classes)
            for k, metric in enumerate(METRICS):
                result[name] |= _with_bounds(f"{metric}_drop", drop(first, cells[0], row, k))
                result[name]["drop_against"] = first.condition
    return result


def _with_bounds(key: str, bounds: Interval) -> dict[str, Any]:
    return {key: bounds.value, f"{key}_interval": [bounds.low, bounds.high]}
