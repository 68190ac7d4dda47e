"""Whether scores mean what they say: reliability, D-ECE and LaECE, with intervals over scenes.

A detection is right at an overlap (IoU) of 0.5. D-ECE (Kueppers 2020) is the mean distance of score
and precision over bins of the score. LaECE (Oksuz 2023) asks for the product of precision and mean
overlap instead, class by class. Either falls when a detector simply says less: read it beside the
AP. Neither may be mended on the scenes that it is measured on.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render.store import Truth
from training.bootstrap import Interval, interval
from training.detector import Detections
from training.error_kinds import RIGHT, VOID, error_kinds

BINS = 25
"""As in the papers on LaECE."""


@dataclasses.dataclass(frozen=True)
class Bin:
    """Detections between two scores: their number, mean score, precision, mean overlap if right."""

    low: float
    high: float
    count: int
    score: float
    precision: Interval
    overlap: float


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Both errors, NaN without detections, and the reliability curve of all classes."""

    d_ece: Interval
    la_ece: Interval
    curve: tuple[Bin, ...]
    detections: int


def calibration(
    truth: Truth,
    ignored: np.ndarray,
    detections: Detections,
    scenes: np.ndarray,
    weights: np.ndarray,
    least_score: float = 0.0,
) -> Calibration:
    """Measure the scores of all detections that are right or wrong.

    Args:
        ignored: bool[K], boxes that do not count. scenes: i32[N], index of each image's scene.
        weights: f64[R, S], of the intervals. least_score: detections below it are left out.
    """
    errors = error_kinds(truth, ignored, detections)
    rows = np.flatnonzero((errors.kind != VOID) & (detections.score >= least_score))
    score = detections.score[rows].astype(np.float64)
    right = (errors.kind[rows] == RIGHT).astype(np.float64)
    bins = np.minimum((score * BINS).astype(int), BINS - 1)
    where = scenes[detections.image[rows]] if len(rows) else np.zeros(0, dtype=int)
    label = detections.category[rows].astype(int)
    shape = (weights.shape[1], len(truth.classes), BINS)
    place = np.ravel_multi_index((where, label, bins), shape)
    sums = np.stack(
        [
            np.bincount(place, v, np.prod(shape)).reshape(shape)
            for v in (np.ones(len(rows)), score, right, errors.overlap[rows])
        ]
    )
    plain = sums.sum(axis=1)[:, None]
    drawn = np.einsum("rs,kscb->krcb", weights, sums)
    return Calibration(
        interval(float(d_ece(plain)[0]), d_ece(drawn)),
        interval(float(la_ece(plain)[0]), la_ece(drawn)),
        tuple(_bin(plain[:, 0].sum(axis=1), drawn.sum(axis=2), b) for b in range(BINS)),
        len(rows),
    )


def d_ece(sums: np.ndarray) -> np.ndarray:
    """D-ECE of sums f64[4, R, C, B] of ones, scores, rights and overlaps: f64[R]."""
    count, score, right, _ = sums.sum(axis=2)
    total = count.sum(axis=1)
    return _divided(np.abs(right - score).sum(axis=1), total)


def la_ece(sums: np.ndarray) -> np.ndarray:
    """LaECE of the same sums: f64[R], the mean over the classes that were detected at all."""
    count, score, right, overlap = sums
    # precision x mean overlap of the right ones = sum of overlaps / count: one product less
    missing = np.abs(score - np.where(right > 0, overlap, 0.0)).sum(axis=2)
    each = _divided(missing, count.sum(axis=2))
    known = ~np.isnan(each)
    return _divided(np.where(known, each, 0.0).sum(axis=1), known.sum(axis=1))


def _bin(plain: np.ndarray, drawn: np.ndarray, b: int) -> Bin:
    count, score, right, overlap = plain[:, b]
    precision = _divided(right, count)
    return Bin(
        low=b / BINS, high=(b + 1) / BINS, count=int(count), score=float(_divided(score, count)),
        precision=interval(float(precision), _divided(drawn[2, :, b], drawn[0, :, b])),
        overlap=float(_divided(overlap, right)),
    )  # fmt: skip


def _divided(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(b > 0, a / np.where(b > 0, b, 1.0), np.nan)
