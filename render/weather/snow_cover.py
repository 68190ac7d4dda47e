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

GRAIN_M = 0.07
DRIFT_M = 0.12
"""Size of one tile pixel, m: grains are of decimetres, drifts and bare patches are of a few metres."""


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
def _lie(block, y0, kind, px_to_m, hold, cover, drift, grain):  # noqa: ANN001, ANN202
    _, rows, columns = block.shape
    mask = np.int32(TILE - 1)
    coarse, fine = np.float32(1.0 / DRIFT_M), np.float32(1.0 / GRAIN_M)
    dx, dy = np.float32(px_to_m[0, 0]), np.float32(px_to_m[1, 0])
    share = np.zeros(columns, np.float32)
    white = np.zeros(columns, np.float32)
    one, zero = np.float32(1.0), np.float32(0.0)
    for y in range(rows):
        kinds = kind[y0 + y]
        ax = np.float32(px_to_m[0, 1] * (y + y0) + px_to_m[0, 2] + 4096.0)
        ay = np.float32(px_to_m[1, 1] * (y + y0) + px_to_m[1, 2] + 4096.0)
        for x in range(columns):
            a = hold[kinds[x]] * cover
            if a == 0:
                share[x] = zero
                continue
            wx, wy = ax + dx * np.float32(x), ay + dy * np.float32(x)
            n = drift[np.int32(wy * coarse) & mask, np.int32(wx * coarse) & mask]
            f = grain[np.int32(wy * fine) & mask, np.int32(wx * fine) & mask]
            a *= one + np.float32(0.9) * (one - a) * (n + np.float32(0.4) * f)
            share[x] = min(max(a, zero), np.float32(0.98))
            white[x] = np.float32(SNOW_ALBEDO) * (one + np.float32(0.04) * f)
        for c in range(3):
            row = block[c, y]
            for x in range(columns):
                row[x] += share[x] * (white[x] - row[x])


EFFECT = Effect(
    "snow cover: lying snow with cleared wheel tracks",
    Stage.SURFACE, 20, ("snow_cover",), _strength, _prepare, _rows,
)  # fmt: skip
