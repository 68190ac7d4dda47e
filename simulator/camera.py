"""Cameras: how the world maps to the image. No pixels here.

Image frame: u right, v down, px, pixel centres at +0.5. ``heading_rad`` is the direction of the
image's u axis in the world, counter-clockwise from east: 0 has north up.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

from simulator.distortion import Lens, bent, reach_of, straight_bounds, straightened
from simulator.settings import quantity

MOST_TILT_RAD = 0.5236
"""30 degrees."""

FLATTEST_RAD = math.radians(75)
"""No line of sight of a tilted camera is further from straight down: it meets the ground within
four altitudes, and no horizon."""

NEAR = 0.02
"""Nothing nearer to the plane of a tilted camera's lens is drawn; 1 is the depth of the ground in
the middle of the image."""


BEYOND_PX = 5
"""A lens that bends lines is followed so far beyond the edges of its image: as far as fields of
lamp light reach (``render/effect.py``)."""


BEHIND = 0.3
"""Depth of the nearest thing before a tilted camera: what is nearer is behind its image's edge."""


@dataclasses.dataclass(frozen=True)
class Camera:
    """A camera that looks down on ``(x_m, y_m)``, the ground in the middle of its image.

    ``orthographic`` sees everything from above; ``pinhole`` hangs ``altitude_m`` over it, so that
    tall things lean outward and show their sides. Tilted, it hangs back by ``altitude_m``
    times the tangent of the tilt and looks towards the upper edge of its image; ``m_per_px`` then
    holds at the middle, across the line of sight. ``altitude_m`` is for all of them the path length
    through fog, rain and snow, straight down. A pinhole's lens may bend lines
    (``simulator/distortion.py``).
    """

    kind: str = quantity("orthographic", choices=("orthographic", "pinhole"), help="projection")
    x_m: float = quantity(0.0, "m", -1e5, 1e5, "centre, east")
    y_m: float = quantity(0.0, "m", -1e5, 1e5, "centre, north")
    heading_rad: float = quantity(0.0, "rad", -6.2832, 6.2832, "direction of the image's u axis")
    m_per_px: float = quantity(0.1, "m/px", 0.01, 2.0, "ground sample distance")
    altitude_m: float = quantity(80.0, "m", 20, 1000, "height above ground")
    width_px: int = quantity(640, "px", 64, 4096, "image width")
    height_px: int = quantity(640, "px", 64, 4096, "image height")
    tilt_rad: float = quantity(
        0.0, "rad", 0, MOST_TILT_RAD, "of a pinhole, from straight down to the image's upper edge",
        later=True,
    )  # fmt: skip
    k1: float = quantity(0.0, "", -1, 1, "radial distortion, r^2; below 0 a barrel", later=True)
    k2: float = quantity(0.0, "", -1, 1, "radial distortion, r^4", later=True)
    p1: float = quantity(0.0, "", -0.1, 0.1, "tangential distortion, down the image", later=True)
    p2: float = quantity(0.0, "", -0.1, 0.1, "tangential distortion, across the image", later=True)


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
    """Affine map of ground points to the image of a lens without distortion, straight down:
    f64[2, 3], (u, v) = M @ (x, y, 1); read-only.
    """
    c, s = math.cos(camera.heading_rad), math.sin(camera.heading_rad)
    a = np.array([[c, s], [s, -c]]) / camera.m_per_px
    centre = np.array([camera.width_px, camera.height_px]) / 2
    m = np.concatenate([a, (centre - a @ [camera.x_m, camera.y_m])[:, None]], axis=1)
    m.flags.writeable = False
    return m


def is_tilted(camera: Camera) -> bool:
    """Whether it looks anywhere else than straight down."""
    return camera.kind == "pinhole" and camera.tilt_rad > 0


def is_distorted(camera: Camera) -> bool:
    """Whether its lens bends straight lines."""
    return bool(camera.k1 or camera.k2 or camera.p1 or camera.p2)


def lens_of(camera: Camera) -> Lens | None:
    """What bends the image of a camera, None where nothing does."""
    return _lens(camera) if is_distorted(camera) else None


@functools.lru_cache(maxsize=256)
def _lens(camera: Camera) -> Lens:
    reach = _reach(camera)
    if reach is None:
        raise ValueError(lens_fault(camera))
    return Lens(
        camera.k1, camera.k2, camera.p1, camera.p2, focal_px(camera), camera.width_px / 2,
        camera.height_px / 2, reach,
    )  # fmt: skip


def _reach(camera: Camera) -> float | None:
    focal, coefficients = focal_px(camera), (camera.k1, camera.k2, camera.p1, camera.p2)
    halves = camera.width_px / 2 + BEYOND_PX, camera.height_px / 2 + BEYOND_PX
    return reach_of(*coefficients, halves[0] / focal, halves[1] / focal)


