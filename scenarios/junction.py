"""A junction of roads at any angles: its mouths, ways through, lines, crosswalks and outline."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from scenarios.draft import Arm, Draft, add_line, add_way
from scenarios.plan import End, Node
from scenarios.signal_plan import Approach, Programme, Walk, programme
from simulator.geometry import spaced, wrap_rad
from simulator.lane import Turn
from simulator.network import Control, Crosswalk

STRAIGHT_RAD = math.radians(42.0)
"""A way that turns less goes straight on."""

OPEN_RAD = math.radians(165.0)
"""Two arms that are further apart have no corner between them."""

LEAST_EDGE_M = 0.01
"""Points of an outline that are nearer to each other are one."""

CROSSWALK_GAP_M = 0.6
"""Between a junction's mouth and its crosswalk."""

LINE_BEFORE_CROSSWALK_M = 1.25
"""MUTCD: at least 1.2 m (4 ft)."""


def mouths_m(
    node: Node, headings: Sequence[float], lefts: Sequence[float], rights: Sequence[float]
) -> list[float]:
    """Distance of each arm's mouth from the centre: where the kerbs of its corners end.

    Args:
        node: the junction.
        headings: of the arms, away from it, counter-clockwise, rad.
        lefts, rights: distances of the pavement's edges from the arms' centre lines, m.
    """
    count = len(headings)
    mouths = [3.0] * count
    for k in range(count):
        n = (k + 1) % count
        angle = (headings[n] - headings[k]) % (2 * math.pi)
        if angle > OPEN_RAD:
            continue
        tangent = node.corner_m / math.tan(angle / 2)
        sine, cosine = math.sin(angle), math.cos(angle)
        mouths[k] = max(mouths[k], (lefts[k] * cosine + rights[n]) / sine + tangent)
        mouths[n] = max(mouths[n], (rights[n] * cosine + lefts[k]) / sine + tangent)
    return mouths


def connect(
    draft: Draft, index: int, node: Node, arms: list[Arm], rng: np.random.Generator
) -> Programme | None:
    """Lay the ways, lines, crosswalks and pavement of a junction.

    Args:
        draft: to add to.
        index: of the node. arms: counter-clockwise.
        rng: for green times.

    Returns:
        The signals' programme, None where there are none or they are dark.
    """
    exits = _without_banned(arms)
    for arm, left in zip(arms, exits, strict=True):
        if arm.end.banned in _exits(arm, arms) and arm.end.banned not in left:
            draft.banned[arm.into[-1]] = arm.end.banned
    approaches = [_approach(draft, index, node, a, out) for a, out in zip(arms, exits, strict=True)]
    walks = [_crosswalk(draft, arm) for arm in arms]
    draft.junctions_m.append(outline(node, arms))
    lit = [k for k, arm in enumerate(arms) if arm.end.control == Control.SIGNAL and arm.into]
    if node.dark or not lit:
        return None
    speed = max(arm.laid.link.limit_mps for arm in arms)
    across = 2 * max(float(np.hypot(*(arm.mouth_m - (node.x_m, node.y_m)))) for arm in arms)
    return programme([approaches[k] for k in lit], [walks[k] for k in lit], speed, across, rng)


def _without_banned(arms: list[Arm]) -> list[dict[Turn, Arm]]:
    """The exits of each arm but what is banned there, where everybody can do without that turn.

    Whoever may not turn goes straight on, and to the lane that the turn led to come others.
    """
    exits = [_exits(arm, arms) for arm in arms]
    all_goals = {goal for arm, out in zip(arms, exits, strict=True) for goal in _goals(arm, out)}
    for k, arm in enumerate(arms):
        less = {turn: other for turn, other in exits[k].items() if turn != arm.end.banned}
        if (
            len(less) == len(exits[k])
            or not (Turn.STRAIGHT in less or len(arm.into) == 1)
            or not less
        ):
            continue
        trial = [*exits[:k], less, *exits[k + 1 :]]
        goals = {goal for a, out in zip(arms, trial, strict=True) for goal in _goals(a, out)}
        if goals == all_goals:
            exits = trial
    return exits


def _goals(arm: Arm, exits: dict[Turn, Arm]) -> list[int]:
    return [goal for _, goal, _ in _movements(arm, exits)]


def _own_left(arm: Arm, exits: dict[Turn, Arm]) -> bool:
    return arm.end.own_left and Turn.LEFT in exits and len(arm.into) > 1


def _movements(arm: Arm, exits: dict[Turn, Arm]) -> list[tuple[int, int, Turn]]:
    """From which lane to which an arm's traffic goes, and how it turns."""
    found, count = [], len(arm.into)
    each = lane_turns(count, set(exits), own_left=_own_left(arm, exits))
    for j, turns in enumerate(each):
        for turn in turns:
            out = exits[turn].out
            goal = {Turn.LEFT: out[0], Turn.RIGHT: out[-1]}.get(turn)
            if goal is None:
                goal = out[max(0, min(j + len(out) - max(count, len(out)), len(out) - 1))]
            found.append((arm.into[j], goal, turn))
    return found


