"""Polygons into planes: colour, instance id, surface kind and height are filled at once.

A pixel spans [i, i + 1) px. Coverage is taken on four sub-rows with exact horizontal extents; a
pixel belongs to a polygon (ids, kind, height) when at least half of it is covered, and its colour
is blended by coverage, so edges are smooth and masks are not.
"""

from __future__ import annotations

import math

import numpy as np

from render.canvas import KEEP, Canvas, Polygons
from render.kernel import inner_kernel, kernel

SUB_ROWS = 4
MOST_CROSSINGS = 64
SOLID_PX = 6
"""Shorter runs of whole pixels are not worth a treatment of their own."""


def fill(canvas: Canvas, polygons: Polygons, met: np.ndarray | None = None) -> None:
    """Draw the polygons in order into the canvas, in place.

    Args:
        met: bool[more than any id], set for every id of which another thing hides a pixel.
    """
    if len(polygons.starts) < 2:
        return
    met = np.zeros(0, np.bool_) if met is None else met
    p = polygons
    _fill(
        canvas.albedo, canvas.ids, canvas.kind, canvas.height,
        p.vertices_px, p.starts, p.colour, p.alpha, p.ident, p.kind, p.height, p.on_top,
        met, *_room(*canvas.kind.shape),
    )  # fmt: skip


def fill_shadows(
    lit: np.ndarray, heights: np.ndarray, vertices_px: np.ndarray, starts: np.ndarray
) -> None:
    """Darken a u8[H, W] sun plane under shadow polygons where the ground itself is seen.

    Args:
        lit, heights: u8[H, W]. vertices_px: f32[V, 2]. starts: i32[P + 1].
    """
    _fill_shadows(lit, heights, vertices_px, starts, *_room(*lit.shape))


