"""A road plan -> roads: the one builder behind every layout."""

from __future__ import annotations

import math

import numpy as np
import shapely

from scenarios import junction, roundabout, taper
from scenarios.config import RoadConfig
from scenarios.conflicts import find_conflicts
from scenarios.draft import Arm, Draft, Laid, add_link, arm_of
from scenarios.layout import ParkingStrip, Placed, Roads
from scenarios.local_rules import with_local_rules
from scenarios.plan import Link, Node, NodeKind, Plan, Post
from scenarios.posts import gone_m, parking_signs, turn_signs
from scenarios.routes import Found, find_routes
from scenarios.section import Section
from scenarios.signal_plan import Programme, joined
from scenarios.verge import (
    bay_lines,
    link_boxes,
    parking_spans,
    parking_strips,
    pave,
    polygon_box,
    sides_of,
)
from simulator.geometry import arc_lengths_m, direction_at, offset_line, place_at
from simulator.network import Control, Network
from simulator.signals import SignalPlan
from simulator.signs import SIGNS

Ends = list[tuple[int, bool]]
"""Links that meet at a node: index, and whether it is their end b."""


GOES_ON = (NodeKind.GORE, NodeKind.TAPER)
"""Nodes at which roads go on into each other, with their medians."""

PRIORITY_SIGN_M = 15.0
"""From the sign of a priority road to the mouth of the junction before which it stands."""

GRID_M = 1e-3
"""Precision of unions: without one, outlines that all but coincide are lost in them."""


