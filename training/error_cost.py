"""What each kind of error costs in AP50: the AP after an oracle has mended it, minus the AP.

The costs do not add up to what is missing: one error hides another (TIDE, Bolya 2020). Mending a
kind never lowers the AP by more than rounding, and a negative cost is written as 0.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render.store import Truth
from training.bootstrap import Interval, interval
from training.detector import Detections
from training.error_kinds import KINDS, RIGHT, VOID, Errors, error_kinds
from training.matching import Matches
from training.metrics import ap_samples

ALL_FALSE = "every false alarm"
ALL_MISSED = "every object not found"
ORACLES = (*KINDS, ALL_FALSE, ALL_MISSED)


@dataclasses.dataclass(frozen=True)
class Cost:
    """One kind of error: how many there are, and what they cost in AP50 (mean over the classes)."""

    kind: str
    count: int
    cost: Interval


def error_costs(
    truth: Truth,
    ignored: np.ndarray,
    detections: Detections,
    scenes: np.ndarray,
    weights: np.ndarray,
) -> list[Cost]:
    """Count and cost of each kind, then of all false alarms and of all objects not found.

    Args:
        ignored: bool[K], boxes that do not count. scenes: i32[N], index of each image's scene.
        weights: f64[R, S], see ``bootstrap.scene_weights``; of the intervals.
    """
    errors = error_kinds(truth, ignored, detections)
    number = weights.shape[1]
    every = np.concatenate([np.ones((1, number)), weights])
    plain = mended(truth, ignored, detections, errors, scenes, number, "")
    classes = [c for c, m in enumerate(plain) if m.counted.sum()]
    before = _mean(plain, every, classes)
    costs = []
    for oracle in ORACLES:
        after = _mean(
            mended(truth, ignored, detections, errors, scenes, number, oracle), every, classes
        )
        gain = np.maximum(after - before, 0.0)
        costs.append(Cost(oracle, _count(errors, oracle), interval(float(gain[0]), gain[1:])))
    return costs


def mended(
    truth: Truth,
    ignored: np.ndarray,
    detections: Detections,
    errors: Errors,
    scenes: np.ndarray,
    scene_count: int,
    oracle: str,
) -> list[Matches]:
    """The fate of all detections, class by class, after one oracle ("" for none)."""
    fate = errors.kind
    hit, label = fate == RIGHT, detections.category.astype(np.int64)
    keep = fate != VOID
    counted = ~ignored
    if oracle == ALL_FALSE:
        keep = hit
    elif oracle == ALL_MISSED:
        counted = counted & errors.found
    elif oracle == "missed":
        counted = counted & ~errors.missed
    elif oracle:
        wrong = fate == KINDS.index(oracle)
        right_now = wrong & (errors.mends >= 0)
        hit, keep = hit | right_now, keep & (~wrong | right_now)
        label = np.where(right_now, truth.category[errors.mends], label)
    order = np.argsort(-detections.score, kind="stable")
    order = order[keep[order]]
    return [
        _of_class(truth, detections, scenes, scene_count, order[label[order] == c], hit, counted, c)
        for c in range(len(truth.classes))
    ]


def _of_class(
    truth: Truth,
    detections: Detections,
    scenes: np.ndarray,
    scene_count: int,
    rows: np.ndarray,
    hit: np.ndarray,
    counted: np.ndarray,
    category: int,
) -> Matches:
    boxes = np.flatnonzero((truth.category == category) & counted)
    return Matches(
        score=detections.score[rows].astype(np.float64),
        scene=scenes[detections.image[rows]].astype(np.int32), image=detections.image[rows],
        row=rows, hit=hit[rows][None], void=np.zeros((1, len(rows)), dtype=bool),
        counted=np.bincount(scenes[truth.image[boxes]], minlength=scene_count).astype(np.float64),
    )  # fmt: skip


def _mean(matches: list[Matches], weights: np.ndarray, classes: list[int]) -> np.ndarray:
    """AP50 as the mean over classes: f64[R]; a class that an oracle left without objects has 0."""
    table = ap_samples([matches[c] for c in classes], weights)[:, :, 0]
    return np.nan_to_num(table).mean(axis=1) if classes else np.full(len(weights), np.nan)


def _count(errors: Errors, oracle: str) -> int:
    if oracle == ALL_FALSE:
        return int((errors.kind >= 0).sum())
    if oracle == ALL_MISSED:
        return int(errors.missed.sum()) + int((errors.mends >= 0).sum())
    return errors.count(oracle)  # pyright: ignore[reportArgumentType]
