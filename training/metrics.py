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
        _ap_kernel(m.scene, m.hit, m.void, m.counted, weights.astype(np.float32), RECALLS)
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
    """Per replicate one cumulative sum of weights over the sorted detections, for all overlaps."""
    first, event, is_hit = _events(hit, void)
    out = np.empty((len(weights), len(hit)))
    own, so_far, best = np.empty(len(scene)), np.empty(len(scene)), np.empty(len(recalls))
    for r in range(len(weights)):
        objects = total = 0.0
        for s in range(len(counted)):
            objects += weights[r, s] * counted[s]
        for d in range(len(scene)):
            own[d] = weights[r, scene[d]]
            total += own[d]
            so_far[d] = total
        for t in range(len(hit)):
            chosen = slice(first[t], first[t + 1])
            out[r, t] = _area(event[chosen], is_hit[chosen], own, so_far, objects, recalls, best)
    return out


@numba.njit(cache=True)
def _events(hit: np.ndarray, void: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hits and voids of each overlap in a row: where each begins, the detection, whether a hit."""
    first = np.zeros(len(hit) + 1, dtype=np.int64)
    event, is_hit = np.empty(hit.size, dtype=np.int64), np.empty(hit.size, dtype=np.bool_)
    n = 0
    for t in range(len(hit)):
        for d in range(hit.shape[1]):
            if hit[t, d] or void[t, d]:
                event[n], is_hit[n] = d, hit[t, d]
                n += 1
        first[t + 1] = n
    return first, event[:n], is_hit[:n]


@numba.njit(cache=True)
def _area(
    event: np.ndarray,
    is_hit: np.ndarray,
    own: np.ndarray,
    so_far: np.ndarray,
    objects: float,
    recalls: np.ndarray,
    best: np.ndarray,
) -> float:
    """Mean precision at the recalls. ``best`` is working memory.

    Precision has its peaks at hits, so nothing else is visited; the best is kept by the highest
    recall that was reached with it, and the envelope is the maximum over those from the end.
    """
    if objects <= 0:
        return np.nan
    best[:] = 0.0
    right = left_out = 0.0
    k = 0  # the highest recall that is reached; that of 0 always is
    for e in range(len(event)):
        if not is_hit[e]:
            left_out += own[event[e]]
            continue
        right += own[event[e]]
        while k + 1 < len(recalls) and recalls[k + 1] <= right / objects:
            k += 1
        best[k] = max(best[k], right / (so_far[event[e]] - left_out + 2.220446049250313e-16))
    top = total = 0.0
    for k in range(len(recalls) - 1, -1, -1):
        top = max(top, best[k])
        total += top
    return total / len(recalls)
