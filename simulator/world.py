"""A scene as flat arrays for the compiled loop, made once; ``driving`` has the weather."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.agents import Kind
from simulator.articulation import tow_m
from simulator.changes import add_changes
from simulator.convention import Convention
from simulator.drivers import manners
from simulator.grip import COMFORT_LATERAL_MPS2
from simulator.lane import Lane
from simulator.network import Control, Network
from simulator.obstacles import obstacles
from simulator.priority import (
    circles,
    conflict_table,
    critical_s,
    sibling_table,
    stands_m,
    stop_lines,
    zipping,
)
from simulator.scene import Scene
from simulator.zebra import ZONE, People, compile_people, zones

LANE = np.dtype(
    [
        ("first", "i8"), ("last", "i8"), ("length", "f8"), ("limit", "f8"), ("bend", "f8"),
        ("width", "f8"), ("left", "i8"), ("right", "i8"),
        ("turn", "i8"), ("line", "i8"), ("foe", "i8"), ("foe_end", "i8"), ("crossed", "?"),
        ("stands", "f8"), ("zips", "i8"),
        ("critical", "f8"), ("sibling", "i8"), ("sibling_end", "i8"),
    ],
    align=True,
)  # fmt: skip
"""A lane: rows of its points, length, limit, largest curvature (1/m), width, neighbours or -1, stop
line or -1, its part of
the foes, whether nobody may come to stand on it before which place along it (m),
how it zips, the critical headway of who drives it
from a line without priority (s), its part of the siblings."""

LEG = np.dtype(
    [
        ("lane", "i8"), ("start", "f8"), ("line_leg", "i8"), ("left_route", "i8"),
        ("left_leg", "i8"), ("right_route", "i8"), ("right_leg", "i8"), ("must", "i8"),
        ("zone_leg", "i8"),
    ],
    align=True,
)  # fmt: skip
"""A lane of a route, the distance of its beginning from the route's, the first leg from it on that
has a stop line; where a change to the left and to the right leads, -1 nowhere; the side that one
must change to because the lane ends, 1 left, -1 right, 0 none; the first leg from it on that leads
over a crosswalk which people use, -1 none."""

_DRIVER = {
    "length": "length_m", "desired": "desired_speed_mps", "headway": "headway_s",
    "min_gap": "min_gap_m", "accel": "accel_mps2", "decel": "decel_mps2", "route": "route",
    "start": "start_s_m", "enter": "enter_time_s", "parked_x": "parked_x_m",
    "parked_y": "parked_y_m", "parked_heading": "parked_heading_rad",
}  # fmt: skip
DRIVER = np.dtype(
    [
        *((k, "i8" if k == "route" else "f8") for k in _DRIVER),
        ("body", "f8"),
        ("width", "f8"),
        ("tow", "f8"),
        ("side", "f8"),
        ("keeps", "?"),
        ("adapts", "?"),
    ],
    align=True,
)
"""A row of the agent table, as far as it matters for driving; length and width of its own body and,
of a tractor, from the pin to the semitrailer's axles, m; how far left of its lane's middle a
vehicle is driven, whether it keeps its lane, and whether its driver adapts to the weather."""

CYCLIST_SIDE_M = -0.9
"""Where a bicycle is ridden where traffic keeps right: this far right of the middle, half a metre
from the lane's edge."""


