"""Attenuation and airlight of the air, and specks in front of the lens: what weather shares."""

from __future__ import annotations

import dataclasses

import numpy as np
from numba import njit

from render.canvas import HEIGHT_UNIT_M
from render.effect import View
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
    block: np.ndarray,
    y0: int,
    tile: np.ndarray,
    offset: tuple[int, int],
    gain: float,
    rgb: np.ndarray,
) -> None:
    """Lay drops or flakes over a block: opacity = tile * gain (at most 0.95) of colour rgb."""
    _specks(block, y0, tile, offset[0], offset[1], np.float32(gain), rgb.astype(np.float32))


@njit(cache=True, nogil=True)
def _veil(block, y0, height, slant, depth, table, air):
    _, rows, columns = block.shape
    scale = np.float32((len(table) - 1) / MAX_DEPTH)
    top = len(table) - 2
    flat = slant.shape[0] == 1
    clear = np.exp(-depth)
    keep = np.empty(columns, np.float32)
    for y in range(rows):
        heights = height[y0 + y]
        if flat:
            for x in range(columns):
                keep[x] = clear[heights[x]]
        else:
            angles = slant[y0 + y]
            for x in range(columns):
                position = depth[heights[x]] * angles[x] * scale
                i = min(np.int32(position), np.int32(top))
                f = min(position - np.float32(i), np.float32(1.0))
                keep[x] = table[i] + f * (table[i + 1] - table[i])
        for c in range(3):
            row, a = block[c, y], air[c]
            for x in range(columns):
                row[x] = a + keep[x] * (row[x] - a)


@njit(cache=True, nogil=True)
def _specks(block, y0, tile, oy, ox, gain, rgb):
    _, rows, columns = block.shape
    opacity = np.empty(columns, np.float32)
    for y in range(rows):
        source = tile[(y0 + y + oy) & (TILE - 1)]
        x, start = 0, ox
        while x < columns:
            count = min(TILE - start, columns - x)
            for i in range(count):
                opacity[x + i] = min(source[start + i] * gain, np.float32(0.95))
            x += count
            start = 0
        for c in range(3):
            row, tone = block[c, y], rgb[c]
            for x in range(columns):
                row[x] += opacity[x] * (tone - row[x])
