"""Layouts: what a road layout hands to the scene sampler. Members are in ``scenarios/layouts``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from scenarios.config import RoadConfig
from simulator.arrays import frozen
from simulator.network import Network
from simulator.signals import SignalPlan
from simulator.surroundings import Block, Cone


@dataclasses.dataclass(frozen=True)
class Side:
    """A straight edge of the paved road, from a to b with the paved side to its left.

    ``right_x, right_y`` is the unit vector away from the road.
    """

    ax_m: float
    ay_m: float
    bx_m: float
    by_m: float
    right_x: float
    right_y: float


@dataclasses.dataclass(frozen=True)
class ParkingStrip:
    """Where cars may be parked: middle of its beginning, direction, length and depth.

    ``bay_rad`` is the direction of a parked car seen from the strip's: 0 along it. On one that is
    ``kept_free`` a sign forbids to park.
    """

    x_m: float
    y_m: float
    heading_rad: float
    length_m: float
    depth_m: float
    bay_rad: float = 0.0
    kept_free: bool = False


@dataclasses.dataclass(frozen=True)
class Placed:
    """A sign that rules no stop line, at its place, and the speed limit that it shows, 0 none."""

    sign: str
    x_m: float
    y_m: float
    heading_rad: float
    limit_mps: float = 0.0


@dataclasses.dataclass(frozen=True, eq=False)
class Roads:
    """A road layout that is ready for traffic and furniture.

    Attributes:
        network: lanes, stop lines and pavement.
        routes: lane ids of each route, in order.
        weights: share of the entering traffic of each route among those with the same first lane;
            routes of weight 0 are only for vehicles that are on them at the beginning.
        plan: the signals' programme.
        sides: edges beside which things may stand.
        strips: where cars may be parked.
        boxes: f64[K, 5], all pavement as boxes (x, y, heading, length, width), m and rad.
        focus_m: f64[M, 2], points that are worth looking at.
        bike_routes: like routes, for bicycles; in a scene they come after all routes.
        verge_m: f64[L], from each lane's middle to the pavement's right edge without parking.
        placed: signs that rule no stop line.
        blocks, cones: what the layout itself sets up.
    """

    network: Network
    routes: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]
    plan: SignalPlan
    sides: tuple[Side, ...]
    strips: tuple[ParkingStrip, ...]
    boxes: np.ndarray
    focus_m: np.ndarray
    bike_routes: tuple[tuple[int, ...], ...] = ()
    verge_m: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    placed: tuple[Placed, ...] = ()
    blocks: tuple[Block, ...] = ()
    cones: tuple[Cone, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "boxes", frozen(self.boxes, np.float64, (None, 5), "boxes"))
        object.__setattr__(self, "focus_m", frozen(self.focus_m, np.float64, (None, 2), "focus_m"))
        object.__setattr__(self, "verge_m", frozen(self.verge_m, np.float64, (None,), "verge_m"))
        if len(self.weights) != len(self.routes):
            raise ValueError("weights must have one entry a route")


@dataclasses.dataclass(frozen=True)
class Layout:
    """A kind of road layout: the constant LAYOUT of a module in ``scenarios/layouts``.

    ``build`` makes one from its own random stream and the settings of roads.
    """

    title: str
    build: Callable[[np.random.Generator, RoadConfig], Roads]