def lens_fault(camera: Camera) -> str:
    """What is wrong with the lens of a camera, "" if nothing: no two points may have one image."""
    if not is_distorted(camera):
        return ""
    said = f"k1={camera.k1:g} k2={camera.k2:g} p1={camera.p1:g} p2={camera.p2:g}"
    if camera.kind != "pinhole":
        return f"a camera of the kind {camera.kind} has no lens that {said} could bend"
    if _reach(camera):
        return ""
    corner = math.hypot(camera.width_px, camera.height_px) / 2 / focal_px(camera)
    return (
        f"a lens of {said} does not fill {camera.width_px} x {camera.height_px} px of "
        f"{camera.m_per_px:g} m from {camera.altitude_m:g} m: the image folds over itself before "
        f"its corners, {corner:.2f} focal lengths off the middle"
    )


def straight_view(camera: Camera) -> tuple[float, ...]:
    """What a camera sees, in px of its straight image: left, top, right, bottom."""
    size, lens = (camera.width_px, camera.height_px), lens_of(camera)
    return straight_bounds(lens, *size) if lens else (0.0, 0.0, *size)


def more_px(camera: Camera) -> float:
    """How far what a camera sees reaches beyond the bounds of its image in the straight one, px."""
    if not is_distorted(camera):
        return 0.0
    left, top, right, bottom = straight_view(camera)
    return max(0.0, -left, -top, right - camera.width_px, bottom - camera.height_px)


def view_fault(camera: Camera) -> str:
    """What is wrong with how a camera looks, "" if nothing: it must see the ground throughout."""
    if camera.tilt_rad == 0:
        return ""
    if camera.kind != "pinhole":
        return f"a camera of the kind {camera.kind} cannot be tilted by {camera.tilt_rad:g} rad"
    flattest = math.acos(1.0 / corner_slant(camera)) if corner_slant(camera) > 0 else math.pi / 2
    if flattest <= FLATTEST_RAD:
        return ""
    return (
        f"a tilt of {camera.tilt_rad:g} rad with {camera.width_px} x {camera.height_px} px of "
        f"{camera.m_per_px:g} m from {camera.altitude_m:g} m looks too near to the horizon: "
        f"{math.degrees(flattest):.0f} degrees from straight down in a corner, at most "
        f"{math.degrees(FLATTEST_RAD):.0f}"
    )


def focal_px(camera: Camera) -> float:
    """Focal length of a pinhole, px."""
    return sight_m(camera) / camera.m_per_px


def sight_m(camera: Camera) -> float:
    """Length of the line of sight through the middle of the image, m."""
    return camera.altitude_m / math.cos(camera.tilt_rad if is_tilted(camera) else 0.0)


def corner_slant(camera: Camera) -> float:
    """1 / cos of the angle between the vertical and the flattest line of sight of a pinhole;
    not positive where that meets no ground.
    """
    left, top, right, _ = straight_view(camera)
    focal, middle = focal_px(camera), camera.width_px / 2
    u, v = max(middle - left, right - middle), camera.height_px / 2 - top
    down = focal * math.cos(camera.tilt_rad) - v * math.sin(camera.tilt_rad)
    return math.sqrt(focal**2 + u**2 + v**2) / down if down > 0 else -1.0


def foot_m(camera: Camera) -> np.ndarray:
    """The point of the ground below a camera, f64[2] m."""
    back = camera.altitude_m * math.tan(camera.tilt_rad) if is_tilted(camera) else 0.0
    s, c = math.sin(camera.heading_rad), math.cos(camera.heading_rad)
    return np.array([camera.x_m + back * s, camera.y_m - back * c])


