"""Noise tiles that repeat without a seam, and sampling them in world coordinates."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from render.kernel import allocating_kernel, kernel
from simulator.seeding import stream

TILE = 512
"""Side of a noise tile, px; a power of two so that wrapping is a mask."""


SMOOTH_PX, COARSE = 16, 4
"""Textures with features of at least so many tile pixels are looked up on every fourth pixel."""

ORIGIN_M = 4096.0
"""Shift of the ground's origin, m, that keeps tile coordinates positive in every world."""


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


def anchored(
    px_to_m: np.ndarray, shape: tuple[int, int], octave_px: int, pixel_m: float
) -> np.ndarray:
    """A noise tile laid over the ground as a camera sees it, f32[H, W]; the last few are kept.

    Args:
        px_to_m: f64[2, 3], image to ground. shape: (H, W) px.
        octave_px: features of the tile, see smooth_tile. pixel_m: size of a tile pixel, m.
    """
    return _anchored(px_to_m.tobytes(), shape, octave_px, pixel_m)


@functools.lru_cache(maxsize=12)
def _anchored(px_to_m: bytes, shape: tuple[int, int], octave_px: int, pixel_m: float) -> np.ndarray:
    affine = np.frombuffer(px_to_m, np.float64).reshape(2, 3).copy()
    tile, step = smooth_tile(octave_px).ravel(), np.float32(1.0 / pixel_m)
    places = np.empty(shape[1], np.int32)
    if octave_px < SMOOTH_PX or np.hypot(*affine[:, 0]) * COARSE > 0.25 * octave_px * pixel_m:
        plane = np.empty(shape, np.float32)
        _lay(tile, affine, step, plane, places)
        return plane
    # every fourth pixel says it all; the middles of the coarse pixels lie where resize expects them
    rows, columns = (-(-size // COARSE) for size in shape)
    middle = affine[:, 2] + affine[:, :2].sum(axis=1) * (COARSE - 1) / 2
    plane = np.empty((rows, columns), np.float32)
    wider = np.column_stack([affine[:, :2] * COARSE, middle])
    _lay(tile, wider, step, plane, places)
    wide = cv2.resize(plane, (columns * COARSE, rows * COARSE), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(wide[: shape[0], : shape[1]])


@kernel
def _lay(tile, px_to_m, step, out, places):
    rows, columns = out.shape
    mask, side = np.int32(TILE - 1), np.int32(TILE)
    dx, dy = np.float32(px_to_m[0, 0]), np.float32(px_to_m[1, 0])
    for y in range(rows):
        ax = np.float32(px_to_m[0, 1] * y + px_to_m[0, 2] + ORIGIN_M)
        ay = np.float32(px_to_m[1, 1] * y + px_to_m[1, 2] + ORIGIN_M)
        row = out[y]
        # all places first: many are reckoned at a time, and looking up does not wait for each
        for x in range(columns):
            along = np.float32(np.int32(x))
            i = np.int32((ay + dy * along) * step) & mask
            j = np.int32((ax + dx * along) * step) & mask
            places[x] = np.int32(i * side) | j
        for x in range(columns):
            row[x] = tile[np.uint32(places[x])]


@allocating_kernel
def modulate(albedo, kind, amounts, coarse, fine):
    """Multiply the albedo by texture, in place.

    Args:
        albedo: u16[3, H, W]. kind: u8[H, W].
        amounts: f32[K, 2], strength of the coarse and the fine texture for each surface kind.
        coarse, fine: f32[H, W].
    """
    rows, columns = kind.shape
    gain = np.empty(columns, np.float32)
    one, least, most = np.float32(1.0), np.float32(0.2), np.float32(65535.0)
    for y in range(rows):
        kinds, c, f = kind[y], coarse[y], fine[y]
        for x in range(columns):
            k = kinds[x]
            gain[x] = max(one + amounts[k, 0] * c[x] + amounts[k, 1] * f[x], least)
        for i in range(3):
            row = albedo[i, y]
            for x in range(columns):
                row[x] = np.uint16(min(np.float32(row[x]) * gain[x], most))
