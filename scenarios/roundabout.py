"""A roundabout: counter-clockwise rings, entries that yield, splitter islands.

At each arm a ring leaves a piece for the exit way, passes the entry on a short way behind a
PRIORITY line, and takes the entry's way in. Angles are counted from the arm's own direction.

Of two rings the outer one belongs to the right lanes of entries and exits, the inner one to the
left lanes, and nobody changes between them: the right lane is for the first two exits, the left
one for the second and those beyond (MUTCD, figure 3C-4: right and through, left and through). So
the way out of the inner ring crosses the outer one, on which only those go on who came in one arm
ago.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np
import shapely

from scenarios.arrows import arrow
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

RING_PIECE_M = (7.0, 10.0)
"""Least length of the outermost ring between an entry and the next exit, where there is one and
where there are two: room for a car that waits, on the inner one too."""

KERB_GAP_M = 0.3
"""Between a lane's edge and the kerb."""

ARROWS_M = (28.0, 5.0)
"""From the tails of lane-use arrows to the mouth of the arm."""

FILLET_M = 4.0
LEAST_ISLAND_M2 = 3.0
GRID_M = 1e-3
"""Precision of unions: without one, outlines that all but coincide are lost in them."""


def radius_m(node: Node, ring: int = 0) -> float:
    """Radius of the middle of a circulating lane; ring 0 is the outermost."""
    return (node.inscribed_m - node.ring_m) / 2 - ring * node.ring_m


def reach_rad(node: Node, headings: list[float]) -> float:
    """Angle between an arm and the place where its entry joins the outermost ring (and its exit
    leaves); those of an inner ring do so as near to the arm's axis.
    """
    turned = [(b - a) % (2 * math.pi) for a, b in zip(headings, _rolled(headings), strict=True)]
    least = min(turned) if len(turned) > 1 else math.pi
    room = (least - RING_PIECE_M[node.rings - 1] / radius_m(node)) / 2
    return min(max(room, math.radians(24.0)), math.radians(38.0))


def _rolled(values: list[float]) -> list[float]:
    return [*values[1:], values[0]]


def mouth_m(node: Node, reach: float, offsets_m: Sequence[float]) -> float:
    """Distance of an arm's mouth from the centre; the flare and the entry's bends lie within.

    Args:
        reach: see reach_rad. offsets_m: of the entry lanes from the arm's centre line, from the
            middle outwards.
    """
    begins = [
        _bend_begins_m(radius_m(node, ring), reach, offset + SHIFT_M)
        for ring, offset in zip(_rings(node), offsets_m, strict=True)
    ]
    return max(begins) + FLARE_M


def _rings(node: Node) -> range:
    """The rings that an arm's lanes lead to, from the middle outwards."""
    return range(node.rings - 1, -1, -1)


def _bend_begins_m(r: float, reach: float, offset_m: float) -> float:
    """Where the widest arc from a line beside the arm's axis to a ring begins, m from centre."""
    tangent = (r * math.sin(reach) - offset_m) / math.cos(reach)
    return r * math.cos(reach) + tangent * math.sin(reach) + tangent + 0.5


@dataclasses.dataclass(frozen=True, eq=False)
class _Site:
    """Where a roundabout is laid: node and its index, the reach of its arms, the speed limit."""

    draft: Draft
    index: int
    node: Node
    reach: float
    limit_mps: float


@dataclasses.dataclass(frozen=True, eq=False)
class _Spoke:
    """What one arm of a roundabout adds: ids of its ways by ring, () where it has none."""

    entries: tuple[int, ...]
    exits: tuple[int, ...]


def connect(draft: Draft, index: int, node: Node, arms: list[Arm]) -> None:
    """Lay the rings, the entries and exits, their lines, pavement and islands.

    Args:
        draft: to add to.
        index: of the node. arms: counter-clockwise, with one lane each way for each ring.
    """
    first = len(draft.lanes)
    reach = reach_rad(node, [arm.heading_rad for arm in arms])
    limit = min(arm.laid.link.limit_mps for arm in arms)
    site = _Site(draft, index, node, reach, limit)
    spokes = [_Spoke(_entries(site, arm), _exits(site, arm)) for arm in arms]
    between = [_between(site, a, b) for a, b in zip(arms, [*arms[1:], arms[0]], strict=True)]
    past = [
        _past(site, arm, spoke, between[k - 1], between[k])
        for k, (arm, spoke) in enumerate(zip(arms, spokes, strict=True))
    ]
    if node.rings > 1:
        _choose_lanes(draft, spokes, past)
        for arm in arms:
            _paint_arrows(draft, arm)
    _pave(draft, first)


def _between(site: _Site, arm: Arm, following: Arm) -> list[int]:
    """Pieces of the rings from one arm's entries to the next arm's exits, by ring."""
    node, turned = site.node, (following.heading_rad - arm.heading_rad) % (2 * math.pi)
    begin = arm.heading_rad + site.reach
    end = arm.heading_rad + (turned or 2 * math.pi) - site.reach
    pieces = []
    for ring in range(node.rings):
        left = Marking.SOLID_YELLOW if ring == node.rings - 1 else Marking.BROKEN_WHITE
        right = Marking.NONE if ring else Marking.SOLID_WHITE
        line = _ring(node, ring, begin, end)
        pieces.append(add_lane(site.draft, line, node.ring_m, site.limit_mps, marks=(left, right)))
    _join_sides(site.draft, pieces)
    return pieces


