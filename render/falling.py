"""Drops and flakes near the lens: as many, as large and as long as they are in the air.

Sizes are exponential. Of what falls through the field of view only what is near is seen one by one:
up to where a metre takes so many pixels; what is farther is part of the veil.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from render.effect import SpeckTile, View
from render.texture import TILE
from render.veil import speck_tile
from simulator.camera import focal_px, is_tilted
from simulator.conditions import Conditions
from simulator.seeding import stream

NEAREST_M = 0.25
"""What is nearer is spread over so much of the picture that nobody sees it."""

APERTURE_M = 0.0015
"""Of a small camera's lens, which is focused on the ground: what is near is blurred."""

SHUTTER_S = 1 / 500
"""How long drops are seen where the sensor does not say: nothing else moves as fast."""

DIRECTIONS = 16
MOST = 24_000
"""Of drops on a tile; more are of cameras with a very long focal length."""

UNIT = 0.1
"""Opacity that is 1 on a tile: what is left out there as too faint is a tenth of a grey level."""

BLURS_PX = (0.7, 1.2, 2.4)
"""Of drops and flakes as they are drawn: each takes the nearest of these."""


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Diameters D of what falls: per_m3_mm exp(-slope_per_mm D) a m3 and mm, from least_mm on."""

    per_m3_mm: float
    slope_per_mm: float
    least_mm: float

    @property
    def per_m3(self) -> float:
        """How many there are in a m3."""
        return self.per_m3_mm / self.slope_per_mm * math.exp(-self.slope_per_mm * self.least_mm)

    @property
    def square_mm2(self) -> float:
        """Their mean squared diameter."""
        scale = 1.0 / self.slope_per_mm
        return self.least_mm**2 + 2.0 * self.least_mm * scale + 2.0 * scale**2


@dataclasses.dataclass(frozen=True)
class Kind:
    """What falls.

    Attributes:
        name: of its random stream. sizes: of an amount, mm/h of water. fall_mps: its speed.
        opaque: share of the light behind it that it takes.
        px_per_m: how many pixels a metre takes where the farthest are that are told apart.
    """

    name: str
    sizes: Callable[[float], Sizes]
    fall_mps: float
    opaque: float
    px_per_m: float


class Look(NamedTuple):
    """What one tile shows: of amounts, focal lengths and ways in steps, that there be few tiles.

    Attributes:
        amount: mm/h of water. focal_px: of the camera. direction: in DIRECTIONS. way_m: that
            it goes by across the line of sight while the shutter is open.
    """

    kind: Kind
    amount: float
    focal_px: float
    direction: int
    way_m: float


@dataclasses.dataclass(frozen=True, eq=False)
class Particles:
    """On a tile: place f64[N, 2] px, diameter f64[N] mm, and pixels to a metre there f64[N]."""

    place_px: np.ndarray
    diameter_mm: np.ndarray
    px_per_m: np.ndarray


def look(kind: Kind, amount: float, conditions: Conditions, view: View) -> tuple[Look, float]:
    """What a camera sees of it near the lens, and how much more of it there is than on that tile,
    as a factor of its opacity.
    """
    focal, tilt = focal_px(view.camera), view.camera.tilt_rad if is_tilted(view.camera) else 0.0
    wind = math.hypot(conditions.wind_x_mps, conditions.wind_y_mps)
    angle = math.atan2(-conditions.wind_y_mps, conditions.wind_x_mps) + view.camera.heading_rad
    right, down = wind * math.cos(angle), wind * math.sin(angle) * math.cos(tilt)
    down += kind.fall_mps * math.sin(tilt)  # a tilted camera sees it fall, too
    direction = round(math.atan2(down, right) / (2 * math.pi) * DIRECTIONS) % DIRECTIONS
    way_m = math.hypot(right, down) * (view.exposure_s or SHUTTER_S)
    seen = Look(kind, _step(amount), _step(focal), direction, _step(way_m) if way_m > 0 else 0.0)
    covered = focal * _square_mm2_per_m3(kind, amount)
    return seen, covered / (seen.focal_px * _square_mm2_per_m3(kind, seen.amount))


def _step(value: float) -> float:
    """The nearest power of the square root of two."""
    return 2.0 ** (round(2.0 * math.log2(value)) / 2.0)


def _square_mm2_per_m3(kind: Kind, amount: float) -> float:
    sizes = kind.sizes(amount)
    return sizes.per_m3 * sizes.square_mm2


@functools.lru_cache(maxsize=256)
def tile(seen: Look) -> SpeckTile:
    """A tile of it, opacity in UNIT."""
    return speck_tile(plane(seen))


def plane(seen: Look) -> np.ndarray:
    """The same as f32[TILE, TILE].

    While the shutter is open a particle lies everywhere on its way, and takes so much less there.
    """
    fallen, angle = particles(seen), 2.0 * math.pi * seen.direction / DIRECTIONS
    size_px = fallen.diameter_mm / 1000.0 * fallen.px_per_m
    # the few that happen to be nearest would say how much is taken: it is what such air takes
    taken = size_px**2 * (_taken_px(seen) / max((size_px**2).sum(), 1e-9)) / UNIT
    blur_px = np.hypot(size_px, APERTURE_M * fallen.px_per_m) / 4.0
    way_px = np.minimum(seen.way_m * fallen.px_per_m, TILE / 2)
    pieces = np.ceil(way_px).astype(np.int64) + 1
    whose = np.repeat(np.arange(len(pieces)), pieces)
    along = np.arange(len(whose)) - np.repeat(pieces.cumsum() - pieces, pieces)
    away = (along * (way_px / np.maximum(pieces - 1, 1))[whose])[:, None]
    at = (fallen.place_px[whose] + away * [math.cos(angle), math.sin(angle)]).astype(np.int64)
    column, row = (at & (TILE - 1)).T
    part = (taken / pieces)[whose]
    total = np.zeros((TILE, TILE), np.float32)
    group = np.abs(np.subtract.outer(blur_px, BLURS_PX)).argmin(axis=1)[whose]
    for k, sigma in enumerate(BLURS_PX):
        these = group == k
        sharp = np.bincount(row[these] * TILE + column[these], part[these], TILE * TILE)
        sharp = sharp.reshape(TILE, TILE).astype(np.float32)
        wide = cv2.copyMakeBorder(sharp, 10, 10, 10, 10, cv2.BORDER_WRAP)
        total += cv2.GaussianBlur(wide, (0, 0), sigma)[10:-10, 10:-10]
    return total


def _taken_px(seen: Look) -> float:
    """What is taken on a tile on average: the opaque part of all cross-sections."""
    kind, far_m = seen.kind, seen.focal_px / seen.kind.px_per_m
    near = NEAREST_M / far_m
    px2_per_m2 = kind.px_per_m**2 * 3.0 / (1.0 + near + near * near)
    square_m2 = 1e-6 * kind.sizes(seen.amount).square_mm2
    return kind.opaque * math.pi / 4.0 * square_m2 * px2_per_m2 * _count(seen)


def _count(seen: Look) -> float:
    """How many there are on a tile on average, up to MOST."""
    far_m = seen.focal_px / seen.kind.px_per_m
    volume_m3 = (TILE / seen.focal_px) ** 2 * max(far_m**3 - NEAREST_M**3, 0.0) / 3.0
    return min(volume_m3 * seen.kind.sizes(seen.amount).per_m3, MOST)


def particles(seen: Look) -> Particles:
    """What is on a tile. What more of it adds comes behind what was there; that grows."""
    kind, sizes = seen.kind, seen.kind.sizes(seen.amount)
    far_m = seen.focal_px / kind.px_per_m
    drawn = _drawn(kind.name)[: round(_count(seen))]
    diameter_mm = sizes.least_mm - np.log1p(-drawn[:, 2]) / sizes.slope_per_mm
    nearest = (NEAREST_M / far_m) ** 3  # as many in every m3: the cube of the distance is even
    distance_m = far_m * np.cbrt(nearest + (1.0 - nearest) * drawn[:, 3])
    return Particles(drawn[:, :2] * TILE, diameter_mm, seen.focal_px / distance_m)


@functools.cache
def _drawn(name: str) -> np.ndarray:
    return stream(0, 0, f"falling/{name}").random((MOST, 4))
