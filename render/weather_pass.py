"""One sweep over blocks of rows: reflectance -> light, with every active effect in its place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from render.canvas import ONE, Canvas
from render.effect import Effect, Stage, View
from render.light import LAMP_RGB, Light
from render.surface import Kind
from render.veil import apply_veil, veil
from render.weather import EFFECTS
from simulator.conditions import Conditions

LENS_LIT = int(Kind.LENS_LIT)
"""Kinds from here on can be lamps."""

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
        light u16[3, H, W] (ONE = 1.0) in front of the lens, and the lamp light f32[h, w] at a
        quarter of the resolution (f32[1, 1] where no lamps shine), as ``bare_luminance`` needs it.
    """
    effects = [(e, e.prepare(conditions, view, rng)) for e in active(conditions)]
    lamp_fields = [p for e, p in effects if e.stage == Stage.LAMPS]
    lamps = np.sum(lamp_fields, axis=0) if lamp_fields else np.zeros((1, 1), np.float32)
    rows, columns = canvas.kind.shape
    out = np.empty((3, rows, columns), np.uint16)
    light = view.light
    surface = _with_rows(effects, Stage.SURFACE)
    air = _with_rows(effects, Stage.AIR)
    beta = sum(e.extinction(conditions) for e, _ in effects if e.extinction is not None)
    layer = veil(beta, view) if beta > 0 else None
    through = layer is not None or bool(air)
    # without effects before or after it, the light goes straight from plane to plane
    for y0 in range(0, rows, BLOCK_ROWS if surface or through else rows):
        height = min(BLOCK_ROWS, rows - y0) if surface or through else rows
        block = np.empty((3, height if surface or through else 0, columns), np.float32)
        if surface:
            _load(canvas.albedo, y0, block)
        for rows_of, prepared in surface:
            rows_of(block, y0, view, prepared)
        _illuminate(
            block, y0, height, bool(surface), not through, canvas.albedo, canvas.kind, lit,
            light.sky, light.sun, light.emission, lamps, LAMP_RGB.astype(np.float32), out,
        )  # fmt: skip
        if layer is not None:
            apply_veil(block, y0, view, layer)
        for rows_of, prepared in air:
            rows_of(block, y0, view, prepared)
        if through:
            _store(block, y0, out)
    return out, lamps


def _with_rows(effects: list[tuple[Effect, Any]], stage: Stage) -> list[tuple[Any, Any]]:
    """The row functions of a stage with what they need."""
    return [(e.rows, p) for e, p in effects if e.stage == stage and e.rows is not None]


def bare_luminance(
    canvas: Canvas,
    lit: np.ndarray,
    light: Light,
    lamps: np.ndarray,
    boxes_px: np.ndarray,
    rim_px: int,
) -> np.ndarray:
    """Luminance without the weather: same sun, sky and lamps, dry bare surfaces, clear air.

    Args:
        canvas, lit: as in ``sweep``. lamps: of ``sweep``.
        boxes_px: i32[K, 4], where it is wanted. rim_px: and how far around each box.

    Returns:
        f32[H, W]; elsewhere than asked for it holds anything.
    """
    out = np.empty(canvas.kind.shape, np.float32)
    _bare(
        canvas.albedo, canvas.kind, lit, light.sky, light.sun, light.emission, lamps,
        LAMP_RGB.astype(np.float32), boxes_px, rim_px, out,
    )  # fmt: skip
    return out


@njit(cache=True, nogil=True)
def _load(albedo, y0, block):
    _, rows, columns = block.shape
    scale = np.float32(1.0 / ONE)
    for c in range(3):
        for y in range(rows):
            source, target = albedo[c, y0 + y], block[c, y]
            for x in range(columns):
                target[x] = source[x] * scale


