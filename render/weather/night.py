"""Night: street lamps and headlamps light the road when the sun does not."""

from __future__ import annotations

import functools
import math

import numpy as np
from numba import njit

from render.effect import Effect, View, field_grid, through_lens
from render.kernel import inner_kernel, kernel
from simulator.conditions import Conditions, sun_lux

LAMP_CD = 2_400.0
"""Intensity of a street lamp, cd: 30 lx under a lamp 9 m high."""

LAMP_REACH_M = 60.0
"""Where the light of a street lamp ends: cut-off optics send none higher than 80 degrees."""

BEAM_LUX_AT_10M = 26.0
"""Low beam on the road 10 m ahead, lx."""

NEAREST_M, BEAM_REACH_M = 0.3, 45.0
EDGE = math.sqrt(5.0)
"""Where the beam ends at its sides, in its own widths."""

DARK_BELOW_LUX = 400.0
"""Street lamps are switched on at dusk; above this daylight they would not be seen."""


def _strength(conditions: Conditions) -> float:
    lux = sun_lux(conditions.sun_elevation_rad, conditions.cloud)
    return max(0.0, 1.0 - lux / DARK_BELOW_LUX)


def _still_lamps(conditions: Conditions, view: View, prepared: tuple) -> np.ndarray:
    poles = view.scene.surroundings.poles if conditions.street_lamps else ()
    lamps = np.array([(p.lamp_x_m, p.lamp_y_m, p.height_m) for p in poles], dtype=float)
    return through_lens(_lamp_field(*prepared, lamps.tobytes()), view)


def _beams(conditions: Conditions, view: View, poses: np.ndarray, prepared: tuple) -> np.ndarray:
    del conditions
    return through_lens(_beam_field(*prepared, poses.tobytes()), view)


def _prepare(conditions: Conditions, view: View) -> tuple[tuple[int, int], bytes]:
    """Shape of a field, and the map f64[3, 3] from its columns and rows to the ground, m."""
    del conditions
    shape, there = field_grid(view)
    return shape, there.tobytes()


@functools.lru_cache(maxsize=4)
def _lamp_field(shape: tuple[int, int], field_to_m: bytes, lamps: bytes) -> np.ndarray:
    """Light of street lamps, f64[N, 3] x, y, height m; the last few fields are kept, for twins."""
    field = np.zeros(shape, np.float32)
    m = _table(field_to_m, 3)
    (_street_lamps if m[2, 1] == 0 else _street_lamps_afar)(field, m, _table(lamps, 3))
    return field


@functools.lru_cache(maxsize=2)
def _beam_field(shape: tuple[int, int], field_to_m: bytes, poses: bytes) -> np.ndarray:
    """Light of headlamps, f64[N, 4] as ``Effect.beams`` has them; kept in the same way."""
    field = np.zeros(shape, np.float32)
    table = _table(poses, 4)
    _head_lamps(field, _table(field_to_m, 3), table, *np.empty((2, 6, len(table))))
    return field


def _table(data: bytes, columns: int) -> np.ndarray:
    return np.frombuffer(data, np.float64).reshape(-1, columns)


@kernel
def _street_lamps(field, m, lamps):
    """Add the illuminance of lamps to a field, lx: I h / d^3, faded out towards its reach."""
    reach = LAMP_REACH_M / np.hypot(m[0, 0], m[1, 0])
    determinant = m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]
    f32 = np.float32
    for k in range(len(lamps)):
        dx, dy, h = lamps[k, 0] - m[0, 2], lamps[k, 1] - m[1, 2], lamps[k, 2]
        u = (m[1, 1] * dx - m[0, 1] * dy) / determinant
        v = (-m[1, 0] * dx + m[0, 0] * dy) / determinant
        first, last = max(int(u - reach), 0), min(int(u + reach) + 2, field.shape[1])
        for j in range(max(int(v - reach), 0), min(int(v + reach) + 2, field.shape[0])):
            x, y = m[0, 0] * first + m[0, 1] * j - dx, m[1, 0] * first + m[1, 1] * j - dy
            if first < last:
                _lamp_row(field[j, first:last], f32(x), f32(y), f32(m[0, 0]), f32(m[1, 0]), f32(h))


@kernel
def _street_lamps_afar(field, m, lamps):
    """The same for a tilted camera, whose rows span unlike stretches of ground."""
    f32 = np.float32
    for j in range(field.shape[0]):
        away = m[2, 1] * j + m[2, 2]
        x0, y0 = (m[0, 1] * j + m[0, 2]) / away, (m[1, 1] * j + m[1, 2]) / away
        step_x, step_y = m[0, 0] / away, m[1, 0] / away
        long2 = step_x * step_x + step_y * step_y
        for k in range(len(lamps)):
            x, y = x0 - lamps[k, 0], y0 - lamps[k, 1]
            nearest = -(x * step_x + y * step_y) / long2
            aside2 = (x * x + y * y) - nearest * nearest * long2
            if aside2 >= LAMP_REACH_M * LAMP_REACH_M:
                continue
            half = np.sqrt((LAMP_REACH_M * LAMP_REACH_M - aside2) / long2)
            first = max(int(np.ceil(nearest - half)), 0)
            last = min(int(nearest + half) + 1, field.shape[1])
            if first < last:
                _lamp_row(field[j, first:last], f32(x + step_x * first), f32(y + step_y * first),
                          f32(step_x), f32(step_y), f32(lamps[k, 2]))  # fmt: skip


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _lamp_row(row, x, y, step_x, step_y, h):
    strength, h2, one = np.float32(LAMP_CD) * h, h * h, np.float32(1.0)
    squared = np.float32(1.0 / (LAMP_REACH_M * LAMP_REACH_M))
    for i in range(len(row)):
        k = np.float32(np.int32(i))
        across, along = x + step_x * k, y + step_y * k
        flat = across * across + along * along
        far, d2 = min(flat * squared, one), flat + h2
        row[i] += strength / (d2 * np.sqrt(d2)) * (one - far * far)


