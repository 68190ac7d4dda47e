"""Outlines of road markings in metres, world frame: lane lines, stop lines, teeth, crosswalks."""

from __future__ import annotations

import itertools
import math

import numpy as np

from render.kernel import kernel
from simulator.geometry import heading_at, left_normals, point_at, pose_at
from simulator.lane import Lane, Marking
from simulator.network import Control, Crosswalk, Network, StopLine

LINE_M = 0.12
DASH_M, GAP_M = 3.0, 6.0
STOP_LINE_M = 0.45

TOOTH_M, TOOTH_LONG_M, TOOTH_GAP_M = 0.45, 0.68, 0.25
"""Base, height and spacing of the triangles of a yield line (MUTCD 3B.19: 12-24 in, 18-36 in)."""

BAR_M, BAR_GAP_M = 0.5, 0.6
"""Width and spacing of a crosswalk's bars (MUTCD 3C: 0.3-0.6 m)."""

YELLOWS = (Marking.DOUBLE_YELLOW, Marking.SOLID_YELLOW)
NO_GAPS = np.zeros((0, 2))

INNER = (*YELLOWS, Marking.DOUBLE_WHITE)
"""Lines that lie within their lane: with that of the lane beyond they make two."""


def strip(line_m: np.ndarray, left_m: float, right_m: float) -> np.ndarray:
    """The polygon between two sideways offsets of a polyline, f64[2N, 2] m."""
    return band(line_m, left_normals(line_m), left_m, right_m)


def band(line_m: np.ndarray, normal: np.ndarray, left_m: float, right_m: float) -> np.ndarray:
    """The same with the polyline's ``left_normals`` at hand."""
    return bands(line_m, normal, np.array([left_m]), np.array([right_m]))[0]


def bands(
    line_m: np.ndarray, normal: np.ndarray, left_m: np.ndarray, right_m: np.ndarray
) -> np.ndarray:
    """Several ``band`` of one line between edges f64[K], f64[K, 2N, 2] m."""
    out = np.empty((len(left_m), 2 * len(line_m), 2))
    _lay_bands(line_m, normal, left_m, right_m, out)
    return out


@kernel
def _lay_bands(line, normal, left, right, out):
    last = 2 * len(line) - 1
    for band in range(len(left)):
        for k in range(len(line)):
            for axis in range(2):
                out[band, k, axis] = line[k, axis] + left[band] * normal[k, axis]
                out[band, last - k, axis] = line[k, axis] + right[band] * normal[k, axis]


def line_count(lane: Lane, marking: Marking) -> int:
    """How many lines or dashes a lane has on a side, those in gaps among them."""
    if marking == Marking.BROKEN_WHITE:  # as many as ``_starts`` gives
        return max(math.ceil((lane.length_m - DASH_M) / (DASH_M + GAP_M)), 0)
    return int(marking != Marking.NONE)


