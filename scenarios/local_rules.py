"""Local rules of a plan: turns that are forbidden, a school zone, kerbs that are kept free.

They are drawn from a stream of their own, so that the map is else what it would be without them.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from scenarios.config import RoadConfig
from scenarios.plan import End, Link, NodeKind, Plan, Post
from simulator.geometry import arc_lengths_m
from simulator.lane import Turn
from simulator.seeding import beside

LEFT_SHARE = 0.6
"""Of the forbidden turns are to the left, which costs a junction more than those to the right."""

ENTRY_M = 12.0
"""From the mouth of a junction to the sign of a zone that begins behind it."""

LEAST_ZONE_M = 70.0
MOST_LANES = 2
"""Wider roads have no school zone."""

SLOWER_MPS = 1.0
"""A school zone is at least so much slower than its road was."""


def with_local_rules(plan: Plan, rng: np.random.Generator, config: RoadConfig) -> Plan:
    """The plan with local rules for some of its links and their ends.

    Args:
        plan: of a layout. rng: its stream, of which nothing is drawn. config: of roads.
    """
    links = _with_school(plan, beside(rng, "school"), config)
    turns, kerbs = beside(rng, "turns"), beside(rng, "kerbs")
    links = [
        dataclasses.replace(
            link,
            a=_with_ban(plan, link.a, turns, config),
            b=_with_ban(plan, link.b, turns, config),
            kept_free=_free_kerbs(link, kerbs, config),
        )
        for link in links
    ]
    return dataclasses.replace(plan, links=tuple(links))


def _with_ban(plan: Plan, end: End, rng: np.random.Generator, config: RoadConfig) -> End:
    drawn, which = rng.random(2)
    if end.node < 0 or plan.nodes[end.node].kind != NodeKind.JUNCTION:
        return end
    if drawn < config.turn_ban_share:
        return dataclasses.replace(end, banned=Turn.LEFT if which < LEFT_SHARE else Turn.RIGHT)
    return dataclasses.replace(end, no_return=bool(drawn > 1.0 - config.turn_ban_share / 2))


def _free_kerbs(link: Link, rng: np.random.Generator, config: RoadConfig) -> tuple[bool, bool]:
    """Only kerbs beside traffic have signs; rows of bays across are there to be parked in."""
    section = link.section
    drawn = rng.random(2) < config.no_parking_share
    free = [
        bool(wanted and side.lanes_m and side.parking_m and side.bay_rad == 0)
        for wanted, side in zip(drawn, (section.forward, section.backward), strict=True)
    ]
    return free[0], free[1]


def _with_school(plan: Plan, rng: np.random.Generator, config: RoadConfig) -> list[Link]:
    """The links, one of them a school zone throughout."""
    wanted, which = rng.random(2)
    links = list(plan.links)
    if wanted >= config.school_share:
        return links
    fit = [i for i, link in enumerate(links) if _fits(plan, link, config.school_limit_mps)]
    if fit:
        i = fit[int(which * len(fit))]
        links[i] = _school(links[i], config.school_limit_mps)
    return links


def _fits(plan: Plan, link: Link, limit_mps: float) -> bool:
    ends = [plan.nodes[end.node].kind for end in (link.a, link.b) if end.node >= 0]
    sides = (link.section.forward, link.section.backward)
    return (
        link.limit_mps >= limit_mps + SLOWER_MPS
        and float(arc_lengths_m(link.line_m)[-1]) >= LEAST_ZONE_M
        and max(len(side.lanes_m) for side in sides) <= MOST_LANES
        and all(kind in (NodeKind.JUNCTION, NodeKind.ROUNDABOUT) for kind in ends)
    )


def _school(link: Link, limit_mps: float) -> Link:
    """The link with the zone's limit, whose signs stand where those of its own limit stood."""
    posts = [p for p in link.posts if p.sign != "speed_limit"]
    entry = {p.forward: p.s_m for p in link.posts if p.sign == "speed_limit"}
    for side, forward in ((link.section.forward, True), (link.section.backward, False)):
        if side.lanes_m:
            posts.append(Post("school_zone", entry.get(forward, ENTRY_M), forward, limit_mps))
    return dataclasses.replace(link, limit_mps=limit_mps, posts=tuple(posts))
