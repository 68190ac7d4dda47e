"""One sweep over blocks of rows: reflectance -> light, with every active effect in its place."""

from __future__ import annotations

import numpy as np
from numba import njit

from render.effect import Effect, Stage, View
from render.light import LAMP_RGB
from render.raster import ONE, Canvas
from render.weather import EFFECTS
from simulator.conditions import Conditions

BLOCK_ROWS = 64
"""Rows a block: three float planes of 640 px then stay in a core's own cache."""


def active(conditions: Conditions) -> list[Effect]:
    """The effects that do anything under these conditions, in the order of the path of light."""
    found = [e for e in EFFECTS.values() if e.strength(conditions) > 0]
    return sorted(found, key=lambda e: (e.stage, e.order))


def sweep(
    canvas: Canvas, lit: np.ndarray, conditions: Conditions, view: View, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Light the canvas and send the light through the weather.

    Args:
        canvas: reflectances, kinds, heights. lit: u8[H, W], 255 where the sun reaches the ground.

    Returns:
        light u16[3, H, W] (ONE = 1.0) in front of the lens, and the luminance f32[H, W] of the same
        light without the weather: same sun, sky and lamps, dry bare surfaces, clear air.
    """
    effects = [(e, e.prepare(conditions, view, rng)) for e in active(conditions)]
    lamp_fields = [p for e, p in effects if e.stage == Stage.LAMPS]
    lamps = sum(lamp_fields) if lamp_fields else np.zeros((1, 1), np.float32)
    rows, columns = canvas.kind.shape
    out = np.empty((3, rows, columns), np.uint16)
    before = np.empty((rows, columns), np.float32)
    light = view.light
    buffer = np.empty((3, BLOCK_ROWS, columns), np.float32)
    for y0 in range(0, rows, BLOCK_ROWS):
        block = buffer if y0 + BLOCK_ROWS <= rows else np.empty((3, rows - y0, columns), np.float32)
        _load(canvas.albedo, y0, block)
        for effect, prepared in effects:
            if effect.stage == Stage.SURFACE:
                effect.rows(block, y0, view, prepared)
        _illuminate(
            block, y0, canvas.albedo, canvas.kind, lit, light.sky, light.sun, light.emission,
            lamps, LAMP_RGB.astype(np.float32), before,
        )  # fmt: skip
        for effect, prepared in effects:
            if effect.stage == Stage.AIR:
                effect.rows(block, y0, view, prepared)
        _store(block, y0, out)
    return out, before


@njit(cache=True, nogil=True)
def _load(albedo, y0, block):  # noqa: ANN001, ANN202
    _, rows, columns = block.shape
    scale = np.float32(1.0 / ONE)
    for c in range(3):
        for y in range(rows):
            for x in range(columns):
                block[c, y, x] = albedo[c, y0 + y, x] * scale


@njit(cache=True, nogil=True)
def _illuminate(block, y0, albedo, kind, lit, sky, sun, emission, lamps, lamp_rgb, before):  # noqa: ANN001, ANN202, PLR0913
    _, rows, columns = block.shape
    scale = np.float32(1.0 / ONE)
    dark = lamps.shape[0] > 1
    weight = (np.float32(0.2126), np.float32(0.7152), np.float32(0.0722))
    for y in range(rows):
        for x in range(columns):
            direct = lit[y0 + y, x] * np.float32(1.0 / 255.0)
            lamp = np.float32(0.0)
            if dark:
                j, i = (y0 + y) >> 2, x >> 2
                fy = np.float32((y0 + y) & 3) * np.float32(0.25)
                fx = np.float32(x & 3) * np.float32(0.25)
                near = lamps[j, i] + fx * (lamps[j, i + 1] - lamps[j, i])
                far = lamps[j + 1, i] + fx * (lamps[j + 1, i + 1] - lamps[j + 1, i])
                lamp = near + fy * (far - near)
            glow = emission[kind[y0 + y, x]]
            total = np.float32(0.0)
            for c in range(3):
                e = sky[c] + sun[c] * direct + lamp * lamp_rgb[c]
                own = albedo[c, y0 + y, x] * scale
                total += weight[c] * own * (e + glow)
                block[c, y, x] = block[c, y, x] * e + own * glow
            before[y0 + y, x] = total


@njit(cache=True, nogil=True)
def _store(block, y0, out):  # noqa: ANN001, ANN202
    _, rows, columns = block.shape
    for c in range(3):
        for y in range(rows):
            for x in range(columns):
                v = block[c, y, x] * np.float32(ONE) + np.float32(0.5)
                out[c, y0 + y, x] = np.uint16(min(v, np.float32(65535.0)))
