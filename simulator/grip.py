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
COMFORT_LATERAL_MPS2 = 2.5
"""Lateral acceleration that drivers accept in a turn (2-3 m/s2)."""

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

DEEP_FROM_MM, DEEP_MM = 2.0, 2.5
"""A tyre can float on a film of 2.5 mm or more (Horne & Dreher 1963), and on none below 2 mm."""

FLOATS = 0.05
"""Friction of a tyre that floats (NASA's tracks measured 0.05 and less)."""

FLOAT_SPAN = 0.1
"""It is wholly afloat at this share above the speed at which it begins to lose the ground."""

TYRE_MPS = 0.44704 * 10.0**0.04 * 29.0**0.3 * 8.0**0.06
"""What a car gives in Gallaway's formula, m/s: wheels spun down by a tenth, 29 psi (2 bar), 7/32
inch of tread. Heavy vehicles, whose tyres are harder, do not drive as fast as they would float."""

TEXTURE = 0.038**0.14
"""What the road gives: a texture of 0.038 inch (1 mm)."""


@kernel
def float_mps(film):
    """Speed at which a tyre begins to float on a film, mm, in m/s: about 24 on 2.5 mm.

    Gallaway et al. 1979 (FHWA-RD-79-31), V = SD^0.04 P^0.3 (TD + 1)^0.06 A in miles an hour and
    inches. Horne's 1.76 sqrt(p / kPa) m/s, which knows no depth, gives 25 for the same tyre.
    """
    thin = (film / 25.4) ** -0.06
    return TYRE_MPS * max(10.409 * thin + 3.507, (28.952 * thin - 7.817) * TEXTURE)


@kernel
def afloat(film, speed):
    """Share of a tyre's friction that deep water takes at a speed, 0..1, without a jump."""
    if film <= DEEP_FROM_MM or speed <= 0.0:
        return 0.0
    over = (speed / float_mps(film) - 1.0) / FLOAT_SPAN
    return min(max(over, 0.0), 1.0) * min((film - DEEP_FROM_MM) / (DEEP_MM - DEEP_FROM_MM), 1.0)


@kernel
def mu_at(tile, tracks, west, south, film, cover, ice, x, y, speed):
    """Friction at a point of an uneven road for a wheel at a speed.

    Args:
        tile: f4[TILE, TILE] of shares of the ground that lie lower. tracks: u1[H, W], wheel tracks;
            their first cell's corner is at ``west``, ``south``.
        film, cover, ice: of the road as a whole. x, y: the point, m. speed: m/s.
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
    return mu - max(mu - FLOATS, 0.0) * afloat(water, speed)


@kernel
def mu_under(tile, tracks, west, south, film, cover, ice, x, y, heading, length, speed):
    """Friction under a vehicle: the mean of its four wheels, because each brakes for itself."""
    c, s = math.cos(heading), math.sin(heading)
    total = 0.0
    for axle in (-AXLE_SHARE * length, AXLE_SHARE * length):
        for side in (-TRACK_M, TRACK_M):
            px, py = x + axle * c - side * s, y + axle * s + side * c
            total += mu_at(tile, tracks, west, south, film, cover, ice, px, py, speed)
    return 0.25 * total


@njit(cache=True)
def mu_map(
    tile: np.ndarray, tracks: np.ndarray, west: float, south: float, film: np.ndarray,
    cover: np.ndarray, ice: np.ndarray, x: np.ndarray, y: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """The same for points f64[N] at walking speed, with the state of the road at each of them."""
    for k in range(len(x)):
        out[k] = mu_at(tile, tracks, west, south, film[k], cover[k], ice[k], x[k], y[k], 0.0)
