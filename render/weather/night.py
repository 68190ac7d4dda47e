"""Night: street lamps and headlamps light the road when the sun does not."""

from __future__ import annotations

import functools

import numpy as np
from numba import njit

from render.effect import Effect, Stage, View
from simulator.conditions import Conditions, sun_lux

STEP = 4
"""The lamp light is smooth: it is worked out on every fourth pixel."""

LAMP_CD = 2_400.0
"""Intensity of a street lamp, cd: 30 lx under a lamp 9 m high."""

LAMP_REACH_M = 40.0
BEAM_LUX_AT_10M = 26.0
"""Low beam on the road 10 m ahead, lx."""

BEAM_REACH_M = 45.0
DARK_BELOW_LUX = 400.0
"""Street lamps are switched on at dusk; above this daylight they would not be seen."""


def _strength(conditions: Conditions) -> float:
    lux = sun_lux(conditions.sun_elevation_rad, conditions.cloud)
    return max(0.0, 1.0 - lux / DARK_BELOW_LUX)


def _prepare(conditions: Conditions, view: View, rng: np.random.Generator) -> np.ndarray:
    del rng
    camera, light = view.camera, view.light
    shape = (camera.height_px // STEP + 2, camera.width_px // STEP + 2)
    poles = view.scene.surroundings.poles if conditions.street_lamps else ()
    lamps = np.array([(p.lamp_x_m, p.lamp_y_m, p.height_m) for p in poles], dtype=float)
    field = _street(view.px_to_m.tobytes(), lamps.tobytes(), shape)
    if light.headlamps:
        field = field.copy()
        _head_lamps(field, view.px_to_m, view.poses)
    return field / np.float32(light.white_lux)


@functools.lru_cache(maxsize=4)
def _street(px_to_m: bytes, lamps: bytes, shape: tuple[int, int]) -> np.ndarray:
    """The light of the street lamps, lx: the same for every frame of a camera that stands still."""
    field = np.zeros(shape, np.float32)
    affine = np.frombuffer(px_to_m, np.float64).reshape(2, 3)
    _street_lamps(field, affine, np.frombuffer(lamps, np.float64).reshape(-1, 3))
    return field


@njit(cache=True, nogil=True)
def _street_lamps(field, m, lamps):
    """Add the illuminance of lamps over a coarse field, lx: I h / d^3."""
    size = STEP * np.hypot(m[0, 0], m[1, 0])
    for k in range(len(lamps)):
        j0, j1, i0, i1 = _window(field.shape, m, lamps[k, 0], lamps[k, 1], LAMP_REACH_M / size)
        h = lamps[k, 2]
        for j in range(j0, j1):
            for i in range(i0, i1):
                dx = m[0, 0] * i * STEP + m[0, 1] * j * STEP + m[0, 2] - lamps[k, 0]
                dy = m[1, 0] * i * STEP + m[1, 1] * j * STEP + m[1, 2] - lamps[k, 1]
                d2 = dx * dx + dy * dy + h * h
                field[j, i] += LAMP_CD * h / (d2 * np.sqrt(d2))


@njit(cache=True, nogil=True)
def _head_lamps(field, m, heads):
    """Add the illuminance of low beams on the road to a coarse field, lx."""
    size = STEP * np.hypot(m[0, 0], m[1, 0])
    half = BEAM_REACH_M / 2
    for k in range(len(heads)):
        c, s = np.cos(heads[k, 2]), np.sin(heads[k, 2])
        x, y = heads[k, 0] + c * half, heads[k, 1] + s * half
        j0, j1, i0, i1 = _window(field.shape, m, x, y, (half + 8) / size)
        # along a row of the field, the way ahead and to the left grows by equal steps
        step_ahead = STEP * (c * m[0, 0] + s * m[1, 0])
        step_left = STEP * (c * m[1, 0] - s * m[0, 0])
        for j in range(j0, j1):
            dx = STEP * (m[0, 0] * i0 + m[0, 1] * j) + m[0, 2] - heads[k, 0]
            dy = STEP * (m[1, 0] * i0 + m[1, 1] * j) + m[1, 2] - heads[k, 1]
            ahead = c * dx + s * dy - heads[k, 3] / 2
            left = c * dy - s * dx
            for i in range(i0, i1):
                if 0.3 < ahead <= BEAM_REACH_M:
                    wide = left / (1.1 + 0.24 * ahead)
                    across = 1.0 - wide * wide / 5.0
                    if across > 0:
                        fade = min(ahead / 4.0, 1.0) * (1.0 - ahead / BEAM_REACH_M)
                        bright = BEAM_LUX_AT_10M * 10.0 / (ahead + 4.0)
                        field[j, i] += bright * fade * across * across * across
                ahead += step_ahead
                left += step_left


@njit(cache=True, nogil=True)
def _window(shape, m, x, y, reach):
    """Rows and columns of the coarse field within a reach (coarse px) of a place in m."""
    determinant = m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]
    dx, dy = x - m[0, 2], y - m[1, 2]
    u = (m[1, 1] * dx - m[0, 1] * dy) / determinant / STEP
    v = (-m[1, 0] * dx + m[0, 0] * dy) / determinant / STEP
    j0, j1 = max(int(v - reach), 0), min(int(v + reach) + 2, shape[0])
    i0, i1 = max(int(u - reach), 0), min(int(u + reach) + 2, shape[1])
    return j0, j1, i0, i1


EFFECT = Effect(
    "night: street lamps and headlamps on a dark road",
    Stage.LAMPS, 10, ("sun_elevation_rad", "street_lamps"),
    (0.1, 0.02, -0.06, -0.12), _strength, _prepare,
)  # fmt: skip