@kernel
def _head_lamps(field, m, poses, heads, ways):
    """Add the illuminance of low beams on the road to a field, lx; ``heads``, ``ways``: room
    f64[6, N].
    """
    rows, columns = field.shape
    f32, i32 = np.float32, np.int32
    count = _near(m, rows, columns, poses, heads)
    ahead, left, step_ahead, step_left = ways[0], ways[1], ways[2], ways[3]
    for j in range(rows):
        away = m[2, 1] * j + m[2, 2]
        x, y = (m[0, 1] * j + m[0, 2]) / away, (m[1, 1] * j + m[1, 2]) / away
        _ways_along(x, y, m[0, 0] / away, m[1, 0] / away, columns - 1.0, count, heads, ways)
        for k in range(count):
            if ways[4, k] > ways[5, k]:
                continue
            first, last = int(np.ceil(ways[4, k])), int(np.floor(ways[5, k]))
            if first <= last:
                cells = (last - first + 16) // 16 * 16  # none left over, one by one
                end = min(first + cells, columns)
                begin = max(end - cells, 0)
                u, v = ahead[k] + step_ahead[k] * first, left[k] + step_left[k] * first
                _beam_row(field[j, begin:end], i32(first - begin), i32(last - begin),
                          f32(u), f32(v), f32(step_ahead[k]), f32(step_left[k]))  # fmt: skip


@inner_kernel
def _near(m, rows, columns, poses, heads):
    """Write x m, y m, cosine and sine of the heading, and half the length m of those whose beams
    may reach the field; returns how many.
    """
    x, y = _ground(m, 0.5 * columns, 0.5 * rows)
    half = 0.0
    for corner in range(4):
        u, v = _ground(m, columns * (corner & 1), rows * (corner >> 1))
        half = max(half, math.hypot(u - x, v - y))
    n = 0
    for k in range(len(poses)):
        if math.hypot(poses[k, 0] - x, poses[k, 1] - y) < half + BEAM_REACH_M + poses[k, 3]:
            heads[0, n], heads[1, n], heads[4, n] = poses[k, 0], poses[k, 1], poses[k, 3] / 2
            heads[2, n], heads[3, n] = math.cos(poses[k, 2]), math.sin(poses[k, 2])
            n += 1
    return n


@inner_kernel
def _ground(m, i, j):
    """Where the map of a field has a column and row, m."""
    away = m[2, 0] * i + m[2, 1] * j + m[2, 2]
    x, y = m[0, 0] * i + m[0, 1] * j + m[0, 2], m[1, 0] * i + m[1, 1] * j + m[1, 2]
    return x / away, y / away


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _ways_along(x, y, step_x, step_y, most, count, heads, ways):
    """How a row of the field that begins at x, y passes each of so many vehicles: metres ahead of
    its lamps and to the left at the first cell, their steps from cell to cell, and where its beam
    begins and ends as cells, empty: begin above end.
    """
    for k in range(count):
        c, s, dx, dy = heads[2, k], heads[3, k], x - heads[0, k], y - heads[1, k]
        step_ahead, step_left = c * step_x + s * step_y, c * step_y - s * step_x
        ahead, left = c * dx + s * dy - heads[4, k], c * dy - s * dx
        low, high = 0.0, most
        low, high = _narrowed(low, high, ahead - NEAREST_M, step_ahead)
        low, high = _narrowed(low, high, BEAM_REACH_M - ahead, -step_ahead)
        edge, widening = EDGE * (1.1 + 0.24 * ahead), EDGE * 0.24 * step_ahead
        low, high = _narrowed(low, high, edge - left, widening - step_left)
        low, high = _narrowed(low, high, edge + left, widening + step_left)
        ways[0, k], ways[1, k], ways[2, k], ways[3, k] = ahead, left, step_ahead, step_left
        ways[4, k], ways[5, k] = low, high


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _beam_row(row, first, last, ahead, left, step_ahead, step_left):
    """Add a beam to the cells from first to last; ``ahead`` and ``left`` are of the first."""
    one, zero, reach = np.float32(1.0), np.float32(0.0), np.float32(1.0 / BEAM_REACH_M)
    near, edge = np.float32(0.25), np.float32(1.0 / (EDGE * EDGE))
    for i in range(len(row)):
        cell = np.int32(i)
        k = np.float32(np.int32(cell - first))
        along = ahead + step_ahead * k
        wide = (left + step_left * k) / (np.float32(1.1) + np.float32(0.24) * along)
        across = max(one - wide * wide * edge, zero)
        fade = min(along * near, one) * (one - along * reach)
        bright = np.float32(BEAM_LUX_AT_10M * 10.0) / (along + np.float32(4.0))
        light = bright * fade * across * across * across
        row[i] += light if first <= cell <= last else zero


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _narrowed(low, high, value, slope):
    """The part of [low, high] where value + slope * i is not negative; empty: low above high."""
    at = -value / slope
    low = max(low, at) if slope > 0 else low
    high = min(high, at) if slope < 0 else high
    return low, -1.0 if slope == 0 and value < 0 else high


EFFECT = Effect(
    title="night: street lamps and headlamps on a dark road",
    order=10,
    quantities=("sun_elevation_rad", "street_lamps"),
    steps=(0.1, 0.02, -0.06, -0.12),
    strength=_strength,
    prepare=_prepare,
    still_lamps=_still_lamps,
    beams=_beams,
)
