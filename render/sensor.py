"""The sensor: metered exposure, colour, tone curve, shot and read noise, 8 bits.

Noise is added behind the tone curve with the slope that the curve has at the pixel's own signal:
what the light makes of a still pixel can then be kept, and only its noise is new in every frame.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import cv2
import numpy as np

from render.canvas import ONE
from render.kernel import inlined_kernel, kernel
from render.texture import TILE, gaussian_tile, tile_offsets
from simulator.camera import Sensor

MID_GREY = 0.17
"""Mean linear level that the exposure meter aims at."""

METER = 0.8
"""How far the meter follows the scene: 1 would make snow and asphalt equally grey."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Of linear sRGB (IEC 61966-2-1)."""

FULL_LIGHT_LUX = 300.0
"""Below this illuminance the exposure time is at its limit and fewer electrons are collected."""

NIGHT_EV = 1.2
"""How much darker than metered a camera leaves a night scene, EV."""

CURVE = 8192
"""Entries of the tone curve."""

LEVEL = 16
"""Noise has four binary digits behind the point until it is added to a grey level."""

NOISE_ONE, SIGMA_ONE = 4096, 256
"""Fixed-point 1.0 of the noise tile (sd 1) and of its sd in grey levels: their product is 2^16 to
the level, so the upper half of it counts LEVEL-ths."""

GRAINS = 255
"""Steps in which a response counts the sd of its noise."""


@dataclasses.dataclass(frozen=True, eq=False)
class Response:
    """What a sensor makes of light under one exposure.

    Attributes:
        matrix: f32[3, 3], scene light in units of 1 / ONE to signal, 1.0 = full well.
        table: u16[CURVE], for a signal its grey level (lower byte) and the noise's sd in units of
            ``grain`` (upper byte).
        grain: in SIGMA_ONE-ths of a level.
        vignette: light lost per px^2 from the centre.
        sharpen: strength of the unsharp mask.
    """

    matrix: np.ndarray
    table: np.ndarray
    grain: np.int16
    vignette: np.float32
    sharpen: float


def luminance_cd_m2(metered: np.ndarray, lux: float) -> float:
    """Mean luminance of what an exposure meter sees, cd/m2: a white diffuse surface sends up its
    illuminance / pi.

    Args:
        metered: f64[3], ONE = 1.0. lux: illuminance of 1.0.
    """
    return lux * float(metered @ LUMINANCE) / ONE / math.pi


def exposure_gain(metered: np.ndarray, sensor: Sensor, lux: float) -> float:
    """Factor from scene light (1.0 = white) to sensor signal (1.0 = full well).

    Args:
        metered: f64[3], what the meter sees on average, ONE = 1.0. lux: illuminance of 1.0.
    """
    mean = min(float(metered @ LUMINANCE) / ONE, 1.0)
    dark = min(max(math.log10(FULL_LIGHT_LUX / max(lux, 1e-3)) / 1.5, 0.0), 1.0)
    towards = (MID_GREY / max(mean, 1e-3)) ** METER
    return min(max(towards, 0.3), 6.0) * 2.0 ** (sensor.exposure_ev - NIGHT_EV * dark)


def response(sensor: Sensor, lux: float, gain: float, shape: tuple[int, int]) -> Response:
    """The response of a sensor.

    Noise has variance signal / electrons (shot) plus read noise squared (EMVA 1288).

    Args:
        lux: illuminance that light 1.0 stands for. gain: of exposure_gain. shape: (H, W).
    """
    electrons = sensor.full_well_e * min(1.0, max(lux, 0.05) / FULL_LIGHT_LUX) ** 0.7
    rows, columns = shape
    vignette = np.float32(sensor.vignette / ((rows / 2) ** 2 + (columns / 2) ** 2))
    matrix = (_colour(sensor) * (gain / ONE)).astype(np.float32)
    read = sensor.read_noise_e / electrons
    table, grain = _table(sensor.contrast, 1.0 / electrons, read)
    return Response(matrix, table, grain, vignette, sensor.sharpen)


