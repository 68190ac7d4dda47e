"""The four corners of an object's oriented rectangle, from its label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.errors import DataError


def corners_px(label: Mapping[str, Any], size_px: tuple[int, int] | None = None) -> np.ndarray:
    """Corners in turn around, f64[4, 2], px; without an oriented box those of the plain one.

    Args:
        label: a COCO annotation. size_px: width and height that corners outside are moved into; a
            rectangle that then is thinner than a pixel gives way to the plain box.

    Raises:
        DataError: the oriented box is no rectangle.
    """
    x, y, w, h = label["bbox"]
    plain = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], dtype=np.float64)
    rectangle = label.get("attributes", {}).get("obb")
    corners = plain if rectangle is None else _turned(rectangle, label)
    if size_px is None:
        return corners
    inside = np.clip(corners, 0, size_px)
    return inside if _area(inside) >= 1 else np.clip(plain, 0, size_px)


def _turned(rectangle: Any, label: Mapping[str, Any]) -> np.ndarray:
    try:
        cx, cy, w, h, angle = (float(v) for v in rectangle)
    except (TypeError, ValueError):
        cx = cy = w = h = angle = np.nan
    if not np.isfinite([cx, cy, w, h, angle]).all():
        raise DataError(f"annotation {label.get('id')}: obb must be [cx, cy, w, h, rad]")
    along = np.array([np.cos(angle), np.sin(angle)]) * w / 2
    across = np.array([-np.sin(angle), np.cos(angle)]) * h / 2
    offsets = np.stack([-along - across, along - across, along + across, across - along])
    return np.array([cx, cy]) + offsets


def _area(corners: np.ndarray) -> float:
    x, y = corners.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
