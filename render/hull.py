"""Convex hulls of a few points: what a thing and its shifted outline sweep over."""

from __future__ import annotations

import cv2
import numpy as np


def hull(*outlines: np.ndarray) -> np.ndarray:
    """Convex hull of the points of several outlines, f32[N, 2], counter-clockwise.

    Empty where the points lie on one line.
    """
    points = np.concatenate(outlines).astype(np.float32)
    out = cv2.convexHull(points, clockwise=False)[:, 0]
    return out if len(out) >= 3 else out[:0]
