"""Where lines along lanes are not painted: beyond stop lines and over crosswalks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from render.markings import STOP_LINE_M, strip
from simulator.geometry import point_at
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
    areas = np.asarray(shapely.polygons(np.array(bare)))
    points = [lane.centre_m for lane, _ in sides]
    owner = np.repeat(np.arange(len(sides)), [len(p) for p in points])
    centre, normal = np.concatenate(points), np.concatenate(normals)
    half = np.array([lane.width_m * side / 2 for lane, side in sides])
    centres, lines = (
        np.asarray(shapely.linestrings(line, indices=owner))
        for line in (centre, centre + half[owner, None] * normal)
    )
    which, area = shapely.STRtree(areas).query(lines, predicate="intersects")
    if not len(which):
        return {}
    inside = shapely.intersection(lines[which], areas[area])
    ends, pair = shapely.get_coordinates(inside, return_index=True)
    at_m = shapely.line_locate_point(centres[which[pair]], shapely.points(ends))
    low, high = np.full(len(which), np.inf), np.full(len(which), -np.inf)
    np.minimum.at(low, pair, at_m)
    np.maximum.at(high, pair, at_m)
    found: Gaps = {}
    for k in np.unique(which).tolist():
        lane, side = sides[k]
        own = which == k
        found[lane.id, side] = _joined_gaps(low[own], high[own], lane.length_m)
    return found


def _joined_gaps(low: np.ndarray, high: np.ndarray, length_m: float) -> np.ndarray:
    """Gaps f64[G, 2] in order, of which those that leave but a stub between them are one."""
    out: list[list[float]] = []
    for a, b in sorted(zip(low.tolist(), high.tolist(), strict=True)):
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
    half = lane.width_m / 2 + BESIDE_M
    ends = np.array([min(begin, end - 0.01), end])
    return strip(point_at(lane.centre_m, lane.s_m, ends), half, -half)


def _crosswalks(network: Network) -> list[np.ndarray]:
    """Crosswalks with what is clear of lines about them, f64[4, 2] m each."""
    out: list[np.ndarray] = []
    for crosswalk in network.crosswalks:
        ends = np.array([crosswalk.a_m, crosswalk.b_m])
        over = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
        ends += np.outer([-BESIDE_M, BESIDE_M], over)
        half = crosswalk.width_m / 2 + CLEAR_M
        out.append(strip(ends, half, -half))
    return out
