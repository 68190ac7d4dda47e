"""Contact shadows: what things keep off the light of a clouded sky, on the ground close to them.

An endless wall of height h hides the share (1 - d / sqrt(h^2 + d^2)) / 2 of an even sky from level
ground at a distance d: half at its foot. So much is taken off round the foot of each thing, an
oriented box with round corners or a disc; what is left where that ends is too faint to be seen.
"""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np
from numba import njit

from render.obstacles import standing_near
from render.rigs import Bodies
from simulator.camera import Camera, is_distorted, px_to_ground, to_px
from simulator.geometry import box_corners_each
from simulator.scene import Scene

FAR = 1.5
"""Where it ends, in heights of the thing."""

TALLEST_M = 2.5
"""Higher things shade the ground no further: what is shaded far from them is shaded evenly."""

CROWN_SHARE = 0.5
"""A crown stands above the ground: light comes in under it."""

ROUND = 0.25
"""How round the corners of vehicles are, in widths."""

_LEFT = 1.0 - FAR / math.hypot(1.0, FAR)
"""What a wall hides where the shadow ends, of what it hides at its foot."""


@dataclasses.dataclass(frozen=True, eq=False)
class Feet:
    """What stands on the ground, and what the shadow close to it falls on.

    Attributes:
        box: f64[N, 5], x, y of the middle, heading, length, width, m and rad.
        round_m: f64[N], radius of the corners. wall_m: f64[N], how high it counts.
        share: f64[N], of what a wall of that height would hide.
        reach_px: i32[N, 4], where some of the light is taken, clipped to the image.
    """

    box: np.ndarray
    round_m: np.ndarray
    wall_m: np.ndarray
    share: np.ndarray
    reach_px: np.ndarray


def feet_of_bodies(camera: Camera, bodies: Bodies) -> Feet:
    """Of vehicles and people, in the order of the bodies."""
    size = bodies.size_m
    box = np.concatenate([bodies.pose, size[:, :2]], axis=1)
    return _feet(camera, box, ROUND * size[:, :2].min(axis=1), size[:, 2], np.ones(len(size)))


def feet_of_obstacles(camera: Camera, scene: Scene) -> Feet:
    """Of houses (the least box about each), crowns and what stands about, near the picture."""
    standing = standing_near(scene, camera, beside_m=FAR * TALLEST_M)
    rows = [
        (b.x_m, b.y_m, b.heading_rad, b.length_m, b.width_m, 0.0, b.height_m, 1.0)
        for b in standing.blocks
        if b.height_m > 0
    ]
    rows += [
        (t.x_m, t.y_m, 0.0, 2 * t.radius_m, 2 * t.radius_m, t.radius_m, t.height_m, CROWN_SHARE)
        for t in standing.trees
    ]
    for building in standing.buildings:
        middle, size, turn_deg = cv2.minAreaRect(building.footprint_m.astype(np.float32))
        (x, y), (length, width) = middle, size
        turn = math.radians(turn_deg)
        rows.append((x, y, turn, length, width, 0.0, building.height_m, 1.0))
    table = np.array(rows, float).reshape(-1, 8)
    return _feet(camera, table[:, :5], *table[:, 5:].T)


def _feet(
    camera: Camera, box: np.ndarray, round_m: np.ndarray, tall_m: np.ndarray, share: np.ndarray
) -> Feet:
    wall_m = np.minimum(tall_m, TALLEST_M)
    corners = to_px(camera, _corners(box, FAR * wall_m).reshape(-1, 2)).reshape(-1, 4, 2)
    frame = [camera.width_px, camera.height_px]
    low, high = np.floor(corners.min(axis=1)) - 1, np.ceil(corners.max(axis=1)) + 1
    reach_px = np.concatenate([low.clip(0, frame), high.clip(0, frame)], axis=1)
    return Feet(box, round_m, wall_m, share, reach_px.astype(np.int32))


def _corners(box: np.ndarray, beside_m: np.ndarray) -> np.ndarray:
    """Of boxes that are wider by so much on all sides, f64[N, 4, 2] m."""
    wide = box.copy()
    wide[:, 3:] += 2.0 * beside_m[:, None]
    return box_corners_each(wide)


