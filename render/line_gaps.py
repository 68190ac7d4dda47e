"""Where lines along lanes are not painted: beyond stop lines and over crosswalks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from render.kernel import kernel
from render.markings import STOP_LINE_M, strip
from simulator.lane import Lane
from simulator.network import Control, Network, StopLine

BESIDE_M = 0.4
"""Lines so far beside a lane end with it: that of the lane beyond, or of the other direction."""

CLEAR_M = 0.2
"""Between a crosswalk and where a line ends."""

STUB_M = 3.0
"""No line is shorter than this, between two gaps or between one and an end of its lane."""

JUNCTION_M = 10.0
"""A stop line so close to the end of its lane stands before a junction."""

DRAWN = (Control.STOP, Control.SIGNAL, Control.YIELD)
"""What rules those stop lines that are painted as lines or teeth."""

Gaps = dict[tuple[int, float], np.ndarray]
"""By id of a lane and side (1 left, -1 right) the parts without paint, f64[G, 2] m along it, in
order; of those that have any."""


def gaps_of(
    network: Network, sides: Sequence[tuple[Lane, float]], normals: Sequence[np.ndarray]
) -> Gaps:
    """The gaps of the lines on some sides of lanes; ``normals``, the ``left_normals`` of each."""
    bare = [*_beyond(network), *_crosswalks(network)]
    if not bare or not sides:
        return {}
    first = np.cumsum([0, *(len(normal) for normal in normals)])
    half = np.array([lane.width_m * side / 2 for lane, side in sides])
    out = half.repeat(np.diff(first))[:, None] * np.concatenate(normals)
    edges = np.concatenate([lane.centre_m for lane, _ in sides]) + out
    s_m = np.concatenate([lane.s_m for lane, _ in sides])
    over = np.empty((len(sides), len(bare), 2))
    _over(edges, s_m, first, np.array(bare), over)
    met = over[..., 0] < over[..., 1]
    return {
        (sides[k][0].id, sides[k][1]): _joined(over[k, met[k]], sides[k][0].length_m)
        for k in np.flatnonzero(met.any(axis=1)).tolist()
    }


def _joined(gaps_m: np.ndarray, length_m: float) -> np.ndarray:
    """Gaps f64[G, 2] in order, of which those that leave but a stub between them are one."""
    out: list[list[float]] = []
    for a, b in sorted(gaps_m.tolist()):
        begin, end = 0.0 if a < STUB_M else a, length_m if b > length_m - STUB_M else b
        if out and begin < out[-1][1] + STUB_M:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([begin, end])
    return np.array(out)


def _beyond(network: Network) -> list[np.ndarray]:
    """What lies beyond stop lines, up to the junction, if that is near, f64[4, 2] m each."""
    return [
        _strip_beyond(network.lanes[line.lane_id], line)
        for line in network.stop_lines
        if line.painted and line.control in DRAWN
    ]


def _strip_beyond(lane: Lane, line: StopLine) -> np.ndarray:
    begin, rest = line.s_m + STOP_LINE_M / 2, lane.length_m - line.s_m
    end = lane.length_m if rest < JUNCTION_M else begin + STOP_LINE_M
    ends = np.array([min(begin, end - 0.01), end])
    middle = np.stack([np.interp(ends, lane.s_m, column) for column in lane.centre_m.T], axis=1)
    half = lane.width_m / 2 + BESIDE_M
    return strip(middle, half, -half)


def _crosswalks(network: Network) -> list[np.ndarray]:
    """Crosswalks with what is clear of lines about them, f64[4, 2] m each."""
    out: list[np.ndarray] = []
    for crosswalk in network.crosswalks:
        (ax, ay), (bx, by) = crosswalk.a_m, crosswalk.b_m
        wide = BESIDE_M / math.hypot(bx - ax, by - ay)
        dx, dy = (bx - ax) * wide, (by - ay) * wide
        half = crosswalk.width_m / 2 + CLEAR_M
        out.append(strip(np.array([[ax - dx, ay - dy], [bx + dx, by + dy]]), half, -half))
    return out


@kernel
def _over(edges, s_m, first, bare, out):
    """The part of each line that is over each of some convex areas f64[Q, 4, 2], as f64[N, Q, 2]:
    where along its lane it begins and ends, the wrong way round where there is none.

    Lines are f64[first[n]:first[n + 1], 2] with s_m beside; each of their pieces is cut by each
    side of the area in turn (Cyrus and Beck 1978).
    """
    for n in range(len(first) - 1):
        for q in range(len(bare)):
            low, high = np.inf, -np.inf
            for k in range(first[n], first[n + 1] - 1):
                begin, end = 0.0, 1.0
                for i in range(4):
                    j = (i + 1) & 3
                    nx, ny = bare[q, i, 1] - bare[q, j, 1], bare[q, j, 0] - bare[q, i, 0]
                    # strips have their corners clockwise: what is within lies to the right
                    a = nx * (bare[q, i, 0] - edges[k, 0]) + ny * (bare[q, i, 1] - edges[k, 1])
                    b = nx * (edges[k, 0] - edges[k + 1, 0]) + ny * (edges[k, 1] - edges[k + 1, 1])
                    if b > 0:
                        begin = max(begin, -a / b)
                    elif b < 0:
                        end = min(end, -a / b)
                    elif a < 0:
                        end = -1.0
                    if begin >= end:
                        break
                if begin < end:
                    step = s_m[k + 1] - s_m[k]
                    low = min(low, s_m[k] + begin * step)
                    high = max(high, s_m[k] + end * step)
            out[n, q, 0], out[n, q, 1] = low, high