def lane_lines(
    lane: Lane, normal: np.ndarray, side: float, marking: Marking, gaps_m: np.ndarray = NO_GAPS
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The paint on one side of a lane (1 left, -1 right): pieces of as many corners,
    f64[P, N, 2] m, and which of its lines or dashes each is of, i64[P].

    Args:
        normal: the ``left_normals`` of its middle. gaps_m: f64[G, 2], where along it there is none.
    """
    edge, half = side * lane.width_m / 2, LINE_M / 2
    if marking == Marking.NONE:
        return []
    if marking == Marking.BROKEN_WHITE:
        starts = _starts(lane)
        over = (starts[:, None] < gaps_m[:, 1]) & (starts[:, None] + DASH_M > gaps_m[:, 0])
        whole = np.flatnonzero(~over.any(axis=1))
        return [(_dashes(lane, starts[whole], edge, half), whole)]
    near, only = edge - side * 0.12 if marking in INNER else edge, np.zeros(1, np.int64)
    if not len(gaps_m):
        return [(band(lane.centre_m, normal, near + half, near - half)[None], only)]
    ends = np.concatenate([[0.0], gaps_m.ravel(), [lane.length_m]]).reshape(-1, 2)
    parts = (_part(lane, normal, a, b) for a, b in ends.tolist() if a < b)
    return [(band(*part, near + half, near - half)[None], only) for part in parts]


def _part(
    lane: Lane, normal: np.ndarray, begin_m: float, end_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Middle and ``left_normals`` of a part of a lane, f64[N, 2] each."""
    s, table = lane.s_m, np.concatenate([lane.centre_m, normal], axis=1)
    low, high = int(s.searchsorted(begin_m, "right")), int(s.searchsorted(end_m, "left"))
    ends = []
    for at, k in ((begin_m, min(max(low, 1), len(s) - 1)), (end_m, max(high, 1))):
        share = (at - s[k - 1]) / (s[k] - s[k - 1])
        ends.append(table[k - 1] + share * (table[k] - table[k - 1]))
    part = np.concatenate([ends[:1], table[low:high], ends[1:]])
    return part[:, :2], part[:, 2:]


def _starts(lane: Lane) -> np.ndarray:
    """Where a broken line has its dashes, f64[D] m along the lane."""
    return np.arange(0.0, lane.length_m - DASH_M, DASH_M + GAP_M)


def _dashes(lane: Lane, starts_m: np.ndarray, edge_m: float, half_m: float) -> np.ndarray:
    """Dashes of DASH_M from each start, each bent once in its middle, f64[D, 6, 2]."""
    s = starts_m[:, None] + np.array([0.0, DASH_M / 2, DASH_M])
    centre, heading = pose_at(lane.centre_m, lane.s_m, s.ravel())
    out = np.empty((len(s), 6, 2))
    _lay_dashes(centre, np.sin(heading), np.cos(heading), edge_m + half_m, edge_m - half_m, out)
    return out


@kernel
def _lay_dashes(centre, sine, cosine, left, right, out):
    for k in range(len(centre)):
        dash, i = k // 3, k % 3
        out[dash, i, 0] = centre[k, 0] - left * sine[k]
        out[dash, i, 1] = centre[k, 1] + left * cosine[k]
        out[dash, 5 - i, 0] = centre[k, 0] - right * sine[k]
        out[dash, 5 - i, 1] = centre[k, 1] + right * cosine[k]


def across(network: Network) -> list[np.ndarray]:
    """All white paint but lanes' lines: stop lines, teeth, bars of crosswalks, lines of bays; each
    entry is f64[P, N, 2] m, pieces of as many corners.
    """
    found: list[np.ndarray] = []
    for line in network.stop_lines:
        if line.painted and line.control in (Control.STOP, Control.SIGNAL):
            lane = network.lanes[line.lane_id]
            ends = np.array([line.s_m, line.s_m + STOP_LINE_M])
            half = lane.width_m / 2 - 0.15
            found.append(strip(point_at(lane.centre_m, lane.s_m, ends), half, -half)[None])
        elif line.painted and line.control == Control.YIELD:
            found.append(_teeth(network.lanes[line.lane_id], line))
    found += [np.stack(list(alike)) for _, alike in itertools.groupby(network.paint_m, len)]
    return found + [_bars(crosswalk) for crosswalk in network.crosswalks]


def _teeth(lane: Lane, line: StopLine) -> np.ndarray:
    """Triangles that point towards the traffic which they stop, f64[T, 3, 2] m."""
    s = np.array([line.s_m])
    heading = float(heading_at(lane.centre_m, lane.s_m, s)[0])
    ahead = np.array([np.cos(heading), np.sin(heading)])
    left = np.array([-ahead[1], ahead[0]])
    count = int((lane.width_m - 0.3 + TOOTH_GAP_M) // (TOOTH_M + TOOTH_GAP_M))
    middle = (np.arange(count) - (count - 1) / 2) * (TOOTH_M + TOOTH_GAP_M)
    tooth = np.array([[0.0, 0.0], [TOOTH_LONG_M, TOOTH_M / 2], [TOOTH_LONG_M, -TOOTH_M / 2]])
    aside = middle[:, None] + tooth[None, :, 1]
    base = point_at(lane.centre_m, lane.s_m, s)[0]
    return base + tooth[None, :, :1] * ahead + aside[:, :, None] * left


def _bars(crosswalk: Crosswalk) -> np.ndarray:
    """Bars along the road's direction from kerb to kerb, f64[B, 4, 2] m."""
    a, b = np.array(crosswalk.a_m), np.array(crosswalk.b_m)
    length = float(np.hypot(*(b - a)))
    over = (b - a) / length
    along = np.array([-over[1], over[0]]) * crosswalk.width_m / 2
    count = max(1, int((length - 0.4 + BAR_GAP_M) // (BAR_M + BAR_GAP_M)))
    start = (np.arange(count) - (count - 1) / 2) * (BAR_M + BAR_GAP_M) + length / 2 - BAR_M / 2
    near, far = a + start[:, None] * over, a + (start + BAR_M)[:, None] * over
    return np.stack([near - along, far - along, far + along, near + along], axis=1)
