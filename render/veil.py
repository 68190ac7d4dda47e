"""Attenuation and airlight of the air, and specks in front of the lens: what weather shares."""

from __future__ import annotations

import dataclasses

import numpy as np

from render.canvas import HEIGHT_UNIT_M, ONE
from render.effect import Film, SpeckTile, View
from render.kernel import kernel
from render.texture import TILE

TABLE = 2048
MAX_DEPTH = 12.0
"""Optical depths beyond this are opaque: exp(-12) is under 1e-5."""

DEPTH_STEPS = (TABLE - 1) / MAX_DEPTH
"""Entries of the table to a unit of depth."""

_TRANSMITTED = np.exp(-np.linspace(0, MAX_DEPTH, TABLE)).astype(np.float32)
"""Of each entry of the table of ``Veil``."""

FAINTEST = 0.06
"""Parts of a tile less opaque than this are left out: they would show no grey level."""


@dataclasses.dataclass(frozen=True, eq=False)
class Veil:
    """Transmission of a layer.

    Attributes:
        depth: f32[256] by pixel height. clear: f32[256], transmission where the path is 1.
        table: f32[TABLE] of exp up to MAX_DEPTH. air: f32[3], airlight.
        path: f32[H, W], factor of the depth at each pixel, or f32[1, 1] of 1.
    """

    depth: np.ndarray
    clear: np.ndarray
    table: np.ndarray
    air: np.ndarray
    path: np.ndarray


def veil(extinction_per_m: float, view: View, airlight: np.ndarray, path: np.ndarray) -> Veil:
    """The layer between the camera and surfaces at each height: beta (altitude - z).

    It acts by Koschmieder's law (1924): I = J t + A (1 - t), t = exp(-beta d), in linear light.
    """
    z = np.arange(256) * HEIGHT_UNIT_M
    depth = (extinction_per_m * np.maximum(view.camera.altitude_m - z, 0.0)).astype(np.float32)
    return Veil(depth, np.exp(-depth), _TRANSMITTED, airlight.astype(np.float32), path)


def speck_tile(opacity: np.ndarray) -> SpeckTile:
    """The opaque pixels of a plane f32[TILE, TILE]."""
    plane = opacity.reshape(-1)
    at = np.flatnonzero(plane > FAINTEST)
    first = np.searchsorted(at, np.arange(TILE + 1) * TILE)
    return SpeckTile(first.astype(np.int32), (at % TILE).astype(np.int32), plane[at])


def joined_films(films: list[Film]) -> Film | None:
    """Films one over the other, the first the nearest to the scene; None without any."""
    if not films:
        return None
    keep, haze, tint = films[0].keep, films[0].haze, films[0].tint
    for film in films[1:]:
        keep, haze = keep * film.keep, haze * film.keep + film.haze
        share = film.haze.mean() / max(haze.mean(), np.float32(1e-6))
        tint = tint + share * (film.tint - tint)  # one for the whole picture
    return Film(np.ascontiguousarray(keep), np.ascontiguousarray(haze), tint)


def apply_film(light: np.ndarray, film: Film, air: np.ndarray, places: np.ndarray) -> None:
    """Look through a film in rectangles i32[R, 4] of a picture u16[3, H, W], in place.

    Args:
        air: f32[3], the light of its haze, 1.0 = white.
    """
    _film(light, film.keep, film.haze, air * film.tint * np.float32(ONE), places)


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
