"""Thinning out overlapping candidates of one object."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True)
def thin_out(boxes: np.ndarray, labels: np.ndarray, overlap: float, limit: int) -> np.ndarray:
    """Greedy non-maximum suppression within each class.

    Args:
        boxes: f32[n, 4] px, best first. labels: i64[n]. overlap: IoU above which the worse of two
            boxes of one class goes. limit: most boxes that are kept.

    Returns:
        i64[m], indices of the kept boxes, best first.
    """
    count = len(boxes)
    gone = np.zeros(count, dtype=np.bool_)
    kept = np.empty(min(count, limit), dtype=np.int64)
    m = 0
    for i in range(count):
        if gone[i]:
            continue
        if m == limit:
            break
        kept[m] = i
        m += 1
        area = (boxes[i, 2] - boxes[i, 0]) * (boxes[i, 3] - boxes[i, 1])
        for j in range(i + 1, count):
            if gone[j] or labels[j] != labels[i]:
                continue
            w = min(boxes[i, 2], boxes[j, 2]) - max(boxes[i, 0], boxes[j, 0])
            h = min(boxes[i, 3], boxes[j, 3]) - max(boxes[i, 1], boxes[j, 1])
            if w > 0 and h > 0:
                other = (boxes[j, 2] - boxes[j, 0]) * (boxes[j, 3] - boxes[j, 1])
                gone[j] = w * h > overlap * (area + other - w * h)
    return kept[:m]
