"""The least oriented boxes about others."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


def least_boxes(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The boxes of least area about each of K pairs of boxes: f64[K, 5], x, y of the middle,
    heading, length, width, m and rad, like those given.

    One side of such a box lies along two of the corners (Freeman and Shapira 1975, "Determining the
    minimum-area encasing rectangle"): with so few every pair is tried. Its heading is the direction
    of its sides that is nearest to that of the first of the two.
    """
    out = np.empty((len(first), 5))
    _least(first, second, np.empty((8, 2)), out)
    return out


@njit(cache=True, _nrt=False)  # pyright: ignore[reportCallIssue]
def _least(first, second, points, out):
    n = len(points)
    for g in range(len(first)):
        _corners(first[g], points[:4])
        _corners(second[g], points[4:])
        least = np.inf
        for i in range(n):
            for j in range(i + 1, n):
                dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
                size = math.hypot(dx, dy)
                if size == 0:
                    continue
                c, s = dx / size, dy / size
                a0 = b0 = np.inf
                a1 = b1 = -np.inf
                for q in range(n):
                    a = c * points[q, 0] + s * points[q, 1]
                    b = c * points[q, 1] - s * points[q, 0]
                    a0, a1, b0, b1 = min(a0, a), max(a1, a), min(b0, b), max(b1, b)
                if (a1 - a0) * (b1 - b0) >= least:
                    continue
                least = (a1 - a0) * (b1 - b0)
                along, across = (a0 + a1) / 2, (b0 + b1) / 2
                angle, quarter = math.atan2(dy, dx), math.pi / 2
                turns = math.floor((first[g, 2] - angle) / quarter + 0.5)
                out[g, 0], out[g, 1] = c * along - s * across, s * along + c * across
                out[g, 2] = angle + turns * quarter
                even = turns % 2 == 0
                out[g, 3] = a1 - a0 if even else b1 - b0
                out[g, 4] = b1 - b0 if even else a1 - a0


@njit(  # pyright: ignore[reportCallIssue]
    _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
def _corners(box, out):
    c, s = math.cos(box[2]), math.sin(box[2])
    for k in range(4):
        along = box[3] / 2 if k == 0 or k == 3 else -box[3] / 2
        aside = box[4] / 2 if k < 2 else -box[4] / 2
        out[k, 0] = box[0] + c * along - s * aside
        out[k, 1] = box[1] + s * along + c * aside
