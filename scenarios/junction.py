"""A crossroads of two roads at right angles: lanes, ways through, conflicts, signals.

Arm k leaves the centre at the rotation plus k quarter turns; its frame has x towards the centre
(the direction in which its traffic approaches) and y to the left, so that approaching lanes lie at
negative y and leaving lanes at positive y. Traffic keeps right.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numba import njit

from scenarios.config import RoadConfig
from scenarios.layout import ParkingStrip, Roads, Side, side_along
from scenarios.road import Road, box_polygon, lane_markings, neighbours
from scenarios.signal_plan import Approach, four_phases
from simulator.geometry import heading_at
from simulator.lane import Lane, Turn
from simulator.network import Control, Network, StopLine
from simulator.signals import SignalPlan

STRAIGHT_CLEARANCE_M = 2.8
"""Nearest distance of the centre lines of two straight ways that may be driven side by side."""

TURN_CLEARANCE_M = 3.4
"""The same where one of them turns: its body swings out and cuts in."""

PARKING_FREE_M = 22.0
"""No parking this close to the junction (MUTCD: at least 9 m before a signal)."""


@dataclasses.dataclass(frozen=True)
class Arm:
    """One arm before it is built: its frame, lanes a direction and distances from the centre, m."""

    road: Road
    lanes: int
    width_m: float
    mouth_m: float
    reach_m: float
    line_m: float
    limit_mps: float
    protected: bool
    parking: tuple[bool, bool]


def crossroads(
    rng: np.random.Generator, config: RoadConfig, control: Control, *, dark: bool
) -> Roads:
    """Draw a crossroads.

    Args:
        rng: the layout's own stream.
        config: ranges of widths and radii, limits, parking.
        control: STOP or SIGNAL, on all four approaches.
        dark: the signals are out.
    """
    arms, corner = _draw_arms(rng, config, control)
    lanes, into, out = _arm_lanes(arms)
    lanes, successors, routes, weights = _connect(arms, lanes, into, out, rng)
    lines = _stop_lines(arms, lanes, into, control)
    left_of, right_of = _neighbours(arms, len(lanes))
    conflicts = find_conflicts(lanes, successors)
    reach = config.length_m / 2
    network = Network(
        tuple(lanes), successors, left_of, right_of, conflicts, lines,
        (_junction_polygon(arms, corner),),
        tuple(box_polygon(box) for box in _boxes(arms, config)[1:]),
        (-reach, -reach, reach, reach),
    )  # fmt: skip
    plan = SignalPlan()
    if control == Control.SIGNAL and not dark:
        approaches = [Approach(tuple(g), arms[k].protected) for k, g in enumerate(_groups(arms))]
        plan = four_phases(approaches, arms[0].limit_mps, 2 * arms[0].mouth_m, rng)
    return Roads(
        network, routes, weights, plan, _sides(arms, config), _strips(arms, config),
        np.array(_boxes(arms, config)), np.zeros((1, 2)),
    )  # fmt: skip


def _draw_arms(
    rng: np.random.Generator, config: RoadConfig, control: Control
) -> tuple[list[Arm], float]:
    rotation = float(rng.uniform(-math.pi, math.pi))
    lanes = rng.integers(1, 3, 2)
    width = rng.uniform(config.lane_width_low_m, config.lane_width_high_m, 2)
    corner = float(rng.uniform(config.corner_radius_low_m, config.corner_radius_high_m))
    line = float(rng.uniform(1.2, 3.5))
    limit = float(rng.choice(config.speed_limits_mps))
    split = rng.random(2) < 0.35
    parking = rng.random((4, 2)) < config.parking_share
    half = lanes * width
    arms = []
    for k in range(4):
        axis = k % 2
        mouth = float(half[1 - axis]) + corner
        arms.append(
            Arm(
                Road(rotation + k * math.pi / 2 + math.pi, float(half[axis])),
                int(lanes[axis]),
                float(width[axis]),
                mouth,
                config.length_m / 2,
                mouth + line,
                limit,
                control == Control.SIGNAL and bool(lanes[axis] == 2 and not split[axis]),
                (bool(parking[k, 0]), bool(parking[k, 1])),
            )
        )
    return arms, corner


def _arm_lanes(arms: list[Arm]) -> tuple[list[Lane], list[list[int]], list[list[int]]]:
    lanes: list[Lane] = []
    into: list[list[int]] = []
    out: list[list[int]] = []
    for arm in arms:
        for sign, ids in ((-1.0, into), (1.0, out)):
            ids.append([])
            for j in range(arm.lanes):
                y = sign * (j + 0.5) * arm.width_m
                ends = [(-arm.reach_m, y), (-arm.mouth_m, y)]
                line = arm.road.points(ends if sign < 0 else ends[::-1])
                left, right = lane_markings(j, arm.lanes)
                ids[-1].append(len(lanes))
                lanes.append(Lane(len(lanes), line, arm.width_m, arm.limit_mps, left, right))
    return lanes, into, out


def _movements(arm: Arm, j: int) -> list[Turn]:
    """What lane j (0 the leftmost) of an approach is for."""
    if arm.lanes == 1:
        return [Turn.STRAIGHT, Turn.LEFT, Turn.RIGHT]
    if j > 0:
        return [Turn.STRAIGHT, Turn.RIGHT]
    return [Turn.LEFT] if arm.protected else [Turn.STRAIGHT, Turn.LEFT]


_EXIT = {Turn.STRAIGHT: 2, Turn.RIGHT: 1, Turn.LEFT: 3}
_SHARE = {Turn.STRAIGHT: 0.6, Turn.LEFT: 0.2, Turn.RIGHT: 0.2}


def _connect(
    arms: list[Arm],
    lanes: list[Lane],
    into: list[list[int]],
    out: list[list[int]],
    rng: np.random.Generator,
) -> tuple[list[Lane], tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...], tuple[float, ...]]:
    lanes = list(lanes)
    successors: list[list[int]] = [[] for _ in lanes]
    routes: list[tuple[int, ...]] = []
    weights: list[float] = []
    taste = rng.uniform(0.5, 1.5, (4, 4))
    for k, arm in enumerate(arms):
        for j, start in enumerate(into[k]):
            for turn in _movements(arm, j):
                exits = out[(k + _EXIT[turn]) % 4]
                goal = {Turn.LEFT: exits[0], Turn.RIGHT: exits[-1]}.get(turn, exits[j % len(exits)])
                way = _way(lanes[start], lanes[goal], turn)
                lanes.append(Lane(len(lanes), way, arm.width_m, arm.limit_mps, turn=turn))
                successors[start].append(lanes[-1].id)
                successors.append([goal])
                routes.append((start, lanes[-1].id, goal))
                weights.append(float(_SHARE[turn] * taste[k, turn]))
    for ids in out:
        routes += [(i,) for i in ids]
        weights += [0.0] * len(ids)
    return lanes, tuple(tuple(s) for s in successors), tuple(routes), tuple(weights)


def _way(start: Lane, goal: Lane, turn: Turn) -> np.ndarray:
    """Centre line through the junction: straight, or a quarter circle between two straights."""
    a, b = start.centre_m[-1], goal.centre_m[0]
    if turn == Turn.STRAIGHT:
        return np.array([a, b])
    angle = float(heading_at(start.centre_m, start.s_m, np.array([0.0]))[0])
    forward = np.array([math.cos(angle), math.sin(angle)])
    left = np.array([-forward[1], forward[0]])
    ahead, aside = float((b - a) @ forward), float((b - a) @ left)
    radius = min(ahead, abs(aside))
    sweep = np.linspace(0.0, math.pi / 2, max(9, math.ceil(radius * math.pi)))
    sign = math.copysign(1.0, aside)
    arc = (
        a
        + ((ahead - radius) + radius * np.sin(sweep))[:, None] * forward
        + (sign * radius * (1 - np.cos(sweep)))[:, None] * left
    )
    head = [a[None]] if ahead - radius > 0.05 else []
    tail = [b[None]] if abs(aside) - radius > 0.05 else []
    line = np.concatenate([*head, arc, *tail])
    line[0], line[-1] = a, b
    return line


def _groups(arms: list[Arm]) -> list[list[int]]:
    """Signal groups of each arm's approach lanes, left to right."""
    groups: list[list[int]] = []
    count = 0
    for arm in arms:
        used = 2 if arm.protected else 1
        groups.append([count + min(j, used - 1) for j in range(arm.lanes)])
        count += used
    return groups


