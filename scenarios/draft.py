"""A network while it is being laid: lanes, what follows them, lines, pavement."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np

from scenarios.alignment import cut
from scenarios.plan import End, Link
from scenarios.section import Carriageway, Section, lane_markings
from scenarios.ways import way
from simulator.geometry import arc_lengths_m, offset_line
from simulator.lane import Lane, LaneKind, Marking, Turn
from simulator.network import Control, Crosswalk, StopLine


@dataclasses.dataclass
class Draft:
    """What has been laid so far; lists that grow, indexed by lane where nothing else is said.

    Attributes:
        verge_m: from each lane's middle to the pavement's right edge without parking.
        origin: for a way through a node, the approach that it belongs to, else -1.
        node: for a way, its node, else -1.
        link: for a lane of a link, that link, else -1.
        groups: signal groups given out so far.
        banned: the turn that is forbidden to traffic of an approach, by its rightmost lane.
        never: lanes on which nobody drives who came over a way, by that way.
        paint_m: polygons f64[N, 2] of white paint on approaches.
    """

    lanes: list[Lane] = dataclasses.field(default_factory=list)
    successors: list[list[int]] = dataclasses.field(default_factory=list)
    left_of: list[int] = dataclasses.field(default_factory=list)
    right_of: list[int] = dataclasses.field(default_factory=list)
    verge_m: list[float] = dataclasses.field(default_factory=list)
    origin: list[int] = dataclasses.field(default_factory=list)
    node: list[int] = dataclasses.field(default_factory=list)
    link: list[int] = dataclasses.field(default_factory=list)
    lines: list[StopLine] = dataclasses.field(default_factory=list)
    crosswalks: list[Crosswalk] = dataclasses.field(default_factory=list)
    junctions_m: list[np.ndarray] = dataclasses.field(default_factory=list)
    kerbs_m: list[np.ndarray] = dataclasses.field(default_factory=list)
    islands_m: list[np.ndarray] = dataclasses.field(default_factory=list)
    bays_m: list[np.ndarray] = dataclasses.field(default_factory=list)
    groups: int = 0
    banned: dict[int, Turn] = dataclasses.field(default_factory=dict)
    never: dict[int, frozenset[int]] = dataclasses.field(default_factory=dict)
    paint_m: list[np.ndarray] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, eq=False)
class Laid:
    """A link that has been laid between the mouths at its ends.

    ``length_m`` is that of its line. ``forward`` and ``backward`` are ids of driving lanes from the
    middle outwards; the bicycle lanes are -1 where there is none.
    """

    link: Link
    line_m: np.ndarray
    length_m: float
    forward: tuple[int, ...]
    backward: tuple[int, ...]
    forward_bike: int
    backward_bike: int


@dataclasses.dataclass(frozen=True, eq=False)
class Arm:
    """A link as its node sees it.

    Attributes:
        index: of the link. laid: its lanes, laid with these mouths.
        end: what the plan says of this end.
        mouth_m: f64[2], the centre line's end. heading_rad: away from the node.
        into, out: ids of the lanes that arrive and leave, from the middle outwards.
        into_bike, out_bike: their bicycle lanes or -1.
        left_m, right_m: from the centre line to the pavement's edges, looking away from the node:
            traffic arrives on the left.
    """

    index: int
    laid: Laid
    end: End
    mouth_m: np.ndarray
    heading_rad: float
    into: tuple[int, ...]
    out: tuple[int, ...]
    into_bike: int
    out_bike: int
    left_m: float
    right_m: float

    def point(self, out_m: float, left_m: float) -> np.ndarray:
        """A point by its distances from the mouth, away from the node and to the left, f64[2] m."""
        c, s = np.cos(self.heading_rad), np.sin(self.heading_rad)
        return self.mouth_m + np.array([c * out_m - s * left_m, s * out_m + c * left_m])


def add_lane(
    draft: Draft, line_m: np.ndarray, width_m: float, limit_mps: float, *,
    marks: tuple[Marking, Marking] = (Marking.NONE, Marking.NONE), turn: Turn = Turn.NONE,
    kind: LaneKind = LaneKind.DRIVE, verge_m: float = 0.0, origin: int = -1, node: int = -1,
    link: int = -1,
) -> int:  # fmt: skip
    """Append a lane and return its id."""
    i = len(draft.lanes)
    draft.lanes.append(Lane(i, line_m, width_m, limit_mps, *marks, turn, kind))
    draft.successors.append([])
    draft.left_of.append(-1)
    draft.right_of.append(-1)
    draft.verge_m.append(verge_m or width_m / 2)
    draft.origin.append(origin)
    draft.node.append(node)
    draft.link.append(link)
    return i


def add_way(
    draft: Draft, start: int, goal: int, turn: Turn, *, origin: int, node: int,
    marks: tuple[Marking, Marking] = (Marking.NONE, Marking.NONE), widest_m: float = math.inf,
) -> int:  # fmt: skip
    """Join two lanes by a way through a node, its arc no wider than given; returns its id."""
    a, b = draft.lanes[start], draft.lanes[goal]
    limit = min(a.speed_limit_mps, b.speed_limit_mps)
    i = add_lane(
        draft, way(a, b, widest_m), a.width_m, limit, marks=marks,
        turn=turn, kind=a.kind, verge_m=draft.verge_m[start], origin=origin, node=node,
    )  # fmt: skip
    draft.successors[start].append(i)
    draft.successors[i].append(goal)
    return i


def add_line(
    draft: Draft, lane: int, before_end_m: float, control: Control, group: int = -1, *,
    painted: bool = True,
) -> None:  # fmt: skip
    """Append a stop line at a distance before the end of a lane."""
    s = draft.lanes[lane].length_m - before_end_m
    draft.lines.append(StopLine(len(draft.lines), lane, s, control, group, painted))


def add_link(draft: Draft, index: int, link: Link, trim: tuple[float, float]) -> Laid:
    """Lay the lanes of a link, shortened by the mouths at its ends."""
    length = float(arc_lengths_m(link.line_m)[-1])
    line = cut(link.line_m, trim[0], length - trim[1])
    section = link.section
    forward = _lay(draft, index, link, section, section.forward, line)
    backward = _lay(draft, index, link, section, section.backward, line[::-1])
    between_m = float(arc_lengths_m(line)[-1])
    return Laid(link, line, between_m, forward[0], backward[0], forward[1], backward[1])


def _lay(
    draft: Draft, index: int, link: Link, section: Section, side: Carriageway, line: np.ndarray
) -> tuple[tuple[int, ...], int]:
    """Driving lanes of one direction and its bicycle lane or -1."""
    inner = section.median_m / 2
    ids: list[int] = []
    for j, width in enumerate(side.lanes_m):
        offset = inner + side.lane_offset_m(j)
        ids.append(
            add_lane(
                draft, offset_line(line, -offset), width, link.limit_mps,
                marks=lane_markings(section, side, j), verge_m=inner + side.width_m - offset,
                link=index,
            )
        )  # fmt: skip
    for a, b in itertools.pairwise(ids):
        draft.right_of[a], draft.left_of[b] = b, a
    bike = -1
    if side.bike_m:
        offset = inner + sum(side.lanes_m) + side.bike_m / 2
        outer = Marking.SOLID_WHITE if side.parking_m or side.shoulder_m else Marking.NONE
        bike = add_lane(
            draft, offset_line(line, -offset), side.bike_m, link.limit_mps,
            marks=(Marking.NONE, outer), kind=LaneKind.BIKE,
            verge_m=inner + side.width_m - offset, link=index,
        )  # fmt: skip
    return tuple(ids), bike


def arm_of(index: int, laid: Laid, *, at_b: bool) -> Arm:
    """A laid link as the node at one of its ends sees it."""
    line, section = laid.line_m, laid.link.section
    d = line[-2] - line[-1] if at_b else line[1] - line[0]
    forward, backward = (laid.forward, laid.forward_bike), (laid.backward, laid.backward_bike)
    into, out = (forward, backward) if at_b else (backward, forward)
    edges = (section.right_m, section.left_m) if at_b else (section.left_m, section.right_m)
    return Arm(
        index, laid, laid.link.b if at_b else laid.link.a, line[-1] if at_b else line[0],
        float(np.arctan2(d[1], d[0])), into[0], out[0], into[1], out[1], *edges,
    )  # fmt: skip