def _past(
    site: _Site, arm: Arm, spoke: _Spoke, before: list[int], after: list[int]
) -> list[int]:  # fmt: skip
    """Ways of the rings past an arm, by ring, joined to the pieces before and after it."""
    draft, node, ways = site.draft, site.node, []
    for ring in range(node.rings):
        line = _ring(node, ring, arm.heading_rad - site.reach, arm.heading_rad + site.reach)
        origin = -2 - arm.index * node.rings - ring
        left = Marking.SOLID_YELLOW if ring == node.rings - 1 else Marking.NONE
        way = add_lane(
            draft, line, node.ring_m, site.limit_mps, marks=(left, Marking.NONE),
            turn=Turn.STRAIGHT, origin=origin, node=site.index,
        )  # fmt: skip
        ways.append(way)
        draft.successors[before[ring]].append(way)
        draft.successors[way].append(after[ring])
        if spoke.entries:
            draft.successors[spoke.entries[ring]].append(after[ring])
            add_line(draft, before[ring], 0.4, Control.PRIORITY)
        if spoke.exits:
            draft.successors[before[ring]].append(spoke.exits[ring])
            draft.origin[spoke.exits[ring]] = origin
    return ways


def _choose_lanes(draft: Draft, spokes: list[_Spoke], past: list[list[int]]) -> None:
    """Forbid what the lane-use arrows do: the outer ring beyond the second exit to who came in on
    the right, the first exit to who came in on the left.
    """
    for k, spoke in enumerate(spokes):
        if spoke.entries:
            outer, inner = spoke.entries
            first, second = (k + 1) % len(spokes), (k + 2) % len(spokes)
            draft.never[outer] = frozenset({past[second][0]})
            draft.never[inner] = frozenset(spokes[first].exits[1:])


def _paint_arrows(draft: Draft, arm: Arm) -> None:
    """Lane-use arrows before the mouth of an arm, twice."""
    for lanes, turn in ((arm.into[:1], Turn.LEFT), (arm.into[1:], Turn.RIGHT)):
        for lane in (draft.lanes[i] for i in lanes):
            for before_m in ARROWS_M:
                s = max(lane.length_m - before_m, 0.0)
                draft.paint_m += arrow(lane, s, (Turn.STRAIGHT, turn))


def _join_sides(draft: Draft, lanes: Sequence[int]) -> None:
    """Make neighbours of lanes that lie side by side, given from right to left."""
    for right, left in itertools.pairwise(lanes):
        draft.right_of[left], draft.left_of[right] = right, left


def _ring(node: Node, ring: int, from_rad: float, to_rad: float) -> np.ndarray:
    r = radius_m(node, ring)
    angle = np.linspace(from_rad, to_rad, max(5, math.ceil((to_rad - from_rad) * r / 0.8)))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * r + [node.x_m, node.y_m]


def _entries(site: _Site, arm: Arm) -> tuple[int, ...]:
    """Ways from an arm's lanes into the rings, by ring, each with a bent lane before it."""
    draft, node, ways, pieces = site.draft, site.node, [], []
    for ring, into in enumerate(reversed(arm.into)):
        lane = draft.lanes[into]
        line = _entry(site, ring, arm, lane.centre_m[-1], mirrored=False)
        outer, inner = _split(node, line)
        piece = _piece(site, ring, outer, arm, lane.width_m)
        draft.successors[into].append(piece)
        entry = add_lane(
            draft, inner, lane.width_m, lane.speed_limit_mps, turn=Turn.STRAIGHT,
            origin=arm.index, node=site.index,
        )  # fmt: skip
        draft.successors[piece].append(entry)
        add_line(draft, piece, 0.3, arm.end.control)
        pieces.append(piece)
        ways.append(entry)
    _join_sides(draft, pieces)
    return tuple(ways)


def _exits(site: _Site, arm: Arm) -> tuple[int, ...]:
    """Ways from the rings to an arm's lanes, by ring, each with a bent lane behind it."""
    draft, node, ways, pieces = site.draft, site.node, [], []
    for ring, out in enumerate(reversed(arm.out)):
        lane = draft.lanes[out]
        line = _entry(site, ring, arm, lane.centre_m[0], mirrored=True)
        outer, inner = _split(node, line)
        ways.append(
            add_lane(
                draft, inner[::-1], lane.width_m, lane.speed_limit_mps, turn=Turn.RIGHT,
                node=site.index,
            )
        )  # fmt: skip
        piece = _piece(site, ring, outer[::-1], arm, lane.width_m)
        draft.successors[ways[-1]].append(piece)
        draft.successors[piece].append(out)
        pieces.append(piece)
    _join_sides(draft, pieces)
    return tuple(ways)


def _piece(site: _Site, ring: int, line: np.ndarray, arm: Arm, width_m: float) -> int:
    """A lane between an arm's mouth and the rings' rim."""
    left = Marking.SOLID_YELLOW if ring == site.node.rings - 1 else Marking.SOLID_WHITE
    return add_lane(
        site.draft, line, width_m, arm.laid.link.limit_mps,
        marks=(left, Marking.NONE if ring else Marking.SOLID_WHITE),
        verge_m=width_m / 2 + KERB_GAP_M,
    )  # fmt: skip


def _entry(
    site: _Site, ring: int, arm: Arm, mouth: np.ndarray, *, mirrored: bool
) -> np.ndarray:  # fmt: skip
    """The line from an arm's mouth to a ring, f64[N, 2] m; an exit is its mirror image."""
    node, reach = site.node, site.reach
    c, s = math.cos(arm.heading_rad), math.sin(arm.heading_rad)
    away = mouth - [node.x_m, node.y_m]
    far, aside = float(away @ [c, s]), float(away @ [-s, c])
    sign = -1.0 if mirrored else 1.0
    offset = sign * aside
    begin = np.array([far, offset])
    bend = np.array([far - FLARE_M, offset + SHIFT_M])
    r = radius_m(node, ring)
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
