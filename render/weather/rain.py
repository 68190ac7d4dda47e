"""Falling rain: extinction, drops near the lens as short streaks along the wind, and splashes where
drops land, which a camera low enough sees one by one.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from render.effect import Effect, Specks, SpeckTile, View
from render.falling import UNIT, Kind, Look, Sizes, look, plane, tile
from render.texture import TILE
from render.veil import speck_tile
from simulator.conditions import Conditions, rain_extinction
from simulator.seeding import stream

LEAST_MM = 0.5
"""Diameter of the smallest drops that count."""


def marshall_palmer(rain_mm_h: float) -> Sizes:
    """Sizes of drops: 8000 exp(-4.1 R^-0.21 D) a m3 and mm (Marshall and Palmer 1948)."""
    return Sizes(8000.0, 4.1 * rain_mm_h**-0.21, LEAST_MM)


DROPS = Kind("rain", marshall_palmer, fall_mps=6.5, opaque=0.6, px_per_m=300.0)
"""A drop of 2 mm falls at 9.65 - 10.3 exp(-0.6 D) m/s (Atlas 1973); it shows more of the sky than
of what is behind it (Garg and Nayar 2006).
"""

SPLASH_M, SPLASH_S = 0.006, 0.05
"""Radius of a splash, three times that of a drop of 2 mm, and how long it stands."""

DROP_M3 = math.pi / 6 * 0.002**3
SPLASH_OPACITY = 0.6
"""How much of the sky's white a splash shows where it fills a pixel."""

LEAST_SPLASH = 0.02
"""A fainter splash is not seen: from so high up they are no more than a shimmer."""

MOST_SPLASHES = 12_288


def _splashes(rain_mm_h: float, m_per_px: float) -> tuple[int, float]:
    """How many splashes there are on a tile at a time, and their opacity in UNIT."""
    opacity = SPLASH_OPACITY * min(math.pi * SPLASH_M**2 / m_per_px**2, 1.0)
    if opacity < LEAST_SPLASH:
        return 0, 0.0
    landing = rain_mm_h / 3.6e6 / DROP_M3  # drops a m2 and second
    count = landing * SPLASH_S * (TILE * m_per_px) ** 2
    return min(round(count), MOST_SPLASHES), opacity / UNIT


@functools.lru_cache(maxsize=64)
def _with_splashes(seen: Look, splashes: int, opacity: float) -> SpeckTile:
    """A tile of drops and splashes."""
    both = plane(seen).reshape(-1)
    there = stream(0, 0, "rain/splashes").integers(0, TILE * TILE, splashes)
    both[there] = np.maximum(both[there], np.float32(opacity))
    return speck_tile(both)


def _extinction(conditions: Conditions) -> float:
    return rain_extinction(conditions.rain_mm_h)


def _specks(conditions: Conditions, view: View, prepared: None) -> Specks:
    del prepared
    seen, more = look(DROPS, conditions.rain_mm_h, conditions, view)
    splashes, opacity = _splashes(seen.amount, view.camera.m_per_px)
    shown = _with_splashes(seen, splashes, opacity) if splashes else tile(seen)
    return Specks(shown, UNIT * more, view.light.air)


EFFECT = Effect(
    title="rain: extinction, streaks of near drops, and splashes seen from low down",
    order=20,
    quantities=("rain_mm_h", "wind_x_mps", "wind_y_mps"),
    steps=(2.5, 7.6, 25.0, 50.0),
    strength=_extinction,
    extinction=_extinction,
    specks=_specks,
)
