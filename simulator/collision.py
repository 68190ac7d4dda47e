"""Oriented boxes: which of them overlap."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


def overlaps(
    x_m: np.ndarray,
    y_m: np.ndarray,
    heading_rad: np.ndarray,
    length_m: np.ndarray,
    width_m: np.ndarray,
    active: np.ndarray,
) -> np.ndarray:
    """Pairs of active boxes that overlap: i32[K, 2], i < j.

    Args:
        x_m, y_m, heading_rad, length_m, width_m: f64[N], centres, directions and full sizes.
        active: bool[N]; the others are passed over.
    """
    boxes = np.stack([x_m, y_m, heading_rad, length_m, width_m], axis=1).astype(np.float64)
    return _pairs(boxes, np.asarray(active, np.bool_))


@njit(forceinline=True)
def _meet(boxes, i, others, k, gap_m):
    """Whether two oriented boxes, the other a gap larger all round, overlap, by the separating
    axis theorem.

    They are read where they lie: a row of an array by itself costs more than most answers.
    """
    la, wa = boxes[i, 3], boxes[i, 4]
    lb, wb = others[k, 3] + 2 * gap_m, others[k, 4] + 2 * gap_m
    dx, dy = others[k, 0] - boxes[i, 0], others[k, 1] - boxes[i, 1]
    reach = 0.5 * (la + wa + lb + wb)  # more than both half diagonals: most are further apart
    if max(abs(dx), abs(dy)) > reach:  # one branch, hardly ever guessed wrong
        return False
    if math.hypot(dx, dy) > 0.5 * (math.hypot(la, wa) + math.hypot(lb, wb)):
        return False
    ha, hb = boxes[i, 2], others[k, 2]
    c, s = abs(math.cos(hb - ha)), abs(math.sin(hb - ha))
    ca, sa, cb, sb = math.cos(ha), math.sin(ha), math.cos(hb), math.sin(hb)
    return (
        abs(dx * ca + dy * sa) < 0.5 * (la + lb * c + wb * s)
        and abs(dy * ca - dx * sa) < 0.5 * (wa + lb * s + wb * c)
        and abs(dx * cb + dy * sb) < 0.5 * (lb + la * c + wa * s)
        and abs(dy * cb - dx * sb) < 0.5 * (wb + la * s + wa * c)
    )


@njit(cache=True)
def _pairs(boxes, active):
    found = [(0, 0) for _ in range(0)]
    for i in range(len(boxes)):
        for j in range(i + 1, len(boxes) if active[i] else 0):
            meet = active[j] and _meet(boxes, i, boxes, j, 0.0)
            if meet:
                found.append((i, j))
    out = np.empty((len(found), 2), np.int32)
    for k in range(len(found)):
        out[k, 0], out[k, 1] = found[k]
    return out


@njit(cache=True)
def hit(boxes, others):
    """Which of the boxes overlap any of the others.

    Args:
        boxes: f64[N, 5], x, y, heading, length, width, m and rad. others: f64[K, 5].

    Returns:
        bool[N].
    """
    out = np.zeros(len(boxes), np.bool_)
    for i in range(len(boxes)):
        for k in range(len(others)):
            if _meet(boxes, i, others, k, 0.0):
                out[i] = True
                break
    return out


@njit(cache=True)
def fitting(boxes, obstacles, gap_m):
    """Which boxes can be set down one after another without touching what stands already.

    Args:
        boxes: f64[N, 5] in order of preference. obstacles: f64[K, 5].
        gap_m: least space between two of the boxes.

    Returns:
        bool[N].
    """
    out = ~hit(boxes, obstacles)
    for i in range(len(boxes)):
        for k in range(i):
            if out[i] and out[k]:
                out[i] = not _meet(boxes, i, boxes, k, gap_m)
    return out


@njit(cache=True)
def near_any(places, reach_m, points):
    """Which places have one of the points within their reach.

    Args:
        places: f64[N, 2 or more], x and y first, m. reach_m: f64[N]. points: f64[K, 2], m.

    Returns:
        bool[N].
    """
    out = np.zeros(len(places), np.bool_)
    for i in range(len(places)):
        for k in range(len(points)):
            dx, dy = points[k, 0] - places[i, 0], points[k, 1] - places[i, 1]
            out[i] |= dx * dx + dy * dy < reach_m[i] * reach_m[i]
    return out
