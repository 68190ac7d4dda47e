"""Cutting polygons off where they come too near to the plane of a tilted camera's lens."""

from __future__ import annotations

import numpy as np

from simulator.camera import Camera, depth

LEAST = 0.1
"""Depth at which they are cut, 1 is the middle's: out of every image, and not too large in it."""


def cut_near(
    camera: Camera, vertices_m: np.ndarray, sizes: np.ndarray, z_m: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What lies before a tilted camera of polygons at one height each.

    Args:
        vertices_m: f64[V, 2] of all. sizes: i64[P], corners of each. z_m: f64[P]. chosen: bool[P],
            which are cut.

    Returns:
        The same with those polygons cut; of one that lies behind nothing is left.
    """
    far = depth(camera, vertices_m, np.repeat(z_m, sizes))
    ends = np.cumsum(sizes)
    behind = np.add.reduceat(far < LEAST, ends - sizes) > 0 if len(sizes) else chosen
    if not (behind & chosen).any():
        return vertices_m, sizes
    pieces, counts = [], sizes.copy()
    done = 0
    for k in np.flatnonzero(behind & chosen).tolist():
        its = slice(int(ends[k] - sizes[k]), int(ends[k]))
        piece = _cut(vertices_m[its], far[its])
        pieces += [vertices_m[done : its.start], piece]
        counts[k], done = len(piece), its.stop
    return np.concatenate([*pieces, vertices_m[done:]]), counts


def _cut(points: np.ndarray, far: np.ndarray) -> np.ndarray:
    """One polygon by Sutherland and Hodgman (1974); filled by the even-odd rule it may be of any
    form, for what is added lies along the cut.
    """
    after, beyond = np.roll(points, -1, axis=0), np.roll(far, -1)
    kept = far >= LEAST
    crosses = kept != (beyond >= LEAST)
    share = (LEAST - far) / np.where(crosses, beyond - far, 1.0)
    met = points + share[:, None] * (after - points)
    both = np.stack([points, met], axis=1).reshape(-1, 2)
    return both[np.stack([kept, crosses], axis=1).ravel()]
