"""Average precision: 101-point, as COCO defines it, for the data or for a reweighting of scenes."""

from __future__ import annotations

import numba
import numpy as np

from training.matching import Matches

RECALLS = np.linspace(0.0, 1.0, 101)
"""Recalls at which the precision is read."""

MIN_OBJECTS = 20
"""A cell with fewer objects that count is reported but marked, and left out of counted means."""


def ap_table(matches: list[Matches]) -> np.ndarray:
    """Average precision of each class and overlap: f64[C, T]; NaN for a class without objects."""
    scenes = len(matches[0].counted) if matches else 0
    return ap_samples(matches, np.ones((1, scenes)))[0]


def ap_samples(matches: list[Matches], weights: np.ndarray) -> np.ndarray:
    """Average precision under reweighted scenes.

    Args:
        matches: one a class. weights: f64[R, S], how often each scene occurs in each replicate.

    Returns:
        f64[R, C, T]; NaN where a class has no objects.
    """
    tables = [
        _ap_kernel(m.scene, m.hit, m.void, m.counted, weights.astype(np.float64), RECALLS)
        for m in matches
    ]
    return np.stack(tables, axis=1) if tables else np.zeros((len(weights), 0, 10))


def mean_over(table: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    """Mean over the entries that are numbers; NaN where there is none."""
    valid = ~np.isnan(table)
    total, count = np.where(valid, table, 0.0).sum(axis=axis), valid.sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def objects(matches: list[Matches]) -> np.ndarray:
    """Objects that count of each class: i64[C]."""
    return np.array([m.counted.sum() for m in matches], dtype=np.int64)


@numba.njit(cache=True)
def _ap_kernel(
    scene: np.ndarray,
    hit: np.ndarray,
    void: np.ndarray,
    counted: np.ndarray,
    weights: np.ndarray,
    recalls: np.ndarray,
) -> np.ndarray:
    count = len(scene)
    out = np.empty((len(weights), len(hit)))
    recall, precision = np.empty(count), np.empty(count)
    for r in range(len(weights)):
        objects = (weights[r] * counted).sum()
        for t in range(len(hit)):
            right = wrong = 0.0
            for d in range(count):
                if hit[t, d]:
                    right += weights[r, scene[d]]
                elif not void[t, d]:
                    wrong += weights[r, scene[d]]
                recall[d] = right / objects if objects > 0 else 0.0
                precision[d] = right / (right + wrong + 2.220446049250313e-16)
            for d in range(count - 1, 0, -1):
                precision[d - 1] = max(precision[d - 1], precision[d])
            total, d = 0.0, 0
            for k in range(len(recalls)):
                while d < count and recall[d] < recalls[k]:
                    d += 1
                if d == count:
                    break
                total += precision[d]
            out[r, t] = total / len(recalls) if objects > 0 else np.nan
    return out