def _stop_lines(
    arms: list[Arm], lanes: list[Lane], into: list[list[int]], control: Control
) -> tuple[StopLine, ...]:
    groups = _groups(arms) if control == Control.SIGNAL else [[-1] * arm.lanes for arm in arms]
    lines: list[StopLine] = []
    for k, arm in enumerate(arms):
        for j, lane in enumerate(into[k]):
            s = lanes[lane].length_m - (arm.line_m - arm.mouth_m)
            lines.append(StopLine(len(lines), lane, s, control, groups[k][j]))
    return tuple(lines)


def _neighbours(arms: list[Arm], count: int) -> tuple[np.ndarray, np.ndarray]:
    left: list[int] = []
    right: list[int] = []
    for arm in arms:
        for _ in range(2):
            low, high = neighbours(len(left), arm.lanes)
            left += low
            right += high
    rest = [-1] * (count - len(left))
    return np.array(left + rest), np.array(right + rest)


def find_conflicts(lanes: list[Lane], successors: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """Pairs of ways through a junction whose swept paths meet: i32[K, 2].

    Ways from the same approach part or run side by side: they are told apart by the approach's
    heading and never conflict.
    """
    ways = [lane for lane in lanes if lane.turn != Turn.NONE]
    heading = [float(heading_at(w.centre_m, w.s_m, np.array([0.0]))[0]) for w in ways]
    paths = np.stack([_resample(w) for w in ways]) if ways else np.zeros((0, 2, 2))
    pairs = []
    for i, a in enumerate(ways):
        for j in range(i + 1, len(ways)):
            b = ways[j]
            if math.cos(heading[i] - heading[j]) > 0.99:
                continue
            straight = a.turn == b.turn == Turn.STRAIGHT
            limit = STRAIGHT_CLEARANCE_M if straight else TURN_CLEARANCE_M
            merge = bool(set(successors[a.id]) & set(successors[b.id]))
            if merge or _nearest_m(paths[i], paths[j]) < limit:
                pairs.append((a.id, b.id))
    return np.array(pairs, dtype=np.int32).reshape(-1, 2)


def _resample(lane: Lane) -> np.ndarray:
    s = np.linspace(0.0, lane.length_m, 48)
    x = np.interp(s, lane.s_m, lane.centre_m[:, 0])
    return np.stack([x, np.interp(s, lane.s_m, lane.centre_m[:, 1])], axis=1)


@njit(cache=True)
def _nearest_m(a: np.ndarray, b: np.ndarray) -> float:
    best = 1e18
    for i in range(len(a)):
        for j in range(len(b)):
            d = (a[i, 0] - b[j, 0]) ** 2 + (a[i, 1] - b[j, 1]) ** 2
            best = min(best, d)
    return math.sqrt(best)


def _junction_polygon(arms: list[Arm], corner: float) -> np.ndarray:
    """Paved outline, ccw: each arm's mouth, then the rounded kerb to the next arm."""
    outline = []
    sweep = np.linspace(0.0, math.pi / 2, 9)[:-1]
    for arm in arms:
        # In the arm's frame the next arm counter-clockwise lies at negative y (its right side).
        half = arm.road.half_m
        outline.append(arm.road.points([(-arm.mouth_m, half)]))
        x = -arm.mouth_m + corner * np.sin(sweep)
        y = -half - corner * (1 - np.cos(sweep))
        outline.append(arm.road.points(np.stack([x, y], axis=1)))
    return np.concatenate(outline)


def _parking_span(arm: Arm) -> tuple[float, float]:
    return arm.mouth_m + PARKING_FREE_M, arm.reach_m


def _boxes(arms: list[Arm], config: RoadConfig) -> list[tuple[float, float, float, float, float]]:
    """The junction's square, then each arm's carriageway and parking, as boxes."""
    first = arms[0]
    boxes = [(0.0, 0.0, first.road.heading_rad, 2 * first.mouth_m, 2 * arms[1].mouth_m)]
    for arm in arms:
        middle, length = (arm.mouth_m + arm.reach_m) / 2, arm.reach_m - arm.mouth_m
        x, y = arm.road.points([(-middle, 0.0)])[0]
        boxes.append((x, y, arm.road.heading_rad, length, 2 * arm.road.half_m))
        low, high = _parking_span(arm)
        for parking, sign in zip(arm.parking, (-1.0, 1.0), strict=True):
            if parking:
                aside = sign * (arm.road.half_m + config.parking_width_m / 2)
                x, y = arm.road.points([(-(low + high) / 2, aside)])[0]
                size = (high - low, config.parking_width_m)
                boxes.append((x, y, arm.road.heading_rad, *size))
    return boxes


def _sides(arms: list[Arm], config: RoadConfig) -> tuple[Side, ...]:
    sides = []
    for arm in arms:
        for parking, sign in zip(arm.parking, (-1.0, 1.0), strict=True):
            edge = arm.road.half_m + (config.parking_width_m if parking else 0.0)
            ends = [(-arm.reach_m, sign * edge), (-arm.mouth_m, sign * edge)]
            line = arm.road.points(ends if sign < 0 else ends[::-1])
            sides.append(side_along(line, arm.road.vector(0.0, sign)))
    return tuple(sides)


def _strips(arms: list[Arm], config: RoadConfig) -> tuple[ParkingStrip, ...]:
    strips = []
    for arm in arms:
        low, high = _parking_span(arm)
        for parking, sign in zip(arm.parking, (-1.0, 1.0), strict=True):
            if parking:
                aside = sign * (arm.road.half_m + config.parking_width_m / 2)
                x, y = arm.road.points([(-high if sign < 0 else -low, aside)])[0]
                heading = arm.road.heading_rad + (0.0 if sign < 0 else math.pi)
                strips.append(ParkingStrip(float(x), float(y), heading, high - low))
    return tuple(strips)