def noise_offsets(rng: np.random.Generator) -> np.ndarray:
    """Where in the noise tile each colour begins, i64[6]: three rows, three columns."""
    return tile_offsets(rng, 6)


def renew(
    tones: np.ndarray, light: np.ndarray, to: Response, rects: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """A new picture u8[H, W, 3] in BGR order, with new noise everywhere: what ``develop`` makes.

    Args:
        tones: u16[3, H, W], the entry of ``Response.table`` of each pixel that is as before; those
            of the rectangles are looked up, in place.
        light: u16[3, H, W] on the sensor, ONE = 1.0. rects: i32[R, 4]. offsets: of noise_offsets.
    """
    _, rows, columns = light.shape
    out = np.empty((rows, 3 * columns), np.uint8)
    _renew(
        light, to.matrix, to.table, to.grain, to.vignette, rects, _noise_tile(), offsets,
        np.empty(columns, np.uint16), np.empty(columns, np.int16),
        np.empty((3, columns), np.uint8), tones, out,
    )  # fmt: skip
    return out.reshape(rows, columns, 3)


def develop(light: np.ndarray, to: Response, offsets: np.ndarray) -> np.ndarray:
    """A new picture u8[H, W, 3] in BGR order; no tones are kept for the next.

    Args:
        light: u16[3, H, W] on the sensor, ONE = 1.0. offsets: of noise_offsets.
    """
    _, rows, columns = light.shape
    out = np.empty((rows, 3 * columns), np.uint8)
    _develop(
        light, to.matrix, to.table, to.grain, to.vignette, _noise_tile(), offsets,
        np.empty(columns, np.uint16), np.empty(columns, np.uint16), np.empty(columns, np.int16),
        np.empty((3, columns), np.uint8), out,
    )  # fmt: skip
    return out.reshape(rows, columns, 3)


def sharpened(bgr: np.ndarray, to: Response) -> np.ndarray:
    """A picture u8[H, W, 3], sharpened as the camera does."""
    if to.sharpen > 0:
        soft = cv2.GaussianBlur(bgr, (5, 5), 1.1)
        bgr = cv2.addWeighted(bgr, 1.0 + to.sharpen, soft, -to.sharpen, 0.0)
    return bgr


@functools.lru_cache(maxsize=64)
def _colour(sensor: Sensor) -> np.ndarray:
    """White balance error, then saturation about the luminance: f64[3, 3]."""
    mix = sensor.saturation * np.eye(3) + (1 - sensor.saturation) * np.tile(LUMINANCE, (3, 1))
    return mix @ np.diag([sensor.red_gain, 1.0, sensor.blue_gain])


@functools.lru_cache(maxsize=64)
def _table(contrast: float, shot: float, read: float) -> tuple[np.ndarray, np.int16]:
    """Table and grain: linear signal 0..1 to sRGB (IEC 61966-2-1), steeper about mid grey."""
    v = np.linspace(0, 1, CURVE)
    srgb = np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)
    level = 255 * np.clip(0.46 + (srgb - 0.46) * contrast, 0, 1)
    sd = np.sqrt(v * shot + read**2)
    # the slope over a spread of noise, so that the steep foot of the curve is not taken for all
    slope = np.interp(v + sd, v, level) - np.interp(v - sd, v, level)
    width = np.minimum(v + sd, 1.0) - np.maximum(v - sd, 0.0)
    sigma = np.minimum(slope / np.maximum(width, 1e-12) * sd, 127.0)
    grain = math.ceil(float(sigma.max()) * SIGMA_ONE / GRAINS)
    upper = np.rint(sigma * (SIGMA_ONE / max(grain, 1))).astype(np.uint16) << 8
    return upper | np.rint(level).astype(np.uint16), np.int16(grain)


@functools.cache
def _noise_tile() -> np.ndarray:
    """White Gaussian noise i16[TILE, TILE], sd NOISE_ONE."""
    return np.clip(np.rint(gaussian_tile() * NOISE_ONE), -32767, 32767).astype(np.int16)


