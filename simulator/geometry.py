"""Poses, oriented boxes, polylines. World frame: x east, y north, m; heading ccw from +x, rad.

Most roads are straight, and a map asks for much of each: lines of two points go a shorter way here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Angle = TypeVar("Angle", float, np.ndarray)

_SQUARE = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])


def wrap_rad(angle: Angle) -> Angle:
    """The angle, or each of an array of them, in (-pi, pi], rad."""
    return -((math.pi - angle) % (2 * math.pi) - math.pi)


def arc_lengths_m(line_m: np.ndarray) -> np.ndarray:
    """Distance along a polyline at each vertex: f64[N, 2] m -> f64[N] m, starting at 0."""
    if len(line_m) == 2:
        (ax, ay), (bx, by) = line_m.tolist()
        return np.array([0.0, np.hypot(bx - ax, by - ay)])
    steps = line_m[1:] - line_m[:-1]
    out = np.zeros(len(line_m))
    np.hypot(steps[:, 0], steps[:, 1]).cumsum(out=out[1:])
    return out


def point_at(line_m: np.ndarray, s_line_m: np.ndarray, s_m: np.ndarray) -> np.ndarray:
    """Points on a polyline at distances s: f64[K, 2] m; beyond the ends it goes straight on."""
    s, i, k = _pieces(s_line_m, s_m)
    begin, from_m = line_m[i], s_line_m[i]
    t = (s - from_m) / (s_line_m[k] - from_m)
    return begin + t[:, None] * (line_m[k] - begin)


def evenly(line_m: np.ndarray, s_line_m: np.ndarray, count: int) -> np.ndarray:
    """Points evenly along a polyline from its beginning to its end, f64[count, 2] m."""
    length = s_line_m[-1]
    s = np.arange(float(count))
    s *= length / (count - 1)
    s[-1] = length
    return point_at(line_m, s_line_m, s)


def heading_at(line_m: np.ndarray, s_line_m: np.ndarray, s_m: np.ndarray) -> np.ndarray:
    """Direction of travel on a polyline at distances s: f64[K] rad."""
    s, i, k = _pieces(s_line_m, s_m)
    return _directions(line_m[k] - line_m[i], len(s))


def pose_at(
    line_m: np.ndarray, s_line_m: np.ndarray, s_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both at once: points f64[K, 2] m and directions f64[K] rad."""
    s, i, k = _pieces(s_line_m, s_m)
    begin, from_m = line_m[i], s_line_m[i]
    d = line_m[k] - begin
    t = (s - from_m) / (s_line_m[k] - from_m)
    return begin + t[:, None] * d, _directions(d, len(s))


def _pieces(
    s_line_m: np.ndarray, s_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray | int, np.ndarray | int]:
    """(distances f64[K], first and second vertex of the piece of the polyline on which each lies:
    i64[K], or one number of all where there is one piece only).
    """
    s = np.asarray(s_m, dtype=float).reshape(-1)
    if len(s_line_m) == 2:
        return s, 0, 1
    i = s_line_m[1:-1].searchsorted(s, side="right")
    return s, i, i + 1


def _directions(d: np.ndarray, count: int) -> np.ndarray:
    """Of steps f64[K, 2], or of one f64[2] for all: f64[count] rad."""
    return np.full(count, np.arctan2(d[..., 1], d[..., 0]))


def left_normals(line_m: np.ndarray) -> np.ndarray:
    """Unit vectors to the left of travel at each vertex of a polyline, f64[N, 2]."""
    if len(line_m) == 2:
        (ax, ay), (bx, by) = line_m.tolist()
        length = np.hypot(bx - ax, by - ay)
        left = -(by - ay) / length, (bx - ax) / length
        return np.array([left, left])
    d = np.empty_like(line_m)
    d[0], d[-1] = line_m[1] - line_m[0], line_m[-1] - line_m[-2]
    d[1:-1] = line_m[2:] - line_m[:-2]
    length = np.hypot(d[:, 0], d[:, 1])
    normal = np.empty_like(line_m)
    normal[:, 0], normal[:, 1] = -d[:, 1] / length, d[:, 0] / length
    return normal


def left_normals_each(lines_m: Sequence[np.ndarray]) -> list[np.ndarray]:
    """``left_normals`` of many polylines, taken together because most are short."""
    if not lines_m:
        return []
    ends = np.cumsum([len(line) for line in lines_m])
    last, first = ends - 1, np.concatenate([[0], ends[:-1]])
    points = np.concatenate(lines_m)
    d = np.empty_like(points)
    d[1:-1] = points[2:] - points[:-2]
    d[first], d[last] = points[first + 1] - points[first], points[last] - points[last - 1]
    length = np.hypot(d[:, 0], d[:, 1])
    normal = np.stack([-d[:, 1] / length, d[:, 0] / length], axis=1)
    return [normal[a:b] for a, b in zip(first.tolist(), ends.tolist(), strict=True)]


def offset_line(line_m: np.ndarray, left_m: float) -> np.ndarray:
    """The polyline moved sideways, f64[N, 2] m; positive is to the left of travel."""
    return line_m + left_m * left_normals(line_m)


def box_corners(x: float, y: float, heading: float, length: float, width: float) -> np.ndarray:
    """Corners of an oriented box in m, ccw from front left: f64[4, 2]."""
    c, s = math.cos(heading), math.sin(heading)
    local = _SQUARE * (length / 2, width / 2)
    return local @ np.array([[c, s], [-s, c]]) + [x, y]


def box_corners_each(boxes: np.ndarray) -> np.ndarray:
    """``box_corners`` of many boxes f64[N, 5] (x, y, heading, length, width): f64[N, 4, 2] m."""
    x, y, heading, length, width = boxes.T[:, :, None]
    along, aside = length / 2 * (1, -1, -1, 1), width / 2 * (1, 1, -1, -1)
    c, s = np.cos(heading), np.sin(heading)
    return np.stack([x + c * along - s * aside, y + s * along + c * aside], axis=2)


def to_world(local_m: np.ndarray, x: float, y: float, heading: float) -> np.ndarray:
    """Points given in a body's frame (x forward, y left) in the world frame: f64[N, 2] m."""
    c, s = math.cos(heading), math.sin(heading)
    return np.asarray(local_m, dtype=float) @ np.array([[c, s], [-s, c]]) + [x, y]
