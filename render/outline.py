"""A mask as one polygon, the way YOLO's segmentation files want it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from simulator.errors import DataError

SHIFT_PX = 0.25
"""Added to the indices of the outermost pixels: both readers that fill polygons, one by rounding
and one by cutting off, then give the mask back."""

FAR_PX = 0.45
"""The same for the other side of a part that is one pixel thin: still within that pixel."""


def decode_mask(label: Mapping[str, Any], size_px: tuple[int, int]) -> np.ndarray:
    """The mask of a label, u8[H, W], 0 or 1.

    Raises:
        DataError: it has no run-length mask, or one of another size.
    """
    runs = label.get("segmentation")
    if not isinstance(runs, dict) or list(runs.get("size", ())) != [size_px[1], size_px[0]]:
        raise DataError(
            f"annotation {label.get('id')} has no run-length mask of its image's size",
            mend="Choose a format without masks",
        )  # fmt: skip
    counts = _run_lengths(str(runs.get("counts")))
    if (counts < 0).any() or counts.sum() != size_px[0] * size_px[1]:
        raise DataError(f"annotation {label.get('id')} has a broken mask")
    values = np.arange(len(counts), dtype=np.uint8) & 1
    # column by column, as COCO counts
    return np.ascontiguousarray(np.repeat(values, counts).reshape(size_px).T)


def _run_lengths(text: str) -> np.ndarray:
    """The lengths of runs in COCO's compressed text: five bits a sign, most as differences."""
    found: list[int] = []
    value = shift = 0
    for sign in text:
        bits = ord(sign) - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32 and shift < 60:
            continue
        if bits & 16:
            value -= 1 << shift
        found.append(value + (found[-2] if len(found) > 2 else 0))
        value = shift = 0
    return np.array(found, dtype=np.float64).clip(-1, 2**40).astype(np.int64)


def outline_px(mask: np.ndarray) -> np.ndarray:
    """One polygon around all parts of a mask, f64[N, 2], px: parts are joined by a way to and fro.

    Holes are filled. A part that is too thin for three corners gets four.
    """
    parts, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    polygons = sorted((_corners(p[:, 0]) for p in parts), key=lambda p: -len(p))
    whole = polygons[0]
    for part in polygons[1:]:
        gaps = np.abs(whole[:, None] - part[None]).sum(axis=2)
        here, there = np.unravel_index(int(gaps.argmin()), gaps.shape)
        turned = np.roll(part, -there, axis=0)
        whole = np.concatenate([whole[: here + 1], turned, turned[:1], whole[here:]])
    return whole


def _corners(contour: np.ndarray) -> np.ndarray:
    if len(contour) >= 3:
        return contour + SHIFT_PX
    (x0, y0), (x1, y1) = contour.min(axis=0), contour.max(axis=0)
    near, far = SHIFT_PX, FAR_PX
    if x1 > x0 and y1 > y0:  # a slanting line of pixels
        return np.array([contour[0] + near, contour[-1] + near, contour[-1] + far])
    left, top, right, bottom = x0 + near, y0 + near, x1 + far, y1 + far
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
