"""Masks as polygons, the way YOLO's segmentation files want them."""

from __future__ import annotations

import numpy as np

from render.kernel import inner_kernel, kernel
from render.label_columns import MASK_SIZE, Labels
from simulator.errors import DataError

SHIFT_PX = 0.25
"""Added to the indices of the outermost pixels: both readers that fill polygons, one by rounding
and one by cutting off, then give the mask back."""

FAR_PX = 0.45
"""The same for the other side of a part that is one pixel thin: still within that pixel."""

MOST_SIGNS = 12
"""Of the text of one run: five bits each, more would not fit into 64."""

ROOM = 1024
"""Corners for which there is room at first."""

_DONE, _FULL, _BROKEN, _EMPTY = range(4)
_X = np.array([1, 1, 0, -1, -1, -1, 0, 1])
_Y = np.array([0, -1, -1, -1, 0, 1, 1, 1])
_SEEN, _LAST = 2, -126
"""Marks of a pixel on an outline, and of one that has the outside on its right."""

_SLASH = ord("\\")


def outlines_px(labels: Labels, size_px: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """One polygon around each mask; its parts are joined by a way to and fro, holes are filled.

    A part that is too thin for three corners gets four.

    Args:
        labels: of K objects of one image. size_px: its width and height.

    Returns:
        The corners, one polygon after another, f64[N, 2], px; how many each has, i64[K].

    Raises:
        DataError: one has no run-length mask, or one of another size, or nothing is in it.
    """
    others = (labels.numbers[:, MASK_SIZE] != size_px[::-1]).any(axis=1)
    known = int(others.argmax()) if others.any() else len(labels)
    points, counts, done, state = _traced(*labels.mask_text(), known, size_px)
    if state == _DONE and known == len(labels):
        return points, counts
    name = f"annotation {labels.column('id')[done]:.0f}"
    if state == _DONE:
        raise DataError(
            f"{name} has no run-length mask of its image's size",
            mend="Choose a format without masks",
        )
    raise DataError(f"{name} has {'a broken' if state == _BROKEN else 'an empty'} mask")


def _traced(
    text: bytes, spans: np.ndarray, known: int, size_px: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, int, int]:
    """The outlines of the first masks, how many could be made, and why not more."""
    width, height = size_px
    longest = int((spans[:, 1] - spans[:, 0]).max(initial=0))
    runs, ends = np.empty(longest, np.int64), np.empty(longest + 1, np.int64)
    strokes = np.empty(longest + width, np.int64)
    mask = np.empty((width + 2) * (height + 2), np.int8)
    parts, points = np.empty((ROOM, 2)), np.empty((ROOM, 2))
    counts = np.zeros(known, np.int64)
    given = np.frombuffer(text, dtype=np.uint8)
    done = used = 0
    while True:
        done, used, state = _outlines(
            given, spans, width, height, runs, mask, strokes, parts, ends, points, counts, done,
            used,
        )  # fmt: skip
        if state != _FULL:
            return points[:used], counts, done, state
        parts, points = (np.concatenate([a, np.empty_like(a)]) for a in (parts, points))


@kernel
def _outlines(
    text, spans, width, height, runs, mask, strokes, parts, ends, points, counts, first, used
):  # fmt: skip
    """Goes on with the mask ``first``: gives how many are done, corners in use, and why it ends."""
    for k in range(first, len(counts)):
        count = _run_lengths(text, spans[k, 0], spans[k, 1], width * height, runs)
        if count < 0:
            return k, used, _BROKEN
        left, top, right, bottom = _bounds(runs, count, height)
        if right <= left:
            return k, used, _EMPTY
        stride = right - left + 2
        mask[: stride * (bottom - top + 2)] = 0
        drawn = _paint(runs, count, height, mask, stride, left - 1, top - 1, strokes)
        found = _find(mask, stride, strokes[:drawn], left - 1, top - 1, parts, ends)
        if found < 0 or used + ends[found] + 2 * found > len(points):
            return k, used, _FULL
        counts[k] = _join(parts, ends, found, points[used:])
        used += counts[k]
    return len(counts), used, _DONE


@inner_kernel
def _run_lengths(text, at, end, pixels, runs):
    """How many runs COCO's compressed text has, -1 where it is none for so many pixels.

    Five bits a sign, the lowest first; most runs as the difference to the last but one.
    """
    count = total = 0
    while at < end:
        value = signs = 0
        bits = 32
        while bits & 32:
            if at >= end or signs == MOST_SIGNS:
                return -1
            bits = text[at] - 48
            at += 2 if text[at] == _SLASH else 1
            value += (bits & 31) << (5 * signs)
            signs += 1
        if bits & 16:
            value -= 1 << (5 * signs)
        if count > 2:
            value += runs[count - 2]
        if value < 0 or value > pixels:
            return -1
        runs[count] = value
        total += value
        count += 1
    return count if count > 0 and total == pixels else -1


@inner_kernel
def _bounds(runs, count, height):
    """First column and row with a pixel of the mask, and those behind the last."""
    left, top, right, bottom = 1, height, 0, 0
    column = row = 0
    for i in range(count):
        if i & 1 and runs[i] > 0:
            if right == 0:
                left = column
            if row + runs[i] > height:
                top, bottom = 0, height
            else:
                top, bottom = min(top, row), max(bottom, row + runs[i])
        column, row = _behind(column, row + runs[i], height)
        if i & 1 and runs[i] > 0:
            right = column + (row > 0)
    return left, top, right, bottom


@inner_kernel
def _behind(column, row, height):
    """The same place with a row within the column; most are in this one or the next."""
    if row >= height:
        column, row = column + 1, row - height
        if row >= height:
            column, row = column + row // height, row % height
    return column, row


@inner_kernel
def _paint(runs, count, height, mask, stride, left, top, strokes):
    """Sets the pixels; the runs go column by column. How many upright strokes that takes: the first
    pixels of each are then in ``strokes``.
    """
    column = row = drawn = 0
    for i in range(count):
        length = runs[i]
        while i & 1 and length > 0:
            here = min(length, height - row)
            place = (row - top) * stride + column - left
            strokes[drawn] = place
            drawn += 1
            for _ in range(here):
                mask[place] = 1
                place += stride
            length -= here
            column, row = _behind(column, row + here, height)
        column, row = _behind(column, row + length, height)
    return drawn


@inner_kernel
def _find(mask, stride, strokes, left, top, parts, ends):
    """The outlines of all parts, and where each begins; how many, -1 where there is no room.

    The first pixel of a part, row by row, has none above it: it is the first of a stroke.
    """
    found = last = 0
    ends[0] = 0
    while True:
        least = len(mask)
        for place in strokes:
            if (
                last < place < least and mask[place] == 1 and mask[place - 1] == 0
                and (found == 0 or _outside(mask, place, place - place % stride))
            ):  # fmt: skip
                least = place
        if least == len(mask):
            return found
        count = _follow(mask, stride, least, left, top, parts[ends[found] :])
        if count < 0:
            return -1
        found += 1
        ends[found] = ends[found - 1] + count
        last = least


@inner_kernel
def _outside(mask, place, first):
    """Whether a place is outside of all parts that were followed; ``first``: that of its row."""
    while place > first:
        place -= 1
        if mask[place] == _SEEN:
            return False
        if mask[place] == _LAST:
            return True
    return True


@inner_kernel
def _follow(mask, stride, start, left, top, corners):
    """Around a part from its first pixel, marking its edge: how many corners, -1 without room.

    Border following of Suzuki and Abe (1985), with the corners that OpenCV's CHAIN_APPROX_SIMPLE
    keeps; ways are numbered from the right against the clock.
    """
    if len(corners) < 4:
        return -1
    x, y = start % stride + left, start // stride + top
    way = 3
    while way != 4 and mask[start + _Y[way] * stride + _X[way]] == 0:
        way = (way - 1) & 7
    if way == 4:
        mask[start] = _LAST
        _put(corners, 0, x, y)
        return _thickened(corners, 1)
    last = start + _Y[way] * stride + _X[way]
    place, count, told = start, 0, way ^ 4
    while True:
        came = way
        way = (way + 1) & 7
        while mask[place + _Y[way] * stride + _X[way]] == 0:
            way = (way + 1) & 7
        if 0 < way <= came:
            mask[place] = _LAST
        elif mask[place] == 1:
            mask[place] = _SEEN
        if way != told:
            if count == len(corners):
                return -1
            _put(corners, count, x, y)
            count += 1
            told = way
        x, y = x + _X[way], y + _Y[way]
        after = place + _Y[way] * stride + _X[way]
        if after == start and place == last:
            return _thickened(corners, count)
        place, way = after, way ^ 4


@inner_kernel
def _thickened(corners, count):
    """Moves corners of pixels to where they belong, and gives thin parts a width: how many then."""
    x0, y0, x1, y1 = corners[0, 0], corners[0, 1], corners[count - 1, 0], corners[count - 1, 1]
    near, far = SHIFT_PX, FAR_PX
    if count > 2:
        for i in range(count):
            _put(corners, i, corners[i, 0] + near, corners[i, 1] + near)
        return count
    if x1 != x0 and y1 != y0:  # a slanting line of pixels
        _put(corners, 0, x0 + near, y0 + near)
        _put(corners, 1, x1 + near, y1 + near)
        _put(corners, 2, x1 + far, y1 + far)
        return 3
    left, top, right, bottom = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    _put(corners, 0, left + near, top + near)
    _put(corners, 1, right + far, top + near)
    _put(corners, 2, right + far, bottom + far)
    _put(corners, 3, left + near, bottom + far)
    return 4


@inner_kernel
def _put(corners, i, x, y):
    corners[i, 0], corners[i, 1] = x, y


@inner_kernel
def _join(parts, ends, found, whole):
    """One polygon of all parts, the longest first, each joined where it is nearest: its corners."""
    size, last, length = 0, found, len(parts) + 1
    for _ in range(found):
        last, length = _next(ends, found, last, length)
        part = parts[ends[last] : ends[last + 1]]
        here, there = _nearest(whole, size, part)
        for i in range(size - 1, here, -1):
            _put(whole, i + length + 2, whole[i, 0], whole[i, 1])
        if size > 0:
            _put(whole, here + length + 2, whole[here, 0], whole[here, 1])
            _put(whole, here + length + 1, part[there, 0], part[there, 1])
        for i in range(length):
            _put(whole, here + 1 + i, part[there, 0], part[there, 1])
            there = there + 1 if there + 1 < length else 0
        size += length + 2 if size > 0 else length
    return size


@inner_kernel
def _next(ends, found, last, length):
    """The longest part that comes behind another one, of equal ones the last; and its length."""
    chosen = most = -1
    for i in range(found):
        own = ends[i + 1] - ends[i]
        behind = own < length or (own == length and i < last)
        if behind and own >= most:
            chosen, most = i, own
    return chosen, most


@inner_kernel
def _nearest(whole, size, part):
    """Of two polygons the corners with the least distance along the axes, (-1, 0) for none."""
    least, here, there = np.inf, -1, 0
    for i in range(size):
        for j in range(len(part)):
            gap = abs(whole[i, 0] - part[j, 0]) + abs(whole[i, 1] - part[j, 1])
            if gap < least:
                least, here, there = gap, i, j
    return here, there
