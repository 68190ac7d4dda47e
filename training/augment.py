"""Changes made to a training crop: geometry, colour, the sensor's blur, noise and compression."""

from __future__ import annotations

import functools

import cv2
import numba
import numpy as np
import simplejpeg

from simulator.seeding import stream
from training.config import AugmentConfig

GREY = 114
"""Level outside an image, the same as the detector's mean."""

TURNS = (-1, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)
"""OpenCV's codes for so many quarter turns."""

NOISE_STEPS = 32.0
"""Deviation of the noise bank, in its own integer steps."""


def turned(
    image: np.ndarray, boxes: np.ndarray, mirror: bool, quarters: int
) -> tuple[np.ndarray, np.ndarray]:
    """A square crop u8[S, S, 3] and boxes f32[n, 4] px, mirrored and turned counter-clockwise."""
    side = float(image.shape[0])
    if mirror:
        image = cv2.flip(image, 1)
        boxes = np.stack([side - boxes[:, 2], boxes[:, 1], side - boxes[:, 0], boxes[:, 3]], axis=1)
    for _ in range(quarters):
        boxes = np.stack([boxes[:, 1], side - boxes[:, 2], boxes[:, 3], side - boxes[:, 0]], axis=1)
    return (cv2.rotate(image, TURNS[quarters]) if quarters else image), boxes


def coloured(image: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast, tone curve, colour balance and saturation changed: u8[H, W, 3]."""
    level = np.arange(256) / 255.0
    gamma = 1.0 + rng.uniform(-config.gamma, config.gamma)
    contrast = 1.0 + rng.uniform(-config.contrast, config.contrast)
    brightness = 1.0 + rng.uniform(-config.brightness, config.brightness)
    gains = 1.0 + rng.uniform(-config.channel_gain, config.channel_gain, 3)
    curve = (level**gamma - 0.5) * contrast + 0.5
    table = np.clip(curve[:, None] * brightness * gains * 255.0 + 0.5, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table.reshape(1, 256, 3))
    saturation = 1.0 + rng.uniform(-config.saturation, config.saturation)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return cv2.addWeighted(image, saturation, grey, 1.0 - saturation, 0.0)


def sensed(image: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Softer or sharper, noisier, compressed again: u8[H, W, 3]."""
    sigma, strength = rng.uniform(0, config.blur_px), rng.uniform(0, config.sharpen)
    deviation, quality = rng.uniform(0, config.noise), int(rng.integers(config.jpeg_low, 96))
    compress = rng.random() < config.jpeg_share
    noise_start = int(rng.integers(1 << 20))
    if sigma > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    if strength > 0.05:
        soft = cv2.GaussianBlur(image, (0, 0), 1.2)
        image = cv2.addWeighted(image, 1 + strength, soft, -strength, 0)
    if deviation > 0.5:
        image = _noisy(image, deviation, noise_start)
    if compress:
        data = simplejpeg.encode_jpeg(image, quality=quality, colorspace="BGR")
        image = simplejpeg.decode_jpeg(data, colorspace="BGR")
    return image


def cut_out(
    image: np.ndarray, boxes: np.ndarray, config: AugmentConfig, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A crop u8[S, S, 3] with grey pieces (Cutout, DeVries & Taylor 2017), and of each box
    f32[n, 4] px the share that they hide, f64[n], where pieces overlap a little more.

    Nothing is drawn where ``cutout_share`` is 0.
    """
    hidden = np.zeros(len(boxes))
    if config.cutout_share == 0 or rng.random() >= config.cutout_share:
        return image, hidden
    side = image.shape[0]
    count = int(rng.integers(1, config.cutouts + 1))
    size = rng.uniform(0.2, 1.0, (count, 2)) * config.cutout_side * side
    corner = rng.uniform(-size / 2, side - size / 2)
    area = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
    image = image.copy()
    for low, high in np.clip(np.stack([corner, corner + size], axis=1), 0, side).round():
        (x0, y0), (x1, y1) = low.astype(int), high.astype(int)
        image[y0:y1, x0:x1] = GREY
        shared = np.minimum(boxes[:, 2:], high) - np.maximum(boxes[:, :2], low)
        hidden += np.maximum(shared, 0).prod(axis=1) / area
    return image, np.minimum(hidden, 1.0)


def loosened(boxes: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Boxes f32[n, 4] px with the slack that annotators leave, each side drawn on its own."""
    slack = config.box_margin_px + rng.uniform(0, config.box_loose_px, boxes.shape)
    return boxes + slack * np.array([-1.0, -1.0, 1.0, 1.0])


@functools.lru_cache(maxsize=1)
def _noise_bank() -> np.ndarray:
    """A million normal draws with deviation NOISE_STEPS, i16: drawing anew costs ten times more."""
    draws = stream(0, 0, "train/noise").normal(0.0, NOISE_STEPS, 1 << 20)
    return np.clip(np.rint(draws), -127, 127).astype(np.int16)


@numba.njit(cache=True, nogil=True)
def _add_noise(
    image: np.ndarray, bank: np.ndarray, start: int, deviation: float, out: np.ndarray
) -> None:
    factor = np.float32(deviation / NOISE_STEPS)
    for i in range(len(image)):
        value = np.float32(image[i]) + factor * bank[(start + i) & 0xFFFFF] + np.float32(0.5)
        out[i] = min(max(value, np.float32(0)), np.float32(255))


def _noisy(image: np.ndarray, deviation: float, start: int) -> np.ndarray:
    out = np.empty_like(image)
    _add_noise(image.reshape(-1), _noise_bank(), start, deviation, out.reshape(-1))
    return out
