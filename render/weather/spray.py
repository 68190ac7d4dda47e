"""Spray: the veil of droplets that tyres throw up behind whoever drives on a wet road.

No survey tells how dense it looks from above. Chosen so that it grows with the water that the tyres
meet, is next to nothing at walking pace, plain from about 15 m/s on, and several times as dense
behind trucks, as road tests found (Dumas and Lemay 2004; Flintsch, Viner and Dunford 2012).
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numba import njit

from render.effect import Effect, View, field_grid, through_lens
from render.kernel import inner_kernel, kernel
from render.texture import anchored
from simulator.conditions import Conditions

DEPTH = 1.2
"""Optical depth behind a car at FULL_MPS on a deep film, seen from above."""

FULL_MPS, SPEED_POWER = 25.0, 2.5
ENOUGH_MM = 0.5
"""Tyres push a film aside, too: what they throw up approaches its most as 1 - exp(-film / this)."""

CAR_FRONT_M2, FRONT_POWER = 2.7, 0.7
"""Width times height of a car; depth goes with that of the body, whose wake carries the spray."""

LINGERS_S = 0.9
"""How long droplets hang in the air: with the speed it makes the length of the veil."""

AHEAD_M = 1.0
"""So far before its rear end, at the wheels, the veil of a vehicle begins."""

BESIDE_M = 0.2
"""The veil begins so much wider than the vehicle on each side."""

WIDENING = 0.09
"""Metres that each side of the veil moves out in a metre."""

LEAST_DEPTH = 0.02
"""What is taken off every depth, here and there: drops that fall back at once. Below 5 m/s nothing
is left, and the veil has no wide rim that is too thin to be seen."""

PUFF_PX, PUFF_M = 16, 0.07
"""The veil comes in puffs of about a metre, which stay where they are while vehicles go on."""

UNEVEN = 0.3


def _strength(conditions: Conditions) -> float:
    return conditions.water_film_mm


def _prepare(conditions: Conditions, view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ground of the field's cells, its inverse, and how dense the puffs are."""
    del conditions
    shape, there = field_grid(view)
    return there, *_puffs(there.tobytes(), shape)


