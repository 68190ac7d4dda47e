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
    columns = (x_m, y_m, heading_rad, length_m, width_m)
    return _pairs(*(np.asarray(c, dtype=np.float64) for c in columns), np.asarray(active, np.bool_))


@njit(cache=True)
def boxes_meet(xa, ya, ha, la, wa, xb, yb, hb, lb, wb):
    """Whether two oriented boxes overlap, by the separating axis theorem."""
    dx, dy = xb - xa, yb - ya
    if math.hypot(dx, dy) > 0.5 * (math.hypot(la, wa) + math.hypot(lb, wb)):
        return False
    c, s = abs(math.cos(hb - ha)), abs(math.sin(hb - ha))
    ca, sa, cb, sb = math.cos(ha), math.sin(ha), math.cos(hb), math.sin(hb)
    return (
        abs(dx * ca + dy * sa) < 0.5 * (la + lb * c + wb * s)
        and abs(dy * ca - dx * sa) < 0.5 * (wa + lb * s + wb * c)
        and abs(dx * cb + dy * sb) < 0.5 * (lb + la * c + wa * s)
        and abs(dy * cb - dx * sb) < 0.5 * (wb + la * s + wa * c)
    )


@njit(cache=True)
def _pairs(x, y, heading, length, width, active):
    found = [(0, 0) for _ in range(0)]
    for i in range(len(x)):
        if not active[i]:
            continue
        for j in range(i + 1, len(x)):
            if active[j] and boxes_meet(
                x[i], y[i], heading[i], length[i], width[i],
                x[j], y[j], heading[j], length[j], width[j],
            ):  # fmt: skip
                found.append((i, j))
    out = np.empty((len(found), 2), np.int32)
    for k in range(len(found)):
        out[k, 0], out[k, 1] = found[k]
    return out


@njit(cache=True)
def hits_any(x, y, heading, length, width, others):
    """Whether a box overlaps any of the boxes f64[K, 5] (x, y, heading, length, width)."""
    for k in range(len(others)):
        o = others[k]
        if boxes_meet(x, y, heading, length, width, o[0], o[1], o[2], o[3], o[4]):
            return True
    return False
