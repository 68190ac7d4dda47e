"""A roundabout of one lane: counter-clockwise ring, entries that yield, splitter islands.

At each arm the ring leaves a piece for the exit way, passes the entry on a short way behind a
PRIORITY line, and takes the entry's way in. Angles are counted from the arm's own direction.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import shapely

from scenarios.draft import Arm, Draft, add_lane, add_line
from scenarios.plan import Node
from scenarios.ways import line_between
from simulator.geometry import to_world
from simulator.lane import Marking, Turn
from simulator.network import Control

FLARE_M, SHIFT_M = 14.0, 1.2
"""Length and width of the shift that makes room for the splitter island."""

ENTRY_GAP_M = 0.8
"""Between the inscribed circle and the yield line."""

RING_PIECE_M = 7.0
"""Least length of ring between an entry and the next exit: room for a car that waits."""

KERB_GAP_M = 0.3
"""Between a lane's edge and the kerb."""

FILLET_M = 4.0
LEAST_ISLAND_M2 = 3.0
GRID_M = 1e-3
"""Precision of unions: without one, outlines that all but coincide are lost in them."""

_EDGES = (Marking.SOLID_YELLOW, Marking.SOLID_WHITE)


def radius_m(node: Node) -> float:
    """Radius of the middle of the circulating lane."""
    return (node.inscribed_m - node.ring_m) / 2


def reach_rad(node: Node, headings: list[float]) -> float:
    """Angle between an arm and the place where its entry joins the ring (and its exit leaves)."""
    turned = [(b - a) % (2 * math.pi) for a, b in zip(headings, _rolled(headings), strict=True)]
    least = min(turned) if len(turned) > 1 else math.pi
    room = (least - RING_PIECE_M / radius_m(node)) / 2
    return min(max(room, math.radians(24.0)), math.radians(38.0))


def _rolled(values: list[float]) -> list[float]:
    return [*values[1:], values[0]]


def mouth_m(node: Node, reach: float, offset_m: float) -> float:
    """Distance of an arm's mouth from the centre; the flare and the entry's bend lie within.

    Args:
        reach: see reach_rad. offset_m: of the entry lane from the arm's centre line.
    """
    return _bend_begins_m(node, reach, offset_m + SHIFT_M) + FLARE_M


def _bend_begins_m(node: Node, reach: float, offset_m: float) -> float:
    """Where the widest arc from a line beside the arm's axis to the ring begins, m from centre."""
    r = radius_m(node)
    tangent = (r * math.sin(reach) - offset_m) / math.cos(reach)
    return r * math.cos(reach) + tangent * math.sin(reach) + tangent + 0.5


@dataclasses.dataclass(frozen=True, eq=False)
class Spoke:
    """What one arm of a roundabout adds: ids of its lanes, -1 where it has none."""

    entry: int
    exit: int


def connect(draft: Draft, index: int, node: Node, arms: list[Arm]) -> None:
    """Lay the ring, the entries and exits, their lines, pavement and islands.

    Args:
        draft: to add to.
        index: of the node. arms: counter-clockwise, with one lane each way.
    """
    first = len(draft.lanes)
    reach = reach_rad(node, [arm.heading_rad for arm in arms])
    spokes = [_spoke(draft, index, node, arm, reach) for arm in arms]
    limit = min(arm.laid.link.limit_mps for arm in arms)
    width = node.ring_m
    between = []
    for arm, following in zip(arms, [*arms[1:], arms[0]], strict=True):
        turned = (following.heading_rad - arm.heading_rad) % (2 * math.pi) or 2 * math.pi
        line = _ring(node, arm.heading_rad + reach, arm.heading_rad + turned - reach)
        between.append(add_lane(draft, line, width, limit, marks=_EDGES))
    for k, (arm, spoke) in enumerate(zip(arms, spokes, strict=True)):
        before, after = between[k - 1], between[k]
        line = _ring(node, arm.heading_rad - reach, arm.heading_rad + reach)
        origin = -2 - arm.index
        past = add_lane(
            draft, line, width, limit, marks=(Marking.SOLID_YELLOW, Marking.NONE),
            turn=Turn.STRAIGHT, origin=origin, node=index,
        )  # fmt: skip
        draft.successors[before].append(past)
        draft.successors[past].append(after)
        if spoke.entry >= 0:
            draft.successors[spoke.entry].append(after)
            add_line(draft, before, 0.4, Control.PRIORITY)
        if spoke.exit >= 0:
            draft.successors[before].append(spoke.exit)
            draft.origin[spoke.exit] = origin
    _pave(draft, first)


