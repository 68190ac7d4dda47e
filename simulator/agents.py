"""Vehicles as arrays: what is fixed for a scene, and what changes with each step."""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from simulator.arrays import frozen


class Kind(enum.IntEnum):
    """Kind of vehicle; a person on foot is one too, as far as tables go."""

    CAR = 0
    TRUCK = 1
    BUS = 2
    VAN = 3
    MOTORCYCLE = 4
    BICYCLE = 5
    PEDESTRIAN = 6


class Lamp(enum.IntFlag):
    """Lamps that are lit."""

    BRAKE = 1
    LEFT = 2
    RIGHT = 4
    HEAD = 8


_TABLE = {
    "kind": np.uint8, "style": np.uint8, "length_m": np.float64, "width_m": np.float64,
    "height_m": np.float64, "desired_speed_mps": np.float64, "headway_s": np.float64,
    "min_gap_m": np.float64, "accel_mps2": np.float64, "decel_mps2": np.float64,
    "route": np.int32, "start_s_m": np.float64, "enter_time_s": np.float64,
    "parked_x_m": np.float64, "parked_y_m": np.float64, "parked_heading_rad": np.float64,
    "temper": np.float64, "adapts": np.bool_,
}  # fmt: skip
_LATER = {"later": True}
"""See ``scene.LATER``."""

KINGPIN_M = 1.9
"""From the front of a semitrailer to the pin that it turns about."""

MOST_UMBRELLA_M = 1.5

PIN_SHARE = 0.8
"""The pin lies over the tractor's rear axle, this share of the tractor's length from its front."""

STATE = {
    "x_m": np.float64, "y_m": np.float64, "heading_rad": np.float64, "speed_mps": np.float64,
    "accel_mps2": np.float64, "leg": np.int32, "s_m": np.float64, "lamps": np.uint8,
    "active": np.bool_, "stopped_since_s": np.float64, "granted_line": np.int32,
    "route": np.int32, "shift_m": np.float64, "shift_done": np.float64,
}  # fmt: skip
SOMETIMES = {
    "trailer_rad": np.float64, "drift_m": np.float64, "drift_rad": np.float64, "struck": np.int32,
}  # fmt: skip
"""Columns that a state has only where somebody needs them."""


@dataclasses.dataclass(frozen=True, eq=False)
class AgentTable:
    """What does not change: one row a vehicle, id == row (a "vehicle" is a row).

    Attributes:
        kind: u8[N], see Kind. style: u8[N], body shape within the kind, 0..255.
        length_m, width_m, height_m: f64[N].
        colour: u8[N, 3], sRGB paint.
        desired_speed_mps, headway_s, min_gap_m, accel_mps2, decel_mps2: f64[N], the driver's IDM
            parameters on a dry road.
        route: i32[N], index in the scene's routes, -1 for a parked vehicle; of somebody on foot
            index in the scene's footpaths.
        start_s_m: f64[N], position of the front bumper along the route's first lane at entry; of
            somebody on foot, of the middle along the path.
        enter_time_s: f64[N]; a vehicle enters at this time, or later when there is room.
        parked_x_m, parked_y_m, parked_heading_rad: f64[N], pose of a parked vehicle's centre.
        temper: f64[N], how aggressive a driver is, in standard deviations of all drivers: 0 as most
            are, below it cautious. adapts: bool[N], whether it drives for the weather.
        trailer_m: f64[N], length of the semitrailer, 0 of what has none; None where nobody has one.
            ``length_m`` is then that of both together, in a straight line.
        umbrella_m: f64[N], width of the open umbrella that one carries, 0 of who has none; None
            where nobody has one.
    """

    kind: np.ndarray
    style: np.ndarray
    length_m: np.ndarray
    width_m: np.ndarray
    height_m: np.ndarray
    colour: np.ndarray
    desired_speed_mps: np.ndarray
    headway_s: np.ndarray
    min_gap_m: np.ndarray
    accel_mps2: np.ndarray
    decel_mps2: np.ndarray
    route: np.ndarray
    start_s_m: np.ndarray
    enter_time_s: np.ndarray
    parked_x_m: np.ndarray
    parked_y_m: np.ndarray
    parked_heading_rad: np.ndarray
    temper: np.ndarray
    adapts: np.ndarray
    trailer_m: np.ndarray | None = dataclasses.field(default=None, metadata=_LATER)
    umbrella_m: np.ndarray | None = dataclasses.field(default=None, metadata=_LATER)

    def __post_init__(self) -> None:
        count = len(self.kind)
        if self.trailer_m is not None:
            towed = frozen(self.trailer_m, np.float64, (count,), "trailer_m")
            object.__setattr__(self, "trailer_m", towed if towed.any() else None)
        if self.umbrella_m is not None:
            wide = frozen(self.umbrella_m, np.float64, (count,), "umbrella_m")
            if not ((wide >= 0) & (wide <= MOST_UMBRELLA_M)).all():
                raise ValueError(f"an umbrella_m is not from 0 to {MOST_UMBRELLA_M} m")
            object.__setattr__(self, "umbrella_m", wide if wide.any() else None)
        for name, dtype in _TABLE.items():
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, (count,), name))
        object.__setattr__(self, "colour", frozen(self.colour, np.uint8, (count, 3), "colour"))
        if count and (int(self.kind.max()) > max(Kind) or (self.length_m <= 0).any()):
            raise ValueError("an agent has an unknown kind or no length")
        if not ((self.towed_m >= 0) & (self.body_m > 0)).all():
            raise ValueError("a trailer_m is below 0, or leaves no room for its tractor")
        drives = self.route >= 0  # or walks
        for name in ("desired_speed_mps", "headway_s", "min_gap_m", "accel_mps2", "decel_mps2"):
            if np.count_nonzero(getattr(self, name)[drives] <= 0):
                raise ValueError(f"a driver's {name} must be above 0")

    def __len__(self) -> int:
        return len(self.kind)

    @functools.cached_property
    def towed_m(self) -> np.ndarray:
        """Length of each one's semitrailer, 0 none: f64[N]."""
        return np.zeros(len(self)) if self.trailer_m is None else self.trailer_m

    @functools.cached_property
    def body_m(self) -> np.ndarray:
        """Length of each one's own body, without a semitrailer: f64[N]."""
        if self.trailer_m is None:
            return self.length_m
        tractor = (self.length_m - self.trailer_m + KINGPIN_M) / PIN_SHARE
        return np.where(self.trailer_m > 0, tractor, self.length_m)

    @functools.cached_property
    def driven(self) -> np.ndarray:
        """Which rows are vehicles with a driver: bool[N]."""
        return (self.route >= 0) & (self.kind != Kind.PEDESTRIAN)

    @functools.cached_property
    def on_foot(self) -> np.ndarray:
        """Which rows are people on foot: bool[N]."""
        return self.kind == Kind.PEDESTRIAN


