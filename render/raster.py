"""Polygons into planes: colour, instance id, surface kind and height are filled at once.

A pixel spans [i, i + 1) px. Coverage is taken on four sub-rows with exact horizontal extents; a
pixel belongs to a polygon (ids, kind, height) when at least half of it is covered, and its colour
is blended by coverage, so edges are smooth and masks are not.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numba import njit

ONE = 4096
"""Fixed-point 1.0 of colour planes: a white diffuse surface under the current light. u16 leaves
four stops of headroom above it."""

HEIGHT_UNIT_M = 0.25
"""Height of one step in the u8 height plane, m."""

SUB_ROWS = 4
MOST_CROSSINGS = 64
KEEP = 255
"""Kind of a decal: it changes colour only, not id, kind or height."""


@dataclasses.dataclass(frozen=True, eq=False)
class Canvas:
    """The planes of one picture before light.

    Attributes:
        albedo: u16[3, H, W], linear reflectance in red, green, blue, ONE = 1.0.
        ids: u16[H, W], instance id, 0 = background.
        kind: u8[H, W], see ``surface.Kind``.
        height: u8[H, W], height above ground in HEIGHT_UNIT_M.
    """

    albedo: np.ndarray
    ids: np.ndarray
    kind: np.ndarray
    height: np.ndarray

    def copy(self) -> Canvas:
        """An independent copy."""
        return Canvas(self.albedo.copy(), self.ids.copy(), self.kind.copy(), self.height.copy())


@dataclasses.dataclass(frozen=True, eq=False)
class Polygons:
    """A batch of polygons in drawing order.

    Attributes:
        vertices_px: f32[V, 2]. starts: i32[P + 1], polygon p is vertices starts[p]:starts[p+1].
        colour: u16[P, 3] linear. alpha: f32[P] opacity; 0 is not drawn at all.
        ident: u16[P] instance id. kind: u8[P]. height: u8[P] in HEIGHT_UNIT_M.
        on_top: bool[P], drawn whatever the height below.
    """

    vertices_px: np.ndarray
    starts: np.ndarray
    colour: np.ndarray
    alpha: np.ndarray
    ident: np.ndarray
    kind: np.ndarray
    height: np.ndarray
    on_top: np.ndarray


def blank(height_px: int, width_px: int) -> Canvas:
    """An empty canvas."""
    shape = (height_px, width_px)
    return Canvas(
        np.zeros((3, *shape), np.uint16),
        np.zeros(shape, np.uint16),
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.uint8),
    )


def fill(canvas: Canvas, polygons: Polygons, met: np.ndarray | None = None) -> None:
    """Draw the polygons in order into the canvas, in place.

    Args:
        met: bool[more than any id], set for every id of which something hides a pixel.
    """
    if len(polygons.starts) < 2:
        return
    met = np.zeros(65536, np.bool_) if met is None else met
    p = polygons
    _fill(
        canvas.albedo, canvas.ids, canvas.kind, canvas.height,
        p.vertices_px, p.starts, p.colour, p.alpha, p.ident, p.kind, p.height, p.on_top,
        met,
    )  # fmt: skip


def fill_mask(mask: np.ndarray, polygons_px: list[np.ndarray], value: int) -> None:
    """Set a u8[H, W] plane to ``value`` where a polygon covers it, blending at the edges."""
    for vertices in polygons_px:
        _fill_mask(mask, np.ascontiguousarray(vertices, dtype=np.float32), value)


@njit(cache=True, nogil=True)
def _row_coverage(vertices, first, last, y, width, cover, crossings):
    """Coverage 0..1 of a pixel row by one polygon; returns the touched span [x0, x1).

    ``crossings`` is room for the edges that cross a sub-row: allocating it here would cost as much
    as the work.
    """
    x_min, x_max = width, 0
    for sub in range(SUB_ROWS):
        ys = y + (sub + 0.5) / SUB_ROWS
        n = 0
        j = last - 1
        for i in range(first, last):
            y0, y1 = vertices[j, 1], vertices[i, 1]
            if (y0 <= ys) != (y1 <= ys) and n < MOST_CROSSINGS:
                x0 = vertices[j, 0]
                crossings[n] = x0 + (ys - y0) * (vertices[i, 0] - x0) / (y1 - y0)
                n += 1
            j = i
        for a in range(1, n):
            v = crossings[a]
            b = a - 1
            while b >= 0 and crossings[b] > v:
                crossings[b + 1] = crossings[b]
                b -= 1
            crossings[b + 1] = v
        for k in range(0, n - 1, 2):
            left = max(crossings[k], np.float32(0.0))
            right = min(crossings[k + 1], np.float32(width))
            if right <= left:
                continue
            i0, i1 = int(left), int(right)
            x_min = min(x_min, i0)
            if i0 == i1:
                cover[i0] += (right - left) / SUB_ROWS
                x_max = max(x_max, i0 + 1)
                continue
            cover[i0] += (i0 + 1 - left) / SUB_ROWS
            for x in range(i0 + 1, i1):
                cover[x] += np.float32(1.0 / SUB_ROWS)
            if i1 < width:
                cover[i1] += (right - i1) / SUB_ROWS
                x_max = max(x_max, i1 + 1)
            x_max = max(x_max, i1)
    return x_min, x_max


@njit(cache=True, nogil=True)
def _row_range(vertices, first, last):
    low, high = vertices[first, 1], vertices[first, 1]
    for i in range(first + 1, last):
        low, high = min(low, vertices[i, 1]), max(high, vertices[i, 1])
    return int(np.floor(low)), int(np.ceil(high))


@njit(cache=True, nogil=True)
def _fill(
    albedo, ids, kinds, heights, vertices, starts, colour, alpha, ident, kind, height, on_top, met
):
    rows, width = ids.shape
    cover = np.zeros(width + 1, np.float32)
    crossings = np.empty(MOST_CROSSINGS, np.float32)
    weight = np.empty(width + 1, np.float32)
    for p in range(len(starts) - 1):
        first, last = starts[p], starts[p + 1]
        if last - first < 3 or alpha[p] == 0:
            continue
        r0, r1 = _row_range(vertices, first, last)
        for y in range(max(r0, 0), min(r1, rows)):
            x0, x1 = _row_coverage(vertices, first, last, y, width, cover, crossings)
            if x1 <= x0:
                continue
            span, above = cover[x0:x1], heights[y, x0:x1]
            covered = False
            for x in range(x1 - x0):
                hidden = above[x] > height[p] and not on_top[p]
                covered |= hidden and span[x] >= 0.5
                weight[x] = np.float32(0.0) if hidden else min(span[x], np.float32(1.0))
                span[x] = 0.0
            if covered:
                met[ident[p]] = True
            for k in range(3):
                row, own = albedo[k, y, x0:x1], np.float32(colour[p, k])
                for x in range(x1 - x0):
                    old = np.float32(row[x])
                    row[x] = np.uint16(old + weight[x] * alpha[p] * (own - old) + np.float32(0.5))
            if kind[p] == KEEP:
                continue
            name, surface = ids[y, x0:x1], kinds[y, x0:x1]
            for x in range(x1 - x0):
                if weight[x] >= 0.5:
                    if name[x] != ident[p]:
                        met[name[x]] = True
                    name[x] = ident[p]
                    surface[x] = kind[p]
                    above[x] = height[p]


@njit(cache=True, nogil=True)
def _fill_mask(mask, vertices, value):
    rows, width = mask.shape
    cover = np.zeros(width + 1, np.float32)
    crossings = np.empty(MOST_CROSSINGS, np.float32)
    count = len(vertices)
    r0, r1 = _row_range(vertices, 0, count)
    for y in range(max(r0, 0), min(r1, rows)):
        x0, x1 = _row_coverage(vertices, 0, count, y, width, cover, crossings)
        for x in range(x0, x1):
            c = min(cover[x], np.float32(1.0))
            cover[x] = 0.0
            old = np.float32(mask[y, x])
            mask[y, x] = np.uint8(old + c * (value - old) + 0.5)


@njit(cache=True, nogil=True)
def fill_shadows(lit, heights, vertices, starts):
    """Darken a u8[H, W] sun plane under shadow polygons where the ground itself is seen."""
    rows, width = lit.shape
    cover = np.zeros(width + 1, np.float32)
    crossings = np.empty(MOST_CROSSINGS, np.float32)
    for p in range(len(starts) - 1):
        first, last = starts[p], starts[p + 1]
        if last - first < 3:
            continue
        r0, r1 = _row_range(vertices, first, last)
        for y in range(max(r0, 0), min(r1, rows)):
            x0, x1 = _row_coverage(vertices, first, last, y, width, cover, crossings)
            for x in range(x0, x1):
                c = min(cover[x], np.float32(1.0))
                cover[x] = 0.0
                if c > 0 and heights[y, x] == 0:
                    lit[y, x] = min(lit[y, x], np.uint8(255.0 * (1.0 - c)))


@njit(cache=True, nogil=True)
def silhouette(vertices, starts, owner, count, rows, width, chosen):
    """Amodal size of objects from their outline polygons, whatever hides them.

    Args:
        vertices: f32[V, 2] px. starts: i32[P + 1]. owner: i32[P], object of each polygon, sorted.
        count: number of objects. rows, width: image size. chosen: bool[count], whom to measure.

    Returns:
        full i32[N] (pixels, also outside the image), inside i32[N], box i32[N, 4] (x0, y0, x1, y1
        of the full silhouette, exclusive right and bottom).
    """
    crossings = np.empty(MOST_CROSSINGS, np.float32)
    cover = np.zeros(width + 512, np.float32)
    mine = np.zeros(width + 512, np.bool_)
    full = np.zeros(count, np.int32)
    inside = np.zeros(count, np.int32)
    box = np.zeros((count, 4), np.int32)
    p = 0
    polygons = len(starts) - 1
    while p < polygons:
        q = p
        while q < polygons and owner[q] == owner[p]:
            q += 1
        first, last = starts[p], starts[q]
        if last - first < 3 or not chosen[owner[p]]:
            p = q
            continue
        x0 = int(np.floor(vertices[first:last, 0].min())) - 1
        x1 = int(np.ceil(vertices[first:last, 0].max())) + 1
        y0 = int(np.floor(vertices[first:last, 1].min())) - 1
        y1 = int(np.ceil(vertices[first:last, 1].max())) + 1
        local = np.empty((last - first, 2), np.float32)
        for i in range(first, last):
            local[i - first, 0] = vertices[i, 0] - x0
            local[i - first, 1] = vertices[i, 1]
        span = x1 - x0
        if span >= len(mine):
            cover = np.zeros(2 * span, np.float32)
            mine = np.zeros(2 * span, np.bool_)
        bx0, by0, bx1, by1 = x1, y1, x0, y0
        for y in range(y0, y1):
            mine[:span] = False
            for k in range(p, q):
                a, b = starts[k] - first, starts[k + 1] - first
                if b - a < 3:
                    continue
                c0, c1 = _row_coverage(local, a, b, y, span, cover, crossings)
                for x in range(c0, c1):
                    if cover[x] >= 0.5:
                        mine[x] = True
                    cover[x] = 0.0
            for x in range(span):
                if mine[x]:
                    full[owner[p]] += 1
                    bx0, bx1 = min(bx0, x0 + x), max(bx1, x0 + x + 1)
                    by0, by1 = min(by0, y), max(by1, y + 1)
                    if 0 <= y < rows and 0 <= x0 + x < width:
                        inside[owner[p]] += 1
        if full[owner[p]] > 0:
            box[owner[p], 0], box[owner[p], 1] = bx0, by0
            box[owner[p], 2], box[owner[p], 3] = bx1, by1
        p = q
    return full, inside, box
