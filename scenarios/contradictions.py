"""Signs that say what the road beside them is not: findings in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.geometry import heading_at, wrap_rad
from simulator.lane import Lane, LaneKind, Turn
from simulator.network import Network
from simulator.scene import Scene
from simulator.sign import Meaning, Sign, shown
from simulator.signs import SIGNS

ASIDE_M = 20.0
"""A sign stands at most so far from the middle of the lane that it is for."""

KERB_M = 7.0
"""Who is parked beside a lane is no further from its edge."""

FACES = 0.8
"""Least cosine between a sign's traffic and the lane beside it."""

BACK_RAD = math.radians(150)
"""A way that turns further leads back."""


def contradictions(scene: Scene) -> list[str]:
    """Findings about signs that no stop line goes with: of limits, turns and parking."""
    found = []
    lanes = scene.network.lanes
    driven = [k for k in lanes if k.turn == Turn.NONE and k.kind == LaneKind.DRIVE]
    signs = [sign for sign in scene.signs if SIGNS[sign.type].meaning in RULES]
    for sign, lane in zip(signs, _beside(scene.network, driven, signs), strict=True):
        if lane is None:
            found.append(f"sign {sign.id} ({sign.type}) faces no traffic")
        elif why := RULES[SIGNS[sign.type].meaning](scene, sign, lane):
            found.append(f"sign {sign.id} ({sign.type}) {why}")
    return found


class _Pieces(NamedTuple):
    """Straight pieces of lanes: begin, unit vector and length of each, and its lane."""

    begin_m: np.ndarray
    ahead: np.ndarray
    length_m: np.ndarray
    lane: np.ndarray


def _pieces(lanes: list[Lane]) -> _Pieces:
    begin = np.concatenate([lane.centre_m[:-1] for lane in lanes])
    step = np.concatenate([lane.centre_m[1:] for lane in lanes]) - begin
    length = np.hypot(step[:, 0], step[:, 1])
    owner = np.repeat([lane.id for lane in lanes], [len(lane.centre_m) - 1 for lane in lanes])
    return _Pieces(begin, step / length[:, None], length, owner)


def _away_m(pieces: _Pieces, points_m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """From each piece f64[K] to each point f64[N, 2]: distance, place along it, way to its left,
    f64[N, K] m.
    """
    off = points_m[:, None] - pieces.begin_m
    t = np.minimum(np.maximum((off * pieces.ahead).sum(axis=2), 0.0), pieces.length_m)
    rest = off - t[..., None] * pieces.ahead
    left = pieces.ahead[:, 0] * off[..., 1] - pieces.ahead[:, 1] * off[..., 0]
    return np.hypot(rest[..., 0], rest[..., 1]), t, left


def _beside(network: Network, lanes: list[Lane], signs: list[Sign]) -> list[Lane | None]:
    """The nearest of the lanes whose traffic each sign faces."""
    pieces = _pieces(lanes)
    x, y, heading = np.array([(s.x_m, s.y_m, s.heading_rad) for s in signs]).reshape(-1, 3).T
    away = _away_m(pieces, np.stack([x, y], axis=1))[0]
    towards = np.stack([np.cos(heading), np.sin(heading)])
    away[(pieces.ahead @ towards).T < FACES] = np.inf
    nearest = away.argmin(axis=1)
    near = away[np.arange(len(signs)), nearest] < ASIDE_M
    owners = pieces.lane[nearest].tolist()
    return [network.lanes[k] if n else None for k, n in zip(owners, near.tolist(), strict=True)]


def _limit(scene: Scene, sign: Sign, lane: Lane) -> str:
    number = shown(SIGNS[sign.type], lane.speed_limit_mps, scene.convention)
    return f"shows {sign.number} where {number} is the limit" if sign.number != number else ""


def _turn(scene: Scene, lane: Lane, banned: Callable[[Lane], bool]) -> str:
    network, lanes = scene.network, _abreast(scene.network, lane)
    ways = [network.lanes[j] for i in lanes for j in network.successors[i]]
    if not any(way.turn != Turn.NONE for way in ways):
        return "stands before no junction"
    return "forbids a turn that traffic makes" if any(banned(way) for way in ways) else ""


def _no_left(scene: Scene, _: Sign, lane: Lane) -> str:
    return _turn(scene, lane, lambda way: way.turn == Turn.LEFT)


def _no_right(scene: Scene, _: Sign, lane: Lane) -> str:
    return _turn(scene, lane, lambda way: way.turn == Turn.RIGHT)


def _no_return(scene: Scene, _: Sign, lane: Lane) -> str:
    def back(way: Lane) -> bool:
        ends = heading_at(way.centre_m, way.s_m, np.array([0.0, way.length_m]))
        return abs(wrap_rad(float(ends[1] - ends[0]))) > BACK_RAD

    return _turn(scene, lane, back)


def _abreast(network: Network, lane: Lane) -> list[int]:
    """A lane and those beside it in its direction."""
    found = [lane.id]
    for beside in (network.left_of, network.right_of):
        i = int(beside[lane.id])
        while i >= 0 and i not in found:
            found.append(i)
            i = int(beside[i])
    return found


def _no_parking(scene: Scene, _: Sign, lane: Lane) -> str:
    agents = scene.agents
    rows = np.flatnonzero((agents.route < 0) & ~agents.on_foot)
    if not len(rows):
        return ""
    places = np.stack([agents.parked_x_m[rows], agents.parked_y_m[rows]], axis=1)
    pieces = _pieces([lane])
    every = _away_m(pieces, places)
    k = every[0].argmin(axis=1)
    away, t, left = (column[np.arange(len(k)), k] for column in every)
    inside = (t > 0.0) & (t < pieces.length_m[k])
    out = left if scene.convention.side == "left" else -left
    half = lane.width_m / 2
    there = (out > half) & (away < half + KERB_M) & inside
    return f"stands where vehicle {rows[there][0]} is parked" if there.any() else ""


RULES: dict[Meaning, Callable[[Scene, Sign, Lane], str]] = {
    Meaning.LIMIT: _limit,
    Meaning.SCHOOL: _limit,
    Meaning.NO_LEFT: _no_left,
    Meaning.NO_RIGHT: _no_right,
    Meaning.NO_U_TURN: _no_return,
    Meaning.NO_PARKING: _no_parking,
}
"""What the lane beside a sign of each meaning must not be like: why it contradicts it, or ""."""
