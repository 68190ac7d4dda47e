"""The kernels of ``raster.py``: where outlines cross rows, what they cover, and drawing that.

From the two ends of each of its sub-rows, a row's coverage is reckoned for many pixels at a time;
only the few rows that an outline leaves and enters again need more.
"""

from __future__ import annotations

import math

import numpy as np

from render.canvas import DECAL, KEEP, WINDOWED
from render.kernel import inlined_kernel, kernel

SUB_ROWS = 4
MOST_CROSSINGS = 64
SOLID_PX = 6
"""Shorter runs of whole pixels are not worth a treatment of their own."""

LANES = 8
"""Pixels that are reckoned at a time: a run is made so much longer, by pixels without coverage."""

BAND_ROWS = 64
"""Polygons are drawn band by band: so many rows of a picture stay in a core's own cache."""


@inlined_kernel
def _cross(vertices, first, last, left, y0, above, rows, ends, crossings, count):
    """Note where a polygon begins and ends on the sub-rows of some pixel rows, from ``left`` on;
    ``y0`` is the row that this is reckoned from, the first wanted is ``above`` rows further down.

    ``crossings`` are noted only if any sub-row has more than two.
    """
    steps = SUB_ROWS * rows
    ends[0, :steps], ends[1, :steps], count[:steps] = np.float32(np.inf), np.float32(-np.inf), 0
    _walk(vertices, first, last, left, y0, above, steps, ends, crossings, count, False)
    most = 0
    for k in range(steps):
        most = max(most, count[k])
    if most > 2:
        count[:steps] = 0
        _walk(vertices, first, last, left, y0, above, steps, ends, crossings, count, True)


@inlined_kernel
def _walk(vertices, first, last, left, y0, above, steps, ends, crossings, count, listed):
    """Note the ends of sub-rows, or if ``listed`` their crossings in order, and how many there are.

    The work is that of the outline: each edge is walked along the sub-rows that it crosses.
    """
    k0, begin, end = np.int32(SUB_ROWS * above), ends[0], ends[1]
    half, fine, low = np.float32(0.5), np.float32(SUB_ROWS), np.float32(SUB_ROWS * y0)
    ax, ay = vertices[last - 1, 0], vertices[last - 1, 1] * fine - low
    i0 = min(max(math.ceil(ay - half) - k0, 0), steps)
    for i in range(first, last):
        bx, by = vertices[i, 0], vertices[i, 1] * fine - low
        i1 = min(max(math.ceil(by - half) - k0, 0), steps)
        if i0 != i1:
            slope = (bx - ax) / (by - ay)
            ux, uy = (ax, ay) if ay < by else (bx, by)  # neighbours round what they share alike
            j0, j1 = min(i0, i1), max(i0, i1)
            at, to, often = begin[j0:j1], end[j0:j1], count[j0:j1]
            for k in range(j1 - j0):
                x = ux + (np.float32(np.int32(k0 + j0 + k)) + half - uy) * slope - np.float32(left)
                if not listed:
                    at[k], to[k] = min(at[k], x), max(to[k], x)
                    often[k] += 1
                elif often[k] < MOST_CROSSINGS:
                    n = often[k]
                    while n > 0 and crossings[n - 1, j0 + k] > x:
                        crossings[n, j0 + k] = crossings[n - 1, j0 + k]
                        n -= 1
                    crossings[n, j0 + k] = x
                    often[k] += 1
        ax, ay, i0 = bx, by, i1


@inlined_kernel
def _span(ends, count, y, width):
    """What a polygon covers of a pixel row: at most columns x0 .. x1 - 1, all of s0 .. s1 - 1.

    Brings the ends of its sub-rows within the columns; one without has its first behind its last.
    """
    zero, most = np.float32(0.0), np.float32(width)
    begin, far, near, stop = most, zero, zero, most
    for k in range(SUB_ROWS * y, SUB_ROWS * (y + 1)):
        a, b = min(max(ends[0, k], zero), most), min(max(ends[1, k], zero), most)
        ends[0, k], ends[1, k] = a, b
        begin, far, near, stop = min(begin, a), max(far, b), max(near, a), min(stop, b)
    x1 = int(far)
    x1 += np.float32(x1) < far
    s0, s1 = int(near) + 1, int(stop)
    if s1 - s0 < SOLID_PX or _is_often(count, y):
        s0 = s1 = x1
    return int(begin), s0, s1, x1


