"""Wet road: water darkens paved surfaces and stands in the ruts as puddles that mirror the sky."""

from __future__ import annotations

import numpy as np
from numba import njit

from render.effect import Effect, Stage, View
from render.surface import KINDS, Kind
from render.texture import TILE, smooth_tile
from simulator.conditions import Conditions

DARKENING = {Kind.ROAD: 0.45, Kind.RUT: 0.5, Kind.PAVEMENT: 0.4, Kind.PAINT: 0.2}
"""Share of the albedo lost on a fully wet surface: wet roads keep 0.5-0.7 of the dry albedo."""

FRESNEL = 0.02
"""Reflectance of water at normal incidence, n = 1.33."""

PUDDLE_M = 0.09
"""Size of one tile pixel, m: puddles are a few decimetres to a few metres wide."""


def _strength(conditions: Conditions) -> float:
    return conditions.water_film_mm


def _prepare(conditions: Conditions, view: View, rng: np.random.Generator) -> tuple:
    del view, rng
    film = conditions.water_film_mm
    wet = min(film / 0.5, 1.0)
    loss = np.zeros(KINDS, np.float32)
    for kind, most in DARKENING.items():
        loss[kind] = most * wet
    threshold = np.full(KINDS, 99.0, np.float32)
    pooled = 2.6 - 1.5 * min(film / 2.0, 1.0)
    threshold[[Kind.ROAD, Kind.PAVEMENT]] = pooled + 0.5
    threshold[[Kind.RUT, Kind.PAINT]] = pooled
    return loss, threshold, np.float32(FRESNEL * wet), smooth_tile(24)


def _rows(block: np.ndarray, y0: int, view: View, prepared: tuple) -> None:
    loss, threshold, mirror, tile = prepared
    _wet(block, y0, view.kind, view.px_to_m, loss, threshold, mirror, tile)


@njit(cache=True, nogil=True)
def _wet(block, y0, kind, px_to_m, loss, threshold, mirror, tile):  # noqa: ANN001, ANN202, PLR0913
    _, rows, columns = block.shape
    for y in range(rows):
        for x in range(columns):
            k = kind[y0 + y, x]
            if loss[k] == 0:
                continue
            wx = px_to_m[0, 0] * x + px_to_m[0, 1] * (y + y0) + px_to_m[0, 2] + 4096.0
            wy = px_to_m[1, 0] * x + px_to_m[1, 1] * (y + y0) + px_to_m[1, 2] + 4096.0
            n = tile[int(wy / PUDDLE_M) & (TILE - 1), int(wx / PUDDLE_M) & (TILE - 1)]
            pool = min(max((n - threshold[k]) * np.float32(3.0), np.float32(0.0)), np.float32(1.0))
            keep = (1 - loss[k]) * (1 - np.float32(0.5) * pool)
            gain = mirror * (1 + 2 * pool)
            for c in range(3):
                block[c, y, x] = block[c, y, x] * keep + gain


EFFECT = Effect(
    "wet road: darker pavement, puddles that mirror the sky",
    Stage.SURFACE, 10, ("water_film_mm",), _strength, _prepare, _rows,
)  # fmt: skip
