"""Oriented boxes of bodies and plates: rectangles in the world as a camera sees them."""

from __future__ import annotations

import numpy as np

from render.rigs import Rigs
from simulator.articulation import about_both, behind
from simulator.camera import Camera, is_distorted, is_tilted, to_px
from simulator.geometry import wrap_rad

_ENDS = np.array([[1.0, 0.0], [-1.0, 0.0]]) / 2
_CORNERS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) / 2
_SHARES = np.arange(8)[:, None, None] / 8
_EDGES = (_CORNERS + _SHARES * (np.roll(_CORNERS, -1, axis=0) - _CORNERS)).reshape(-1, 2)
"""Points all along the sides: under a lens that bends them no corner need be the outermost."""


def vehicle_boxes(
    camera: Camera, rigs: Rigs, rows: np.ndarray, pose: np.ndarray, trailer_rad: np.ndarray
) -> np.ndarray:
    """Oriented boxes of vehicles and people, f64[K, 5] cx, cy, w, h, rad.

    Of a tractor with a semitrailer: the least box about both, turned as the tractor nearest. Of
    who carries an umbrella: that of the umbrella, where it is not narrower.

    Args:
        rows, pose, trailer_rad: columns of ``actors.Poses``.
    """
    size_m, middle = rigs.boxed_m[rows], rigs.middle_m[rows]
    tows = rigs.hitch_m[rows, 0] > 0
    if tows.any():
        towing, towed = rows[tows], rigs.second_m[rows[tows], :2]
        body_m = rigs.boxed_m[towing, 0]
        trailer = behind(pose[tows], body_m, towed[:, 0], trailer_rad[tows])
        both = about_both(
            np.concatenate([pose[tows], size_m[tows]], axis=1),
            np.concatenate([trailer, towed], axis=1),
        )
        pose = pose.copy()
        pose[tows], size_m[tows] = both[:, :3], both[:, 3:]
    if is_tilted(camera) or is_distorted(camera):
        return oriented_boxes(camera, pose, size_m, middle)
    centre = to_px(camera, pose[:, :2], middle)
    angle = camera.heading_rad - pose[:, 2]
    return np.concatenate([centre, size_m / camera.m_per_px, wrap_rad(angle)[:, None]], axis=1)


def oriented_boxes(
    camera: Camera, pose: np.ndarray, size_m: np.ndarray, z_m: np.ndarray
) -> np.ndarray:
    """The smallest boxes along the middle lines that hold the rectangles, f64[K, 5] cx, cy, w, h,
    rad.

    Args:
        pose: f64[K, 3], x m, y m, heading rad. size_m: f64[K, 2], length, width. z_m: f64[K].
    """
    outline = _EDGES if is_distorted(camera) else _CORNERS
    ends, corners = (_seen(camera, pose, size_m, z_m, shape) for shape in (_ENDS, outline))
    along = ends[:, 0] - ends[:, 1]
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    axes = np.stack([along, np.stack([-along[:, 1], along[:, 0]], axis=1)], axis=1)
    spread = np.einsum("kni,kai->kan", corners, axes)
    low, high = spread.min(axis=2), spread.max(axis=2)
    centre = np.einsum("ka,kai->ki", (low + high) / 2, axes)
    return np.concatenate([centre, high - low, np.arctan2(along[:, 1], along[:, 0])[:, None]], 1)


def _seen(
    camera: Camera, pose: np.ndarray, size_m: np.ndarray, z_m: np.ndarray, shape: np.ndarray
) -> np.ndarray:
    """Points of rectangles in the image, f64[K, N, 2] px; shape f64[N, 2] in their own sizes."""
    c, s = np.cos(pose[:, 2]), np.sin(pose[:, 2])
    turned = np.stack([np.stack([c, s], axis=1), np.stack([-s, c], axis=1)], axis=1)
    points = np.einsum("kni,kij->knj", size_m[:, None] * shape, turned) + pose[:, None, :2]
    px = to_px(camera, points.reshape(-1, 2), np.repeat(z_m, len(shape)))
    return px.reshape(points.shape)
