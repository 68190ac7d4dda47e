"""Oriented boxes of bodies and plates: rectangles in the world as a camera sees them."""

from __future__ import annotations

import math

import numpy as np

from render.kernel import kernel
from render.poses import view_of
from render.rigs import Rigs
from simulator.articulation import about_both
from simulator.camera import Camera, ground_to_px, is_distorted, is_tilted, to_px

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
    boxes, towing, towed = (
        np.empty((len(rows), 5)),
        np.empty(len(rows), np.int64),
        np.empty((len(rows), 5)),
    )
    count = _lay(
        rows, pose, trailer_rad, rigs.boxed_m, rigs.second_m, rigs.hitch_m, boxes, towing, towed
    )  # fmt: skip
    if count:
        towing = towing[:count]
        boxes[towing] = about_both(boxes[towing], towed[:count])
    if is_tilted(camera) or is_distorted(camera):
        return oriented_boxes(camera, boxes[:, :3], boxes[:, 3:], rigs.middle_m[rows])
    altitude, cu, cv, *_ = view_of(camera)
    _see(
        boxes, rows, rigs.middle_m, ground_to_px(camera), altitude, cu, cv, camera.heading_rad,
        camera.m_per_px,
    )  # fmt: skip
    return boxes


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


@kernel
def _lay(rows, pose, trailer_rad, size, second, hitch, boxes, towing, towed):
    """Write the own box of each, and of who tows which it is and the trailer's box; returns how
    many do.
    """
    n = 0
    for k in range(len(rows)):
        r = rows[k]
        x, y, heading = pose[k, 0], pose[k, 1], pose[k, 2]
        boxes[k, 0], boxes[k, 1], boxes[k, 2] = x, y, heading
        boxes[k, 3], boxes[k, 4] = size[r, 0], size[r, 1]
        near, far, turned = hitch[r, 0], hitch[r, 1], trailer_rad[k]
        if near > 0:
            towed[n, 0] = x - near * math.cos(heading) - far * math.cos(turned)
            towed[n, 1] = y - near * math.sin(heading) - far * math.sin(turned)
            towed[n, 2], towed[n, 3], towed[n, 4] = turned, second[r, 0], second[r, 1]
            towing[n] = k
            n += 1
    return n


@kernel
def _see(boxes, rows, middle, m, altitude, cu, cv, camera_rad, m_per_px):
    """World -> image, in place, for a camera that looks straight down: z is ``middle``, by row."""
    for k in range(len(boxes)):
        x, y, z = boxes[k, 0], boxes[k, 1], middle[rows[k]]
        u = x * m[0, 0] + y * m[0, 1] + m[0, 2]
        v = x * m[1, 0] + y * m[1, 1] + m[1, 2]
        f = altitude / (altitude - min(z, 0.9 * altitude)) if altitude > 0 else 1.0
        turn = (math.pi - (camera_rad - boxes[k, 2])) % (2 * math.pi) - math.pi
        boxes[k, 0], boxes[k, 1] = cu + (u - cu) * f, cv + (v - cv) * f
        length, width = boxes[k, 3] * f / m_per_px, boxes[k, 4] * f / m_per_px
        boxes[k, 2], boxes[k, 3], boxes[k, 4] = length, width, -turn
