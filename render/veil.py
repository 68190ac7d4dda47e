"""Attenuation and airlight of a layer of air, and specks in it: what fog, rain and snow share."""

from __future__ import annotations

import dataclasses

import numpy as np
from numba import njit

from render.effect import View
from render.raster import HEIGHT_UNIT_M
from render.texture import TILE

TABLE = 2048
MAX_DEPTH = 12.0
"""Optical depths beyond this are opaque: exp(-12) is under 1e-5."""


@dataclasses.dataclass(frozen=True, eq=False)
class Veil:
    """Transmission of a layer: depth f32[256] by pixel height, exp table f32[TABLE], airlight."""

    depth: np.ndarray
    table: np.ndarray
    air: np.ndarray


def veil(extinction_per_m: float, view: View) -> Veil:
    """The layer between the camera and surfaces at each height: beta (altitude - z)."""
    z = np.arange(256) * HEIGHT_UNIT_M
    depth = extinction_per_m * np.maximum(view.camera.altitude_m - z, 0.0)
    table = np.exp(-np.linspace(0, MAX_DEPTH, TABLE))
    return Veil(depth.astype(np.float32), table.astype(np.float32), view.light.air)


def apply_veil(block: np.ndarray, y0: int, view: View, layer: Veil) -> None:
    """Koschmieder (1924): I = J t + A (1 - t), t = exp(-beta d), in linear light, in place."""
    _veil(block, y0, view.height, view.slant, layer.depth, layer.table, layer.air)


def apply_specks(
    block: np.ndarray, y0: int, tile: np.ndarray, offset: tuple[int, int], gain: float, rgb: np.ndarray
) -> None:
    """Lay drops or flakes over a block: opacity = tile * gain (at most 0.95) of colour rgb."""
    _specks(block, y0, tile, offset[0], offset[1], np.float32(gain), rgb.astype(np.float32))


@njit(cache=True, nogil=True)
def _veil(block, y0, height, slant, depth, table, air):  # noqa: ANN001, ANN202, PLR0913
    _, rows, columns = block.shape
    scale = np.float32((len(table) - 1) / MAX_DEPTH)
    top = len(table) - 1
    flat = slant.shape[0] == 1
    clear = np.empty(256, np.float32)
    for h in range(256):
        clear[h] = np.exp(-depth[h])
    for y in range(rows):
        for x in range(columns):
            h = height[y0 + y, x]
            if flat:
                t = clear[h]
            else:
                position = depth[h] * slant[y0 + y, x] * scale
                i = min(int(position), top - 1)
                f = min(position - np.float32(i), np.float32(1.0))
                t = table[i] + f * (table[i + 1] - table[i])
            for c in range(3):
                block[c, y, x] = block[c, y, x] * t + air[c] * (np.float32(1.0) - t)


@njit(cache=True, nogil=True)
def _specks(block, y0, tile, oy, ox, gain, rgb):  # noqa: ANN001, ANN202, PLR0913
    _, rows, columns = block.shape
    mask = TILE - 1
    for y in range(rows):
        ty = (y0 + y + oy) & mask
        for x in range(columns):
            a = tile[ty, (x + ox) & mask]
            if a > 0:
                a = min(a * gain, np.float32(0.95))
                for c in range(3):
                    block[c, y, x] += a * (rgb[c] - block[c, y, x])