@inlined_kernel
def _is_often(count, y):
    """Whether a sub-row of a pixel row is crossed more than twice."""
    k = SUB_ROWS * y
    return max(count[k], count[k + 1], count[k + 2], count[k + 3]) > 2


@inlined_kernel
def _cover(ends, crossings, count, y, x0, n, wide, width, cover):
    """Coverage of n pixels of a row that has been through ``_span``, from column x0 on, and none of
    those up to ``wide``.
    """
    if _is_often(count, y):
        _cover_often(crossings, count, y, x0, wide, width, cover)
        return
    k, share, first = SUB_ROWS * y, np.float32(1.0 / SUB_ROWS), np.float32(x0)
    a0, a1, a2, a3 = ends[0, k], ends[0, k + 1], ends[0, k + 2], ends[0, k + 3]
    b0, b1, b2, b3 = ends[1, k], ends[1, k + 1], ends[1, k + 2], ends[1, k + 3]
    for i in range(wide):
        at = first + np.float32(np.int32(i))
        covered = _overlap(a0, b0, at) + _overlap(a1, b1, at)
        covered = covered + _overlap(a2, b2, at) + _overlap(a3, b3, at)
        cover[i] = covered * share if np.int32(i) < np.int32(n) else np.float32(0.0)


@inlined_kernel
def _overlap(left, right, at):
    """How much of the pixel that begins at ``at`` lies between two ends, px."""
    return max(min(right, at + np.float32(1.0)) - max(left, at), np.float32(0.0))


@inlined_kernel
def _cover_often(crossings, count, y, x0, wide, width, cover):
    """The same of a row that is left and entered again."""
    share, end = np.float32(1.0 / SUB_ROWS), np.float32(width)
    zero, one = np.float32(0.0), np.float32(1.0)
    for x in range(wide):
        at, covered = np.float32(x0 + x), zero
        for k in range(SUB_ROWS * y, SUB_ROWS * (y + 1)):
            for q in range(0, count[k] - 1, 2):
                covered += _overlap(max(crossings[q, k], zero), min(crossings[q + 1, k], end), at)
        cover[x] = min(covered * share, one)


@inlined_kernel
def _extent(vertices, first, last):
    """Bounds in whole pixels: left, top, right, bottom."""
    x0, y0 = vertices[first, 0], vertices[first, 1]
    x1, y1 = x0, y0
    for i in range(first + 1, last):
        x, y = vertices[i, 0], vertices[i, 1]
        x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
    return math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)


@inlined_kernel
def _rows_within(vertices, first, last, rows, width):
    """The rows of an image that a polygon may touch, from the first to the one behind the last."""
    if last - first < 3:
        return 0, 0
    left, top, right, bottom = _extent(vertices, first, last)
    return (max(top, 0), min(bottom, rows)) if left < width and right > 0 else (0, 0)


@kernel
def fill(
    albedo, ids, kinds, heights, vertices, starts, colour, alpha, ident, kind, height, on_top, met,
    under, reach, ends, crossings, count, cover,
):  # fmt: skip
    """``raster.fill``; ``under``: u16[3] to begin with, or nothing; ``reach``: room i32[P, 2]."""
    rows, width = ids.shape
    for p in range(len(starts) - 1):
        r0, r1 = _rows_within(vertices, starts[p], starts[p + 1], rows, width)
        reach[p, 0], reach[p, 1] = r0, r1 if alpha[p] > 0 else r0
    for band in range(0, rows, BAND_ROWS):
        if len(under) > 0:
            end = min(band + BAND_ROWS, rows)
            for k in range(len(albedo)):
                albedo[k, band:end] = under[k]
            ids[band:end], kinds[band:end], heights[band:end] = 0, 0, 0
        for p in range(len(starts) - 1):
            y0, r0 = reach[p, 0], max(reach[p, 0], band)
            n = min(reach[p, 1], band + BAND_ROWS) - r0
            if n <= 0:
                continue
            _cross(vertices, starts[p], starts[p + 1], 0, y0, r0 - y0, n, ends, crossings, count)
            top = np.uint8(254) if on_top[p] else height[p]
            for y in range(n):
                x0, s0, s1, x1 = _span(ends, count, y, width)
                for a, b in ((x0, s0), (s1, x1)):
                    if a < b:
                        m = b - a
                        wide = (m + LANES - 1) // LANES * LANES
                        wide = wide if a + wide <= width else m
                        _cover(ends, crossings, count, y, a, m, wide, width, cover)
                        _blend(albedo, ids, kinds, heights, r0 + y, a, m, wide, cover, colour[p],
                               alpha[p], ident[p], kind[p], height[p], top, met)  # fmt: skip
                if s0 < s1:
                    _cover_whole(albedo, ids, kinds, heights, r0 + y, s0, s1, colour[p],
                                 alpha[p], ident[p], kind[p], height[p], top, met)  # fmt: skip


