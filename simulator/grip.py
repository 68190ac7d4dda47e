"""Friction at each place of an uneven road, and under a vehicle: kernels of the loop and of maps.

Water stands in the wheel tracks and in hollows, wheels have cleared their tracks of snow, and ice
lies in patches.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from simulator.motion import kernel

GRAVITY_MPS2 = 9.81
DRY, WET, SNOW, ICE = 0.8, 0.5, 0.25, 0.10
"""Friction coefficients in the middle of the measured ranges (Wallman & Astrom 2001)."""

WET_AT_MM = 0.5
"""A film of half a millimetre is a wet road; below it friction falls in proportion."""

CELL_M, TILE = 0.125, 512
"""Side of a cell of the unevenness, m, and cells along its tile, which repeats; a power of two."""

TRACK_CELL_M = 0.25
"""Side of a cell of the map of wheel tracks, m."""

TRACK_M = 0.78
"""From the middle of a lane to the middle of each wheel track, m: half of a car's track."""

TRACK_WATER, ASIDE_WATER = 1.4, 0.8
"""Share of the mean film that stands in a wheel track, and beside: ruts are some mm deep."""

TRACK_SNOW = 0.3
"""Share of the snow that wheels leave in their tracks."""

AXLE_SHARE = 0.3
"""From the middle of a vehicle to either axle, of its length."""


@kernel
def mu_at(tile, tracks, west, south, film, cover, ice, x, y):
    """Friction at a point of an uneven road.

    Args:
        tile: f4[TILE, TILE] of shares of the ground that lie lower. tracks: u1[H, W], wheel tracks;
            their first cell's corner is at ``west``, ``south``.
        film, cover, ice: of the road as a whole. x, y: the point, m.
    """
    column, row = math.floor(x / CELL_M), math.floor(y / CELL_M)
    high = tile[row & (TILE - 1), column & (TILE - 1)]
    j, i = math.floor((x - west) / TRACK_CELL_M), math.floor((y - south) / TRACK_CELL_M)
    track = 0 <= i < tracks.shape[0] and 0 <= j < tracks.shape[1] and tracks[i, j] > 0
    water = film * 2.0 * (1.0 - high) * (TRACK_WATER if track else ASIDE_WATER)
    mu = DRY + (WET - DRY) * min(water / WET_AT_MM, 1.0)
    if high < cover * (TRACK_SNOW if track else 1.0):
        mu = min(mu, SNOW)
    if tile[(row + TILE // 2) & (TILE - 1), (column + TILE // 3) & (TILE - 1)] < ice:
        mu = min(mu, ICE)
    return mu


@kernel
def mu_under(tile, tracks, west, south, film, cover, ice, x, y, heading, length):
    """Friction under a vehicle: the mean of its four wheels, because each brakes for itself."""
    c, s = math.cos(heading), math.sin(heading)
    total = 0.0
    for axle in (-AXLE_SHARE * length, AXLE_SHARE * length):
        for side in (-TRACK_M, TRACK_M):
            px, py = x + axle * c - side * s, y + axle * s + side * c
            total += mu_at(tile, tracks, west, south, film, cover, ice, px, py)
    return 0.25 * total


@njit(cache=True)
def mu_map(
    tile: np.ndarray, tracks: np.ndarray, west: float, south: float, film: np.ndarray,
    cover: np.ndarray, ice: np.ndarray, x: np.ndarray, y: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """The same for points f64[N], with the state of the road at each of them."""
    for k in range(len(x)):
        out[k] = mu_at(tile, tracks, west, south, film[k], cover[k], ice[k], x[k], y[k])
