"""Ways through a junction: lines to follow from one lane's end to another's beginning."""

from __future__ import annotations

import math

import numpy as np

from simulator.geometry import spaced, wrap_rad
from simulator.lane import Lane

FINEST_RAD = math.radians(4.0)
"""Most that an arc turns from one point to the next."""

PARALLEL_RAD = math.radians(4.0)
"""Directions closer than this need no arc."""


def way(start: Lane, goal: Lane, widest_m: float = math.inf) -> np.ndarray:
    """Centre line from the end of one lane to the beginning of another, f64[N, 2] m.

    ``widest_m``: largest radius of an arc, where it must not cut the corner.
    """
    a, b = start.centre_m[-1], goal.centre_m[0]
    return line_between(a, end_heading(start), b, heading(goal), widest_m)


def heading(lane: Lane) -> float:
    """Direction at the beginning of a lane, rad."""
    (ax, ay), (bx, by) = lane.centre_m[:2].tolist()
    return math.atan2(by - ay, bx - ax)


def end_heading(lane: Lane) -> float:
    """Direction at the end of a lane, rad."""
    (ax, ay), (bx, by) = lane.centre_m[-2:].tolist()
    return math.atan2(by - ay, bx - ax)


def line_between(
    a: np.ndarray, a_rad: float, b: np.ndarray, b_rad: float, widest_m: float = math.inf
) -> np.ndarray:
    """A smooth line from pose a to pose b.

    Parallel poses: straight, or a shift that begins and ends without a kink. Else the widest
    circular arc between two straights, where their lines meet between the poses, or a Bezier curve.
    """
    turn = wrap_rad(b_rad - a_rad)
    c, s = math.cos(a_rad), math.sin(a_rad)
    ahead, (x, y) = np.array([c, s]), (b - a).tolist()
    along, aside = x * c + y * s, y * c - x * s
    if abs(turn) < PARALLEL_RAD and along > 0:
        return _shift(a, b, ahead, along, aside, turn)
    back_c, back_s = math.cos(b_rad), math.sin(b_rad)
    cross = c * back_s - s * back_c
    if abs(cross) > 1e-6:
        first, second = (x * back_s - y * back_c) / cross, aside / cross
        if first > 0.3 and second > 0.3:
            return _arc(a, b, ahead, (first, second), turn, widest_m)
    return _bezier(a, ahead, b, np.array([back_c, back_s]))


def _shift(
    a: np.ndarray, b: np.ndarray, ahead: np.ndarray, along: float, aside: float, turn: float
) -> np.ndarray:
    if abs(aside) < 0.02 and abs(turn) < 0.02:
        return np.stack([a, b])
    t = spaced(1.0, max(9, math.ceil(along / 2.0)))
    # quintic: no curvature at either end; the second term ends in the goal's direction
    rise = t**3 * (10 - 15 * t + 6 * t**2)
    tilt = t**3 * (-4 + 7 * t - 3 * t**2) * along * math.tan(turn)
    left = np.array([-ahead[1], ahead[0]])
    line = a + (t * along)[:, None] * ahead + (rise * aside + tilt)[:, None] * left
    line[-1] = b
    return line


def _arc(
    a: np.ndarray, b: np.ndarray, ahead: np.ndarray, legs: tuple[float, float], turn: float,
    widest_m: float,
) -> np.ndarray:  # fmt: skip
    first, second = legs
    bend = math.tan(abs(turn) / 2)
    tangent = min(first, second, widest_m * bend)
    radius = tangent / bend
    count = max(9, math.ceil(radius * abs(turn) * 2), math.ceil(abs(turn) / FINEST_RAD))
    sweep = spaced(abs(turn), count)
    side = np.array([-ahead[1], ahead[0]]) * math.copysign(1.0, turn)
    begin = a + (first - tangent) * ahead
    along, aside = radius * np.sin(sweep), radius * (1 - np.cos(sweep))
    arc = begin + along[:, None] * ahead + aside[:, None] * side
    head = [a[None]] if first - tangent > 0.05 else []
    tail = [b[None]] if second - tangent > 0.05 else []
    line = np.concatenate([*head, arc, *tail])
    line[0], line[-1] = a, b
    return line


def _bezier(a: np.ndarray, ahead: np.ndarray, b: np.ndarray, back: np.ndarray) -> np.ndarray:
    reach = 0.4 * float(np.hypot(*(b - a)))
    p, q = a + reach * ahead, b - reach * back
    t = spaced(1.0, max(9, math.ceil(reach * 2.5)))[:, None]
    return (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * p + 3 * t**2 * (1 - t) * q + t**3 * b
