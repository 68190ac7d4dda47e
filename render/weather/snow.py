"""Falling snow: strong extinction, and soft flakes near the lens."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from render.effect import Effect, Specks, SpeckTile, View
from render.texture import TILE
from render.veil import speck_tile
from simulator.conditions import Conditions, snow_extinction
from simulator.seeding import stream

FLAKES = 1500
GAIN_M = 70.0
"""Length of air, m, whose extinction the visible flakes make up."""


@functools.cache
def _flakes() -> SpeckTile:
    """A tile of flakes 1-5 px wide, blurrier the larger they are."""
    rng = stream(0, 0, "snow/flakes")
    total = np.zeros((TILE, TILE), np.float32)
    for sigma, share in ((0.7, 0.6), (1.2, 0.3), (2.2, 0.1)):
        plane = np.zeros((TILE, TILE), np.float32)
        at = rng.integers(0, TILE, (int(FLAKES * share), 2))
        plane[at[:, 0], at[:, 1]] = rng.uniform(0.5, 1.5, len(at)) * 6.0 * sigma
        wide = cv2.GaussianBlur(np.pad(plane, 16, mode="wrap"), (0, 0), sigma)
        total += wide[16:-16, 16:-16]
    return speck_tile(total)


def _extinction(conditions: Conditions) -> float:
    return snow_extinction(conditions.snow_mm_h)


def _specks(conditions: Conditions, view: View, prepared: None) -> Specks:
    del prepared
    gain = snow_extinction(conditions.snow_mm_h) * GAIN_M
    return Specks(_flakes(), gain, view.light.air * np.float32(1.15))


EFFECT = Effect(
    title="snow: extinction and flakes near the lens",
    order=30,
    quantities=("snow_mm_h",),
    steps=(0.3, 1.0, 2.5, 5.0),
    strength=_extinction,
    extinction=_extinction,
    specks=_specks,
)