def bounds(feet: Feet, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The least rectangles about the shadows of some agents, i32[rows of the agent table, 4] px;
    empty where there are none.

    Args:
        rows: i32[N], whose feet these are. chosen: bool[rows of the agent table], whom.
    """
    seen = _seen(feet) & chosen[rows]
    around = np.zeros((len(chosen), 4), np.int32)
    around[rows[seen], :2] = np.iinfo(np.int32).max
    np.minimum.at(around[:, :2], rows[seen], feet.reach_px[seen, :2])
    np.maximum.at(around[:, 2:], rows[seen], feet.reach_px[seen, 2:])
    return around


def _seen(feet: Feet) -> np.ndarray:
    return np.all(feet.reach_px[:, 2:] > feet.reach_px[:, :2], axis=1)


def shade(
    lit: np.ndarray,
    heights: np.ndarray,
    camera: Camera,
    feet: Feet,
    near: float,
    chosen: np.ndarray | None = None,
) -> None:
    """Darken a light plane u8[H, W] round the feet of things where the ground itself is seen; where
    shadows overlap the darker counts.

    Args:
        heights: u8[H, W], above the ground. near: share of the light that can be taken.
        chosen: bool[N], only of these.
    """
    seen = np.flatnonzero(_seen(feet) if chosen is None else _seen(feet) & chosen)
    _shade(
        lit, heights, seen, feet.reach_px, _to_local(camera, feet), feet.box, feet.round_m,
        feet.wall_m, near * feet.share,
    )  # fmt: skip


def _to_local(camera: Camera, feet: Feet) -> np.ndarray:
    """Maps of the image to the frames of the boxes, f64[N, 3, 3]: (x, y, 1) ~ M @ (u, v, 1)."""
    x, y, heading = feet.box[:, :3].T
    c, s = np.cos(heading), np.sin(heading)
    local = np.zeros((len(x), 3, 3))
    local[:, 0, 0], local[:, 0, 1], local[:, 0, 2] = c, s, -(c * x + s * y)
    local[:, 1, 0], local[:, 1, 1], local[:, 1, 2] = -s, c, s * x - c * y
    local[:, 2, 2] = 1.0
    if not is_distorted(camera):
        return local @ px_to_ground(camera)
    # a lens bends little near one thing: what fits four places about it fits what lies between
    corners = _corners(feet.box, feet.wall_m)
    seen = to_px(camera, corners.reshape(-1, 2)).reshape(-1, 4, 2).astype(np.float32)
    corners = corners @ local[:, :2, :2].transpose(0, 2, 1) + local[:, None, :2, 2]
    pairs = zip(seen, corners.astype(np.float32), strict=True)
    return np.array([cv2.getPerspectiveTransform(*pair) for pair in pairs]).reshape(-1, 3, 3)


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _shade(lit, heights, seen, places, to_local, box, round_m, wall_m, taken):
    """``shade``; along a row of pixels the ground goes by in equal steps, or nearly."""
    for k in seen:
        left, top, right, bottom = places[k]
        m, round_k = to_local[k], round_m[k]
        to_x, to_y = box[k, 3] / 2 + FAR * wall_m[k], box[k, 4] / 2 + FAR * wall_m[k]
        for y in range(top, bottom):
            ax, ay = _at(m, left + 0.5, y + 0.5)
            bx, by = _at(m, right + 0.5, y + 0.5)
            step_x, step_y = (bx - ax) / (right - left), (by - ay) / (right - left)
            begin, end = 0.0, right - left - 1.0
            begin, end = _narrowed(begin, end, to_x - ax, -step_x)
            begin, end = _narrowed(begin, end, to_x + ax, step_x)
            begin, end = _narrowed(begin, end, to_y - ay, -step_y)
            begin, end = _narrowed(begin, end, to_y + ay, step_y)
            i, j = int(np.ceil(begin)), int(np.floor(end)) + 1
            if i < j:
                _shade_row(
                    lit[y, left + i : left + j], heights[y, left + i : left + j],
                    ax + step_x * i, step_x, box[k, 3] / 2 - round_k,
                    ay + step_y * i, step_y, box[k, 4] / 2 - round_k, round_k, wall_m[k], taken[k],
                )  # fmt: skip


@njit(error_model="numpy")
def _at(m, u, v):
    """A place of the image in the frame of a box."""
    far = m[2, 0] * u + m[2, 1] * v + m[2, 2]
    return (m[0, 0] * u + m[0, 1] * v + m[0, 2]) / far, (m[1, 0] * u + m[1, 1] * v + m[1, 2]) / far


@njit(error_model="numpy")
def _narrowed(begin, end, first, step):
    """The part of a range where first + step i is not below zero."""
    if step > 0:
        return max(begin, -first / step), end
    if step < 0:
        return begin, min(end, -first / step)
    return (begin, end) if first >= 0 else (begin, begin - 1.0)


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")  # pyright: ignore[reportCallIssue]
def _shade_row(sun, ground, x, step_x, half_x, y, step_y, half_y, round_m, wall_m, taken):
    """Part of a row that begins at (x, y) in the frame of a box."""
    f32 = np.float32
    one, none, full = f32(1.0), f32(0.0), f32(255.0)
    x, step_x, half_x, y, step_y, half_y = (
        f32(x), f32(step_x), f32(half_x), f32(y), f32(step_y), f32(half_y)
    )  # fmt: skip
    bend, scale, least = f32(round_m), f32(1.0 / wall_m), f32(_LEFT)
    most = f32(255.0 * taken / (1.0 - _LEFT))
    for i in range(len(sun)):
        q = f32(np.int32(i))
        ahead = max(abs(x + step_x * q) - half_x, none)
        beside = max(abs(y + step_y * q) - half_y, none)
        away = max(np.sqrt(ahead * ahead + beside * beside) - bend, none) * scale
        hidden = max(one - away / np.sqrt(one + away * away) - least, none)
        dark = np.uint8(np.int32(full - most * hidden))
        sun[i] = min(sun[i], dark) if ground[i] == 0 else sun[i]
