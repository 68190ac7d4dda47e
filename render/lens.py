"""Optics on the whole frame: the point spread, and the glare that bright lamps leave around."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from render.canvas import ONE
from simulator.camera import Sensor

GLARE_SHARE = 0.04
"""Share of a bright lamp's light that scatters in the lens."""

COARSE = 8
GLARE_SIGMA_PX = 10.0
BRIGHT = 2.0
"""Only light above this many whites leaves a visible glare."""


def blur(light: np.ndarray, sensor: Sensor, brightest: float) -> np.ndarray:
    """Pass linear light through the lens.

    Args:
        light: u16[3, H, W], ONE = 1.0. It may be changed.
        brightest: the strongest lamp in the frame, in whites.

    Returns:
        u16[3, H, W] on the sensor.
    """
    if brightest > BRIGHT:
        _add_glare(light)
    if sensor.blur_px < 0.15:
        return light
    radius = max(1, int(np.ceil(2.2 * sensor.blur_px - 0.2)))
    weights = np.exp(-0.5 * (np.arange(radius + 1) / sensor.blur_px) ** 2)
    weights /= weights[0] + 2 * weights[1:].sum()
    out = np.empty_like(light)
    _spread(light, weights.astype(np.float32), out)
    return out


def _add_glare(light: np.ndarray) -> None:
    """Spread what lies far above white, worked out at an eighth of the resolution."""
    rows, columns = light.shape[1:]
    limit = np.uint16(BRIGHT * ONE)
    for plane in light:
        small = cv2.resize(plane, (columns // COARSE, rows // COARSE), interpolation=cv2.INTER_AREA)
        excess = np.maximum(small, limit) - limit
        if not excess.any():
            continue
        spread = cv2.GaussianBlur(excess, (0, 0), GLARE_SIGMA_PX / COARSE)
        wide = cv2.resize(spread, (columns, rows), interpolation=cv2.INTER_LINEAR)
        cv2.addWeighted(plane, 1.0, wide, GLARE_SHARE * 4, 0.0, dst=plane)


@njit(cache=True, nogil=True)
def _spread(light, weights, out):
    """Separable symmetric blur of u16 planes; the edge pixels repeat beyond the frame."""
    planes, rows, columns = light.shape
    radius = len(weights) - 1
    line = np.empty(columns + 2 * radius, np.float32)
    total = np.empty(columns, np.float32)
    half = np.float32(0.5)
    for c in range(planes):
        for y in range(rows):
            inner = line[radius : radius + columns]
            middle = light[c, y]
            for x in range(columns):
                inner[x] = weights[0] * middle[x]
            for k in range(1, radius + 1):
                above, below = light[c, max(y - k, 0)], light[c, min(y + k, rows - 1)]
                w = weights[k]
                for x in range(columns):
                    inner[x] += w * (np.float32(above[x]) + np.float32(below[x]))
            for k in range(radius):
                line[k] = inner[0]
                line[radius + columns + k] = inner[columns - 1]
            for x in range(columns):
                total[x] = weights[0] * inner[x]
            for k in range(1, radius + 1):
                before, after = line[radius - k :], line[radius + k :]
                w = weights[k]
                for x in range(columns):
                    total[x] += w * (before[x] + after[x])
            target = out[c, y]
            for x in range(columns):
                target[x] = np.uint16(total[x] + half)