def _room(rows: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Work space for polygons of up to so many pixel rows and columns.

    Crossings of each sub-row, how many there are, and the coverage of a row: kernels that allocate
    nothing do without reference counts, which would cost as much as the work.
    """
    return (
        np.empty((SUB_ROWS * rows, MOST_CROSSINGS), np.float32),
        np.empty(SUB_ROWS * rows, np.int32),
        np.zeros(width + 1, np.float32),
    )


def silhouette(
    vertices_px: np.ndarray,
    starts: np.ndarray,
    owner: np.ndarray,
    outline: np.ndarray,
    rows: int,
    width: int,
    chosen: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amodal size of objects from their outline polygons, whatever hides them.

    Args:
        vertices_px: f32[V, 2]. starts: i32[P + 1]. owner: i32[P], object of each polygon, sorted.
        outline: bool[P], which polygons make up silhouettes.
        rows, width: image size. chosen: bool[N], by object, whom to measure.

    Returns:
        full i32[N] (px, also outside the image), inside i32[N], box i32[N, 4] (of the whole).
    """
    full, inside = np.zeros((2, len(chosen)), np.int32)
    box = np.zeros((len(chosen), 4), np.int32)
    if len(vertices_px):
        first = starts[:-1][np.concatenate([[True], owner[1:] != owner[:-1]])]
        size = np.maximum.reduceat(vertices_px, first) - np.minimum.reduceat(vertices_px, first)
        across, down = (np.ceil(size.max(axis=0)).astype(int) + 2).tolist()
        _silhouette(
            vertices_px, starts, owner, outline, rows, width, chosen, full, inside, box,
            np.empty((down, across), np.bool_), *_room(down, across),
        )  # fmt: skip
    return full, inside, box


@inner_kernel
def _cross(vertices, first, last, y0, rows, crossings, count):
    """Note where the edges of a polygon cross the sub-rows of pixel rows y0 .. y0 + rows - 1.

    Each edge is walked along the sub-rows that it crosses: the work is that of the outline, not
    that of edges times rows.
    """
    steps = SUB_ROWS * rows
    for k in range(steps):
        count[k] = 0
    half, fine = np.float32(0.5), np.float32(SUB_ROWS)
    low = np.float32(SUB_ROWS * y0)
    ax, ay = vertices[last - 1, 0], vertices[last - 1, 1] * fine - low
    for i in range(first, last):
        bx, by = vertices[i, 0], vertices[i, 1] * fine - low
        k0 = max(math.ceil(min(ay, by) - half), 0)
        k1 = min(math.ceil(max(ay, by) - half), steps)
        if k0 < k1:
            slope = (bx - ax) / (by - ay)
            for k in range(k0, k1):
                n = count[k]
                if n < MOST_CROSSINGS:
                    crossings[k, n] = ax + (np.float32(k) + half - ay) * slope
                    count[k] = n + 1
        ax, ay = bx, by


@inner_kernel
def _cover_row(crossings, count, row, width, cover):
    """Coverage of one pixel row, from its sub-rows: (x0, s0, s1, x1).

    The polygon touches [x0, x1) and covers all of [s0, s1); ``cover`` holds the coverage of the
    pixels before s0 and from s1 on, and must be zeroed again by the caller.
    """
    first = SUB_ROWS * row
    share, end = np.float32(1.0 / SUB_ROWS), np.float32(width)
    zero, one = np.float32(0.0), np.float32(1.0)
    s0, s1, x0, x1 = 0, width, width, 0
    plain = True
    for k in range(first, first + SUB_ROWS):
        n, line = count[k], crossings[k]
        if n == 2:
            if line[0] > line[1]:
                line[0], line[1] = line[1], line[0]
            left, right = max(line[0], zero), min(line[1], end)
            if right <= left:
                plain = False
                continue
            i0, i1 = int(left), int(right)
            s0, s1 = max(s0, i0 + 1), min(s1, i1)
            x0, x1 = min(x0, i0), max(x1, min(i1 + 1, width))
            continue
        plain = False
        for a in range(1, n):
            v = line[a]
            b = a - 1
            while b >= 0 and line[b] > v:
                line[b + 1] = line[b]
                b -= 1
            line[b + 1] = v
        for q in range(0, n - 1, 2):
            left, right = max(line[q], zero), min(line[q + 1], end)
            if right > left:
                x0, x1 = min(x0, int(left)), max(x1, min(int(right) + 1, width))
    if x1 <= x0:
        return 0, 0, 0, 0
    if not plain or s1 - s0 < SOLID_PX:
        s0 = s1 = x1
    for k in range(first, first + SUB_ROWS):
        line = crossings[k]
        for q in range(0, count[k] - 1, 2):
            left, right = max(line[q], zero), min(line[q + 1], end)
            if right <= left:
                continue
            i0, i1 = int(left), int(right)
            if i0 == i1:
                cover[i0] += (right - left) * share
                continue
            cover[i0] += (np.float32(i0) + one - left) * share
            for x in range(i0 + 1, min(i1, s0)):
                cover[x] += share
            for x in range(max(s1, i0 + 1), i1):
                cover[x] += share
            if i1 < width:
                cover[i1] += (right - np.float32(i1)) * share
    return x0, s0, s1, x1


@inner_kernel
def _extent(vertices, first, last):
    """Bounds in whole pixels: left, top, right, bottom."""
    x0, y0 = vertices[first, 0], vertices[first, 1]
    x1, y1 = x0, y0
    for i in range(first + 1, last):
        x, y = vertices[i, 0], vertices[i, 1]
        x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
    return math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)


