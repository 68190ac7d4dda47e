"""Where something may still be put up in a map that is otherwise complete."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numba import njit

from scenarios.layout import Roads
from simulator.collision import hit
from simulator.surroundings import Surroundings

OFF_ROAD_M = 0.8
"""From the middle of a post to the carriageway (MUTCD 2A.19: 0.6 m from the face of a kerb)."""

APART_M = 0.5
"""From a post to anything else that stands there."""

LANDING_M = 0.8
"""What is kept free about a crosswalk, for those who wait there."""

TRUNK_M = 0.3
"""Width of a trunk or of a lamp's pole."""

TOUCH_M = 0.05
"""Areas that are no further apart along a line are one."""


@dataclasses.dataclass(frozen=True, eq=False)
class Segments:
    """Straight pieces of many lines: ends f64[E, 2] m, and the line of each, i64[E], ascending."""

    begin_m: np.ndarray
    end_m: np.ndarray
    owner: np.ndarray

    def crossings(self, place_m: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which of them an endless line through a place crosses, i64[K], and how far along, m.

        Args:
            place_m: f64[2]. along: f64[2], unit vector.
        """
        found, way = np.empty(len(self.owner), np.int64), np.empty(len(self.owner))
        count = _crossings(self.begin_m, self.end_m, place_m, along, found, way)
        return found[:count], way[:count]

    def distance_m(self, place_m: np.ndarray) -> float:
        """From a place f64[2] m to the nearest of them."""
        return _distance(self.begin_m, self.end_m, place_m)


@njit(cache=True)
def _crossings(
    begin: np.ndarray, end: np.ndarray, place: np.ndarray, along: np.ndarray, found: np.ndarray,
    way: np.ndarray,
) -> int:  # fmt: skip
    """Write what the line crosses, and how far along; the number of crossings."""
    count, x, y, cx, cy = 0, place[0], place[1], along[0], along[1]
    for k in range(len(begin)):
        ax, ay, bx, by = begin[k, 0] - x, begin[k, 1] - y, end[k, 0] - x, end[k, 1] - y
        a, b = ay * cx - ax * cy, by * cx - bx * cy
        if (a < 0.0) != (b < 0.0):
            share = a / (a - b)
            found[count] = k
            way[count] = (ax + share * (bx - ax)) * cx + (ay + share * (by - ay)) * cy
            count += 1
    return count


@njit(cache=True)
def _distance(begin: np.ndarray, end: np.ndarray, place: np.ndarray) -> float:
    least, x, y = math.inf, place[0], place[1]
    for k in range(len(begin)):
        dx, dy = end[k, 0] - begin[k, 0], end[k, 1] - begin[k, 1]
        px, py = x - begin[k, 0], y - begin[k, 1]
        share = min(max((px * dx + py * dy) / max(dx * dx + dy * dy, 1e-12), 0.0), 1.0)
        least = min(least, math.hypot(share * dx - px, share * dy - py))
    return least


@dataclasses.dataclass(frozen=True, eq=False)
class Site:
    """Outlines of the paved areas, those of junctions first, and f64[K, 5] boxes of what else is
    taken.
    """

    paved: Segments
    junctions: int
    taken: np.ndarray

    def is_free(self, place_m: np.ndarray) -> bool:
        """Whether a post may stand at a place f64[2] m: off the road, clear of all that stands."""
        post = np.array([[*place_m, 0.0, 2 * APART_M, 2 * APART_M]])
        if self.paved.distance_m(place_m) < OFF_ROAD_M or hit(post, self.taken).any():
            return False
        return self.edges_m(place_m, 0.0) is None

    def edges_m(self, place_m: np.ndarray, heading_rad: float) -> tuple[float, float] | None:
        """From a place to the right and to the left edge of the carriageway, across a direction,
        m; None off it.
        """
        left = np.array([-math.sin(heading_rad), math.cos(heading_rad)])
        for low, high in self._spans(place_m, left):
            if low <= 0.0 <= high:
                return -low, high
        return None

    def beyond_junction_m(self, place_m: np.ndarray, heading_rad: float) -> float | None:
        """How far ahead of a place the first junction ends, m; None where there is none."""
        ahead = np.array([math.cos(heading_rad), math.sin(heading_rad)])
        spans = self._spans(place_m, ahead, self.junctions)
        return next((high for _, high in spans if high > 0.0), None)

    def _spans(
        self, place: np.ndarray, along: np.ndarray, areas: int | None = None
    ) -> list[tuple[float, float]]:
        """Where a line through a place lies within the first of the paved areas, or all."""
        found, way = self.paved.crossings(place, along)
        met = sorted(zip(self.paved.owner[found].tolist(), way.tolist(), strict=True))
        along_m = [s for owner, s in met if areas is None or owner < areas]
        # a line enters and leaves each area by turns
        spans: list[tuple[float, float]] = []
        for low, high in sorted(zip(along_m[::2], along_m[1::2], strict=True)):
            if spans and low <= spans[-1][1] + TOUCH_M:
                spans[-1] = spans[-1][0], max(spans[-1][1], high)
            else:
                spans.append((low, high))
        return spans


def site_of(roads: Roads, around: Surroundings) -> Site:
    """The site of a map with all that stands in it."""
    network = roads.network
    outlines = (*network.junctions_m, *network.kerbs_m)
    points, count = np.concatenate(outlines), np.array([len(outline) for outline in outlines])
    ends = np.cumsum(count)
    following = np.arange(1, len(points) + 1)
    following[ends - 1] = ends - count
    paved = Segments(points, points[following], np.repeat(np.arange(len(outlines)), count))
    upright = [(t.x_m, t.y_m) for t in around.trees] + [(p.x_m, p.y_m) for p in around.poles]
    blocks = [
        (b.x_m, b.y_m, b.heading_rad, b.length_m, b.width_m)
        for b in around.blocks
        if b.height_m > 0
    ]
    ends = np.array([(*c.a_m, *c.b_m) for c in network.crosswalks]).reshape(-1, 4)
    wide = np.array([c.width_m for c in network.crosswalks]) + 2 * LANDING_M
    houses = np.concatenate([np.zeros((0, 2)), *(b.footprint_m for b in around.buildings)])
    houses, feet = houses.reshape(-1, 4, 2), np.full((len(upright), 5), TRUNK_M)
    feet[:, :2] = np.array(upright).reshape(-1, 2)
    taken = (
        feet,
        np.array(blocks).reshape(-1, 5),
        _boxes(ends[:, :2], ends[:, 2:], wide),
        _boxes(
            (houses[:, 0] + houses[:, 3]) / 2, (houses[:, 1] + houses[:, 2]) / 2,
            np.hypot(*(houses[:, 3] - houses[:, 0]).T),
        ),
    )  # fmt: skip
    return Site(paved, len(network.junctions_m), np.concatenate(taken))


def _boxes(a: np.ndarray, b: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Boxes f64[N, 5] along middle lines from a to b, f64[N, 2] m."""
    d = b - a
    return np.column_stack([(a + b) / 2, np.arctan2(*d.T[::-1]), np.hypot(*d.T), wide])
