"""Attenuation and airlight of the air, and specks in front of the lens: what weather shares."""

from __future__ import annotations

import dataclasses

import numpy as np

from render.canvas import HEIGHT_UNIT_M, ONE
from render.effect import Film, Specks, SpeckTile, View
from render.kernel import allocating_kernel, kernel
from render.texture import TILE

TABLE = 2048
MAX_DEPTH = 12.0
"""Optical depths beyond this are opaque: exp(-12) is under 1e-5."""

MOST_OPAQUE = 0.95
FAINTEST = 0.06
"""Parts of a tile less opaque than this are left out: they would show no grey level."""


@dataclasses.dataclass(frozen=True, eq=False)
class Veil:
    """Transmission of a layer.

    Attributes:
        depth: f32[256] by pixel height. table: f32[TABLE] of exp. air: f32[3], airlight.
        path: f32[H, W], factor of the depth at each pixel, or f32[1, 1] of 1.
    """

    depth: np.ndarray
    table: np.ndarray
    air: np.ndarray
    path: np.ndarray


def veil(extinction_per_m: float, view: View, airlight: np.ndarray, path: np.ndarray) -> Veil:
    """The layer between the camera and surfaces at each height: beta (altitude - z)."""
    z = np.arange(256) * HEIGHT_UNIT_M
    depth = extinction_per_m * np.maximum(view.camera.altitude_m - z, 0.0)
    table = np.exp(-np.linspace(0, MAX_DEPTH, TABLE))
    return Veil(
        depth.astype(np.float32), table.astype(np.float32), airlight.astype(np.float32), path
    )


def apply_veil(block: np.ndarray, corner: tuple[int, int], view: View, layer: Veil) -> None:
    """Koschmieder (1924): I = J t + A (1 - t), t = exp(-beta d), in linear light, in place.

    Args:
        block: f32[3, h, w]. corner: (x0, y0) of the block in the image, px.
    """
    _veil(block, *corner, view.height, layer.path, layer.depth, layer.table, layer.air)


def speck_tile(opacity: np.ndarray) -> SpeckTile:
    """The opaque pixels of a plane f32[TILE, TILE]."""
    row, column = np.nonzero(opacity > FAINTEST)
    first = np.searchsorted(row, np.arange(TILE + 1))
    return SpeckTile(first.astype(np.int32), column.astype(np.int32), opacity[row, column])


def apply_specks(light: np.ndarray, specks: Specks) -> None:
    """Lay drops or flakes over a picture u16[3, H, W] (ONE = 1.0), in place."""
    tone, tile = np.minimum(specks.rgb * ONE, 65535).astype(np.float32), specks.tile
    y, x = specks.offset
    _specks(light, tile.first, tile.column, tile.opacity, y, x, np.float32(specks.gain), tone)


def joined_films(films: list[Film]) -> Film | None:
    """Films one over the other, the first the nearest to the scene; None without any."""
    if not films:
        return None
    keep, haze = films[0].keep, films[0].haze
    for film in films[1:]:
        keep, haze = keep * film.keep, haze * film.keep + film.haze
    return Film(np.ascontiguousarray(keep), np.ascontiguousarray(haze))


def apply_film(light: np.ndarray, film: Film, air: np.ndarray, places: np.ndarray) -> None:
    """Look through a film in rectangles i32[R, 4] of a picture u16[3, H, W], in place.

    Args:
        air: f32[3], the light of its haze, 1.0 = white.
    """
    _film(light, film.keep, film.haze, air * np.float32(ONE), places)


@kernel
def _film(light, keep, haze, air, places):
    half, top = np.float32(0.5), np.float32(65535.0)
    for r in range(len(places)):
        x0, x1 = places[r, 0], places[r, 2]
        for y in range(places[r, 1], places[r, 3]):
            share, veiled = keep[y, x0:x1], haze[y, x0:x1]
            for c in range(3):
                row, a = light[c, y, x0:x1], air[c]
                for x in range(x1 - x0):
                    v = np.float32(row[x]) * share[x] + a * veiled[x] + half
                    row[x] = np.uint16(np.int32(min(v, top)))


@allocating_kernel
def _veil(block, x0, y0, height, slant, depth, table, air):
    _, rows, columns = block.shape
    scale = np.float32((len(table) - 1) / MAX_DEPTH)
    top = len(table) - 2
    flat = slant.shape[0] == 1
    clear = np.exp(-depth)
    keep = np.empty(columns, np.float32)
    for y in range(rows):
        heights = height[y0 + y, x0 : x0 + columns]
        if flat:
            for x in range(columns):
                keep[x] = clear[heights[x]]
        else:
            angles = slant[y0 + y, x0 : x0 + columns]
            for x in range(columns):
                position = depth[heights[x]] * angles[x] * scale
                i = min(np.int32(position), np.int32(top))
                f = min(position - np.float32(i), np.float32(1.0))
                keep[x] = table[i] + f * (table[i + 1] - table[i])
        for c in range(3):
            row, a = block[c, y], air[c]
            for x in range(columns):
                row[x] = a + keep[x] * (row[x] - a)


@kernel
def _specks(light, first, column, opacity, oy, ox, gain, tone):
    _, rows, columns = light.shape
    most, half = np.float32(MOST_OPAQUE), np.float32(0.5)
    for y in range(rows):
        row = (y + oy) & (TILE - 1)
        red, green, blue = light[0, y], light[1, y], light[2, y]
        for k in range(first[row], first[row + 1]):
            share = min(opacity[k] * gain, most)
            for x in range((column[k] - ox) & (TILE - 1), columns, TILE):
                r, g, b = np.float32(red[x]), np.float32(green[x]), np.float32(blue[x])
                red[x] = np.uint16(r + share * (tone[0] - r) + half)
                green[x] = np.uint16(g + share * (tone[1] - g) + half)
                blue[x] = np.uint16(b + share * (tone[2] - b) + half)
