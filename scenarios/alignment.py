"""Centre lines of roads: straights, circular arcs and the clothoids between them; cutting them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator.geometry import arc_lengths_m, place_at, point_at

STEP_M = 2.0
"""Distance between two points of a bent centre line."""


def alignment(
    parts: Sequence[tuple[float, float, float]],
    start_m: tuple[float, float] = (0.0, 0.0),
    heading_rad: float = 0.0,
) -> np.ndarray:
    """A line whose curvature changes linearly along each part.

    Args:
        parts: length m, curvature at its beginning and at its end, 1/m, positive to the left.
        start_m, heading_rad: where the line begins and which way.

    Returns:
        f64[N, 2] m.
    """
    curvature, step = [np.zeros(0)], [np.zeros(0)]
    for length, first, last in parts:
        count = max(1, math.ceil(length / STEP_M))
        middle = (np.arange(count) + 0.5) / count
        curvature.append(first + (last - first) * middle)
        step.append(np.full(count, length / count))
    k, d = np.concatenate(curvature), np.concatenate(step)
    heading = heading_rad + np.cumsum(k * d) - k * d / 2
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * d[:, None]
    return np.concatenate([[start_m], start_m + np.cumsum(steps, axis=0)])


def bend(radius_m: float, angle_rad: float, spiral_m: float) -> list[tuple[float, float, float]]:
    """The parts of a bend: clothoid, arc, clothoid. A positive angle is to the left.

    The clothoids are as long as asked, or take up the whole bend where it is short.
    """
    k = math.copysign(1.0 / radius_m, angle_rad)
    spiral = min(spiral_m, 0.9 * abs(angle_rad) * radius_m)
    arc = abs(angle_rad) * radius_m - spiral
    return [(spiral, 0.0, k), (arc, k, k), (spiral, k, 0.0)]


def centred(line_m: np.ndarray, rotation_rad: float) -> np.ndarray:
    """The line moved so that its middle lies at the origin, then rotated about it, f64[N, 2] m."""
    s = arc_lengths_m(line_m)
    moved = line_m - place_at(line_m, s, s[-1] / 2)
    c, n = math.cos(rotation_rad), math.sin(rotation_rad)
    return moved @ np.array([[c, n], [-n, c]])


def straight(rotation_rad: float, from_m: float, to_m: float) -> np.ndarray:
    """A straight line through the origin between two distances along it, f64[2, 2] m."""
    c, s = math.cos(rotation_rad), math.sin(rotation_rad)
    return np.array([[from_m * c, from_m * s], [to_m * c, to_m * s]])


def cut(line_m: np.ndarray, from_m: float, to_m: float) -> np.ndarray:
    """The piece of a polyline between two distances along it, f64[N, 2] m."""
    s = arc_lengths_m(line_m)
    inner = line_m[(s > from_m + 0.01) & (s < to_m - 0.01)]
    ends = point_at(line_m, s, np.array([from_m, to_m]))
    return np.concatenate([ends[:1], inner, ends[1:]])


def thinned(line_m: np.ndarray, tolerance_m: float) -> np.ndarray:
    """Fewer points of a polyline, none left out that lies further off than the tolerance."""
    if len(line_m) < 3:
        return line_m
    keep, first = [0], 0
    while first < len(line_m) - 1:
        last = first + 1
        while last + 1 < len(line_m) and _off_m(line_m[first : last + 2]) < tolerance_m:
            last += 1
        keep.append(last)
        first = last
    return line_m[keep]


def _off_m(piece_m: np.ndarray) -> float:
    """How far the inner points of a piece are off the chord between its ends, m."""
    chord = piece_m[-1] - piece_m[0]
    away = piece_m[1:-1] - piece_m[0]
    cross = chord[0] * away[:, 1] - chord[1] * away[:, 0]
    return float(np.abs(cross).max() / max(float(np.hypot(*chord)), 1e-9))
