"""Plans of a road beside which a ramp joins or leaves: gore, lane beside the road, taper."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios import draw
from scenarios.alignment import alignment, straight
from scenarios.config import RoadConfig
from scenarios.plan import End, Link, Node, NodeKind, Plan, Post
from scenarios.section import Carriageway, Section, one_way
from simulator.geometry import to_world
from simulator.seeding import uniform

RAMP_SPEED, MOST_RAMP_MPS = 0.75, 12.0
"""Share of the road's speed for which a ramp's bend is laid out (AASHTO: 50-85 %), and its end."""


LEAST_HALF_M = 115.0
SIGN_M = 8.0
"""From the world's edge to the speed limit sign: before the ramp comes near."""


@dataclasses.dataclass(frozen=True)
class Ramped:
    """What is drawn for a road with a ramp, m, m/s and rad."""

    rotation_rad: float
    count: int
    width_m: float
    median_m: float
    shoulder_m: float
    limit_mps: float
    beside_m: float
    taper_m: float
    angle_rad: float
    radius_m: float


def drawn(rng: np.random.Generator, config: RoadConfig) -> Ramped:
    """Draw the sizes of one."""
    limit = max(config.speed_limits_mps)
    speed = min(RAMP_SPEED * limit, MOST_RAMP_MPS)
    return Ramped(
        rotation_rad=uniform(rng, -math.pi, math.pi),
        count=int(rng.integers(1, 4)),
        width_m=draw.lane_width_m(rng, config),
        median_m=draw.between(rng, max(config.median_low_m, 1.8), max(config.median_high_m, 2.0)),
        shoulder_m=config.shoulder_m if rng.random() < 0.5 else 0.0,
        limit_mps=limit,
        beside_m=draw.between(rng, 45.0, 70.0),
        taper_m=draw.between(rng, 24.0, 32.0),
        angle_rad=math.radians(uniform(rng, 22.0, 38.0)),
        radius_m=draw.least_radius_m(speed, config) * uniform(rng, 1.0, 1.4),
    )


def plan(config: RoadConfig, ramp: Ramped, *, joins: bool) -> Plan:
    """The road from the world's one edge to the other with a ramp on its right.

    Args:
        config: of roads. ramp: the sizes.
        joins: traffic comes from the ramp; else it leaves by it.
    """
    half, turn = draw.half_m(config, LEAST_HALF_M), ramp.rotation_rad
    gore = (-0.5 if joins else 0.5) * (ramp.beside_m + ramp.taper_m / 2)
    taper = gore + (1.0 if joins else -1.0) * (ramp.beside_m + ramp.taper_m / 2)
    nodes = (
        Node(kind=NodeKind.GORE),
        Node(kind=NodeKind.TAPER, taper_m=ramp.taper_m),
    )
    main = Carriageway((ramp.width_m,) * ramp.count, shoulder_m=ramp.shoulder_m)
    wide = Carriageway((ramp.width_m,) * (ramp.count + 1), shoulder_m=ramp.shoulder_m)
    raised = ramp.median_m >= 1.8
    alone = Section(main, main, ramp.median_m, raised)
    beside = Section(wide, main, ramp.median_m, raised)
    limit = ramp.limit_mps
    cuts = [-half, *sorted((gore, taper)), half]
    inner = (0, 1) if joins else (1, 0)
    ends = [-1, *inner, -1]
    sections = [alone, beside, alone]
    links = [
        Link(
            straight(turn, cuts[k], cuts[k + 1]), sections[k], limit, End(ends[k]),
            End(ends[k + 1]), posts=_signs(k, limit),
        )
        for k in range(3)
    ]  # fmt: skip
    edge = -(ramp.median_m / 2 + ramp.count * ramp.width_m)
    links.append(_ramp(ramp, half, gore, edge, turn, joins=joins))
    focus = straight(turn, -0.3 * half, 0.3 * half)
    return Plan(nodes, tuple(links), np.concatenate([focus, focus.mean(axis=0)[None]]), half)


def _signs(k: int, limit: float) -> tuple[Post, ...]:
    if k == 1:
        return ()
    return tuple(draw.limit_signs(limit, forward=k == 0, backward=k == 2, s_m=SIGN_M))


def _ramp(
    ramp: Ramped, half: float, gore_m: float, edge_m: float, turn: float, *, joins: bool
) -> Link:
    """The ramp's own road, along its left edge, which ends (or begins) at the gore."""
    arc = ramp.radius_m * ramp.angle_rad
    spiral = 0.5 * arc
    k = 1.0 / ramp.radius_m
    far = max(1.3 * half - abs(gore_m) - arc, 30.0)
    # from the gore outwards: beside the road, then away from it to the right
    parts = [(spiral, 0.0, -k), (arc - spiral, -k, -k), (spiral, -k, 0.0), (far, 0.0, 0.0)]
    line = alignment(parts)
    if joins:
        line = line[::-1] * [-1.0, 1.0]
    line = to_world(line + np.array([gore_m, edge_m]), 0.0, 0.0, turn)
    section = one_way(Carriageway((ramp.width_m,), shoulder_m=ramp.shoulder_m))
    speed = min(RAMP_SPEED * ramp.limit_mps, MOST_RAMP_MPS)
    if joins:
        return Link(line, section, speed, b=End(0))
    return Link(line, section, speed, a=End(0), posts=(Post("one_way", 25.0, forward=True),))
