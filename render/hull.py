"""Convex hulls of a few points: what a thing and its shifted outline sweep over."""

from __future__ import annotations

import numpy as np
from numba import njit


def hull(*outlines: np.ndarray) -> np.ndarray:
    """Convex hull of the points of several outlines, f64[N, 2], counter-clockwise.

    Empty where the points lie on one line.
    """
    points = np.concatenate(outlines)
    out = np.empty((len(points) + 1, 2))
    count = _chain(points, np.lexsort((points[:, 1], points[:, 0])), out)
    return out[:count] if count >= 3 else out[:0]


@njit(cache=True, nogil=True)
def _chain(points, order, out):
    """Monotone chain (Andrew 1979) over points in ascending order; returns the hull's size."""
    m = 0
    for i in order:
        while m >= 2 and _left(out, m, points[i]) <= 0:
            m -= 1
        out[m] = points[i]
        m += 1
    lower = m + 1
    for k in range(len(order) - 2, -1, -1):
        i = order[k]
        while m >= lower and _left(out, m, points[i]) <= 0:
            m -= 1
        out[m] = points[i]
        m += 1
    return m - 1


@njit(cache=True, nogil=True)
def _left(out, m, p):
    ax, ay = out[m - 1, 0] - out[m - 2, 0], out[m - 1, 1] - out[m - 2, 1]
    return ax * (p[1] - out[m - 2, 1]) - ay * (p[0] - out[m - 2, 0])
