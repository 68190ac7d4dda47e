"""Noise tiles that repeat without a seam, and sampling them in world coordinates."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numba import njit

from simulator.seeding import stream

TILE = 512
"""Side of a noise tile, px; a power of two so that wrapping is a mask."""


@functools.cache
def smooth_tile(octave_px: int) -> np.ndarray:
    """Periodic smooth noise f32[TILE, TILE], mean 0, sd 1, with features of about ``octave_px``."""
    noise = stream(0, 0, f"texture/{octave_px}").standard_normal((TILE, TILE)).astype(np.float32)
    if octave_px > 1:
        pad = 4 * octave_px
        wide = np.pad(noise, pad, mode="wrap")
        noise = cv2.GaussianBlur(wide, (0, 0), octave_px / 2)[pad:-pad, pad:-pad]
    noise -= noise.mean()
    return np.ascontiguousarray(noise / noise.std(), dtype=np.float32)


@functools.cache
def gaussian_tile() -> np.ndarray:
    """White Gaussian noise f32[TILE, TILE] for the sensor, mean 0, sd 1."""
    return smooth_tile(1)


@njit(cache=True, nogil=True)
def modulate(albedo, kind, amounts, coarse, fine, px_to_m, coarse_m, fine_m, shift):  # noqa: ANN001, ANN201
    """Multiply the albedo by world-anchored texture, in place.

    Args:
        albedo: u16[3, H, W]. kind: u8[H, W].
        amounts: f32[K, 2], strength of the coarse and the fine tile for each surface kind.
        coarse, fine: f32[TILE, TILE]. px_to_m: f64[2, 3] image to ground.
        coarse_m, fine_m: size of one tile pixel, m. shift: i64[2] offset into the tiles.
    """
    rows, columns = kind.shape
    mask = np.int32(TILE - 1)
    gain = np.empty(columns, np.float32)
    where = np.empty((4, columns), np.int32)
    steps = (np.float32(1.0 / coarse_m), np.float32(1.0 / fine_m))
    dx, dy = np.float32(px_to_m[0, 0]), np.float32(px_to_m[1, 0])
    for y in range(rows):
        x0 = np.float32(px_to_m[0, 1] * y + px_to_m[0, 2] + 4096.0)
        y0 = np.float32(px_to_m[1, 1] * y + px_to_m[1, 2] + 4096.0)
        for k in range(2):
            s = steps[k]
            for x in range(columns):
                where[2 * k, x] = (
                    np.int32((y0 + dy * np.float32(x)) * s) + np.int32(shift[k])
                ) & mask
                where[2 * k + 1, x] = (
                    np.int32((x0 + dx * np.float32(x)) * s) + np.int32(shift[1 - k])
                ) & mask
        for x in range(columns):
            k = kind[y, x]
            c = coarse[where[0, x], where[1, x]]
            f = fine[where[2, x], where[3, x]]
            gain[x] = max(np.float32(1.0) + amounts[k, 0] * c + amounts[k, 1] * f, np.float32(0.2))
        for i in range(3):
            row = albedo[i, y]
            for x in range(columns):
                row[x] = np.uint16(min(row[x] * gain[x], np.float32(65535.0)))
