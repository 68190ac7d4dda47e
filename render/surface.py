"""Kinds of surface, and colours as linear reflectances."""

from __future__ import annotations

import enum

import numpy as np

from render.canvas import ONE, WINDOWED


class Kind(enum.IntEnum):
    """What a pixel is made of: decides how rain, snow and lamps change it."""

    VERGE = 0
    ROAD = 1
    RUT = 2
    PAINT = 3
    PAVEMENT = 4
    ROOF = 5
    WALL = 6
    LEAF = 7
    BODY = 8
    GLASS = 9
    PLATE = 10
    LENS_LIT = 11
    LENS_DARK = 12
    HEADLAMP = 13
    TAIL = 14
    BRAKE = 15
    INDICATOR = 16
    SKYLIGHT = ROOF + WINDOWED
    WINDOW = WALL + WINDOWED


KINDS = len(Kind)

TALL = (Kind.ROOF, Kind.WALL, Kind.LEAF, Kind.WINDOW, Kind.SKYLIGHT)
"""Kinds of what stands above the ground and the shadows that fall on it."""

WINDOWS = (Kind.SKYLIGHT, Kind.WINDOW)
"""Windows that are lit by night, the last kinds; in all else they are as what they are in."""


def walled_up(kind: np.ndarray) -> np.ndarray:
    """Kinds u8[H, W] with what windows are in, in the place of these."""
    if kind.max(initial=0) < Kind.SKYLIGHT:
        return kind
    return np.where(kind < Kind.SKYLIGHT, kind, kind - np.uint8(WINDOWED))


def linear(srgb: np.ndarray | tuple[int, int, int] | list[int]) -> np.ndarray:
    """sRGB 0..255 -> linear 0..1 (IEC 61966-2-1), f64 of the same shape."""
    v = np.asarray(srgb, dtype=np.float64) / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


_FIXED = np.rint(linear(np.arange(256)) * ONE).astype(np.uint16)
"""``fixed`` of each of the 256 levels."""


def fixed(srgb: np.ndarray | tuple[int, int, int]) -> np.ndarray:
    """sRGB, whole numbers 0..255 -> fixed-point linear u16, ONE = 1.0."""
    return _FIXED[np.asarray(srgb)]