@functools.lru_cache(maxsize=4)  # the same in every weather
def _puffs(there: bytes, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    field_to_ground = np.frombuffer(there).reshape(3, 3)
    puffs = 1.0 + UNEVEN * anchored(field_to_ground, shape, PUFF_PX, PUFF_M)
    return np.linalg.inv(field_to_ground), np.maximum(puffs, 0.1).astype(np.float32)


def _plumes(conditions: Conditions, view: View, bodies: np.ndarray, prepared: tuple) -> np.ndarray:
    there, m_to_field, puffs = prepared
    field = np.zeros(puffs.shape, np.float32)
    _lay(field, there, m_to_field, bodies, conditions.water_film_mm, puffs)
    return through_lens(field, view)


@kernel
def _lay(field, m, back, bodies, film_mm, puffs):
    """Opacity of all veils: their optical depths add."""
    rows, columns = field.shape
    f32, low, high = np.float32, rows, 0
    for k in range(len(bodies)):
        speed = bodies[k, 6]
        dense, reach = _depth(film_mm, speed, bodies[k, 4] * bodies[k, 5]), speed * LINGERS_S
        if dense <= 0:
            continue
        first, last = _rows(back, bodies[k], reach, rows)
        low, high = min(low, first), max(high, last)
        c, s = np.cos(bodies[k, 2]), np.sin(bodies[k, 2])
        beside = 0.5 * bodies[k, 4] + BESIDE_M
        for j in range(first, last):
            away = m[2, 1] * j + m[2, 2]
            step_x, step_y = m[0, 0] / away, m[1, 0] / away
            dx = (m[0, 1] * j + m[0, 2]) / away - bodies[k, 0]
            dy = (m[1, 1] * j + m[1, 2]) / away - bodies[k, 1]
            # along a row, the way behind the rear end and to the left grows by equal steps
            behind, step_behind = -(c * dx + s * dy) - bodies[k, 3] / 2, -(c * step_x + s * step_y)
            left, step_left = c * dy - s * dx, c * step_y - s * step_x
            begin, end = 0.0, columns - 1.0
            begin, end = _narrowed(begin, end, behind + AHEAD_M, step_behind)
            begin, end = _narrowed(begin, end, reach - behind, -step_behind)
            edge, widening = beside + WIDENING * behind, WIDENING * step_behind
            begin, end = _narrowed(begin, end, edge - left, widening - step_left)
            begin, end = _narrowed(begin, end, edge + left, widening + step_left)
            i0, i1 = int(np.ceil(begin)), int(np.floor(end)) + 1
            if i0 < i1:
                u, w = behind + step_behind * i0, left + step_left * i0
                _veil_row(field[j, i0:i1], f32(u), f32(step_behind), f32(w), f32(step_left),
                          f32(beside), f32(reach), f32(dense))  # fmt: skip
    for j in range(low, high):
        _opaque_row(field[j], puffs[j])


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _veil_row(row, u0, step_u, w0, step_w, beside, reach, dense):
    one, zero, ahead = np.float32(1.0), np.float32(0.0), np.float32(AHEAD_M)
    widening, rising, nearer = np.float32(WIDENING), np.float32(0.5 / AHEAD_M), one / reach
    for i in range(len(row)):
        k = np.float32(np.int32(i))
        u = u0 + step_u * k
        across = (w0 + step_w * k) / (beside + widening * u)
        soft, fade = max(one - across * across, zero), one - u * nearer
        rise = min((u + ahead) * rising, one)
        row[i] += dense * soft * soft * fade * fade * rise


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _opaque_row(row, puffs):
    """1 - exp(-depth), as the eighth power of a series that is good to 2e-4 at the largest."""
    one, eighth, most = np.float32(1.0), np.float32(0.125), np.float32(4.0)
    half, third, quarter = np.float32(1 / 2), np.float32(1 / 3), np.float32(1 / 4)
    least = np.float32(LEAST_DEPTH)
    for i in range(len(row)):
        x = min(max(row[i] * puffs[i] - least, np.float32(0.0)), most) * eighth
        e = one - x * (one - half * x * (one - third * x * (one - quarter * x)))
        e = e * e
        e = e * e
        row[i] = one - e * e


@inner_kernel
def _depth(film_mm, speed_mps, front_m2):
    """Optical depth of the veil right behind a vehicle, from above.

    ``film_mm``: water on the road. ``front_m2``: width times height of the vehicle.
    """
    water = 1.0 - math.exp(-film_mm / ENOUGH_MM)
    fast = (speed_mps / FULL_MPS) ** SPEED_POWER
    thrown = DEPTH * water * fast * (front_m2 / CAR_FRONT_M2) ** FRONT_POWER
    return max(thrown - LEAST_DEPTH, 0.0)


@inner_kernel
def _rows(back, body, reach, rows):
    """Rows of the field that a veil may reach into; all where a part of it is behind the camera."""
    c, s = np.cos(body[2]), np.sin(body[2])
    low, high = 1e9, -1e9
    for corner in range(4):
        along = -body[3] / 2 + AHEAD_M if corner < 2 else -body[3] / 2 - reach
        aside = (0.5 * body[4] + BESIDE_M + WIDENING * reach) * (1.0 if corner % 2 == 0 else -1.0)
        x, y = body[0] + c * along - s * aside, body[1] + s * along + c * aside
        away = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        if away <= 1e-6:
            return 0, rows
        v = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / away
        low, high = min(low, v), max(high, v)
    return int(min(max(low, 0.0), rows)), int(min(max(high + 2.0, 0.0), rows))


@inner_kernel
def _narrowed(low, high, value, slope):
    """The part of [low, high] where value + slope * i is not negative; empty: low above high."""
    if slope > 0:
        return max(low, -value / slope), high
    if slope < 0:
        return low, min(high, -value / slope)
    return (low, high) if value >= 0 else (1.0, 0.0)


EFFECT = Effect(
    title="spray: a veil of droplets behind whoever drives on a wet road",
    order=15,
    quantities=("water_film_mm",),
    steps=(0.03, 0.1, 0.32, 1.1),
    strength=_strength,
    prepare=_prepare,
    plumes=_plumes,
    shown_in="merge",
)
