"""Lanes: where vehicles drive, how wide, how fast, and the paint on both sides."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np

from simulator.arrays import frozen
from simulator.geometry import rising_lengths_m


class Marking(enum.IntEnum):
    """The line painted on one side of a lane."""

    NONE = 0
    BROKEN_WHITE = 1
    SOLID_WHITE = 2
    DOUBLE_YELLOW = 3
    DOUBLE_WHITE = 4
    SOLID_YELLOW = 6


class Turn(enum.IntEnum):
    """What a lane does: an ordinary lane or one way through a junction."""

    NONE = 0
    STRAIGHT = 1
    LEFT = 2
    RIGHT = 3


class LaneKind(enum.IntEnum):
    """Who a lane is for."""

    DRIVE = 0
    BIKE = 1


@dataclasses.dataclass(frozen=True, eq=False)
class Lane:
    """One lane, driven in the direction of its centre line.

    Attributes:
        id: index in the network's lanes.
        centre_m: f64[N, 2], world frame, N >= 2, no repeated points.
        width_m: full width.
        speed_limit_mps: legal limit.
        left, right: paint on either side, seen in the direction of travel.
        turn: NONE for a road, else the connector's movement through a junction.
        kind: who it is for.
        s_m: f64[N], distance along the centre line (derived).
    """

    id: int
    centre_m: np.ndarray
    width_m: float
    speed_limit_mps: float
    left: Marking = Marking.NONE
    right: Marking = Marking.NONE
    turn: Turn = Turn.NONE
    kind: LaneKind = LaneKind.DRIVE
    s_m: np.ndarray = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        centre = frozen(self.centre_m, np.float64, (None, 2), "centre_m")
        lengths = rising_lengths_m(centre, f"lane {self.id}")
        if not 1.0 <= self.width_m <= 20 or not 0 < self.speed_limit_mps <= 70:
            raise ValueError(f"lane {self.id} has an impossible width or speed limit")
        object.__setattr__(self, "centre_m", centre)
        object.__setattr__(self, "s_m", lengths)

    @property
    def length_m(self) -> float:
        """Length of the centre line, m."""
        return float(self.s_m[-1])