class Roads(NamedTuple):
    """The roads, the rules and the drivers of a scene, SI units.

    Attributes:
        step_s: time step.
        lanes: LANE[L]. lines: LINE[S]. drivers: DRIVER[N].
        manners: MANNER[N], what follows from the drivers' tempers.
        points: f64[P, 3], x, y and distance along the lane of all centre line points.
        foes: FOE[K], siblings: SIBLING[M], by lane, see ``priority``.
        routes: i64[R + 1], first leg of each route. legs: LEG[Q].
        zones: ZONE[Z], by lane, see ``zebra``; none where nobody walks. zone_of: i64[L + 1], the
            first of each lane.
        phase_s: f64[F], phase_aspect: i8[F, G], plan_offset: the signals' programme.
        things: OBSTACLE[O], corners: f64[V, 2], see ``obstacles``.
        slow_side: where drivers go back to the slow lane the side of it, 1 left, -1 right; else 0.
    """

    step_s: float
    lanes: np.ndarray
    lines: np.ndarray
    drivers: np.ndarray
    manners: np.ndarray
    points: np.ndarray
    foes: np.ndarray
    siblings: np.ndarray
    routes: np.ndarray
    legs: np.ndarray
    zones: np.ndarray
    zone_of: np.ndarray
    phase_s: np.ndarray
    phase_aspect: np.ndarray
    plan_offset: float
    things: np.ndarray
    corners: np.ndarray
    slow_side: int


class World(NamedTuple):
    """All that stays the same while a scene runs."""

    roads: Roads
    people: People


def _enters(network: Network) -> list[int]:
    """Ways past a painted YIELD line: a tail left there would shut a circle for good."""
    yields = {k.lane_id for k in network.stop_lines if k.control == Control.YIELD and k.painted}
    return [way for lane in yields for way in network.successors[lane]]


@functools.lru_cache(maxsize=1)  # a scene is checked before it runs, and runs once a weather
def compile_world(scene: Scene) -> World:
    """The scene's static side as the flat arrays that the compiled loop reads and never writes."""
    lanes = scene.network.lanes
    points = np.column_stack(
        [np.concatenate([k.centre_m for k in lanes]), np.concatenate([k.s_m for k in lanes])]
    )
    drivers = np.zeros(len(scene.agents), DRIVER)
    for column, name in _DRIVER.items():
        drivers[column] = getattr(scene.agents, name)
    drivers["route"][scene.agents.on_foot] = -1  # they are in the table of walkers
    drivers["adapts"] = scene.agents.adapts
    drivers["width"] = scene.agents.width_m
    drivers["body"], drivers["tow"] = scene.agents.body_m, tow_m(scene.agents)
    cycles = scene.agents.kind == Kind.BICYCLE
    side = scene.convention.side
    beside = -CYCLIST_SIDE_M if side == "left" else CYCLIST_SIDE_M
    drivers["side"], drivers["keeps"] = np.where(cycles, beside, 0.0), cycles
    table = _lanes(scene.network)
    lines = stop_lines(scene.network)
    round_ = circles(scene.network)
    foes, table["foe"], table["foe_end"] = conflict_table(scene.network, lines, side, round_)
    siblings, table["sibling"], table["sibling_end"] = sibling_table(scene.network)
    free = np.minimum(table["limit"], np.sqrt(COMFORT_LATERAL_MPS2 / np.fmax(table["bend"], 1e-6)))
    table["critical"] = critical_s(scene.network, lines, foes, free, side)
    table["crossed"][foes["own"][~foes["merge"]]] = True
    table["crossed"][_enters(scene.network)] = True
    table["stands"] = stands_m(scene.network, foes, round_)
    table["crossed"] &= (table["stands"] > 0.0) & (table["foe"] < table["foe_end"])
    table["zips"], foes["how"] = zipping(scene.network, foes)
    routes, legs = _routes(scene)
    walked = scene.agents.on_foot.any()
    pieces = zones(scene.network) if walked else np.zeros(0, ZONE)
    zone_of = np.searchsorted(pieces["lane"], np.arange(len(lanes) + 1))
    _look_ahead(routes, legs, np.diff(zone_of) > 0, "zone_leg")
    roads = Roads(
        scene.step_s, table, lines, drivers, manners(scene.agents.temper), points,
        foes, siblings, routes, legs, pieces, zone_of, *_plan(scene),
        *obstacles(scene.surroundings),
        _slow_side(scene.convention),
    )  # fmt: skip
    return World(roads, compile_people(scene))


def _slow_side(convention: Convention) -> int:
    if convention.lanes != "slow":
        return 0
    return 1 if convention.side == "left" else -1


