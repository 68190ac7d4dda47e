"""Who drives: vehicles, drivers, where they are at the beginning and who comes later."""

from __future__ import annotations

import bisect
import itertools
import math
import operator
from typing import NamedTuple

import numpy as np

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.haulage import with_trailers
from scenarios.layout import Roads
from scenarios.paint import vehicle_colours
from scenarios.parked import Parked
from scenarios.people import BODY_M, People
from simulator.agents import AgentTable, Kind
from simulator.lane import Turn
from simulator.network import Control
from simulator.seeding import exponential, uniform

LANE_CAPACITY_PER_S = 0.42
"""Most vehicles a second that are sent into a free lane (1,500 an hour)."""

JUNCTION_CAPACITY_PER_S = 0.42
"""Most that are sent towards a junction from all its approaches together: what it can serve."""

MINOR_CAPACITY_PER_S = 0.06
"""Most that are sent towards a STOP or YIELD line (216 an hour: what gaps in a main road serve)."""

LEAST_HEADWAY_S = 1.8
"""Between two arrivals on a lane: the saturation headway."""

_SIZE = {
    # kind: (mean, sd, low, high) of length, width, height in m (driving.md; NGSIM Lankershim for
    # the spread of cars, whose measured widths include mirrors and are not used)
    Kind.CAR: ((4.6, 0.45, 3.5, 5.9), (1.85, 0.09, 1.62, 2.08), (1.58, 0.16, 1.35, 2.3)),
    Kind.TRUCK: ((9.0, 1.4, 6.8, 13.0), (2.48, 0.06, 2.3, 2.55), (3.5, 0.25, 2.9, 4.0)),
    Kind.BUS: ((12.0, 0.7, 10.0, 13.5), (2.52, 0.03, 2.45, 2.55), (3.1, 0.1, 2.9, 3.4)),
    Kind.VAN: ((5.5, 0.5, 4.9, 6.9), (2.0, 0.05, 1.88, 2.1), (2.45, 0.15, 2.2, 2.7)),
    # of two-wheelers SinD's measured boxes, with the rider's height
    Kind.MOTORCYCLE: ((1.74, 0.22, 1.38, 2.37), (0.78, 0.11, 0.58, 1.1), (1.5, 0.06, 1.35, 1.65)),
    Kind.BICYCLE: ((1.62, 0.12, 1.34, 1.86), (0.67, 0.06, 0.54, 0.82), (1.7, 0.07, 1.5, 1.85)),
    Kind.PEDESTRIAN: BODY_M,
}


_SIZES = np.array([_SIZE[k] for k in Kind]).transpose(2, 1, 0)
"""The same by column: f64[4, 3, kinds]."""


_HEAVY = np.array([k in (Kind.TRUCK, Kind.BUS, Kind.VAN) for k in Kind])
"""Whether a kind is painted as lorries are: bool[kinds]."""


class Place(NamedTuple):
    """Where and when one vehicle starts: its lane's routes, front along the lane, time."""

    routes: tuple[int, ...]
    lane: int
    s_m: float
    time_s: float


def sample_traffic(
    rng: np.random.Generator, minds: np.random.Generator, roads: Roads, config: SceneConfig,
    parked: Parked, people: People, haul: np.random.Generator,
) -> AgentTable:  # fmt: skip
    """Draw all vehicles of a scene: those moving, in order of their place, then those parked, then
    the people on foot.

    The driver parameters give, in the engine, a saturation headway of 2.0 s, a standstill gap of
    2.7 m in the median (Lankershim: 2.8 m), and along an arterial with several signals at 0.7 to
    0.9 of its capacity the measured time gaps (``tests.benchmarks.arterial``). Where traffic is
    sparser or comes at random, fewer follow each other: 2.0 s at single junctions.

    Args:
        rng: the stream of the moving traffic. minds: that of the drivers' tempers.
        roads: the layout. config: settings of the scene (traffic, warm-up).
        parked, people: the parked cars and who walks, from streams of their own.
        haul: the stream of the articulated trucks.
    """
    settings = config.traffic
    wanted = uniform(rng, settings.vehicles_low, settings.vehicles_high)
    places = _places(rng, roads, wanted, config.warm_up_s + settings.horizon_s)
    count = len(places)
    kind, route = _kinds_and_routes(rng, roads, places, settings)
    size = draw_sizes(rng, kind)
    share, signs = settings.articulated_share, config.convention.signs
    hauled = vars(with_trailers(haul, roads, kind, route, size, share, signs))
    temper = minds.normal(size=count).clip(-3.0, 3.0).round(3)
    table = {
        "kind": kind,
        "style": rng.integers(0, 256, count),
        **hauled,
        "colour": vehicle_colours(rng, _HEAVY[kind]),
        **_drivers(rng, kind, temper, _limit(roads), settings.aggressiveness),
        "temper": temper,
        "adapts": minds.random(count) < settings.adapt,
        "route": route,
        **{k: np.zeros(count) for k in ("parked_x_m", "parked_y_m", "parked_heading_rad")},
    }
    kept = _spread(table, places, roads)
    others = [
        {"trailer_m": np.zeros(len(of.columns["kind"])), **of.columns} for of in (parked, people)
    ]
    joined = {
        k: np.concatenate([v[kept], *(columns[k] for columns in others)]) for k, v in table.items()
    }
    return AgentTable(**joined)