@inlined_kernel
def _blend(
    albedo, ids, kinds, heights, y, x0, n, wide, cover, colour, alpha, ident, kind, height, top, met
):  # fmt: skip
    """Draw a run of n partly covered pixels of one row; up to ``wide`` there is room to read on."""
    if n >= SOLID_PX:
        highest, above = np.uint8(0), heights[y, x0 : x0 + wide]
        for x in range(wide):
            highest = max(highest, above[x])
        if highest <= top:
            _blend_run(albedo, ids, kinds, heights, y, x0, wide, cover, colour, alpha,
                       ident, kind, height, met)  # fmt: skip
            return
    for i in range(n):
        x, share = x0 + i, cover[i]
        most = share >= np.float32(0.5)
        if heights[y, x] > top:
            if most and len(met) > 0 and ids[y, x] != ident:
                met[ident] = True
            continue
        weight = share * alpha
        for k in range(3):
            old, own = np.float32(albedo[k, y, x]), np.float32(colour[k])
            albedo[k, y, x] = np.uint16(old + weight * (own - old) + np.float32(0.5))
        if most and kind < DECAL:
            if ids[y, x] != ident and len(met) > 0:
                met[ids[y, x]] = True
            ids[y, x], kinds[y, x], heights[y, x] = ident, kind, height
        elif most and kinds[y, x] == kind - (DECAL + WINDOWED):
            kinds[y, x] = kind - DECAL


@inlined_kernel
def _blend_run(
    albedo, ids, kinds, heights, y, x0, n, cover, colour, alpha, ident, kind, height, met
):
    """The same for a longer run that nothing hides: plane by plane, many pixels at a time."""
    half = np.float32(0.5)
    for k in range(len(albedo)):
        row, own = albedo[k, y, x0 : x0 + n], np.float32(colour[k])
        for x in range(n):
            old = np.float32(row[x])
            mixed = old + cover[x] * alpha * (own - old)
            row[x] = np.uint16(np.int32(mixed + half))
    name, surface, above = ids[y, x0 : x0 + n], kinds[y, x0 : x0 + n], heights[y, x0 : x0 + n]
    if kind >= DECAL:
        for x in range(0 if kind == KEEP else n):
            surface[x] += WINDOWED * (cover[x] >= half and surface[x] == kind - (DECAL + WINDOWED))
        return
    if len(met) > 0:
        for x in range(n):
            if cover[x] >= half and name[x] != ident:
                met[name[x]] = True
    for x in range(n):
        name[x] = ident if cover[x] >= half else name[x]
    for x in range(n):
        surface[x] = kind if cover[x] >= half else surface[x]
        above[x] = height if cover[x] >= half else above[x]


@inlined_kernel
def _cover_whole(
    albedo, ids, kinds, heights, y, x0, x1, colour, alpha, ident, kind, height, top, met
):
    """Draw a run of wholly covered pixels of one row, where nothing hides it."""
    above, n, highest = heights[y, x0:x1], x1 - x0, np.uint8(0)
    for x in range(n):
        highest = max(highest, above[x])
    start, stop = 0, n
    while start < n:
        if highest > top:
            while start < n and above[start] > top:
                if len(met) > 0 and ids[y, x0 + start] != ident:
                    met[ident] = True
                start += 1
            stop = start
            while stop < n and above[stop] <= top:
                stop += 1
        _paint(albedo, ids, kinds, heights, y, x0 + start, x0 + stop, colour, alpha, ident, kind,
               height, met)  # fmt: skip
        start = stop


@inlined_kernel
def _paint(albedo, ids, kinds, heights, y, x0, x1, colour, alpha, ident, kind, height, met):
    """The same of a run that nothing hides."""
    n, one = x1 - x0, np.float32(1.0)
    for k in range(len(albedo)):
        row, own = albedo[k, y, x0:x1], np.float32(colour[k])
        add = own * alpha + np.float32(0.5)
        for x in range(n):
            row[x] = np.uint16(np.int32(np.float32(row[x]) * (one - alpha) + add))
    name, surface, above = ids[y, x0:x1], kinds[y, x0:x1], heights[y, x0:x1]
    if kind >= DECAL:
        for x in range(0 if kind == KEEP else n):
            surface[x] += WINDOWED * (surface[x] == kind - (DECAL + WINDOWED))
        return
    if len(met) > 0:
        for x in range(n):
            if name[x] != ident:
                met[name[x]] = True
    name[:], surface[:], above[:] = ident, kind, height


