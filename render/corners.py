"""The four corners of objects' oriented rectangles, from their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def corners_px(
    labels: Sequence[Mapping[str, Any]], size_px: tuple[int, int] | None = None
) -> np.ndarray:
    """Corners in turn around, f64[K, 4, 2], px; without an oriented box those of the plain one.

    Args:
        labels: K COCO annotations, checked. size_px: width and height that corners outside are
            moved into; a rectangle that then is thinner than a pixel gives way to the plain box.
    """
    box = np.array([label["bbox"] for label in labels], dtype=np.float64).reshape(-1, 4)
    ends = np.stack([box[:, :2], box[:, :2] + box[:, 2:]], axis=1)
    plain = np.stack([ends[:, [0, 1, 1, 0], 0], ends[:, [0, 0, 1, 1], 1]], axis=2)
    told = [label.get("attributes", {}).get("obb") for label in labels]
    some = [k for k, rectangle in enumerate(told) if rectangle is not None]
    corners = plain.copy()
    corners[some] = _turned(np.array([told[k] for k in some], np.float64).reshape(-1, 5))
    if size_px is None:
        return corners
    inside = np.clip(corners, 0, size_px)
    thin = _area(inside) < 1
    inside[thin] = np.clip(plain[thin], 0, size_px)
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
    turn = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    return np.abs(turn.sum(axis=1)) / 2