def bends_per_m(lanes: Sequence[Lane]) -> np.ndarray:
    """Largest curvature of each lane's centre line, 1/m: turn at a vertex over half its two spans.

    Of all lanes at once, because most are short: f64[L].
    """
    out = np.zeros(len(lanes))
    bent = [i for i, lane in enumerate(lanes) if len(lane.centre_m) > 2]
    if not bent:
        return out
    points = np.concatenate([lanes[i].centre_m for i in bent])
    s_m = np.concatenate([lanes[i].s_m for i in bent])
    step, span = points[1:] - points[:-1], s_m[1:] - s_m[:-1]
    heading = np.arctan2(step[:, 1], step[:, 0])
    turn = np.abs(heading[1:] - heading[:-1])
    last = np.cumsum([len(lanes[i].centre_m) for i in bent]) - 1
    over = last[:-1]  # from here to the next no lane goes
    turn[over - 1], turn[over], span[over] = 0.0, 0.0, np.inf
    first = np.concatenate([[0], over + 1])
    for k in np.flatnonzero(np.maximum.reduceat(turn, first) >= np.pi).tolist():
        a, b = first[k], last[k]  # such a lane goes over from west to west
        turn[a : b - 1] = np.abs(np.diff(np.unwrap(heading[a:b])))
    out[bent] = np.maximum.reduceat(turn / (0.5 * (span[:-1] + span[1:])), first)
    return out


def _lanes(network: Network) -> np.ndarray:
    table = np.zeros(len(network.lanes), LANE)
    ends = np.cumsum([len(lane.s_m) for lane in network.lanes])
    table["last"] = ends - 1
    table["first"] = ends - [len(lane.s_m) for lane in network.lanes]
    table["length"] = [lane.length_m for lane in network.lanes]
    table["limit"] = [lane.speed_limit_mps for lane in network.lanes]
    table["bend"] = bends_per_m(network.lanes)
    table["width"] = [lane.width_m for lane in network.lanes]
    for side, beside in (("left", network.left_of), ("right", network.right_of)):
        table[side] = beside
    table["turn"] = [int(lane.turn) for lane in network.lanes]
    table["line"] = -1
    for line in network.stop_lines:
        table["line"][line.lane_id] = line.id
    return table


def _routes(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    first = np.concatenate([[0], np.cumsum([len(r) for r in scene.routes])]).astype(np.int64)
    length = [lane.length_m for lane in scene.network.lanes]
    ruled = np.zeros(len(length), np.bool_)
    ruled[[k.lane_id for k in scene.network.stop_lines if k.control != Control.NONE]] = True
    legs = np.zeros(int(first[-1]), LEG)
    legs["lane"] = [lane for route in scene.routes for lane in route]
    legs["start"] = [
        gone
        for route in scene.routes
        for gone in itertools.accumulate((length[i] for i in route[:-1]), initial=0.0)
    ]
    _look_ahead(first, legs, ruled, "line_leg")
    add_changes(scene.network, scene.routes, first, legs)
    return first, legs


def _look_ahead(first: np.ndarray, legs: np.ndarray, chosen: np.ndarray, column: str) -> None:
    """Note for each leg the first one from it on whose lane is chosen, bool[L]; -1 none."""
    here = np.where(chosen[legs["lane"]], np.arange(len(legs)), len(legs))
    ahead = np.minimum.accumulate(here[::-1])[::-1]
    start, end = (np.repeat(ends, np.diff(first)) for ends in (first[:-1], first[1:]))
    legs[column] = np.where(ahead < end, ahead - start, -1)


def _plan(scene: Scene) -> tuple[np.ndarray, np.ndarray, float]:
    phases = scene.plan.phases
    groups = len(phases[0].aspects) if phases else 0
    aspect = np.array([[int(a) for a in p.aspects] for p in phases], dtype=np.int8)
    duration = np.array([p.duration_s for p in phases], dtype=np.float64)
    return duration, aspect.reshape(len(phases), groups), float(scene.plan.offset_s)
