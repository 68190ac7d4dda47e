"""Whether things of a moment stand to each other as a hazard asks: from poses alone.

Relations of a to b, with the distance between ``low_m`` and ``high_m``:
near: centre to centre. ahead: on b's way, from b's front to a's rear. approaches: a drives towards
a sign or signal that faces it. hidden: b, heading for a, cannot see it, because ``by`` stands in
between. beyond_bend: a is on b's route, round a bend of 25 degrees or more. cuts_in: a, before b
and beside its way, is heading into it. runs: a's front is past the stop line of signal b, in the
last second of its yellow or at red. faces_sun: a drives towards a sun less than 15 degrees high.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from scenarios.hazard_config import KINDS, RelationConfig, ThingConfig
from simulator.agents import AgentState, Kind
from simulator.articulation import around
from simulator.geometry import place_at, wrap_rad
from simulator.scene import Scene
from simulator.sign import Sign
from simulator.signals import Aspect, aspect_at

MOVING_MPS, STANDING_MPS = 2.0, 0.3
IN_LANE_M = 1.6
"""Off the way of a vehicle by less than this is on it."""

ASIDE_M = 14.0
"""A sign or signal is at most so far beside the way of the traffic that it faces."""

BEND_RAD, SUN_RAD, LOW_SUN_RAD = math.radians(25), math.radians(20), math.radians(15)
AHEAD_RAD = math.radians(60)
"""Whoever drives looks so far to either side for what it is heading for."""


@dataclasses.dataclass(frozen=True, eq=False)
class Things:
    """Candidates for one thing as columns: row of the agent, or of the sign or signal; pose, m and
    rad; size, m; speed, m/s.
    """

    row: np.ndarray
    x: np.ndarray
    y: np.ndarray
    heading: np.ndarray
    length: np.ndarray
    width: np.ndarray
    speed: np.ndarray

    def only(self, kept: np.ndarray) -> Things:
        """Some of them, bool[N]."""
        return Things(*(getattr(self, f.name)[kept] for f in dataclasses.fields(self)))


def candidates(scene: Scene, state: AgentState, thing: ThingConfig) -> Things:
    """Everything in a moment that a thing could be."""
    if thing.what[0] not in KINDS:
        return _fixtures(scene, thing)
    agents = scene.agents
    kinds = [int(Kind[word.upper()]) for word in thing.what]
    parked = agents.route < 0
    chosen = state.active & np.isin(agents.kind, kinds) & (parked == (thing.state == "parked"))
    if thing.state == "moving":
        chosen &= state.speed_mps >= MOVING_MPS
    elif thing.state == "standing":
        chosen &= state.speed_mps <= STANDING_MPS
    elif thing.state == "crossing":
        chosen &= agents.on_foot & (state.granted_line >= 0)
    k = np.flatnonzero(chosen)
    x, y, heading, length, width = around(agents, state)[k].T
    return Things(
        k, x, y, heading, length, width, state.speed_mps[k],
    )  # fmt: skip


def _any(_: Sign) -> bool:
    return True


STATE_OF: dict[str, Callable[[Sign], bool]] = {
    "dirty": lambda sign: sign.dirt > 0,
    "tilted": lambda sign: sign.tilt_rad != 0,
    "overgrown": lambda sign: sign.overgrown,
}
"""Which signs a thing in such a state may be; any in another."""


def _fixtures(scene: Scene, thing: ThingConfig) -> Things:
    found = [*scene.signals] if "signal" in thing.what else []
    found += [s for s in scene.signs if s.type in thing.what and STATE_OF.get(thing.state, _any)(s)]
    places = [(f.id, f.x_m, f.y_m, f.heading_rad) for f in found]
    for c in scene.network.crosswalks if "crosswalk" in thing.what else ():
        (ax, ay), (bx, by) = c.a_m, c.b_m
        places.append((c.id, (ax + bx) / 2, (ay + by) / 2, math.atan2(by - ay, bx - ax)))
    rows = np.array(places).reshape(-1, 4)
    zero = np.zeros(len(rows))
    x, y, heading = rows[:, 1:].T
    return Things(rows[:, 0].astype(int), x, y, heading, zero, zero, zero)


@dataclasses.dataclass(frozen=True, eq=False)
class Moment:
    """A scene, a state of it, and the candidates for each thing by name."""

    scene: Scene
    state: AgentState
    things: dict[str, Things]


def holds(moment: Moment, relation: RelationConfig) -> np.ndarray:
    """For which candidates a relation holds: bool[A, B], [A, 1] without b, [A, B, C] with by."""
    a = moment.things[relation.a]
    if relation.b is None:
        return _faces_sun(moment, a)[:, None]
    b = moment.things[relation.b]
    if relation.by is not None:
        return _hidden(a, b, moment.things[relation.by], relation)
    if relation.how == "runs":
        return _runs(moment, a, b, relation)
    if relation.how == "beyond_bend":
        return _beyond_bend(moment, a, b, relation)
    return PLAIN[relation.how](a, b, relation)


def _seen(a: Things, b: Things) -> tuple[np.ndarray, np.ndarray]:
    """Where each a is for each b: metres ahead and to the left, f64[A, B]."""
    dx, dy = a.x[:, None] - b.x, a.y[:, None] - b.y
    c, s = np.cos(b.heading), np.sin(b.heading)
    return c * dx + s * dy, c * dy - s * dx


def _within(distance: np.ndarray, relation: RelationConfig) -> np.ndarray:
    return (distance >= relation.low_m) & (distance <= relation.high_m)


def _near(a: Things, b: Things, relation: RelationConfig) -> np.ndarray:
    return _within(np.hypot(*_seen(a, b)), relation) & (a.row[:, None] != b.row)


def _ahead(a: Things, b: Things, relation: RelationConfig) -> np.ndarray:
    along, left = _seen(a, b)
    gap = along - (a.length[:, None] + b.length) / 2
    return _within(gap, relation) & (np.abs(left) < IN_LANE_M)


def _approaches(a: Things, b: Things, relation: RelationConfig) -> np.ndarray:
    ahead, left = (m.T for m in _seen(b, a))
    ahead = ahead - a.length[:, None] / 2
    faces = np.cos(a.heading[:, None] - b.heading) > 0.9
    return _within(ahead, relation) & (np.abs(left) < ASIDE_M) & faces


def _cuts_in(a: Things, b: Things, relation: RelationConfig) -> np.ndarray:
    along, left = _seen(a, b)
    gap = along - (a.length[:, None] + b.length) / 2
    turn = wrap_rad(a.heading[:, None] - b.heading)
    into = (np.sign(left) * np.sin(turn) < -0.02) & (np.abs(turn) < math.radians(40))
    return _within(gap, relation) & (np.abs(left) > 0.5) & (np.abs(left) < 3.6) & into


PLAIN: dict[str, Callable[[Things, Things, RelationConfig], np.ndarray]] = {
    "near": _near, "ahead": _ahead, "approaches": _approaches, "cuts_in": _cuts_in,
}  # fmt: skip


def _faces_sun(moment: Moment, a: Things) -> np.ndarray:
    sky = moment.scene.conditions
    low = 0.0 < sky.sun_elevation_rad < LOW_SUN_RAD
    return low & (np.abs(wrap_rad(a.heading - sky.sun_azimuth_rad)) < SUN_RAD)


def _hidden(a: Things, b: Things, by: Things, relation: RelationConfig) -> np.ndarray:
    along, left = _seen(a, b)
    seen = _within(np.hypot(along, left), relation) & (np.abs(np.arctan2(left, along)) < AHEAD_RAD)
    out = np.zeros((len(a.row), len(b.row), len(by.row)), np.bool_)
    for i, j in np.argwhere(seen).tolist():
        other = (by.row != a.row[i]) & (by.row != b.row[j])
        out[i, j] = other & _between((b.x[j], b.y[j]), (a.x[i], a.y[i]), by)
    return out


def _between(eye: tuple[float, float], goal: tuple[float, float], boxes: Things) -> np.ndarray:
    """Whether each box cuts the straight line from one point to another, bool[C] (slab test)."""
    c, s = np.cos(boxes.heading), np.sin(boxes.heading)
    ends = []
    for x, y in (eye, goal):
        dx, dy = x - boxes.x, y - boxes.y
        ends.append((c * dx + s * dy, c * dy - s * dx))
    enter, leave = np.zeros(len(boxes.row)), np.ones(len(boxes.row))
    for p, q, half in zip(*ends, (boxes.length / 2, boxes.width / 2), strict=True):
        step = np.where(np.abs(q - p) < 1e-9, 1e-9, q - p)
        near, far = np.sort(np.stack([(-half - p) / step, (half - p) / step]), axis=0)
        enter, leave = np.maximum(enter, near), np.minimum(leave, far)
    return enter < leave


def _beyond_bend(moment: Moment, a: Things, b: Things, relation: RelationConfig) -> np.ndarray:
    scene, state = moment.scene, moment.state
    out = np.zeros((len(a.row), len(b.row)), np.bool_)
    bent = np.abs(wrap_rad(a.heading[:, None] - b.heading)) >= BEND_RAD
    for i, j in np.argwhere(bent).tolist():
        first, second = int(b.row[j]), int(a.row[i])
        lane = scene.routes[state.route[second]][state.leg[second]]
        ahead = scene.routes[state.route[first]][state.leg[first] :]
        if lane in ahead:
            way = sum(scene.network.lanes[k].length_m for k in ahead[: ahead.index(lane)])
            way += float(state.s_m[second] - a.length[i] - state.s_m[first])
            out[i, j] = relation.low_m <= way <= relation.high_m
    return out


def _runs(moment: Moment, a: Things, b: Things, relation: RelationConfig) -> np.ndarray:
    scene, time = moment.scene, moment.state.time_s
    out = np.zeros((len(a.row), len(b.row)), np.bool_)
    front = np.stack([a.x, a.y]) + a.length / 2 * np.stack([np.cos(a.heading), np.sin(a.heading)])
    for j, head in enumerate(scene.signals[k] for k in b.row.tolist()):
        now, then = (aspect_at(scene.plan, head.group, t) for t in (time, time + 1.0))
        if now != Aspect.RED and not (now == Aspect.YELLOW and then == Aspect.RED):
            continue
        for line in (k for k in scene.network.stop_lines if k.group == head.group):
            lane = scene.network.lanes[line.lane_id]
            at = place_at(lane.centre_m, lane.s_m, line.s_m)
            c, s = math.cos(head.heading_rad), math.sin(head.heading_rad)
            dx, dy = front[0] - at[0], front[1] - at[1]
            past, left = c * dx + s * dy, c * dy - s * dx
            straight = np.cos(a.heading - head.heading_rad) > 0.9
            out[:, j] |= _within(past, relation) & (np.abs(left) < lane.width_m / 2) & straight
    return out
