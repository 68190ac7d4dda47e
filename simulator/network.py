"""The road network: lanes, how they join and cross, and where traffic must stop."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np

from simulator.arrays import frozen
from simulator.lane import Lane


class Control(enum.IntEnum):
    """What rules a stop line.

    YIELD lines are painted as teeth and have a sign. PRIORITY lines have neither paint nor sign:
    their traffic goes on, but there whoever turns left waits for those who come towards it.
    """

    NONE = 0
    STOP = 1
    SIGNAL = 2
    YIELD = 3
    PRIORITY = 4


@dataclasses.dataclass(frozen=True)
class StopLine:
    """A line across one lane at which a vehicle's front must not pass without its right.

    ``group`` is the signal group that rules it, or -1. Where traffic merges by rule of the road
    alone the line is not ``painted`` and has no sign.
    """

    id: int
    lane_id: int
    s_m: float
    control: Control
    group: int = -1
    painted: bool = True


@dataclasses.dataclass(frozen=True)
class Crosswalk:
    """Where people cross: the middle line from kerb to kerb, and how wide the crossing is.

    ``group`` is the signal group of the people's phase, or -1. Which lanes it crosses follows from
    its place.
    """

    id: int
    a_m: tuple[float, float]
    b_m: tuple[float, float]
    width_m: float
    group: int = -1


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """Everything that traffic drives on.

    Attributes:
        lanes: lane id == index.
        successors: ids of the lanes that go on from the end of each lane.
        left_of, right_of: i32[L], the neighbour lane in the same direction, -1 none.
        conflicts: i32[K, 2], unordered pairs of junction lanes whose swept paths meet (cross or
            merge); pairs that only part from the same lane are not conflicts.
        stop_lines: stop line id == index.
        junctions_m: polygons f64[N, 2] of paved junction areas.
        kerbs_m: polygons f64[N, 2] of the paved carriageways outside junctions.
        bounds_m: (x0, y0, x1, y1) of the drawn world.
        islands_m: polygons f64[N, 2] of raised islands and medians within the pavement.
        crosswalks: crosswalk id == index.
        paint_m: polygons f64[N, 2] of white paint that belongs to no lane, such as bays' lines.
    """

    lanes: tuple[Lane, ...]
    successors: tuple[tuple[int, ...], ...]
    left_of: np.ndarray
    right_of: np.ndarray
    conflicts: np.ndarray
    stop_lines: tuple[StopLine, ...]
    junctions_m: tuple[np.ndarray, ...]
    kerbs_m: tuple[np.ndarray, ...]
    bounds_m: tuple[float, float, float, float]
    islands_m: tuple[np.ndarray, ...] = ()
    crosswalks: tuple[Crosswalk, ...] = ()
    paint_m: tuple[np.ndarray, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.lanes)
        for name in ("left_of", "right_of"):
            value = frozen(getattr(self, name), np.int32, (count,), name)
            object.__setattr__(self, name, value)
        pairs = frozen(self.conflicts, np.int32, (None, 2), "conflicts")
        object.__setattr__(self, "conflicts", pairs)
        for name in ("junctions_m", "kerbs_m", "islands_m", "paint_m"):
            value = tuple(frozen(p, np.float64, (None, 2), name) for p in getattr(self, name))
            object.__setattr__(self, name, value)
        self._check_references(count)

    def _check_references(self, count: int) -> None:
        if any(lane.id != i for i, lane in enumerate(self.lanes)):
            raise ValueError("lane ids must be 0, 1, 2, ...")
        if len(self.successors) != count:
            raise ValueError("successors must have one entry a lane")
        ids = [i for group in self.successors for i in group]
        ids += [s.lane_id for s in self.stop_lines] + self.conflicts.ravel().tolist()
        if ids and not 0 <= min(ids) <= max(ids) < count:
            raise ValueError("the network names a lane that is not there")
        beside = [-1, *self.left_of.tolist(), *self.right_of.tolist()]
        if not -1 <= min(beside) <= max(beside) < count:
            raise ValueError("the network names a neighbour lane that is not there")
        if any(s.id != i for i, s in enumerate(self.stop_lines)):
            raise ValueError("stop line ids must be 0, 1, 2, ...")
        if any(c.id != i for i, c in enumerate(self.crosswalks)):
            raise ValueError("crosswalk ids must be 0, 1, 2, ...")
        if any(c.a_m == c.b_m or not 0.5 <= c.width_m <= 20 for c in self.crosswalks):
            raise ValueError("a crosswalk needs two different ends and a width of 0.5 to 20 m")
