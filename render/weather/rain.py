"""Falling rain: extinction, drops near the lens as short streaks along the wind, and splashes where
drops land, which a camera low enough sees one by one.
"""

from __future__ import annotations

import functools
import math

import cv2
import numpy as np

from render.effect import Effect, Specks, SpeckTile, View
from render.texture import TILE
from render.veil import speck_tile
from simulator.camera import is_tilted
from simulator.conditions import Conditions, rain_extinction
from simulator.seeding import stream

DROPS = 2600
"""Streaks on a tile; with the gain below they stand for the drops within metres of the lens."""

GAIN_M = 45.0
"""Length of air, m, whose extinction the visible drops make up: opacity = extinction x length."""

DIRECTIONS = 16

FALL_MPS = 6.5
"""Fall speed of a drop of 2 mm: 9.65 - 10.3 exp(-0.6 D) (Atlas 1973)."""

SPLASH_M, SPLASH_S = 0.006, 0.05
"""Radius of a splash, three times that of a drop of 2 mm, and how long it stands."""

DROP_M3 = math.pi / 6 * 0.002**3
SPLASH_OPACITY = 0.6
"""How much of the sky's white a splash shows where it fills a pixel."""

LEAST_SPLASH = 0.02
"""A fainter splash is not seen: from so high up they are no more than a shimmer."""

MOST_SPLASHES = 12_288


@functools.cache
def _drops() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every streak where it begins f64[N, 2] px, its share of the longest f64[N, 1] and how
    bright it is f64[N, 1], the brightest last.
    """
    rng = stream(0, 0, "rain/streaks")
    start, share = rng.uniform(0, TILE, (DROPS, 2)), rng.uniform(0.3, 1.0, (DROPS, 1))
    bright = rng.gamma(1.5, 0.4, (DROPS, 1))
    order = bright[:, 0].argsort()
    return start[order], share[order], bright[order]


def _splashes(rain_mm_h: float, m_per_px: float) -> tuple[int, float]:
    """How many splashes there are on a tile at a time, and their opacity before the gain: of rain
    in steps of a half power of two, so that a rain that changes has few tiles.
    """
    opacity = SPLASH_OPACITY * min(math.pi * SPLASH_M**2 / m_per_px**2, 1.0)
    if opacity < LEAST_SPLASH:
        return 0, 0.0
    about = 2.0 ** (round(2.0 * math.log2(rain_mm_h)) / 2.0)
    landing = about / 3.6e6 / DROP_M3  # drops a m2 and second
    count = landing * SPLASH_S * (TILE * m_per_px) ** 2
    return min(round(count), MOST_SPLASHES), opacity / _gain(about)


def _gain(rain_mm_h: float) -> float:
    return rain_extinction(rain_mm_h) * GAIN_M


@functools.lru_cache(maxsize=256)
def _streaks(direction: int, reach: int, splashes: int, opacity: float) -> SpeckTile:
    """A tile of streaks and splashes; direction in DIRECTIONS, reach: length in px."""
    start, share, bright = _drops()
    angle = 2 * math.pi * direction / DIRECTIONS
    ways = reach * share * np.linspace(0, 1, 2 * reach + 1)
    x = (start[:, :1] + ways * math.cos(angle)).astype(np.int64) & (TILE - 1)
    y = (start[:, 1:] + ways * math.sin(angle)).astype(np.int64) & (TILE - 1)
    plane = np.zeros((TILE, TILE), np.float32)
    plane.reshape(-1)[y * TILE + x] = bright
    wide = cv2.GaussianBlur(np.pad(plane, 8, mode="wrap"), (0, 0), 0.7)
    tile = np.ascontiguousarray(wide[8:-8, 8:-8])
    if splashes:
        there = stream(0, 0, "rain/splashes").integers(0, TILE * TILE, splashes)
        tile.reshape(-1)[there] = np.maximum(tile.reshape(-1)[there], np.float32(opacity))
    return speck_tile(tile)


def _extinction(conditions: Conditions) -> float:
    return rain_extinction(conditions.rain_mm_h)


def _specks(conditions: Conditions, view: View, prepared: None) -> Specks:
    del prepared
    wind = math.hypot(conditions.wind_x_mps, conditions.wind_y_mps)
    angle = math.atan2(-conditions.wind_y_mps, conditions.wind_x_mps) + view.camera.heading_rad
    if is_tilted(view.camera):  # it sees them fall, too
        tilt = view.camera.tilt_rad
        right, down = wind * math.cos(angle), wind * math.sin(angle) * math.cos(tilt)
        down += FALL_MPS * math.sin(tilt)
        angle, wind = math.atan2(down, right), math.hypot(right, down)
    direction = round(angle / (2 * math.pi) * DIRECTIONS) % DIRECTIONS
    rain = conditions.rain_mm_h
    tile = _streaks(direction, 3 + min(int(wind), 12), *_splashes(rain, view.camera.m_per_px))
    return Specks(tile, _gain(rain), view.light.air)


EFFECT = Effect(
    title="rain: extinction, streaks of near drops, and splashes seen from low down",
    order=20,
    quantities=("rain_mm_h", "wind_x_mps", "wind_y_mps"),
    steps=(2.5, 7.6, 25.0, 50.0),
    strength=_extinction,
    extinction=_extinction,
    specks=_specks,
)
