"""A mask as one polygon, the way YOLO's segmentation files want it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from render.label_columns import MASK_SIZE, Labels
from simulator.errors import DataError

SHIFT_PX = 0.25
"""Added to the indices of the outermost pixels: both readers that fill polygons, one by rounding
and one by cutting off, then give the mask back."""

FAR_PX = 0.45
"""The same for the other side of a part that is one pixel thin: still within that pixel."""


MOST_SIGNS = 12
"""Of the text of one run: five bits each, more would not fit into 64."""


Part = tuple[np.ndarray, tuple[int, int]]
"""The part of an image that holds a mask, u8[h, w], 0 or 1; and its left and upper edge, px."""


def decoded_masks(labels: Labels, size_px: tuple[int, int]) -> Iterator[Part]:
    """The mask of each label.

    Raises:
        DataError: one has no run-length mask, or one of another size, or nothing is in it.
    """
    sizes = labels.numbers[:, MASK_SIZE].tolist()
    for key, text, size in zip(labels.column("id").tolist(), labels.masks(), sizes, strict=True):
        if size != [*size_px[::-1]]:
            raise DataError(
                f"annotation {key:.0f} has no run-length mask of its image's size",
                mend="Choose a format without masks",
            )  # fmt: skip
        yield _decoded(text, f"annotation {key:.0f}", size_px)


def _decoded(text: str, name: str, size_px: tuple[int, int]) -> Part:
    width, height = size_px
    counts = _run_lengths(text)
    # each by itself first: a sum of huge ones may come out as anything
    if (counts < 0).any() or (counts > width * height).any() or counts.sum() != width * height:
        raise DataError(f"{name} has a broken mask")
    if not counts[1::2].any():
        raise DataError(f"{name} has an empty mask")
    # column by column, as COCO counts: only those from the first to the last with a pixel
    ends = counts.cumsum()
    kept = ends[: len(ends) // 2 * 2]
    left, right = int(kept[0]) // height, -(-int(kept[-1]) // height)
    lengths = np.diff(np.append(kept, right * height), prepend=left * height)
    values = np.arange(len(lengths), dtype=np.uint8) & 1
    columns = np.repeat(values, lengths).reshape(right - left, height)
    rows = np.flatnonzero(columns.any(axis=0))
    return np.ascontiguousarray(columns[:, rows[0] : rows[-1] + 1].T), (left, int(rows[0]))


def _run_lengths(text: str) -> np.ndarray:
    """The lengths of runs in COCO's compressed text, i64: five bits a sign, most as differences.

    A text that is none gives a length below zero.
    """
    bits = np.frombuffer(text.encode("ascii", "replace"), dtype=np.uint8).astype(np.int64) - 48
    last = np.flatnonzero(bits & 32 == 0)
    signs = np.diff(last, prepend=-1)
    if not len(last) or last[-1] != len(bits) - 1 or (signs > MOST_SIGNS).any():
        return np.array([-1])
    first = last - signs + 1
    shift = 5 * (np.arange(len(bits)) - np.repeat(first, signs))
    found = np.add.reduceat((bits & 31) << shift, first)
    found -= np.where(bits[last] & 16, 1 << 5 * signs, 0)
    found[1::2] = found[1::2].cumsum()  # of every second run from the fourth on: the difference
    found[2::2] = found[2::2].cumsum()
    return found


def outline_px(mask: np.ndarray, corner: tuple[int, int] = (0, 0)) -> np.ndarray:
    """One polygon around all parts of a mask, f64[N, 2], px: parts are joined by a way to and fro.

    ``corner``: where the mask lies in its image, px.

    Holes are filled. A part that is too thin for three corners gets four.
    """
    parts, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=corner)
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
