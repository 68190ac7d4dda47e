"""Night: street lamps and headlamps light the road when the sun does not."""

from __future__ import annotations

import numpy as np
from numba import njit

from render.effect import Effect, Stage, View
from simulator.conditions import Conditions, sun_lux

STEP = 4
"""The lamp light is smooth: it is worked out on every fourth pixel."""

LAMP_CD = 2_400.0
"""Intensity of a street lamp, cd: 30 lx under a lamp 9 m high."""

LAMP_REACH_M = 45.0
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
    field = np.zeros((camera.height_px // STEP + 2, camera.width_px // STEP + 2), np.float32)
    poles = view.scene.surroundings.poles if conditions.street_lamps else ()
    lamps = np.array([(p.lamp_x_m, p.lamp_y_m, p.height_m) for p in poles]).reshape(-1, 3)
    heads = view.poses if light.headlamps else view.poses[:0]
    _shine(field, view.px_to_m, lamps, heads)
    return field / np.float32(light.white_lux)


@njit(cache=True, nogil=True)
def _shine(field, px_to_m, lamps, heads):  # noqa: ANN001, ANN202
    """Add the illuminance of street lamps (I h / d^3) and of low beams to a coarse field, lx."""
    rows, columns = field.shape
    for j in range(rows):
        for i in range(columns):
            u, v = i * STEP + 0.5, j * STEP + 0.5
            x = px_to_m[0, 0] * u + px_to_m[0, 1] * v + px_to_m[0, 2]
            y = px_to_m[1, 0] * u + px_to_m[1, 1] * v + px_to_m[1, 2]
            total = 0.0
            for k in range(len(lamps)):
                dx, dy, h = x - lamps[k, 0], y - lamps[k, 1], lamps[k, 2]
                r2 = dx * dx + dy * dy
                if r2 < LAMP_REACH_M * LAMP_REACH_M:
                    total += LAMP_CD * h / (r2 + h * h) ** 1.5
            for k in range(len(heads)):
                dx, dy = x - heads[k, 0], y - heads[k, 1]
                if dx * dx + dy * dy > (BEAM_REACH_M + 10) ** 2:
                    continue
                c, s = np.cos(heads[k, 2]), np.sin(heads[k, 2])
                ahead = c * dx + s * dy - heads[k, 3] / 2
                if ahead <= 0.3 or ahead > BEAM_REACH_M:
                    continue
                wide = (-s * dx + c * dy) / (1.1 + 0.24 * ahead)
                fade = min(ahead / 4.0, 1.0) * (1.0 - ahead / BEAM_REACH_M)
                total += BEAM_LUX_AT_10M * fade * np.exp(-wide * wide) * 10.0 / (ahead + 4.0)
            field[j, i] = total


def _no_rows(block: np.ndarray, y0: int, view: View, prepared: object) -> None:
    """Lamp light is added by the weather pass itself."""
    del block, y0, view, prepared


EFFECT = Effect(
    "night: street lamps and headlamps on a dark road",
    Stage.LAMPS, 10, ("sun_elevation_rad", "street_lamps"), _strength, _prepare, _no_rows,
)  # fmt: skip
