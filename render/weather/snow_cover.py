"""Lying snow: whitens ground, roofs, crowns, cars and plates; tyres clear two ruts a lane."""

from __future__ import annotations

import numpy as np
from numba import njit

from render.effect import Effect, Stage, View
from render.surface import KINDS, Kind
from render.texture import TILE, smooth_tile
from simulator.conditions import Conditions

SNOW_ALBEDO = 0.85
"""Fresh snow reflects 0.8-0.9."""

HOLD = {
    Kind.VERGE: 1.0, Kind.PAVEMENT: 0.95, Kind.ROOF: 1.0, Kind.ROAD: 0.85, Kind.PAINT: 0.8,
    Kind.RUT: 0.3, Kind.LEAF: 0.6, Kind.BODY: 0.3, Kind.GLASS: 0.1, Kind.PLATE: 0.3,
    Kind.LENS_DARK: 0.15,
}  # fmt: skip
"""How much of the snow that fell each surface holds; wheels, warmth and slope take the rest."""

DRIFT_M = 0.12
"""Size of one tile pixel, m: drifts and bare patches are of a few metres."""


def _strength(conditions: Conditions) -> float:
    return conditions.snow_cover


def _prepare(conditions: Conditions, view: View, rng: np.random.Generator) -> tuple:
    del view, rng
    hold = np.zeros(KINDS, np.float32)
    for kind, share in HOLD.items():
        hold[kind] = share
    return hold, np.float32(conditions.snow_cover), smooth_tile(24), smooth_tile(2)


def _rows(block: np.ndarray, y0: int, view: View, prepared: tuple) -> None:
    hold, cover, drift, grain = prepared
    _lie(block, y0, view.kind, view.px_to_m, hold, cover, drift, grain)


@njit(cache=True, nogil=True)
def _lie(block, y0, kind, px_to_m, hold, cover, drift, grain):  # noqa: ANN001, ANN202, PLR0913
    _, rows, columns = block.shape
    for y in range(rows):
        for x in range(columns):
            share = hold[kind[y0 + y, x]] * cover
            if share == 0:
                continue
            wx = px_to_m[0, 0] * x + px_to_m[0, 1] * (y + y0) + px_to_m[0, 2] + 4096.0
            wy = px_to_m[1, 0] * x + px_to_m[1, 1] * (y + y0) + px_to_m[1, 2] + 4096.0
            n = drift[int(wy / DRIFT_M) & (TILE - 1), int(wx / DRIFT_M) & (TILE - 1)]
            f = grain[int(wy / 0.07) & (TILE - 1), int(wx / 0.07) & (TILE - 1)]
            a = share * (1 + np.float32(0.9) * (1 - share) * (n + np.float32(0.4) * f))
            a = min(max(a, np.float32(0.0)), np.float32(0.98))
            white = np.float32(SNOW_ALBEDO) * (1 + np.float32(0.04) * f)
            for c in range(3):
                block[c, y, x] += a * (white - block[c, y, x])


EFFECT = Effect(
    "snow cover: lying snow with cleared wheel tracks",
    Stage.SURFACE, 20, ("snow_cover",), _strength, _prepare, _rows,
)  # fmt: skip