def build_roads(plan: Plan, rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Make roads of a plan.

    Args:
        plan: nodes and links. At a junction or roundabout its links must be straight as far as the
            mouth; at a taper the two links must lie end to end.
        rng: for green times and the shares of routes. config: of roads, for local rules.
    """
    plan = with_local_rules(plan, rng, config)
    draft = Draft()
    ends = [_ends(plan, n) for n in range(len(plan.nodes))]
    trims = np.zeros((len(plan.links), 2))
    for node, met in zip(plan.nodes, ends, strict=True):
        for (i, at_b), mouth in zip(met, _mouths_m(plan, node, met), strict=True):
            trims[i, int(at_b)] = mouth
    laid = [
        add_link(draft, i, link, (float(trims[i, 0]), float(trims[i, 1])))
        for i, link in enumerate(plan.links)
    ]
    programmes = []
    for n, (node, met) in enumerate(zip(plan.nodes, ends, strict=True)):
        arms = [arm_of(i, laid[i], at_b=at_b) for i, at_b in met]
        found = _connect(draft, n, node, arms, rng)
        programmes += [found] if found is not None else []
    strips = [parking_strips(one) for one in laid]
    calm = {-1} | {n for n, node in enumerate(plan.nodes) if node.kind not in GOES_ON}
    for one, parking in zip(laid, strips, strict=True):
        pave(draft, one, parking, (one.link.a.node in calm, one.link.b.node in calm))
    routes = find_routes(draft, calm - {-1}, rng)
    signals = joined(programmes, draft.groups, rng)
    return _roads(plan, draft, laid, strips, routes, signals)


def _ends(plan: Plan, n: int) -> Ends:
    """The link ends at a node, counter-clockwise."""
    found: list[tuple[float, int, bool]] = []
    for i, link in enumerate(plan.links):
        for end, at_b in ((link.a, False), (link.b, True)):
            if end.node == n:
                found.append((_outward_rad(plan, i, at_b=at_b), i, at_b))
    return [(i, at_b) for _, i, at_b in sorted(found)]


def _outward_rad(plan: Plan, i: int, *, at_b: bool) -> float:
    line = plan.links[i].line_m
    d = line[-2] - line[-1] if at_b else line[1] - line[0]
    return math.atan2(float(d[1]), float(d[0]))


def _mouths_m(plan: Plan, node: Node, met: Ends) -> list[float]:
    """How much of each link is taken by the node."""
    if node.kind == NodeKind.GORE:
        return [0.0] * len(met)
    if node.kind == NodeKind.TAPER:
        return [node.taper_m / 2] * len(met)
    headings = [_outward_rad(plan, i, at_b=at_b) for i, at_b in met]
    sections = [plan.links[i].section for i, _ in met]
    if node.kind == NodeKind.ROUNDABOUT:
        reach = roundabout.reach_rad(node, headings)
        return [
            roundabout.mouth_m(node, reach, [s.median_m / 2 + offset for offset in _offsets_m(s)])
            for s in sections
        ]
    sides = [
        (s.right_m, s.left_m) if at_b else (s.left_m, s.right_m)
        for s, (_, at_b) in zip(sections, met, strict=True)
    ]
    return junction.mouths_m(node, headings, [a for a, _ in sides], [b for _, b in sides])


def _offsets_m(section: Section) -> list[float]:
    """From the middle's edge to the middles of the lanes of one direction, m."""
    side = section.forward
    return [side.lane_offset_m(j) for j in range(len(side.lanes_m))]


def _connect(
    draft: Draft, n: int, node: Node, arms: list[Arm], rng: np.random.Generator
) -> Programme | None:
    if node.kind == NodeKind.JUNCTION:
        return junction.connect(draft, n, node, arms, rng)
    if node.kind == NodeKind.ROUNDABOUT:
        roundabout.connect(draft, n, node, arms)
    elif node.kind == NodeKind.TAPER:
        taper.connect_taper(draft, n, node, arms)
    else:
        taper.connect_gore(draft, arms)
    return None


def _roads(
    plan: Plan, draft: Draft, laid: list[Laid], strips: list[list[ParkingStrip]], routes: Found,
    signals: SignalPlan,
) -> Roads:  # fmt: skip
    boxes = [polygon_box(p) for p in (*draft.junctions_m, *draft.bays_m)]
    for one, parking in zip(laid, strips, strict=True):
        boxes += link_boxes(one, parking)
    every, half = tuple(strip for parking in strips for strip in parking), plan.half_m
    network = Network(
        tuple(draft.lanes), tuple(tuple(s) for s in draft.successors), np.array(draft.left_of),
        np.array(draft.right_of), find_conflicts(draft), tuple(draft.lines),
        tuple(draft.junctions_m), tuple(draft.kerbs_m), (-half, -half, half, half),
        _whole(plan, draft.islands_m), tuple(draft.crosswalks),
        (*(line for strip in every for line in bay_lines(strip)), *draft.paint_m),
    )  # fmt: skip
    return Roads(
        network, routes.paths, routes.weights, signals,
        tuple(side for one in laid for side in sides_of(one)), every,
        np.array([*boxes, *_standing(plan)]), plan.focus_m, routes.bikes, np.array(draft.verge_m),
        tuple(_placed(draft, laid)), plan.blocks, plan.cones,
    )  # fmt: skip


def _standing(plan: Plan) -> list[tuple[float, float, float, float, float]]:
    """Boxes of what the layout itself sets up: nothing else may stand there."""
    return [(b.x_m, b.y_m, b.heading_rad, b.length_m, b.width_m) for b in plan.blocks if b.height_m]


def _whole(plan: Plan, islands: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Islands that touch, such as a median that goes on over several links, as one."""
    if not islands or not any(node.kind in GOES_ON for node in plan.nodes):
        return tuple(islands)
    parts = shapely.get_parts(
        shapely.union_all([shapely.Polygon(i).buffer(0.01) for i in islands], grid_size=GRID_M)
    )
    return tuple(shapely.get_coordinates(shapely.get_exterior_ring(p))[:-1] for p in parts)


def _priority(link: Link) -> list[Post]:
    """Signs for those who arrive with priority; they stand where the convention has such a sign."""
    ways = ((link.b, link.section.forward, True), (link.a, link.section.backward, False))
    return [
        Post("priority_road", -PRIORITY_SIGN_M, forward)
        for end, side, forward in ways
        if end.control == Control.PRIORITY and side.lanes_m
    ]


def _placed(draft: Draft, laid: list[Laid]) -> list[Placed]:
    """The signs of the plan's posts, and of what else it says, at their legal places."""
    placed = []
    for one in laid:
        posts = [*one.link.posts, *_priority(one.link), *turn_signs(draft, one)]
        placed += [_at_kerb(one, post) for post in (*posts, *parking_signs(one, posts))]
    return placed


def _at_kerb(one: Laid, post: Post) -> Placed:
    """A post beside the pavement, beyond the parking strip where there is one."""
    section, length = one.link.section, one.length_m
    forward = post.forward
    line = one.line_m if forward else one.line_m[::-1]
    side = section.forward if forward else section.backward
    gone = gone_m(post, length)
    along = gone if forward else length - gone
    edge = section.right_m if forward else section.left_m
    if any(a <= along <= b for a, b in parking_spans(one)):
        edge += side.parking_m
    away = offset_line(line, -(edge + SIGNS[post.sign].lateral_m))
    s = arc_lengths_m(line)
    return Placed(post.sign, *place_at(away, s, gone), direction_at(line, s, gone), post.limit_mps)