@kernel
def shade(lit, heights, vertices, starts, taken, ends, crossings, count, cover):
    """``raster.fill_shadows``."""
    rows, width = lit.shape
    part = np.float32(255.0) * taken
    dark = np.uint8(np.int32(np.float32(255.0) - part))
    for p in range(len(starts) - 1):
        r0, r1 = _rows_within(vertices, starts[p], starts[p + 1], rows, width)
        if r0 >= r1:
            continue
        _cross(vertices, starts[p], starts[p + 1], 0, r0, 0, r1 - r0, ends, crossings, count)
        for y in range(r1 - r0):
            x0, s0, s1, x1 = _span(ends, count, y, width)
            ground, sun = heights[r0 + y], lit[r0 + y]
            under, inside = ground[s0:s1], sun[s0:s1]
            for x in range(s1 - s0):
                inside[x] = min(inside[x], dark) if under[x] == 0 else inside[x]
            for a, b in ((x0, s0), (s1, x1)):
                if a < b:
                    _cover(ends, crossings, count, y, a, b - a, b - a, width, cover)
                for x in range(a, b):
                    left = max(np.float32(255.0) - part * cover[x - a], np.float32(0.0))
                    if ground[x] == 0:
                        sun[x] = min(sun[x], np.uint8(np.int32(left)))


@inlined_kernel
def _end_of(owner, p):
    """The first polygon behind p that is of another object."""
    q = p + 1
    while q < len(owner) and owner[q] == owner[p]:
        q += 1
    return q


@kernel
def largest(vertices, starts, owner, chosen):
    """The most rows and columns that any of the chosen objects takes, px; 0 without any."""
    down = across = p = 0
    while p < len(owner):
        q, k = _end_of(owner, p), owner[p]
        if chosen[k] and starts[p] < starts[q]:
            left, top, right, bottom = _extent(vertices, starts[p], starts[q])
            down, across = max(down, bottom - top), max(across, right - left)
        p = q
    return down, across


@kernel
def silhouettes(
    vertices, starts, owner, outline, rows, width, chosen, full, inside, box, mine, ends, crossings,
    count, cover,
):  # fmt: skip
    """``raster.silhouette``; ``mine``, bool, is room for the mask of the largest object."""
    p = 0
    while p < len(owner):
        q, k = _end_of(owner, p), owner[p]
        if chosen[k] and starts[p] < starts[q]:
            left, top, right, bottom = _extent(vertices, starts[p], starts[q])
            down, across = bottom - top, right - left
            mine[:down, :across] = False
            for j in range(p, q):
                a, b = starts[j], starts[j + 1]
                if outline[j] and b - a >= 3:
                    _cross(vertices, a, b, left, top, 0, down, ends, crossings, count)
                    _mark(mine, down, across, ends, crossings, count, cover)
            _measure(mine, down, across, left, top, rows, width, k, full, inside, box)
        p = q


@inlined_kernel
def _mark(mine, rows, width, ends, crossings, count, cover):
    """Mark the pixels that a polygon owns in a mask."""
    for y in range(rows):
        x0, s0, s1, x1 = _span(ends, count, y, width)
        mine[y, s0:s1] = True
        for a, b in ((x0, s0), (s1, x1)):
            if a < b:
                _cover(ends, crossings, count, y, a, b - a, b - a, width, cover)
            for x in range(a, b):
                mine[y, x] |= cover[x - a] >= np.float32(0.5)


@inlined_kernel
def _measure(mine, rows, span, left, top, height, width, k, full, inside, box):
    """Areas and bounds of the marked pixels of a local mask that begins at (left, top)."""
    x0, y0, x1, y1 = span, rows, 0, 0
    for y in range(rows):
        for x in range(span):
            if mine[y, x]:
                full[k] += 1
                x0, x1, y0, y1 = min(x0, x), max(x1, x + 1), min(y0, y), y + 1
                inside[k] += 0 <= top + y < height and 0 <= left + x < width
    if full[k] > 0:
        box[k, 0], box[k, 1], box[k, 2], box[k, 3] = left + x0, top + y0, left + x1, top + y1
