"""Lane-use arrows: white arrows on an approach that say what each of its lanes is for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator.geometry import direction_at, place_at, to_world
from simulator.lane import Lane, Turn

LENGTH_M = 2.9
"""Of an arrow for going straight on: 9.5 ft (FHWA, Standard Highway Signs, pavement markings)."""

_STEM = np.array([[0.0, -0.08], [2.0, -0.08], [2.0, 0.08], [0.0, 0.08]])
_HEAD = np.array([[1.9, -0.3], [LENGTH_M, 0.0], [1.9, 0.3]])
_BRANCH = np.array([[0.7, 0.0], [0.9, 0.0], [1.35, 0.5], [1.15, 0.5]])
_BRANCH_HEAD = np.array([[0.75, 0.45], [1.75, 0.45], [1.25, 1.05]])
"""From the tail of the arrow forwards and to the left, m; each part is convex."""

_OTHER_SIDE = np.array([1.0, -1.0])


def arrow(lane: Lane, s_m: float, turns: Iterable[Turn]) -> list[np.ndarray]:
    """The parts of an arrow on a lane, each f64[N, 2] m.

    Args:
        lane: that it lies on. s_m: of its tail along it. turns: what it points to.
    """
    x, y = place_at(lane.centre_m, lane.s_m, s_m)
    heading = direction_at(lane.centre_m, lane.s_m, s_m)
    parts = [_STEM]
    for turn in sorted(turns):
        if turn == Turn.STRAIGHT:
            parts.append(_HEAD)
        else:
            side = np.ones(2) if turn == Turn.LEFT else _OTHER_SIDE
            parts += [_BRANCH * side, _BRANCH_HEAD * side]
    return [to_world(part, x, y, heading) for part in parts]
