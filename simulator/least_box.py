"""The least oriented boxes about points."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


def least_boxes(points: np.ndarray, heading_rad: np.ndarray) -> np.ndarray:
    """The boxes of least area about K groups of N points: f64[K, 5], x, y, heading, length, width.

    One side of such a box lies along two of the points (Freeman and Shapira 1975, "Determining the
    minimum-area encasing rectangle"): with few points every pair is tried.

    Args:
        points: f64[K, N, 2], not all of a group in one place. heading_rad: f64[K]; that of a box is
            the direction of its sides that is nearest.
    """
    out = np.empty((len(points), 5))
    _least(np.ascontiguousarray(points, np.float64), np.asarray(heading_rad, np.float64), out)
    return out


@njit(cache=True)
def _least(points, heading, out):
    groups, n, _ = points.shape
    for k in range(groups):
        least = np.inf
        for i in range(n):
            for j in range(i + 1, n):
                dx, dy = points[k, j, 0] - points[k, i, 0], points[k, j, 1] - points[k, i, 1]
                size = math.hypot(dx, dy)
                if size == 0:
                    continue
                c, s = dx / size, dy / size
                a0 = b0 = np.inf
                a1 = b1 = -np.inf
                for q in range(n):
                    a = c * points[k, q, 0] + s * points[k, q, 1]
                    b = c * points[k, q, 1] - s * points[k, q, 0]
                    a0, a1, b0, b1 = min(a0, a), max(a1, a), min(b0, b), max(b1, b)
                if (a1 - a0) * (b1 - b0) >= least:
                    continue
                least = (a1 - a0) * (b1 - b0)
                along, across = (a0 + a1) / 2, (b0 + b1) / 2
                angle, quarter = math.atan2(dy, dx), math.pi / 2
                turns = math.floor((heading[k] - angle) / quarter + 0.5)
                out[k, 0], out[k, 1] = c * along - s * across, s * along + c * across
                out[k, 2] = angle + turns * quarter
                even = turns % 2 == 0
                out[k, 3] = a1 - a0 if even else b1 - b0
                out[k, 4] = b1 - b0 if even else a1 - a0