def _approach(draft: Draft, index: int, node: Node, arm: Arm, exits: dict[Turn, Arm]) -> Approach:
    """Ways and stop lines of one arm's arriving lanes."""
    own_left = _own_left(arm, exits)
    for lane, goal, turn in _movements(arm, exits):
        # nobody turns wider than along the kerb of the corner that they turn about
        rooms = [draft.verge_m[lane], draft.verge_m[goal]]
        if turn == Turn.LEFT:
            whole = [a.left_m + a.right_m for a in (arm, exits[turn])]
            rooms = [w - room for w, room in zip(whole, rooms, strict=True)]
        room = max(rooms) if turn == Turn.RIGHT else min(rooms)
        widest = math.inf if turn == Turn.STRAIGHT else node.corner_m + room
        add_way(draft, lane, goal, turn, origin=arm.index, node=index, widest_m=widest)
    straight = exits.get(Turn.STRAIGHT)
    bikes = [arm.into_bike] if arm.into_bike >= 0 else []
    if bikes and straight is not None and straight.out_bike >= 0:
        add_way(
            draft, arm.into_bike, straight.out_bike, Turn.STRAIGHT, origin=arm.index, node=index
        )
    groups = [-1] * len(arm.into)
    if arm.end.control == Control.SIGNAL and arm.into:
        groups = [draft.groups + (1 if own_left and j else 0) for j in range(len(arm.into))]
        draft.groups = groups[-1] + 1
    for lane, group in zip((*arm.into, *bikes), (*groups, *groups[-1:]), strict=False):
        add_line(draft, lane, line_before_mouth_m(arm.end), arm.end.control, group)
    return Approach(arm.heading_rad, tuple(groups), own_left)


def line_before_mouth_m(end: End) -> float:
    """Distance of a stop line from the junction's mouth, m."""
    if not end.crosswalk_m:
        return end.line_m
    return CROSSWALK_GAP_M + end.crosswalk_m + LINE_BEFORE_CROSSWALK_M


def _exits(arm: Arm, arms: list[Arm]) -> dict[Turn, Arm]:
    """Where each movement of an arm leads: the straightest way on, the nearest of the others."""
    turned = [
        (wrap_rad(other.heading_rad - arm.heading_rad - math.pi), other)
        for other in arms
        if other is not arm and other.out
    ]
    exits: dict[Turn, Arm] = {}
    for angle, other in sorted(turned, key=lambda pair: abs(pair[0])):
        turn = Turn.LEFT if angle > 0 else Turn.RIGHT
        if abs(angle) < STRAIGHT_RAD and Turn.STRAIGHT not in exits:
            turn = Turn.STRAIGHT
        exits.setdefault(turn, other)
    return exits


def lane_turns(count: int, has: set[Turn], *, own_left: bool) -> list[list[Turn]]:
    """What each of an approach's lanes, from left to right, is for."""
    lanes = []
    for j in range(count):
        turns = []
        if Turn.STRAIGHT in has and not (own_left and j == 0):
            turns.append(Turn.STRAIGHT)
        first, last = j == 0, j == count - 1
        if Turn.LEFT in has and (first or has == {Turn.LEFT}):
            turns.append(Turn.LEFT)
        if Turn.RIGHT in has and (last or has == {Turn.RIGHT}):
            turns.append(Turn.RIGHT)
        lanes.append(turns or [next(iter(sorted(has)))])
    return lanes


def _crosswalk(draft: Draft, arm: Arm) -> Walk | None:
    """Lay the crosswalk of an arm; with signals it has a group of its own."""
    width = arm.end.crosswalk_m
    if not width:
        return None
    out = CROSSWALK_GAP_M + width / 2
    group = -1
    if arm.end.control == Control.SIGNAL:
        group, draft.groups = draft.groups, draft.groups + 1
    median = arm.laid.link.section
    spans = [(arm.left_m, -arm.right_m)]
    if median.raised and median.median_m >= 1.8:
        spans = [(arm.left_m, median.median_m / 2), (-median.median_m / 2, -arm.right_m)]
    for a, b in spans:
        (ax, ay), (bx, by) = (np.round(arm.point(out, y), 3).tolist() for y in (a, b))
        draft.crosswalks.append(Crosswalk(len(draft.crosswalks), (ax, ay), (bx, by), width, group))
    return Walk(group, arm.left_m + arm.right_m) if group >= 0 else None


def outline(node: Node, arms: list[Arm]) -> np.ndarray:
    """Paved outline, ccw: each arm's mouth, then the rounded kerb to the next arm, f64[N, 2] m."""
    points = []
    for arm, following in itertools.pairwise([*arms, arms[0]]):
        points += [arm.point(0.0, -arm.right_m)[None], arm.point(0.0, arm.left_m)[None]]
        angle = (following.heading_rad - arm.heading_rad) % (2 * math.pi)
        if len(arms) > 1 and angle <= OPEN_RAD:
            points.append(_corner(node, arm, following, angle))
    outline = np.concatenate(points)
    step = outline - np.concatenate([outline[-1:], outline[:-1]])
    apart = np.hypot(step[:, 0], step[:, 1]) > LEAST_EDGE_M
    return outline[apart]


def _corner(node: Node, arm: Arm, following: Arm, angle: float) -> np.ndarray:
    """The kerb from one arm's left edge round to the next arm's right edge, f64[9, 2] m."""
    n = np.array([-math.sin(arm.heading_rad), math.cos(arm.heading_rad)])
    along = np.array([n[1], -n[0]])
    edge, other = arm.point(0.0, arm.left_m), following.point(0.0, -following.right_m)
    ahead = np.array([math.cos(following.heading_rad), math.sin(following.heading_rad)])
    gap = other - edge
    # the two edges meet where edge + t * along lies on the other edge's line
    t = float(gap[0] * ahead[1] - gap[1] * ahead[0]) / (along[0] * ahead[1] - along[1] * ahead[0])
    tangent = node.corner_m / math.tan(angle / 2)
    centre = edge + (t + tangent) * along + node.corner_m * n
    first = arm.heading_rad - math.pi / 2
    sweep = first - spaced(math.pi - angle, 9)
    return centre + node.corner_m * np.stack([np.cos(sweep), np.sin(sweep)], axis=1)
