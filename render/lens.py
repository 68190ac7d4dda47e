"""Optics on the whole frame: the point spread, and the glare that bright lamps leave around them."""

from __future__ import annotations

import cv2
import numpy as np

from render.raster import ONE
from simulator.camera import Sensor

GLARE_SHARE = 0.04
"""Share of a bright lamp's light that scatters in the lens."""

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
    size = 2 * int(np.ceil(2.5 * sensor.blur_px)) + 1
    planes = [cv2.GaussianBlur(plane, (size, size), sensor.blur_px) for plane in light]
    return np.stack(planes)


def _add_glare(light: np.ndarray) -> None:
    """Spread what lies far above white, worked out at a quarter of the resolution."""
    rows, columns = light.shape[1:]
    for plane in light:
        small = cv2.resize(plane, (columns // 4, rows // 4), interpolation=cv2.INTER_AREA)
        excess = cv2.subtract(small, BRIGHT * ONE)
        if not excess.any():
            continue
        spread = cv2.GaussianBlur(excess, (0, 0), GLARE_SIGMA_PX / 4)
        wide = cv2.resize(spread, (columns, rows), interpolation=cv2.INTER_LINEAR)
        cv2.addWeighted(plane, 1.0, wide, GLARE_SHARE * 4, 0.0, dst=plane)