@njit(cache=True, nogil=True)
def _illuminate(
    block, y0, rows, surface, direct, albedo, kind, lit, sky, sun, emission, lamps, lamp_rgb, out
):
    """Reflectance -> light, row by row.

    Reflectance comes from the block where surface effects have changed it, else from the albedo;
    the light goes to ``out`` when nothing lies between it and the lens (direct), else to the block.
    """
    columns = kind.shape[1]
    scale = np.float32(1.0 / ONE)
    dark = lamps.shape[0] > 1
    first_lamp = np.uint8(LENS_LIT)
    lamp = np.zeros(columns, np.float32)
    line = np.empty(columns, np.float32)
    lit_x = np.empty(columns, np.int32)
    for y in range(rows):
        kinds, sunlit = kind[y0 + y], lit[y0 + y]
        count = 0
        for x in range(columns):
            if kinds[x] >= first_lamp:
                lit_x[count] = x
                count += 1
        if dark:
            _lamp_row(lamps, y0 + y, lamp)
        for c in range(3):
            own = albedo[c, y0 + y]
            base, step = sky[c], sun[c] * np.float32(1.0 / 255.0)
            tint = lamp_rgb[c] if dark else np.float32(0.0)
            for x in range(columns):
                line[x] = base + step * sunlit[x] + tint * lamp[x]
            if surface:
                source = block[c, y]
                for x in range(columns):
                    line[x] *= source[x]
            else:
                for x in range(columns):
                    line[x] *= own[x] * scale
            for k in range(count):
                x = lit_x[k]
                line[x] += own[x] * scale * emission[kinds[x]]
            if direct:
                target = out[c, y0 + y]
                for x in range(columns):
                    v = line[x] * np.float32(ONE) + np.float32(0.5)
                    target[x] = np.uint16(min(v, np.float32(65535.0)))
            else:
                block[c, y] = line


@njit(cache=True, nogil=True)
def _bare(albedo, kind, lit, sky, sun, emission, lamps, lamp_rgb, boxes, rim, out):
    rows, columns = kind.shape
    scale = np.float32(1.0 / ONE)
    weight = (np.float32(0.2126), np.float32(0.7152), np.float32(0.0722))
    dark = lamps.shape[0] > 1
    for k in range(len(boxes)):
        x0, x1 = max(boxes[k, 0] - rim, 0), min(boxes[k, 2] + rim, columns)
        for y in range(max(boxes[k, 1] - rim, 0), min(boxes[k, 3] + rim, rows)):
            for x in range(x0, x1):
                glow = emission[kind[y, x]]
                lamp = _lamp_at(lamps, y, x) if dark else np.float32(0.0)
                total = np.float32(0.0)
                for c in range(3):
                    direct = sun[c] * lit[y, x] * np.float32(1.0 / 255.0)
                    e = sky[c] + direct + lamp_rgb[c] * lamp + glow
                    total += weight[c] * albedo[c, y, x] * scale * e
                out[y, x] = total


@njit(cache=True, nogil=True)
def _lamp_row(lamps, y, out):
    """One row of the lamp field, brought from a quarter of the resolution to the full one."""
    j, fy = y >> 2, np.float32((y & 3) * 0.25)
    near, far = lamps[j], lamps[j + 1]
    for i in range((len(out) + 3) // 4):
        a = near[i] + fy * (far[i] - near[i])
        b = near[i + 1] + fy * (far[i + 1] - near[i + 1])
        for k in range(min(4, len(out) - 4 * i)):
            out[4 * i + k] = a + np.float32(0.25 * k) * (b - a)


@njit(cache=True, nogil=True)
def _lamp_at(lamps, y, x):
    """The same at one pixel."""
    j, i = y >> 2, x >> 2
    fy, fx = np.float32((y & 3) * 0.25), np.float32((x & 3) * 0.25)
    near = lamps[j, i] + fy * (lamps[j + 1, i] - lamps[j, i])
    far = lamps[j, i + 1] + fy * (lamps[j + 1, i + 1] - lamps[j, i + 1])
    return near + fx * (far - near)


@njit(cache=True, nogil=True)
def _store(block, y0, out):
    _, rows, columns = block.shape
    for c in range(3):
        for y in range(rows):
            source, target = block[c, y], out[c, y0 + y]
            for x in range(columns):
                v = source[x] * np.float32(ONE) + np.float32(0.5)
                target[x] = np.uint16(min(v, np.float32(65535.0)))
