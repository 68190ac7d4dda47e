"""Oriented boxes of bodies and plates as a camera sees them, whatever hides of them.

From straight above without perspective that of a body is its footprint. A pinhole sees its sides
too: there it is the least box along the heading as seen that holds the body's solid, from the
ground to its top.
"""

from __future__ import annotations

import math

import numpy as np

from render.kernel import inner_kernel, kernel
from render.poses import view_of
from render.rigs import Rigs
from render.umbrellas import umbrella_points
from simulator.articulation import about_both
from simulator.camera import NEAR, Camera, ground_to_px, is_distorted, lens_of, to_px
from simulator.distortion import bent

_ENDS = np.array([[1.0, 0.0], [-1.0, 0.0]]) / 2
_CORNERS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) / 2
_SHARES = np.arange(8)[:, None, None] / 8
_EDGES = (_CORNERS + _SHARES * (np.roll(_CORNERS, -1, axis=0) - _CORNERS)).reshape(-1, 2)
"""Points all along the sides: under a lens that bends them no corner need be the outermost."""


def _at(outline: np.ndarray, *heights: float) -> np.ndarray:
    """An outline at some shares of a body's height, f64[N, 3]."""
    return np.concatenate([np.column_stack([outline, np.full(len(outline), h)]) for h in heights])


_MIDDLE, _SOLID, _SOLID_BENT = _at(_ENDS, 1.0), _at(_CORNERS, 0.0, 1.0), _at(_EDGES, 0.0, 0.5, 1.0)
_UMBRELLA = umbrella_points()


def vehicle_boxes(
    camera: Camera, rigs: Rigs, rows: np.ndarray, pose: np.ndarray, trailer_rad: np.ndarray
) -> np.ndarray:
    """Oriented boxes of vehicles and people, f64[K, 5] cx, cy, w, h, rad.

    Of a tractor with a semitrailer: about both, turned as the least box about both footprints whose
    sides are nearest to the tractor's. Of who carries an umbrella: about both before a pinhole;
    from straight above that of the umbrella, where it is not narrower.

    Args:
        rows, pose, trailer_rad: columns of ``actors.Poses``.
    """
    count = len(rows)
    boxes, towing, towed = np.empty((count, 5)), np.empty(count, np.int64), np.empty((count, 5))
    tows = _lay(
        rows, pose, trailer_rad, rigs.boxed_m, rigs.second_m, rigs.hitch_m, boxes, towing, towed
    )
    if tows:
        towing = towing[:tows]
        boxes[towing] = about_both(boxes[towing], towed[:tows])
    if camera.kind == "orthographic":
        middle = camera.width_px / 2, camera.height_px / 2
        _see(boxes, ground_to_px(camera), *middle, camera.heading_rad, camera.m_per_px)
        return boxes
    solid = _SOLID_BENT if is_distorted(camera) else _SOLID
    most = len(_MIDDLE) + len(solid) + max(len(solid), len(_UMBRELLA))
    px, starts = np.empty((most * count, 2)), np.zeros(count + 1, np.int64)
    used = _stand(
        rows, pose, boxes, towing[:tows], towed, rigs.size_m, rigs.second, rigs.second_m,
        rigs.middle_m, _MIDDLE, solid, _UMBRELLA, ground_to_px(camera), view_of(camera), px, starts,
    )  # fmt: skip
    lens = lens_of(camera)
    _hold(bent(lens, px[:used]) if lens else px, starts, boxes)
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
def _see(boxes, m, cu, cv, camera_rad, m_per_px):
    """World -> image, in place, from straight above without perspective."""
    for k in range(len(boxes)):
        x, y = boxes[k, 0], boxes[k, 1]
        u = x * m[0, 0] + y * m[0, 1] + m[0, 2]
        v = x * m[1, 0] + y * m[1, 1] + m[1, 2]
        turn = (math.pi - (camera_rad - boxes[k, 2])) % (2 * math.pi) - math.pi
        # by way of the middle of the image: the last digits are those of all datasets before
        boxes[k, 0], boxes[k, 1] = cu + (u - cu), cv + (v - cv)
        length, width = boxes[k, 3] / m_per_px, boxes[k, 4] / m_per_px
        boxes[k, 2], boxes[k, 3], boxes[k, 4] = length, width, -turn


@kernel
def _stand(
    rows, pose, boxes, towing, towed, size, second, second_m, middle_m, middle, solid, umbrella, m,
    view, px, starts,
):  # fmt: skip
    """Write where the straight image has the ends of each one's middle line, then points that its
    solids are the hull of; ``starts`` says where they begin. Returns how many there are.
    """
    n, t = 0, 0
    for k in range(len(rows)):
        r, box = rows[k], boxes[k]
        n = _put(px, n, middle, box, box[3], box[4], middle_m[r], m, view)
        n = _put(px, n, solid, pose[k], size[r, 0], size[r, 1], size[r, 2], m, view)
        if t < len(towing) and towing[t] == k:
            n = _put(px, n, solid, towed[t], towed[t, 3], towed[t, 4], second_m[r, 2], m, view)
            t += 1
        elif second[r] >= 0:
            wide, top = second_m[r, 0], second_m[r, 2]
            n = _put(px, n, umbrella, pose[k], wide, wide, top, m, view)
        starts[k + 1] = n
    return n


@inner_kernel
def _put(px, n, shape, pose, length, width, height, m, view):
    """Write a shape in shares of its size, in its pose x, y, heading; returns the next free row."""
    altitude, cu, cv, kb, kz, kc, kv = view
    c, s = math.cos(pose[2]), math.sin(pose[2])
    for i in range(len(shape)):
        along, aside = shape[i, 0] * length, shape[i, 1] * width
        x, y = pose[0] + c * along - s * aside, pose[1] + s * along + c * aside
        z = min(shape[i, 2] * height, 0.9 * altitude)
        u = x * m[0, 0] + y * m[0, 1] + m[0, 2] - cu
        v = x * m[1, 0] + y * m[1, 1] + m[1, 2] - cv
        f = altitude / (altitude - z)
        if kb > 0:
            f, v = 1.0 / max(1.0 - kb * v - kz * z, NEAR), kc * v - kv * z
        px[n, 0], px[n, 1] = cu + u * f, cv + v * f
        n += 1
    return n


@kernel
def _hold(px, starts, boxes):
    """Write the least box along the first two of each one's points that holds all others."""
    for k in range(len(starts) - 1):
        first = starts[k]
        c, s = px[first, 0] - px[first + 1, 0], px[first, 1] - px[first + 1, 1]
        far = max(math.hypot(c, s), 1e-9)
        c, s = c / far, s / far
        a0 = b0 = np.inf
        a1 = b1 = -np.inf
        for i in range(first + 2, starts[k + 1]):
            a, b = c * px[i, 0] + s * px[i, 1], c * px[i, 1] - s * px[i, 0]
            a0, a1, b0, b1 = min(a0, a), max(a1, a), min(b0, b), max(b1, b)
        along, across = (a0 + a1) / 2, (b0 + b1) / 2
        boxes[k, 0], boxes[k, 1] = c * along - s * across, s * along + c * across
        boxes[k, 2], boxes[k, 3], boxes[k, 4] = a1 - a0, b1 - b0, math.atan2(s, c)