def off_foot(camera: Camera, points_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
    """How far points f64[N, 2] m at heights f64[N] m are from a pinhole's foot, in order: px, or m
    on the ground for a tilted one, f64[N].
    """
    if is_tilted(camera):
        return np.hypot(*(points_m - foot_m(camera)).T)
    centre = np.array([camera.width_px, camera.height_px]) / 2
    return np.hypot(*(straight_px(camera, points_m, z_m) - centre).T)


def leaning(camera: Camera) -> tuple[float, float, float, float]:
    """How a tilt changes the image, (kb, kz, kc, kv); (0, 0, 1, 0) without one.

    A point whose image without perspective lies (a, b) px off the middle, and that is z m high, has
    the depth w = 1 - kb b - kz z and its image at (a, kc b - kv z) / w off the middle.
    """
    if not is_tilted(camera):
        return 0.0, 0.0, 1.0, 0.0
    s, c = math.sin(camera.tilt_rad), math.cos(camera.tilt_rad)
    h, scale = camera.altitude_m, camera.m_per_px
    return scale * s * c / h, c * c / h, c, s / scale


def depth(camera: Camera, points_m: np.ndarray, z_m: float | np.ndarray = 0.0) -> np.ndarray:
    """Depth f64[N] of points f64[N, 2] m at height z before a tilted camera; 1 is the middle's."""
    kb, kz, _, _ = leaning(camera)
    m = ground_to_px(camera)
    b = np.asarray(points_m, dtype=float) @ m[1, :2] + m[1, 2] - camera.height_px / 2
    return 1.0 - kb * b - kz * np.minimum(z_m, 0.9 * camera.altitude_m)


def height_scale(camera: Camera, z_m: float | np.ndarray) -> float | np.ndarray:
    """Factor by which a point at height z moves away from the image centre: h / (h - z)."""
    if camera.kind == "orthographic":
        return 1.0 if np.isscalar(z_m) else np.ones_like(np.asarray(z_m, dtype=float))
    return camera.altitude_m / (camera.altitude_m - np.minimum(z_m, 0.9 * camera.altitude_m))


def to_px(camera: Camera, points_m: np.ndarray, z_m: float | np.ndarray = 0.0) -> np.ndarray:
    """World points f64[N, 2] m at height z (scalar or f64[N], m) -> image points f64[N, 2] px."""
    px, lens = straight_px(camera, points_m, z_m), lens_of(camera)
    return bent(lens, px) if lens else px


def straight_px(camera: Camera, points_m: np.ndarray, z_m: float | np.ndarray = 0.0) -> np.ndarray:
    """The same without the distortion of the lens: straight lines of the world are straight there,
    so that outlines are made in it and bent as a whole (``render/bending.py``).
    """
    m = ground_to_px(camera)
    px = np.asarray(points_m, dtype=float) @ m[:, :2].T + m[:, 2]
    if camera.kind == "orthographic":
        return px
    centre = np.array([camera.width_px, camera.height_px]) / 2
    if is_tilted(camera):
        kb, kz, kc, kv = leaning(camera)
        px -= centre
        z = np.minimum(z_m, 0.9 * camera.altitude_m)
        far = np.maximum(1.0 - kb * px[:, 1] - kz * z, NEAR)
        px[:, 1] = kc * px[:, 1] - kv * z
        px /= far[:, None]
        return px + centre
    scale = np.asarray(height_scale(camera, z_m), dtype=float)
    return centre + (px - centre) * (scale if scale.ndim == 0 else scale[:, None])


@functools.lru_cache(maxsize=256)
def px_to_ground(camera: Camera) -> np.ndarray:
    """Map of the straight image to the ground, f64[3, 3]: (x, y, 1) ~ M @ (u, v, 1); read-only.

    Along a row of pixels the ground goes by in equal steps: M[2, 0] is 0 (no camera rolls).
    """
    m = ground_to_px(camera)
    inverse = np.linalg.inv(m[:, :2])
    out = np.zeros((3, 3))
    out[:2, :2], out[:2, 2], out[2, 2] = inverse, -inverse @ m[:, 2], 1.0
    if is_tilted(camera):
        kb, _, kc, _ = leaning(camera)
        cu, cv = camera.width_px / 2, camera.height_px / 2
        flat = np.array([[kc, 0.0, -kc * cu], [0.0, 1.0, -cv], [0.0, kb, kc - kb * cv]]) / kc
        off = np.zeros((3, 3))
        off[:2, :2], off[:2, 2], off[2, 2] = inverse, (camera.x_m, camera.y_m), 1.0
        out = off @ flat
    out.flags.writeable = False
    return out


def projection(camera: Camera) -> np.ndarray:
    """Of a pinhole: f64[3, 4], w (u, v, 1) = P @ (x, y, z, 1), px of the straight image and m."""
    s, c = math.sin(camera.tilt_rad), math.cos(camera.tilt_rad)
    hs, hc = math.sin(camera.heading_rad), math.cos(camera.heading_rad)
    right, ahead = np.array([hc, hs, 0.0]), np.array([-hs, hc, 0.0])
    up = np.array([0.0, 0.0, 1.0])
    turned = np.stack([right, -c * ahead - s * up, s * ahead - c * up])
    f = focal_px(camera)
    inner = np.array([[f, 0, camera.width_px / 2], [0, f, camera.height_px / 2], [0, 0, 1.0]])
    place = np.append(foot_m(camera), camera.altitude_m)
    return inner @ np.column_stack([turned, -turned @ place])


def to_ground(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Image points f64[N, 2] px -> points on the ground f64[N, 2] m."""
    if lens := lens_of(camera):
        points_px = straightened(lens, points_px)
    if is_tilted(camera):
        m = px_to_ground(camera)
        far = np.asarray(points_px, dtype=float) @ m[:, :2].T + m[:, 2]
        return far[:, :2] / far[:, 2:]
    m = ground_to_px(camera)
    return (np.asarray(points_px, dtype=float) - m[:, 2]) @ np.linalg.inv(m[:, :2]).T
