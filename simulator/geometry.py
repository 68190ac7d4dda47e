"""Poses, oriented boxes, polylines. World frame: x east, y north, m; heading ccw from +x, rad.

A map asks for much of each of its lines, and most are short: what is asked most often is compiled,
for a step of numpy takes as long as one such line.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numba import njit, types

Angle = TypeVar("Angle", float, np.ndarray)

_SQUARE = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])


def wrap_rad(angle: Angle) -> Angle:
    """The angle, or each of an array of them, in (-pi, pi], rad."""
    return -((math.pi - angle) % (2 * math.pi) - math.pi)


_ROW = types.Array(types.float64, 1, "A", readonly=True)
_LINE = types.Array(types.float64, 2, "A", readonly=True)
"""Arrays f64[N] and f64[N, 2] of any layout, that may be read-only: one compiled form takes all."""

_NEW_ROW, _NEW_LINE = types.float64[::1], types.float64[:, ::1]
"""What a kernel writes to: to make an array itself would cost it as much as all the rest."""


def _compiled(*arguments: types.Type) -> Callable[[Callable[..., Any]], Callable[[], Any]]:
    """The kernel for such arguments, compiled when it is first asked for: not by an import."""

    def decorate(function: Callable[..., Any]) -> Callable[[], Any]:
        return functools.cache(lambda: njit([arguments], cache=True, error_model="numpy")(function))

    return decorate


def arc_lengths_m(line_m: np.ndarray) -> np.ndarray:
    """Distance along a polyline at each vertex: f64[N, 2] m -> f64[N] m, starting at 0."""
    out = np.zeros(len(line_m))
    _lengths()(line_m, out)
    return out


def rising_lengths_m(line_m: np.ndarray, name: str) -> np.ndarray:
    """The same of a line that gets on at each vertex, such as a lane's; read-only.

    Raises:
        ValueError: what is so named has fewer than two points, or repeats one.
    """
    out = np.zeros(len(line_m))
    if not _lengths()(line_m, out):
        raise ValueError(f"{name} needs two or more different points")
    out.flags.writeable = False
    return out


@_compiled(_LINE, _NEW_ROW)
def _lengths(line: np.ndarray, out: np.ndarray) -> bool:
    rises = len(line) > 1
    for k in range(1, len(line)):
        step = math.hypot(line[k, 0] - line[k - 1, 0], line[k, 1] - line[k - 1, 1])
        out[k] = out[k - 1] + step
        rises &= out[k] > out[k - 1]
    return rises


def point_at(line_m: np.ndarray, s_line_m: np.ndarray, s_m: np.ndarray) -> np.ndarray:
    """Points on a polyline at distances s: f64[K, 2] m; beyond the ends it goes straight on."""
    s = np.asarray(s_m, dtype=float).reshape(-1)
    out = np.empty((len(s), 2))
    _points()(line_m, s_line_m, s, out)
    return out


@njit(error_model="numpy")
def _piece(s_line: np.ndarray, s: float) -> int:
    """The first vertex of the piece of a polyline that lies at a distance along it."""
    i, high = 0, len(s_line) - 2
    while i < high:
        middle = (i + high) // 2
        if s_line[middle + 1] <= s:
            i = middle + 1
        else:
            high = middle
    return i


@njit(error_model="numpy")
def _point(line: np.ndarray, s_line: np.ndarray, s: float) -> tuple[float, float]:
    i = _piece(s_line, s)
    t = (s - s_line[i]) / (s_line[i + 1] - s_line[i])
    x, y = line[i, 0] + t * (line[i + 1, 0] - line[i, 0]), line[i, 1]
    return x, y + t * (line[i + 1, 1] - y)


@_compiled(_LINE, _ROW, _ROW, _NEW_LINE)
def _points(line: np.ndarray, s_line: np.ndarray, s: np.ndarray, out: np.ndarray) -> None:
    for k in range(len(s)):
        out[k, 0], out[k, 1] = _point(line, s_line, s[k])


def place_at(line_m: np.ndarray, s_line_m: np.ndarray, s_m: float) -> tuple[float, float]:
    """The one point of ``point_at`` at a distance s, m."""
    return _place()(line_m, s_line_m, s_m)


@_compiled(_LINE, _ROW, types.float64)
def _place(line: np.ndarray, s_line: np.ndarray, s: float) -> tuple[float, float]:
    return _point(line, s_line, s)


def evenly(line_m: np.ndarray, s_line_m: np.ndarray, count: int) -> np.ndarray:
    """Points evenly along a polyline from its beginning to its end, f64[count, 2] m."""
    out = np.empty((count, 2))
    _even()(line_m, s_line_m, out)
    return out


@_compiled(_LINE, _ROW, _NEW_LINE)
def _even(line: np.ndarray, s_line: np.ndarray, out: np.ndarray) -> None:
    last, end = len(out) - 1, s_line[-1]
    step = end / last
    for k in range(len(out)):
        out[k, 0], out[k, 1] = _point(line, s_line, end if k == last else k * step)


def spaced(end: float, count: int) -> np.ndarray:
    """``np.linspace(0, end, count)``, at a fraction of its cost: f64[count]."""
    out = np.arange(float(count))
    out *= end / (count - 1)
    out[-1] = end
    return out


def heading_at(line_m: np.ndarray, s_line_m: np.ndarray, s_m: np.ndarray) -> np.ndarray:
    """Direction of travel on a polyline at distances s: f64[K] rad."""
    s = np.asarray(s_m, dtype=float).reshape(-1)
    steps = np.empty((len(s), 2))
    _steps()(line_m, s_line_m, s, steps)
    return np.arctan2(steps[:, 1], steps[:, 0])


@_compiled(_LINE, _ROW, _ROW, _NEW_LINE)
def _steps(line: np.ndarray, s_line: np.ndarray, s: np.ndarray, out: np.ndarray) -> None:
    for k in range(len(s)):
        i = _piece(s_line, s[k])
        for axis in range(2):
            out[k, axis] = line[i + 1, axis] - line[i, axis]


def direction_at(line_m: np.ndarray, s_line_m: np.ndarray, s_m: float) -> float:
    """The one direction of ``heading_at`` at a distance s, rad."""
    x, y = _step()(line_m, s_line_m, s_m)
    return float(np.arctan2(y, x))


@_compiled(_LINE, _ROW, types.float64)
def _step(line: np.ndarray, s_line: np.ndarray, s: float) -> tuple[float, float]:
    i = _piece(s_line, s)
    return line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]


def pose_at(
    line_m: np.ndarray, s_line_m: np.ndarray, s_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both: points f64[K, 2] m and directions f64[K] rad."""
    return point_at(line_m, s_line_m, s_m), heading_at(line_m, s_line_m, s_m)


def left_normals(line_m: np.ndarray) -> np.ndarray:
    """Unit vectors to the left of travel at each vertex of a polyline, f64[N, 2]."""
    out = np.empty((len(line_m), 2))
    _normals()(line_m, out)
    return out


@njit(error_model="numpy")
def _normal(line: np.ndarray, k: int) -> tuple[float, float]:
    a, b = max(k - 1, 0), min(k + 1, len(line) - 1)
    dx, dy = line[b, 0] - line[a, 0], line[b, 1] - line[a, 1]
    length = math.hypot(dx, dy)
    return -dy / length, dx / length


@_compiled(_LINE, _NEW_LINE)
def _normals(line: np.ndarray, out: np.ndarray) -> None:
    for k in range(len(line)):
        out[k, 0], out[k, 1] = _normal(line, k)


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
    out = np.empty((len(line_m), 2))
    _offsets()(line_m, left_m, out)
    return out


@_compiled(_LINE, types.float64, _NEW_LINE)
def _offsets(line: np.ndarray, left: float, out: np.ndarray) -> None:
    for k in range(len(line)):
        x, y = _normal(line, k)
        out[k, 0], out[k, 1] = line[k, 0] + left * x, line[k, 1] + left * y


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