@kernel
def _fill(
    albedo, ids, kinds, heights, vertices, starts, colour, alpha, ident, kind, height, on_top, met,
    crossings, count, cover,
):  # fmt: skip
    rows, width = ids.shape
    for p in range(len(starts) - 1):
        first, last = starts[p], starts[p + 1]
        if last - first < 3 or alpha[p] == 0:
            continue
        left, r0, right, r1 = _extent(vertices, first, last)
        r0, r1 = max(r0, 0), min(r1, rows)
        if r0 >= r1 or left >= width or right <= 0:
            continue
        _cross(vertices, first, last, r0, r1 - r0, crossings, count)
        top = np.uint8(254) if on_top[p] else height[p]
        for y in range(r0, r1):
            x0, s0, s1, x1 = _cover_row(crossings, count, y - r0, width, cover)
            if x1 <= x0:
                continue
            for a, b in ((x0, s0), (s1, x1)):
                if b > a:
                    _blend(albedo, ids, kinds, heights, y, a, b, cover, colour[p],
                           alpha[p], ident[p], kind[p], height[p], top, met)  # fmt: skip
            if s1 > s0:
                _cover_whole(albedo, ids, kinds, heights, y, s0, s1, colour[p],
                             alpha[p], ident[p], kind[p], height[p], top, met)  # fmt: skip


@inner_kernel
def _blend(
    albedo, ids, kinds, heights, y, x0, x1, cover, colour, alpha, ident, kind, height, top, met
):
    """Draw a run of partly covered pixels of one row, and zero their coverage."""
    if x1 - x0 >= SOLID_PX:
        highest = np.uint8(0)
        above = heights[y, x0:x1]
        for x in range(x1 - x0):
            highest = max(highest, above[x])
        if highest <= top:
            _blend_run(albedo, ids, kinds, heights, y, x0, x1, cover[x0:x1], colour, alpha,
                       ident, kind, height, met)  # fmt: skip
            return
    for x in range(x0, x1):
        share = min(cover[x], np.float32(1.0))
        cover[x] = 0.0
        most = share >= np.float32(0.5)
        if heights[y, x] > top:
            if most and len(met) > 0 and ids[y, x] != ident:
                met[ident] = True
            continue
        weight = share * alpha
        for k in range(3):
            old = np.float32(albedo[k, y, x])
            mixed = old + weight * (np.float32(colour[k]) - old)
            albedo[k, y, x] = np.uint16(mixed + np.float32(0.5))
        if most and kind != KEEP:
            if ids[y, x] != ident and len(met) > 0:
                met[ids[y, x]] = True
            ids[y, x], kinds[y, x], heights[y, x] = ident, kind, height


@inner_kernel
def _blend_run(
    albedo, ids, kinds, heights, y, x0, x1, cover, colour, alpha, ident, kind, height, met
):
    """The same for a longer run that nothing hides: plane by plane, many pixels at a time."""
    n, one, half = x1 - x0, np.float32(1.0), np.float32(0.5)
    for k in range(3):
        row, own = albedo[k, y, x0:x1], np.float32(colour[k])
        for x in range(n):
            old = np.float32(row[x])
            mixed = old + min(cover[x], one) * alpha * (own - old)
            row[x] = np.uint16(np.int32(mixed + half))
    if kind != KEEP:
        name, surface, above = ids[y, x0:x1], kinds[y, x0:x1], heights[y, x0:x1]
        for x in range(n):
            if cover[x] >= half:
                if name[x] != ident and len(met) > 0:
                    met[name[x]] = True
                name[x], surface[x], above[x] = ident, kind, height
    for x in range(n):
        cover[x] = 0.0


@inner_kernel
def _cover_whole(
    albedo, ids, kinds, heights, y, x0, x1, colour, alpha, ident, kind, height, top, met
):
    """Draw a run of wholly covered pixels of one row."""
    above, name, surface = heights[y, x0:x1], ids[y, x0:x1], kinds[y, x0:x1]
    n = x1 - x0
    highest = np.uint8(0)
    for x in range(n):
        highest = max(highest, above[x])
    if highest > top:
        start = 0
        while start < n:  # only the runs that nothing hides
            while start < n and above[start] > top:
                if len(met) > 0 and name[start] != ident:
                    met[ident] = True
                start += 1
            stop = start
            while stop < n and above[stop] <= top:
                stop += 1
            if stop > start:
                _cover_whole(albedo, ids, kinds, heights, y, x0 + start, x0 + stop, colour,
                             alpha, ident, kind, height, top, met)  # fmt: skip
            start = stop
        return
    for k in range(3):
        row, own = albedo[k, y, x0:x1], colour[k]
        if alpha == 1:
            row[:] = own
        else:
            add = np.float32(own) * alpha + np.float32(0.5)
            for x in range(n):
                row[x] = np.uint16(np.int32(np.float32(row[x]) * (np.float32(1.0) - alpha) + add))
    if kind == KEEP:
        return
    if len(met) > 0:
        for x in range(n):
            if name[x] != ident:
                met[name[x]] = True
    name[:] = ident
    surface[:] = kind
    above[:] = height


