"""Cameras: how the world maps to the image. No pixels here.

Image frame: u right, v down, px, pixel centres at +0.5. ``heading_rad`` is the direction of the
image's u axis in the world, counter-clockwise from east: 0 has north up.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

from simulator.settings import quantity


@dataclasses.dataclass(frozen=True)
class Camera:
    """A camera that looks straight down.

    ``orthographic`` sees everything from above; ``pinhole`` stands at ``altitude_m`` over
    ``(x_m, y_m)``, so that tall things lean outward and show their sides. ``altitude_m`` is for
    both the path length through fog, rain and snow.
    """

    kind: str = quantity("orthographic", choices=("orthographic", "pinhole"), help="projection")
    x_m: float = quantity(0.0, "m", -1e5, 1e5, "centre, east")
    y_m: float = quantity(0.0, "m", -1e5, 1e5, "centre, north")
    heading_rad: float = quantity(0.0, "rad", -6.2832, 6.2832, "direction of the image's u axis")
    m_per_px: float = quantity(0.1, "m/px", 0.01, 2.0, "ground sample distance")
    altitude_m: float = quantity(80.0, "m", 20, 1000, "height above ground")
    width_px: int = quantity(640, "px", 64, 4096, "image width")
    height_px: int = quantity(640, "px", 64, 4096, "image height")


@dataclasses.dataclass(frozen=True)
class Sensor:
    """Optics and sensor of a camera."""

    blur_px: float = quantity(0.5, "px", 0, 5, "sigma of the optics' point spread")
    sharpen: float = quantity(0.0, "", 0, 2, "strength of the camera's own unsharp mask")
    full_well_e: float = quantity(20_000.0, "electrons", 500, 200_000, "signal of a white pixel")
    read_noise_e: float = quantity(4.0, "electrons", 0, 100, "noise of a black pixel")
    exposure_ev: float = quantity(0.0, "EV", -4, 4, "deviation from the metered exposure")
    contrast: float = quantity(1.0, "", 0.5, 2, "slope of the tone curve at mid grey")
    saturation: float = quantity(1.0, "", 0, 2, "colour saturation")
    red_gain: float = quantity(1.0, "", 0.5, 2, "white balance error, red over green")
    blue_gain: float = quantity(1.0, "", 0.5, 2, "white balance error, blue over green")
    vignette: float = quantity(0.0, "", 0, 0.9, "light lost in the corners")
    jpeg_quality: int = quantity(90, "", 30, 100, "quality of the written JPEG")
    exposure_s: float = quantity(
        0.0, "s", 0, 0.1, "how long the shutter is open: what moves is smeared", later=True
    )


@functools.lru_cache(maxsize=256)
def ground_to_px(camera: Camera) -> np.ndarray:
    """Affine map of ground points to the image: f64[2, 3], (u, v) = M @ (x, y, 1); read-only."""
    c, s = math.cos(camera.heading_rad), math.sin(camera.heading_rad)
    a = np.array([[c, s], [s, -c]]) / camera.m_per_px
    centre = np.array([camera.width_px, camera.height_px]) / 2
    m = np.concatenate([a, (centre - a @ [camera.x_m, camera.y_m])[:, None]], axis=1)
    m.flags.writeable = False
    return m


def height_scale(camera: Camera, z_m: float | np.ndarray) -> float | np.ndarray:
    """Factor by which a point at height z moves away from the image centre: h / (h - z)."""
    if camera.kind == "orthographic":
        return 1.0 if np.isscalar(z_m) else np.ones_like(np.asarray(z_m, dtype=float))
    return camera.altitude_m / (camera.altitude_m - np.minimum(z_m, 0.9 * camera.altitude_m))


def to_px(camera: Camera, points_m: np.ndarray, z_m: float | np.ndarray = 0.0) -> np.ndarray:
    """World points f64[N, 2] m at height z (scalar or f64[N], m) -> image points f64[N, 2] px."""
    m = ground_to_px(camera)
    px = np.asarray(points_m, dtype=float) @ m[:, :2].T + m[:, 2]
    if camera.kind == "orthographic":
        return px
    centre = np.array([camera.width_px, camera.height_px]) / 2
    scale = np.asarray(height_scale(camera, z_m), dtype=float)
    return centre + (px - centre) * (scale if scale.ndim == 0 else scale[:, None])


def to_ground(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Image points f64[N, 2] px -> points on the ground f64[N, 2] m."""
    m = ground_to_px(camera)
    return (np.asarray(points_px, dtype=float) - m[:, 2]) @ np.linalg.inv(m[:, :2]).T
