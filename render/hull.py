"""Convex hulls of a few points: what a thing and its shifted outline sweep over."""

from __future__ import annotations

import cv2
import numpy as np


def hull(*outlines: np.ndarray) -> np.ndarray:
    """Convex hull of the points of several outlines, f32[N, 2], counter-clockwise.

    Empty where the points lie on one line.
    """
    return hulls(np.concatenate(outlines)[None])[0]


def hulls(points: np.ndarray) -> list[np.ndarray]:
    """``hull`` of each of several lots of points, f64[P, N, 2]."""
    found = [cv2.convexHull(p, clockwise=False)[:, 0] for p in points.astype(np.float32)]
    return [out if len(out) >= 3 else out[:0] for out in found]
