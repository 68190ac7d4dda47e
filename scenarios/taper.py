"""Nodes at which roads go on into each other: tapers, where lanes end or begin, and gores."""

from __future__ import annotations

import math

import numpy as np

from scenarios.draft import Arm, Draft, add_line, add_way
from scenarios.plan import Node
from scenarios.section import Section, lane_markings
from scenarios.verge import MEDIAN_GAP_M, strip_between
from scenarios.ways import end_heading, heading
from simulator.geometry import wrap_rad
from simulator.lane import Lane, Marking, Turn
from simulator.network import Control

FULL_WIDTH = 0.35
"""Share of a taper over which the pavement keeps its width."""

JOIN_M, JOIN_RAD = 0.01, math.radians(5.0)
"""Lanes join where end and beginning are this close in place and direction."""


def connect_taper(draft: Draft, index: int, node: Node, arms: list[Arm]) -> None:
    """Join two roads over a taper. Lanes keep their place from the middle outwards.

    A lane that goes no further merges into its left neighbour, which has priority; a lane that
    begins is reached from its left neighbour. Traffic that merges has an unpainted YIELD line.
    """
    one, two = arms
    for arm, other in ((one, two), (two, one)):
        _taper_one_way(draft, index, arm, other)
    length = node.taper_m
    edges = [
        one.point(0.0, one.left_m), one.point(0.0, -one.right_m),
        *_bulge(one, -one.right_m, two, two.left_m, length),
        two.point(0.0, two.left_m), two.point(0.0, -two.right_m),
        *_bulge(two, -two.right_m, one, one.left_m, length),
    ]  # fmt: skip
    draft.junctions_m.append(np.array(edges)[::-1])
    section = one.laid.link.section
    if section.raised and section.median_m:
        half = section.median_m / 2 - MEDIAN_GAP_M
        line = np.stack([one.mouth_m, two.mouth_m])
        draft.islands_m.append(strip_between(line, -half, half))


def _bulge(
    arm: Arm, edge_m: float, other: Arm, its_edge_m: float, length_m: float
) -> list[np.ndarray]:
    """The corner of an edge that keeps the wider road's width at first: lanes shift in an S."""
    if abs(edge_m) > abs(its_edge_m):
        return [arm.point(-FULL_WIDTH * length_m, edge_m)]
    if abs(edge_m) < abs(its_edge_m):
        return [other.point(-FULL_WIDTH * length_m, its_edge_m)]
    return []


def _taper_one_way(draft: Draft, index: int, arm: Arm, other: Arm) -> None:
    into, out = arm.into, other.out
    if not into or not out:
        return
    kept = min(len(into), len(out))
    marks = _markings(arm, other, kept)
    for j in range(kept):
        last = j == kept - 1 and len(into) != len(out)
        turn = Turn.STRAIGHT if last and len(into) > kept else Turn.NONE
        ids = add_way(draft, into[j], out[j], turn, origin=arm.index, node=index, marks=marks[j])
        if j:
            draft.left_of[ids], draft.right_of[ids - 1] = ids - 1, ids
    edge = (Marking.NONE, Marking.SOLID_WHITE)
    for j in range(kept, len(into)):
        add_way(
            draft, into[j], out[kept - 1], Turn.STRAIGHT, origin=arm.index, node=index, marks=edge
        )
        add_line(draft, into[j], 0.5, Control.YIELD, painted=False)
    if len(into) > kept:
        add_line(draft, into[kept - 1], 0.5, Control.PRIORITY, painted=False)
    for j in range(kept, len(out)):
        add_way(
            draft, into[kept - 1], out[j], Turn.STRAIGHT, origin=arm.index, node=index, marks=edge
        )
    if arm.into_bike >= 0 and other.out_bike >= 0:
        add_way(draft, arm.into_bike, other.out_bike, Turn.NONE, origin=arm.index, node=index)


def _markings(arm: Arm, other: Arm, kept: int) -> list[tuple[Marking, Marking]]:
    """Paint of the lanes that go on; none on the right of the last one, where another joins."""
    section: Section = other.laid.link.section
    forward = other.out == other.laid.forward
    side = section.forward if forward else section.backward
    marks = [lane_markings(section, side, j) for j in range(kept)]
    if kept and len(arm.into) != len(other.out):
        marks[-1] = (marks[-1][0], Marking.NONE)
    return marks


def connect_gore(draft: Draft, arms: list[Arm]) -> None:
    """Let every arriving lane go on into the leaving lane that begins where it ends."""
    ends = [lane for arm in arms for lane in (*arm.into, arm.into_bike) if lane >= 0]
    starts = [lane for arm in arms for lane in (*arm.out, arm.out_bike) if lane >= 0]
    for end in ends:
        for start in starts:
            if joins(draft.lanes[end], draft.lanes[start]):
                draft.successors[end].append(start)


def joins(lane: Lane, following: Lane) -> bool:
    """Whether a lane begins where and as another ends."""
    gap = following.centre_m[0] - lane.centre_m[-1]
    turn = wrap_rad(heading(following) - end_heading(lane))
    return float(np.hypot(*gap)) <= JOIN_M and abs(turn) <= JOIN_RAD