@kernel
def _fill_shadows(lit, heights, vertices, starts, crossings, count, cover):
    rows, width = lit.shape
    for p in range(len(starts) - 1):
        first, last = starts[p], starts[p + 1]
        if last - first < 3:
            continue
        left, r0, right, r1 = _extent(vertices, first, last)
        r0, r1 = max(r0, 0), min(r1, rows)
        if r0 >= r1 or left >= width or right <= 0:
            continue
        _cross(vertices, first, last, r0, r1 - r0, crossings, count)
        for y in range(r0, r1):
            x0, s0, s1, x1 = _cover_row(crossings, count, y - r0, width, cover)
            ground, sun = heights[y], lit[y]
            for x in range(s0, s1):
                sun[x] = np.uint8(0) if ground[x] == 0 else sun[x]
            for a, b in ((x0, s0), (s1, x1)):
                for x in range(a, b):
                    left = np.uint8(np.float32(255.0) * max(np.float32(1.0) - cover[x], 0.0))
                    cover[x] = 0.0
                    if ground[x] == 0:
                        sun[x] = min(sun[x], left)


@kernel
def _silhouette(
    vertices, starts, owner, outline, rows, width, chosen, full, inside, box, mine, crossings,
    count, cover,
):  # fmt: skip
    p = 0
    while p < len(owner):
        q, k = p, owner[p]
        while q < len(owner) and owner[q] == k:
            q += 1
        first, last = starts[p], starts[q]
        if chosen[k]:
            left, top, right, bottom = _extent(vertices, first, last)
            span = right - left
            mine[: bottom - top, :span] = False
            for j in range(p, q):
                if outline[j] and starts[j + 1] - starts[j] >= 3:
                    _cross(vertices, starts[j], starts[j + 1], top, bottom - top, crossings, count)
                    _mark(mine, bottom - top, span, left, crossings, count, cover)
            _measure(mine, bottom - top, span, left, top, rows, width, k, full, inside, box)
        p = q


@inner_kernel
def _mark(mine, rows, span, left, crossings, count, cover):
    """Mark the pixels that a polygon owns in a local mask whose first column is ``left``."""
    for y in range(rows):
        for k in range(SUB_ROWS * y, SUB_ROWS * (y + 1)):
            for n in range(count[k]):
                crossings[k, n] -= np.float32(left)
        x0, s0, s1, x1 = _cover_row(crossings, count, y, span, cover)
        mine[y, s0:s1] = True
        for a, b in ((x0, s0), (s1, x1)):
            for x in range(a, b):
                mine[y, x] |= cover[x] >= np.float32(0.5)
                cover[x] = 0.0


@inner_kernel
def _measure(mine, rows, span, left, top, height, width, k, full, inside, box):
    """Areas and bounds of the marked pixels of a local mask that begins at (left, top)."""
    x0, y0, x1, y1 = span, rows, 0, 0
    for y in range(rows):
        for x in range(span):
            if mine[y, x]:
                full[k] += 1
                x0, x1 = min(x0, x), max(x1, x + 1)
                y0, y1 = min(y0, y), y + 1
                if 0 <= top + y < height and 0 <= left + x < width:
                    inside[k] += 1
    if full[k] > 0:
        box[k, 0], box[k, 1], box[k, 2], box[k, 3] = left + x0, top + y0, left + x1, top + y1