@kernel
def _renew(
    light, matrix, table, grain, vignette, rects, tile, offsets, room, noise, planes, tones, out
):  # fmt: skip
    """Row by row: reading on along the planes has brought the next rows near before they change."""
    for y in range(len(out)):
        for r in range(len(rects)):
            if rects[r, 1] <= y < rects[r, 3]:
                x0, x1 = np.int64(rects[r, 0]), np.int64(rects[r, 2])
                index = room[: x1 - x0]
                for c in range(3):
                    _index_row(light, matrix, len(table), vignette, c, y, x0, index)
                    _look_up(table, index, tones[c, y, x0:x1])
        for c in range(3):
            _wrapped(tile[(y + offsets[c]) & (TILE - 1)], offsets[3 + c], noise)
            _roughen_row(tones[c, y], grain, noise, planes[c])
        _interleave(planes, out[y])


@kernel
def _develop(
    light, matrix, table, grain, vignette, tile, offsets, index, entry, noise, planes, out
):  # fmt: skip
    for y in range(len(out)):
        for c in range(3):
            _index_row(light, matrix, len(table), vignette, c, y, np.int64(0), index)
            _look_up(table, index, entry)
            _wrapped(tile[(y + offsets[c]) & (TILE - 1)], offsets[3 + c], noise)
            _roughen_row(entry, grain, noise, planes[c])
        _interleave(planes, out[y])


@inlined_kernel
def _look_up(table, index, out):
    for x in range(len(index)):
        out[x] = table[index[x]]


@inlined_kernel
def _roughen_row(entries, grain, noise, out):
    # every cast keeps the arithmetic in 16 bits, many pixels at a time
    low, high, half = np.int16(0), np.int16(255), np.int16(LEVEL // 2)
    for x in range(len(out)):
        both = entries[x]
        sigma = np.int16(np.int16(both >> np.uint16(8)) * grain)
        rough = np.int16(np.int32(sigma) * np.int32(noise[x]) >> np.int32(16))
        level = np.int16(np.int16(both & np.uint16(255)) * np.int16(LEVEL))
        grey = np.int16(np.int16(np.int16(level + rough) + half) >> np.int16(4))
        out[x] = np.uint8(min(max(grey, low), high))


@inlined_kernel
def _interleave(rgb, out):
    """Colours of a row -> blue, green, red, pixel by pixel."""
    red, green, blue = rgb[0], rgb[1], rgb[2]
    for x in range(len(red)):
        out[3 * x], out[3 * x + 1], out[3 * x + 2] = blue[x], green[x], red[x]


@inlined_kernel
def _index_row(light, matrix, entries, vignette, c, y, x0, index):
    """Entries of the table for a run of pixels of one row and colour."""
    _, rows, columns = light.shape
    width = len(index)
    top, half = np.float32(entries - 1), np.float32(0.5)
    mixed = matrix[0, 1] != 0 or matrix[1, 2] != 0
    plain = vignette == 0
    if plain and not mixed:
        own, a = light[c, y, x0 : x0 + width], matrix[c, c] * top
        for x in range(width):
            index[x] = np.uint16(np.int32(min(a * np.float32(own[x]), top) + half))
        return
    red, green = light[0, y, x0 : x0 + width], light[1, y, x0 : x0 + width]
    blue = light[2, y, x0 : x0 + width]
    dy = np.float32(y) - rows * half
    a, b, d = matrix[c, 0] * top, matrix[c, 1] * top, matrix[c, 2] * top
    for x in range(width):
        dx = np.float32(x0 + x) - columns * half
        keep = np.float32(1.0) - vignette * (dx * dx + dy * dy)
        mix = a * np.float32(red[x]) + b * np.float32(green[x]) + d * np.float32(blue[x])
        v = mix * keep
        index[x] = np.uint16(np.int32(min(max(v, np.float32(0.0)), top) + half))


@inlined_kernel
def _wrapped(source, offset, out):
    """A row of a tile from an offset on, repeated as often as it takes."""
    n, x = len(source), 0
    start = offset
    while x < len(out):
        count = min(n - start, len(out) - x)
        target, run = out[x : x + count], source[start : start + count]
        for k in range(count):
            target[k] = run[k]
        x += count
        start = 0