@dataclasses.dataclass(frozen=True, eq=False)
class AgentState:
    """What changes: one row a vehicle, same rows as the table.

    Attributes:
        time_s: time since the scene's beginning (before the warm-up).
        x_m, y_m, heading_rad: f64[N], pose of the body's centre, world frame; of a tractor with a
            semitrailer that of the tractor.
        speed_mps, accel_mps2: f64[N], along the path.
        leg: i32[N], index of the current lane within the route. s_m: f64[N], front bumper on it. Of
            somebody on foot: crosswalks left behind, and the place along the path.
        lamps: u8[N], Lamp flags.
        active: bool[N], on the map now (parked vehicles always are).
        stopped_since_s: f64[N], when it came to a stand at a stop line, or at a kerb, -1 not.
        granted_line: i32[N], id of the stop line that it may pass or has passed on this leg, or
            -1. Of somebody on foot: the crosswalk that it is on.
        route: i32[N], index in the scene's routes, which a lane change changes; -1 parked.
        shift_m, shift_done: f64[N], a lane change: how far left of its path the body was at its
            beginning, and how much of the change is done, 0..1.
        trailer_rad: f64[N], heading of each one's semitrailer; None where nobody has one.
        drift_m, drift_rad: f64[N], how far left of its path a body is that left its arc for want
            of grip, and how far left it heads, both within the pose; None where nobody has.
        struck: i32[N], 1 + the row in ``obstacles.obstacles`` of what each one ran into beside
            the road and stands at, 0 nothing; None where nobody has.
    """

    time_s: float
    x_m: np.ndarray
    y_m: np.ndarray
    heading_rad: np.ndarray
    speed_mps: np.ndarray
    accel_mps2: np.ndarray
    leg: np.ndarray
    s_m: np.ndarray
    lamps: np.ndarray
    active: np.ndarray
    stopped_since_s: np.ndarray
    granted_line: np.ndarray
    route: np.ndarray
    shift_m: np.ndarray
    shift_done: np.ndarray
    trailer_rad: np.ndarray | None = dataclasses.field(default=None, metadata=_LATER)
    drift_m: np.ndarray | None = dataclasses.field(default=None, metadata=_LATER)
    drift_rad: np.ndarray | None = dataclasses.field(default=None, metadata=_LATER)
    struck: np.ndarray | None = dataclasses.field(default=None, metadata=_LATER)

    def __post_init__(self) -> None:
        count = len(self.x_m)
        for name, dtype in (STATE | SOMETIMES).items():
            if (given := getattr(self, name)) is not None or name in STATE:
                object.__setattr__(self, name, frozen(given, dtype, (count,), name))


def states_of(
    times_s: Sequence[float], columns: Mapping[str, Iterable[np.ndarray | None]]
) -> list[AgentState]:
    """States of T times whose arrays are known to be right: nobody looks at them again.

    Args:
        columns: of every field but the time, T read-only arrays as ``AgentState`` has them.
    """
    made = []
    for time_s, *row in zip(times_s, *columns.values(), strict=True):
        state = object.__new__(AgentState)
        vars(state).update(zip(columns, row, strict=True), time_s=time_s)
        made.append(state)
    return made