def _ring(node: Node, from_rad: float, to_rad: float) -> np.ndarray:
    r = radius_m(node)
    angle = np.linspace(from_rad, to_rad, max(5, math.ceil((to_rad - from_rad) * r / 0.8)))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * r + [node.x_m, node.y_m]


def _spoke(draft: Draft, index: int, node: Node, arm: Arm, reach: float) -> Spoke:
    """Entry and exit of an arm, each a bent lane outside the inscribed circle and a way inside."""
    entry = exit_ = -1
    if arm.into:
        lane = draft.lanes[arm.into[0]]
        line = _entry(node, arm, reach, lane.centre_m[-1], mirrored=False)
        outer, inner = _split(node, line)
        piece = _piece(draft, outer, arm, lane.width_m)
        draft.successors[arm.into[0]].append(piece)
        entry = add_lane(
            draft, inner, lane.width_m, lane.speed_limit_mps, turn=Turn.STRAIGHT,
            origin=arm.index, node=index,
        )  # fmt: skip
        draft.successors[piece].append(entry)
        add_line(draft, piece, 0.3, arm.end.control)
    if arm.out:
        lane = draft.lanes[arm.out[0]]
        line = _entry(node, arm, reach, lane.centre_m[0], mirrored=True)
        outer, inner = _split(node, line)
        exit_ = add_lane(
            draft, inner[::-1], lane.width_m, lane.speed_limit_mps, turn=Turn.RIGHT, node=index
        )
        piece = _piece(draft, outer[::-1], arm, lane.width_m)
        draft.successors[exit_].append(piece)
        draft.successors[piece].append(arm.out[0])
    return Spoke(entry, exit_)


def _piece(draft: Draft, line: np.ndarray, arm: Arm, width_m: float) -> int:
    limit, verge = arm.laid.link.limit_mps, width_m / 2 + KERB_GAP_M
    return add_lane(draft, line, width_m, limit, marks=_EDGES, verge_m=verge)


def _entry(node: Node, arm: Arm, reach: float, mouth: np.ndarray, *, mirrored: bool) -> np.ndarray:
    """The line from an arm's mouth to the ring, f64[N, 2] m; an exit is its mirror image."""
    c, s = math.cos(arm.heading_rad), math.sin(arm.heading_rad)
    away = mouth - [node.x_m, node.y_m]
    far, aside = float(away @ [c, s]), float(away @ [-s, c])
    sign = -1.0 if mirrored else 1.0
    offset = sign * aside
    begin = np.array([far, offset])
    bend = np.array([far - FLARE_M, offset + SHIFT_M])
    r = radius_m(node)
    goal = r * np.array([math.cos(reach), math.sin(reach)])
    flare = line_between(begin, math.pi, bend, math.pi)
    arc = line_between(bend, math.pi, goal, reach + math.pi / 2)
    line = np.concatenate([flare, arc[1:]]) * [1.0, sign]
    line = to_world(line, node.x_m, node.y_m, arm.heading_rad)
    line[0] = mouth
    return line


def _split(node: Node, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a line that comes from outside where it meets the yield line's circle."""
    away = np.hypot(line[:, 0] - node.x_m, line[:, 1] - node.y_m)
    k = int(np.argmax(away < node.inscribed_m / 2 + ENTRY_GAP_M))
    k = min(max(k, 1), len(line) - 3)
    return line[: k + 1], line[k:]


def _pave(draft: Draft, first: int) -> None:
    """Pavement and islands from the strips of all lanes laid since the first."""
    lines: dict[float, list[np.ndarray]] = {}
    for lane in draft.lanes[first:]:
        lines.setdefault(lane.width_m / 2 + KERB_GAP_M, []).append(lane.centre_m)
    strips = [
        shapely.MultiLineString(some).buffer(half, cap_style="flat", quad_segs=4)
        for half, some in lines.items()
    ]
    driven = shapely.union_all(strips, grid_size=GRID_M)
    paved = driven.buffer(FILLET_M, quad_segs=6).buffer(-FILLET_M, quad_segs=6)
    outer = shapely.Polygon(max(shapely.get_parts(paved), key=lambda p: p.area).exterior)
    draft.junctions_m.append(_points(outer))
    for part in shapely.get_parts(driven):
        for hole in part.interiors:
            island = shapely.Polygon(hole).buffer(-0.3).buffer(0.15)
            for piece in shapely.get_parts(island):
                if piece.area >= LEAST_ISLAND_M2:
                    draft.islands_m.append(_points(piece))


def _points(shape: shapely.Geometry) -> np.ndarray:
    """The outer outline of a polygon, a little thinned, ccw: f64[N, 2] m."""
    points = shapely.get_coordinates(shapely.get_exterior_ring(shapely.simplify(shape, 0.05)))[:-1]
    return points if shapely.LinearRing(points).is_ccw else points[::-1]
