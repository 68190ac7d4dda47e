"""The sensor: metered exposure, shot and read noise, colour, tone curve, 8 bits."""

from __future__ import annotations

import functools
import math

import cv2
import numpy as np
from numba import njit

from render.canvas import ONE
from render.texture import TILE, gaussian_tile
from simulator.camera import Sensor

MID_GREY = 0.17
"""Mean linear level that the exposure meter aims at."""

METER = 0.8
"""How far the meter follows the scene: 1 would make snow and asphalt equally grey."""

FULL_LIGHT_LUX = 300.0
"""Below this illuminance the exposure time is at its limit and fewer electrons are collected."""

NIGHT_EV = 1.2
"""How much darker than metered a camera leaves a night scene, EV."""

CURVE = 8192
"""Entries of the tone curve."""


def exposure_gain(light: np.ndarray, sensor: Sensor, lux: float) -> float:
    """Factor from scene light (1.0 = white) to sensor signal (1.0 = full well)."""
    sample = light[:, 4::8, 4::8].reshape(3, -1).mean(axis=1) / ONE
    mean = float(np.minimum(sample @ [0.2126, 0.7152, 0.0722], 1.0)) if sample.size else MID_GREY
    dark = min(max(math.log10(FULL_LIGHT_LUX / max(lux, 1e-3)) / 1.5, 0.0), 1.0)
    metered = (MID_GREY / max(mean, 1e-3)) ** METER
    return min(max(metered, 0.3), 6.0) * 2.0 ** (sensor.exposure_ev - NIGHT_EV * dark)


def noise_offsets(rng: np.random.Generator) -> np.ndarray:
    """Where in the noise tile each colour of a frame begins, i64[6]: three rows, three columns."""
    return rng.integers(0, TILE, 6)


def develop(
    light: np.ndarray, sensor: Sensor, lux: float, gain: float, offsets: np.ndarray
) -> np.ndarray:
    """Linear light on the sensor -> u8[H, W, 3] sRGB in BGR order.

    Noise has variance signal / electrons (shot) plus read noise squared (EMVA 1288).

    Args:
        light: u16[3, H, W], ONE = 1.0. lux: illuminance that 1.0 stands for.
        gain: of exposure_gain.
        offsets: of noise_offsets.
    """
    electrons = sensor.full_well_e * min(1.0, max(lux, 0.05) / FULL_LIGHT_LUX) ** 0.7
    rows, columns = light.shape[1:]
    matrix = _colour(sensor) * (gain / ONE)
    vignette = np.float32(sensor.vignette / ((rows / 2) ** 2 + (columns / 2) ** 2))
    rgb = np.empty((3, rows, columns), np.uint8)
    _develop(
        light, matrix.astype(np.float32), np.float32(1.0 / electrons),
        np.float32((sensor.read_noise_e / electrons) ** 2), gaussian_tile(), offsets,
        _tone_curve(sensor.contrast), vignette, rgb,
    )  # fmt: skip
    bgr = cv2.merge([rgb[2], rgb[1], rgb[0]])
    if sensor.sharpen > 0:
        soft = cv2.GaussianBlur(bgr, (5, 5), 1.1)
        bgr = cv2.addWeighted(bgr, 1.0 + sensor.sharpen, soft, -sensor.sharpen, 0.0)
    return bgr


def _colour(sensor: Sensor) -> np.ndarray:
    """White balance error, then saturation about the luminance: f64[3, 3]."""
    weight = np.array([0.2126, 0.7152, 0.0722])
    mix = sensor.saturation * np.eye(3) + (1 - sensor.saturation) * np.tile(weight, (3, 1))
    return mix @ np.diag([sensor.red_gain, 1.0, sensor.blue_gain])


@functools.lru_cache(maxsize=64)
def _tone_curve(contrast: float) -> np.ndarray:
    """u8[CURVE]: linear signal 0..1 to sRGB (IEC 61966-2-1), steeper about mid grey."""
    v = np.linspace(0, 1, CURVE)
    srgb = np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)
    bent = 0.46 + (srgb - 0.46) * contrast
    return np.rint(np.clip(bent, 0, 1) * 255).astype(np.uint8)


@njit(cache=True, nogil=True)
def _develop(light, matrix, shot, read, tile, offsets, curve, vignette, out):
    _, rows, columns = out.shape
    mask = TILE - 1
    top = np.float32(len(curve) - 1)
    half, one, zero = np.float32(0.5), np.float32(1.0), np.float32(0.0)
    line = np.empty(columns, np.float32)
    keep = np.ones(columns, np.float32)
    noise = np.empty(columns, np.float32)
    index = np.empty(columns, np.int32)
    mixed = matrix[0, 1] != 0 or matrix[1, 2] != 0
    for y in range(rows):
        red, green, blue = light[0, y], light[1, y], light[2, y]
        if vignette > 0:
            dy = np.float32(y) - rows * half
            for x in range(columns):
                dx = np.float32(x) - columns * half
                keep[x] = one - vignette * (dx * dx + dy * dy)
        for c in range(3):
            _wrapped(tile[(y + offsets[c]) & mask], offsets[3 + c], noise)
            if mixed:
                a, b, d = matrix[c, 0], matrix[c, 1], matrix[c, 2]
                for x in range(columns):
                    line[x] = (a * red[x] + b * green[x] + d * blue[x]) * keep[x]
            else:
                own, a = light[c, y], matrix[c, c]
                for x in range(columns):
                    line[x] = a * own[x] * keep[x]
            for x in range(columns):
                v = min(max(line[x], zero), one)
                v = v + np.sqrt(v * shot + read) * noise[x]
                index[x] = np.int32(min(max(v, zero), one) * top + half)
            row = out[c, y]
            for x in range(columns):
                row[x] = curve[index[x]]


@njit(cache=True, nogil=True)
def _wrapped(source, offset, out):
    """A row of a tile from an offset on, repeated as often as it takes."""
    n, x = len(source), 0
    start = offset
    while x < len(out):
        count = min(n - start, len(out) - x)
        out[x : x + count] = source[start : start + count]
        x += count
        start = 0
