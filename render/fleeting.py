"""What no frame shares with the next: headlamps, spray, glare of lamps, drops and flakes."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from render import rects
from render.canvas import HEIGHT_UNIT_M, ONE
from render.effect import FIELD_STEP, PLUME_M, Specks, SpeckTile
from render.kernel import inlined_kernel, kernel
from render.light import LAMP_RGB
from render.texture import TILE

MOST_OPAQUE = 0.95

PLUME_GLOW = 0.2
"""Share of headlamps' light that a plume sends up: droplets scatter most of it forward."""

PLACE_ROWS = 2
"""Rows of a field that a rectangle of ``plume_places`` is high."""

_ABOVE = np.exp(-np.arange(256) * HEIGHT_UNIT_M / PLUME_M).astype(np.float32)
"""Share of a plume that lies above each height of the canvas."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plumes:
    """What vehicles throw up.

    Attributes:
        field: f32[h, w], opacity above the ground at a quarter of the resolution, or f32[0, 0].
        height: u8[H, W], of the canvas. rgb: f32[3], its colour, 1.0 = white.
    """

    field: np.ndarray
    height: np.ndarray
    rgb: np.ndarray


def add_fleeting(
    light: np.ndarray,
    beam: np.ndarray,
    field: np.ndarray,
    glare: np.ndarray | None,
    specks: tuple[Specks, ...],
    shift: np.ndarray,
    plumes: Plumes,
    every: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Light behind the lens with all of that, new.

    Args:
        light: u16[3, H, W] without them. beam: u16[3, H, W], what a unit of beam light sends to the
            sensor, or u16[3, 0, 0]. field: f32[h, w], beam light at a quarter of the resolution.
        glare: f32[3, h, w], 1.0 = white, or None. specks: S, one over the other. shift: i64[S, 2],
            row and column of their tiles at the image's corner.
        every: the exposure meter looks at one pixel in so many rows and columns.

    Returns:
        u16[3, H, W], ONE = 1.0; and what the meter sees on average, f64[3].
    """
    _, rows, columns = light.shape
    out, wide = np.empty_like(light), np.zeros((3, (columns + 3) // 4 * 4), np.float32)
    metered = np.zeros(3, np.int64)
    haze = np.zeros((3, 0, 0), np.float32) if glare is None else glare
    _add_fleeting(
        light, beam, field, haze, *_joined(specks), shift,
        plumes.field, plumes.height, _ABOVE, plumes.rgb, _GLOW, np.zeros((4, 2), np.int64),
        wide, np.empty((3, columns), np.float32), out, every, metered,
    )  # fmt: skip
    return out, metered / _looks(rows, columns, every)


def metered_light(light: np.ndarray, every: int) -> np.ndarray:
    """What the exposure meter sees on average of light u16[3, H, W], f64[3], ONE = 1.0."""
    _, rows, columns = light.shape
    metered = np.zeros(3, np.int64)
    _meter(light, every, metered)
    return metered / _looks(rows, columns, every)


def _looks(rows: int, columns: int, every: int) -> int:
    return len(range(every // 2, rows, every)) * len(range(every // 2, columns, every))


def lay_plumes(light: np.ndarray, plumes: Plumes) -> None:
    """Lay plumes alone over light u16[3, H, W], in place: the same as ``add_fleeting`` would."""
    if not plumes.field.size:
        return
    columns = light.shape[2]
    _lay_plumes(
        light, plumes.field, plumes.height, _ABOVE, plumes.rgb, np.empty(2, np.int64),
        np.empty((columns + 3) // 4 * 4, np.float32),
    )  # fmt: skip


def plume_places(field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Rectangles i32[R, 4] of an image (H, W) that hold every pixel that a plume changes."""
    rows, columns = shape
    if not field.size:
        return rects.NONE
    out = np.empty((len(field) * field.shape[1] // 2 + 1, 4), np.int32)
    return out[: _plume_places(field, rows, columns, out)]


_GLOW = (PLUME_GLOW * LAMP_RGB).astype(np.float32)


@functools.lru_cache(maxsize=8)
def _joined(
    specks: tuple[Specks, ...],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The pixels of their tiles; and of each its gain f32[S] and tone f32[S, 3], ONE = 1.0."""
    gain = np.array([s.gain for s in specks], np.float32)
    tone = np.array([np.minimum(s.rgb * ONE, 65535) for s in specks], np.float32).reshape(-1, 3)
    return *_pixels(tuple(s.tile for s in specks)), gain, tone


@functools.lru_cache(maxsize=8)  # weathers of other scenes have the same tiles
def _pixels(tiles: tuple[SpeckTile, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pixels of all tiles one behind the other: first i64[S, TILE + 1], column, opacity."""
    first, end = np.zeros((len(tiles), TILE + 1), np.int64), 0
    for k, tile in enumerate(tiles):
        first[k] = tile.first + end
        end += len(tile.column)
    columns = [np.zeros(0, np.int32), *(t.column for t in tiles)]
    opacities = [np.zeros(0, np.float32), *(t.opacity for t in tiles)]
    return first, np.concatenate(columns), np.concatenate(opacities)


@kernel
def _meter(light, every, metered):
    _, rows, columns = light.shape
    for c in range(3):
        for y in range(every // 2, rows, every):
            for x in range(every // 2, columns, every):
                metered[c] += light[c, y, x]


@kernel
def _add_fleeting(
    light, beam, field, glare, first, column, opacity, gain, tone, shift,
    plume, height, above, air, glow, spans, wide, line, out, every, metered,
):  # fmt: skip
    """Row by row: ``line`` holds the three colours of one until the last has been added.

    ``spans``: i64[4, 2] of zeros, room for the columns of each colour's glare and of plumes.
    """
    _, rows, columns = light.shape
    beams, glares = beam.shape[1] > 0, glare.shape[1] > 0
    half, top = np.float32(0.5), np.float32(65535.0)
    lamp, haze, veil = wide[0], wide[1], wide[2]
    for y in range(rows):
        if y & 3 == 0:
            if glares:
                for c in range(3):
                    _find_span(glare[c], y, columns, spans[c])
            if len(plume):
                _find_span(plume, y, columns, spans[3])
        a, b = spans[3, 0], spans[3, 1]
        if a < b:
            _veil_row(plume, height[y], above, y, a, b, veil)
        if beams:
            _field_row(field, 0, y, lamp)
        for c in range(3):
            own, sum_ = light[c, y], line[c]
            if beams:
                reach = beam[c, y]
                for x in range(columns):
                    sum_[x] = np.float32(own[x]) + lamp[x] * np.float32(reach[x])
            else:
                for x in range(columns):
                    sum_[x] = np.float32(own[x])
            if a < b:
                _lay_veil(sum_[a:b], veil[a:b], lamp[a:b], air[c], glow[c])
            i, j = spans[c, 0], spans[c, 1]
            if i < j:  # glare is made in the lens, over the veil
                _field_row(glare[c], i, y, haze[i : (j + 3) & ~3])
                _add_haze(sum_[i:j], haze[i:j])
        for k in range(len(gain)):
            row = (y + shift[k, 0]) & (TILE - 1)
            i, j = first[k, row], first[k, row + 1]
            _lay_specks(line, column[i:j], opacity[i:j], shift[k, 1], gain[k], tone[k])
        for c in range(3):
            sum_, target = line[c], out[c, y]
            for x in range(columns):
                target[x] = np.uint16(np.int32(min(sum_[x] + half, top)))
            if y % every == every // 2:
                for x in range(every // 2, columns, every):
                    metered[c] += target[x]


@kernel
def _lay_plumes(light, plume, height, above, air, span, veil):
    half, top, one = np.float32(0.5), np.float32(65535.0), np.float32(ONE)
    for y in range(light.shape[1]):
        if y & 3 == 0:
            _find_span(plume, y, light.shape[2], span)
        a, b = span[0], span[1]
        if a >= b:
            continue
        _veil_row(plume, height[y], above, y, a, b, veil)
        share = veil[a:b]
        for c in range(3):
            row, behind = light[c, y, a:b], air[c] * one
            for x in range(b - a):
                v = np.float32(row[x])
                v += share[x] * (behind - v)
                row[x] = np.uint16(np.int32(min(v + half, top)))


@inlined_kernel
def _lay_veil(sum_, veil, lamp, air, glow):
    one = np.float32(ONE)
    for x in range(len(sum_)):
        behind = (air + glow * lamp[x]) * one
        sum_[x] += veil[x] * (behind - sum_[x])


@inlined_kernel
def _add_haze(sum_, haze):
    one = np.float32(ONE)
    for x in range(len(sum_)):
        sum_[x] += haze[x] * one


@inlined_kernel
def _find_span(field, y, columns, span):
    """The columns between which the four rows from y on have all that a field makes of them: the
    first a multiple of 16, many of which are reckoned at a time; both 0 where there is none.
    """
    near, far = field[y >> 2], field[(y >> 2) + 1]
    none = np.int32(len(near))
    low, high = none, np.int32(0)
    for i in range(len(near)):
        k, busy = np.int32(i), near[i] + far[i] > 0
        low = min(low, k if busy else none)
        high = max(high, np.int32(k + np.int32(1)) if busy else np.int32(0))
    span[0] = 4 * max(low - 1, 0) & ~15 if high else 0
    span[1] = min((4 * np.int64(high) + 15) & ~15, columns)


@inlined_kernel
def _veil_row(plume, heights, above, y, a, b, veil):
    """Opacity of plumes between two columns of a row: what lies above whatever stands there."""
    _field_row(plume, a, y, veil[a : (b + 3) & ~3])
    share, tops = veil[a:b], heights[a:b]
    most = np.uint8(0)
    for x in range(b - a):
        most = max(most, tops[x])
    if most > 0:
        for x in range(b - a):
            share[x] *= above[tops[x]]


@kernel
def _plume_places(field, rows, columns, out):
    count, cells = 0, field.shape[1] - 1
    for j in range(0, (rows + 3) // FIELD_STEP, PLACE_ROWS):
        i = 0
        while i < cells:
            if not _busy(field, j, i):
                i += 1
                continue
            begin = i
            while i < cells and _busy(field, j, i):
                i += 1
            x1, y1 = min(FIELD_STEP * i, columns), min(FIELD_STEP * (j + PLACE_ROWS), rows)
            if FIELD_STEP * begin < x1:
                out[count, 0], out[count, 1] = FIELD_STEP * begin, FIELD_STEP * j
                out[count, 2], out[count, 3] = x1, y1
                count += 1
    return count


@inlined_kernel
def _busy(field, j, i):
    """Whether a column of cells below row j holds any of a plume."""
    for k in range(j, min(j + PLACE_ROWS + 1, len(field))):
        if field[k, i] + field[k, i + 1] > 0:
            return True
    return False


@inlined_kernel
def _lay_specks(line, column, opacity, shift, gain, tone):
    """Lay a row of a tile, repeated as often as it takes, over the colours of a row of light."""
    red, green, blue = line[0], line[1], line[2]
    columns, r, g, b = np.uint64(len(red)), tone[0], tone[1], tone[2]
    for i in range(len(column)):
        share = min(opacity[i] * gain, np.float32(MOST_OPAQUE))
        x = np.uint64((column[i] - shift) & (TILE - 1))  # a sign would be asked for
        while x < columns:
            red[x] += share * (r - red[x])
            green[x] += share * (g - green[x])
            blue[x] += share * (b - blue[x])
            x += np.uint64(TILE)


@inlined_kernel
def _field_row(field, x0, y, out):
    """One row of a field from column x0, a multiple of 4, brought to full resolution.

    ``out`` is f32[a multiple of 4].
    """
    j, i0, fy = y >> 2, x0 >> 2, np.float32((y & 3) * 0.25)
    near, far, next_near, next_far = (
        field[j, i0:], field[j + 1, i0:], field[j, i0 + 1 :], field[j + 1, i0 + 1 :]
    )  # fmt: skip
    quarter, half, most = np.float32(0.25), np.float32(0.5), np.float32(0.75)
    for i in range(len(out) // 4):
        left = near[i] + fy * (far[i] - near[i])
        step = next_near[i] + fy * (next_far[i] - next_near[i]) - left
        out[4 * i], out[4 * i + 1] = left, left + quarter * step
        out[4 * i + 2], out[4 * i + 3] = left + half * step, left + most * step
