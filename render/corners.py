"""The four corners of objects' oriented rectangles, from their labels."""

from __future__ import annotations

import numpy as np

from render.label_columns import Labels


def corners_px(labels: Labels, size_px: np.ndarray | None = None) -> np.ndarray:
    """Corners in turn around, f64[K, 4, 2], px; without an oriented box those of the plain one.

    Args:
        labels: of K objects. size_px: i64[K, 2], width and height that corners outside are
            moved into; a rectangle that then is thinner than a pixel gives way to the plain box.
    """
    plain = labels.edges_px[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    told = labels.oriented_px
    corners = np.where(np.isnan(told[:, :1, None]), plain, _turned(told))
    if size_px is None:
        return corners
    inside = np.clip(corners, 0, size_px[:, None])
    thin = _area(inside) < 1
    if thin.any():
        inside[thin] = np.clip(plain[thin], 0, size_px[thin, None])
    return inside


def _turned(rectangles: np.ndarray) -> np.ndarray:
    """Corners of cx, cy, w, h, rad, f64[K, 5]."""
    c, s = np.cos(rectangles[:, 4]), np.sin(rectangles[:, 4])
    along = np.stack([c, s], axis=1) * rectangles[:, 2:3] / 2
    across = np.stack([-s, c], axis=1) * rectangles[:, 3:4] / 2
    offsets = [-along - across, along - across, along + across, across - along]
    return rectangles[:, None, :2] + np.stack(offsets, axis=1)


def _area(corners: np.ndarray) -> np.ndarray:
    x, y = corners[:, :, 0], corners[:, :, 1]
    following = [1, 2, 3, 0]
    turn = x * y[:, following] - y * x[:, following]
    return np.abs(turn.sum(axis=1)) / 2