def draw_sizes(rng: np.random.Generator, kind: np.ndarray) -> dict[str, np.ndarray]:
    """Length, width and height f64[N] m for kinds u8[N]; they go together within a kind."""
    mean, sd, low, high = _SIZES[:, :, kind]
    z = 0.6 * rng.normal(size=len(kind)) + 0.8 * rng.normal(size=(3, len(kind)))
    sizes = (mean + sd * z).clip(low, high).round(3)
    return dict(zip(("length_m", "width_m", "height_m"), sizes, strict=True))


def _limit(roads: Roads) -> float:
    return max(lane.speed_limit_mps for lane in roads.network.lanes)


def _places(rng: np.random.Generator, roads: Roads, wanted: float, until_s: float) -> list[Place]:
    """Start places, from the front of each lane backwards, then arrivals in order of time."""
    lanes = roads.network.lanes
    by_lane: dict[int, list[int]] = {}
    for i, route in enumerate(roads.routes):
        by_lane.setdefault(route[0], []).append(i)
    total = sum(lanes[lane].length_m for lane in by_lane)
    density = wanted / total
    lines = {line.lane_id: line.s_m for line in roads.network.stop_lines}
    minor = _minor(roads)
    first, later = [], []
    for lane, starting in sorted(by_lane.items()):
        routes = tuple(starting)
        spacing = max(1.0 / max(density, 1e-6), 9.0)
        s = lines.get(lane, lanes[lane].length_m) - uniform(rng, 1.0, spacing)
        while s > 8.0:
            first.append(Place(routes, lane, s, 0.0))
            s -= 8.0 + exponential(rng, spacing - 8.0)
        if all(roads.weights[r] == 0 for r in routes):
            continue
        speed = 0.8 * lanes[lane].speed_limit_mps
        most = JUNCTION_CAPACITY_PER_S / len(lines) if lane in lines else LANE_CAPACITY_PER_S
        most = min(most, MINOR_CAPACITY_PER_S) if lane in minor else most
        flow = min(density * speed, most)
        if flow <= 0:
            continue
        time = exponential(rng, 1.0 / flow)
        while time < until_s:
            later.append(Place(routes, lane, 0.0, round(time, 1)))
            time += LEAST_HEADWAY_S + exponential(rng, 1.0 / flow - LEAST_HEADWAY_S)
    return first + sorted(later, key=operator.attrgetter("time_s"))


def _minor(roads: Roads) -> set[int]:
    """Lanes whose painted line gives way to lines with priority."""
    lines = [line for line in roads.network.stop_lines if line.painted]
    if all(line.control != Control.PRIORITY for line in lines):
        return set()
    return {line.lane_id for line in lines if line.control in (Control.STOP, Control.YIELD)}


