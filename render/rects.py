"""Rectangles of pixels: where a picture differs from one moment to the next.

A rectangle is a row x0, y0, x1, y1 of an i32[R, 4], px, exclusive right and bottom. Rectangles may
overlap.
"""

from __future__ import annotations

import numpy as np

from render.canvas import Canvas
from render.kernel import inner_kernel, kernel

NONE = np.zeros((0, 4), np.int32)
AT_A_TIME = 16
"""So many columns are worked out at a time: others would be left over, one by one."""

WASTE_PX = 600
"""Two rectangles become one when that adds at most so many pixels: each costs its own calls."""


def bounds(vertices_px: np.ndarray, first: np.ndarray, margin: int) -> np.ndarray:
    """Bounds of groups of vertices, not clipped.

    Args:
        vertices_px: f32[V, 2]. first: i[G], ascending, first vertex of each group.
        margin: px around each.
    """
    if not len(first) or not len(vertices_px):
        return NONE
    low = np.floor(np.minimum.reduceat(vertices_px, first)) - margin
    high = np.ceil(np.maximum.reduceat(vertices_px, first)) + margin
    return np.concatenate([low, high], axis=1).astype(np.int32)


def grown(rects: np.ndarray, margin: int, shape: tuple[int, int], columns: int = 1) -> np.ndarray:
    """Rectangles with a margin on all sides, clipped to the image.

    Args:
        columns: they begin and end at a multiple of so many, or at the image's edge.
    """
    out = np.empty_like(rects)
    return out[: _grown(rects, margin, *shape, columns, out)]


def bands(shape: tuple[int, int], rows: int) -> np.ndarray:
    """The whole image as bands of so many rows."""
    top = np.arange(0, shape[0], rows)
    left, right = np.zeros_like(top), np.full_like(top, shape[1])
    return np.stack([left, top, right, np.minimum(top + rows, shape[0])], axis=1).astype(np.int32)


def offsets(rects: np.ndarray) -> np.ndarray:
    """Where blocks [3, h, w] begin when they lie one behind the other, and the end: i64[R + 1]."""
    out = np.empty(len(rects) + 1, np.int64)
    _offsets(rects, out)
    return out


def merged(*groups: np.ndarray) -> np.ndarray:
    """Fewer rectangles that cover the same pixels, and few others; none of them is empty."""
    rects = np.concatenate(groups)
    return rects[: _merge(rects, WASTE_PX)]


def touching(boxes: np.ndarray, rects: np.ndarray) -> np.ndarray:
    """Which boxes i32[K, 4] share a pixel with any rectangle: bool[K]."""
    out = np.empty(len(boxes), np.bool_)
    _touching(boxes, rects, out)
    return out


def closed(rects: np.ndarray, boxes: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Rectangles that hold the given ones and boxes i32[K, 4] of which they touch none in part.

    Args:
        marked: bool[K], boxes to hold in any case; those that are touched are marked too, in place.
    """
    out = np.empty((len(rects) + len(boxes), 4), np.int32)
    out[: len(rects)] = rects
    return out[: _close(out, len(rects), boxes, marked, WASTE_PX)]


def copy(source: np.ndarray, target: np.ndarray, rects: np.ndarray) -> None:
    """Copy the rectangles of a plane [H, W] or of planes [C, H, W] into another, in place."""
    shape = (-1, *source.shape[-2:])
    _copy(source.reshape(shape), target.reshape(shape), rects)


def copy_canvas(source: Canvas, target: Canvas, rects: np.ndarray) -> None:
    """Copy the rectangles of all planes of a canvas into another, in place."""
    _copy_canvas(
        source.albedo, source.ids, source.kind, source.height,
        target.albedo, target.ids, target.kind, target.height, rects,
    )  # fmt: skip


@kernel
def _offsets(rects, out):
    out[0] = 0
    for r in range(len(rects)):
        area = np.int64(rects[r, 2] - rects[r, 0]) * (rects[r, 3] - rects[r, 1])
        out[r + 1] = out[r] + 3 * area


@kernel
def _grown(rects, margin, rows, columns, whole, out):
    count = 0
    for r in range(len(rects)):
        x0, y0 = max(rects[r, 0] - margin, 0), max(rects[r, 1] - margin, 0)
        x1, y1 = min(rects[r, 2] + margin, columns), min(rects[r, 3] + margin, rows)
        if x0 < x1 and y0 < y1:
            out[count, 0], out[count, 1], out[count, 3] = x0 // whole * whole, y0, y1
            out[count, 2] = min((x1 + whole - 1) // whole * whole, columns)
            count += 1
    return count


@kernel
def _touching(boxes, rects, out):
    for k in range(len(boxes)):
        out[k] = _touches(boxes[k], rects)


@inner_kernel
def _touches(box, rects):
    for r in range(len(rects)):
        across = box[0] < rects[r, 2] and box[2] > rects[r, 0]
        if across and box[1] < rects[r, 3] and box[3] > rects[r, 1]:
            return True
    return False


@kernel
def _close(rects, count, boxes, marked, waste):
    for k in range(len(boxes)):
        if marked[k]:
            count = _add(rects, count, boxes[k])
    found = True
    while found:
        found, count = False, _join(rects[:count], waste)
        whole = rects[:count]
        for k in range(len(boxes)):
            if not marked[k] and _touches(boxes[k], whole):
                marked[k] = found = True
                count = _add(rects, count, boxes[k])
    return count


@inner_kernel
def _add(rects, count, box):
    for i in range(4):
        rects[count, i] = box[i]
    return count + 1


@kernel
def _merge(rects, waste):
    return _join(rects, waste)


@inner_kernel
def _join(rects, waste):
    count = 0
    for r in range(len(rects)):
        if rects[r, 0] < rects[r, 2] and rects[r, 1] < rects[r, 3]:
            count = _add(rects, count, rects[r])
    found = True
    while found:
        found = False
        i = 0
        while i < count:
            j = i + 1
            while j < count:
                x0, y0 = min(rects[i, 0], rects[j, 0]), min(rects[i, 1], rects[j, 1])
                x1, y1 = max(rects[i, 2], rects[j, 2]), max(rects[i, 3], rects[j, 3])
                a = (rects[i, 2] - rects[i, 0]) * (rects[i, 3] - rects[i, 1])
                b = (rects[j, 2] - rects[j, 0]) * (rects[j, 3] - rects[j, 1])
                if (x1 - x0) * (y1 - y0) <= a + b + waste:
                    rects[i, 0], rects[i, 1], rects[i, 2], rects[i, 3] = x0, y0, x1, y1
                    count -= 1
                    for k in range(4):
                        rects[j, k] = rects[count, k]
                    found = True
                else:
                    j += 1
            i += 1
    return count


@kernel
def _copy(source, target, rects):
    for k in range(len(rects)):
        for c in range(len(source)):
            _copy_plane(source[c], target[c], rects[k])


@kernel
def _copy_canvas(albedo, ids, kind, height, to_albedo, to_ids, to_kind, to_height, rects):
    for k in range(len(rects)):
        for c in range(3):
            _copy_plane(albedo[c], to_albedo[c], rects[k])
        _copy_plane(ids, to_ids, rects[k])
        _copy_plane(kind, to_kind, rects[k])
        _copy_plane(height, to_height, rects[k])


@inner_kernel
def _copy_plane(source, target, rect):
    x0, x1 = rect[0], rect[2]
    for y in range(rect[1], rect[3]):
        old, new = source[y, x0:x1], target[y, x0:x1]
        for x in range(x1 - x0):
            new[x] = old[x]
