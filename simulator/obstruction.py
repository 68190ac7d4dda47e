"""Bodies that run into what stands beside the road (``obstacles``). Kernels of the loop; see
``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.motion import kernel

ADRIFT_M = 0.3
"""Who is no further off its path touches nothing beside the road."""


@kernel
def _touches(w, k, x, y, heading, length, width):
    """Whether a box meets obstacle k, both convex, by the separating axis theorem."""
    c, s = math.cos(heading), math.sin(heading)
    first, last = w.things[k].first, w.things[k].last
    ahead, behind, left, right = 1e9, -1e9, 1e9, -1e9
    for p in range(first, last):
        dx, dy = w.corners[p, 0] - x, w.corners[p, 1] - y
        u, v = dx * c + dy * s, dy * c - dx * s
        ahead, behind, left, right = min(ahead, u), max(behind, u), min(left, v), max(right, v)
    half, wide = 0.5 * length, 0.5 * width
    if ahead > half or behind < -half or left > wide or right < -wide:
        return False
    for p in range(first, last):
        q = p + 1 if p + 1 < last else first
        nx, ny = w.corners[q, 1] - w.corners[p, 1], w.corners[p, 0] - w.corners[q, 0]
        out = (x - w.corners[p, 0]) * nx + (y - w.corners[p, 1]) * ny
        if out > half * abs(nx * c + ny * s) + wide * abs(ny * c - nx * s):
            return False
    return True


@kernel
def runs_into(w, x, y, heading, length, width):
    """1 + the row of an obstacle that a box meets, 0 none."""
    size = 0.5 * (length + width)
    for k in range(len(w.things)):
        reach = w.things[k].reach + size
        near = abs(w.things[k].x - x) < reach and abs(w.things[k].y - y) < reach
        if near and _touches(w, k, x, y, heading, length, width):
            return k + 1
    return 0
