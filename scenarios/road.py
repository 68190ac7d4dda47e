"""Pieces that every layout is made of: a road's own frame, its markings, its pavement."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from simulator.geometry import box_corners, to_world
from simulator.lane import Marking


@dataclasses.dataclass(frozen=True)
class Road:
    """The frame of one direction of a road through the world's origin: x along travel, y left.

    ``half_m`` is the width of this direction's lanes together; they lie at negative y.
    """

    heading_rad: float
    half_m: float

    def points(self, local: Sequence[tuple[float, float]] | np.ndarray) -> np.ndarray:
        """Points of this frame in the world: f64[N, 2] m."""
        return to_world(np.asarray(local, dtype=float), 0.0, 0.0, self.heading_rad)

    def vector(self, x: float, y: float) -> tuple[float, float]:
        """A direction of this frame in the world."""
        c, s = math.cos(self.heading_rad), math.sin(self.heading_rad)
        return c * x - s * y, s * x + c * y


def lane_markings(k: int, count: int) -> tuple[Marking, Marking]:
    """Paint left and right of lane k (0 the leftmost) of a direction with count lanes."""
    left = Marking.DOUBLE_YELLOW if k == 0 else Marking.BROKEN_WHITE
    return left, (Marking.SOLID_WHITE if k == count - 1 else Marking.BROKEN_WHITE)


def neighbours(first: int, count: int) -> tuple[list[int], list[int]]:
    """Ids of the left and of the right neighbours of lanes first .. first + count - 1."""
    left = [-1, *range(first, first + count - 1)]
    return left, [*range(first + 1, first + count), -1]


def box_polygon(box: Sequence[float]) -> np.ndarray:
    """Corners of a box (x, y, heading, length, width): f64[4, 2] m, ccw."""
    x, y, heading, length, width = box
    return box_corners(x, y, heading, length, width)