def _kinds_and_routes(
    rng: np.random.Generator, roads: Roads, places: list[Place], settings: TrafficConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Kinds u8[N] and routes i32[N] of the vehicles."""
    right_of = roads.network.right_of.tolist()
    turn_of = [lane.turn for lane in roads.network.lanes]
    turns = [max([turn_of[i] for i in route]) for route in roads.routes]
    draws, picks = rng.random(len(places)), rng.random(len(places))
    fitting: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
    shares: dict[tuple[int, ...], list[float]] = {}
    kinds, routes = [], []
    for place, kind, pick in zip(places, _kinds(draws, settings), picks.tolist(), strict=True):
        options = place.routes
        if kind == Kind.BICYCLE and right_of[place.lane] >= 0:
            kind = Kind.CAR  # bicycles are ridden on the rightmost lane
        if kind in _TURNS:
            if (kind, options) not in fitting:
                fitting[kind, options] = tuple(r for r in options if turns[r] in _TURNS[kind])
            options = fitting[kind, options]
        if not options:
            kind, options = Kind.CAR, place.routes
        if options not in shares:
            weights = [max(roads.weights[r], 1e-9) for r in options]
            shares[options] = list(itertools.accumulate(weights))
        share = shares[options]
        kinds.append(kind)
        routes.append(options[min(bisect.bisect_left(share, pick * share[-1]), len(share) - 1)])
    return np.array(kinds, dtype=np.uint8), np.array(routes, dtype=np.int32)


_TURNS: dict[int, tuple[Turn, ...]] = {
    Kind.TRUCK: (Turn.NONE, Turn.STRAIGHT),
    Kind.BUS: (Turn.NONE, Turn.STRAIGHT),
    Kind.BICYCLE: (Turn.NONE, Turn.STRAIGHT, Turn.RIGHT),
}
"""The sharpest turn of a route that a kind takes, where not every one: long bodies cut corners that
cars do not, and a cyclist at the right edge does not turn left."""


def _kinds(draws: np.ndarray, settings: TrafficConfig) -> list[int]:
    """The kinds that numbers f64[N] of 0..1 stand for."""
    left, kinds = draws.copy(), np.full(len(draws), int(Kind.CAR))
    for kind, share in (
        (Kind.TRUCK, settings.truck_share),
        (Kind.BUS, settings.bus_share),
        (Kind.VAN, settings.van_share),
        (Kind.MOTORCYCLE, settings.motorcycle_share),
        (Kind.BICYCLE, settings.bicycle_share),
    ):
        fits = left >= 0
        left -= share
        kinds[fits & (left < 0)] = kind
    return kinds.tolist()


_HABIT = {
    # kind: time gap s, standstill gap m, acceleration m/s2 (driving.md)
    Kind.TRUCK: (1.6, 3.0, 0.9),
    Kind.BUS: (1.6, 3.0, 0.9),
    Kind.VAN: (1.0, 2.8, 1.6),
    Kind.MOTORCYCLE: (0.85, 2.0, 2.4),
    Kind.BICYCLE: (1.0, 1.6, 1.0),
}
_CAR_HABIT = (0.85, 2.75, 1.9)

_HABITS = np.array([_HABIT.get(k, _CAR_HABIT) for k in Kind])
"""The same of every kind: f64[kinds, 3]."""

_WITH_TEMPER = (-0.6, -0.4, 0.5, 0.5, 0.6)
"""Correlation of the temper with time gap, standstill gap, acceleration, braking, free speed."""

HEADWAY_SPREAD = 0.5
"""Standard deviation of the logarithm of drivers' time gaps: that of the gaps on Lankershim, whose
5th percentile is 0.47 of the median, is 0.46 below it."""

CYCLIST_MPS = (5.2, 0.9, 3.5, 7.5)
"""Mean, spread, least and largest free speed of cyclists, m/s (about 19 km/h)."""


def _drivers(
    rng: np.random.Generator,
    kind: np.ndarray,
    temper: np.ndarray,
    limit_mps: float,
    aggressive: float,
) -> dict[str, np.ndarray]:
    """IDM parameters f64[N] of the drivers; each goes along with the temper by its own share."""
    count = len(kind)
    share = np.array(_WITH_TEMPER)[:, None]
    z = share * temper + np.sqrt(1.0 - share**2) * rng.normal(size=(5, count))
    habit = _HABITS[kind]
    headway = habit[:, 0] * np.exp(HEADWAY_SPREAD * z[0]) * (1 - 0.3 * aggressive)
    gap = habit[:, 1] * np.exp(0.3 * z[1]) * (1 - 0.2 * aggressive)
    accel = habit[:, 2] * (1 + 0.16 * z[2]) * (1 + 0.25 * aggressive)
    free = (limit_mps * (0.94 + 0.07 * z[4])).clip(0.7 * limit_mps, limit_mps)
    mean, spread, least, largest = CYCLIST_MPS
    cycling = np.minimum((mean + spread * z[4]).clip(least, largest), limit_mps)
    return {
        "desired_speed_mps": np.where(kind == Kind.BICYCLE, cycling, free),
        "headway_s": headway.clip(0.4, 3.0),
        "min_gap_m": gap.clip(1.2, 5.5),
        "accel_mps2": accel.clip(0.5, 3.0),
        "decel_mps2": (2.0 * (1 + 0.15 * z[3])).clip(1.4, 3.0),
    }


def _spread(table: dict[str, np.ndarray], places: list[Place], roads: Roads) -> np.ndarray:
    """Push the vehicles of the beginning back along their lane until each has its gap.

    Returns:
        bool[N], which vehicles there is a place for: none is put on a lane that leaves a junction
        with its rear still in it, and nobody arrives there later.
    """
    start, enter = [p.s_m for p in places], [p.time_s for p in places]
    length, gap = table["length_m"].tolist(), table["min_gap_m"].tolist()
    routes = {p.lane: p.routes for p in places}
    leaving = {lane for lane, of in routes.items() if not any(roads.weights[r] for r in of)}
    kept = np.ones(len(places), np.bool_)
    rear: dict[int, float] = {}
    for i, place in enumerate(places):
        if place.time_s > 0:
            break
        leaves = place.lane in leaving
        least = length[i] + 1.0 if leaves else 2.0
        start[i] = min(start[i], rear.get(place.lane, math.inf) - gap[i] - 2.5)
        if start[i] >= least:
            rear[place.lane] = start[i] - length[i]
        elif leaves:
            kept[i] = False
        else:
            start[i], enter[i] = 0.0, 1.0  # it arrives behind the others instead
    table["start_s_m"], table["enter_time_s"] = np.array(start).round(3), np.array(enter)
    return kept
