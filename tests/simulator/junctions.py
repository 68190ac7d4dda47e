"""Hand-built junctions: a T with a two-way stop, a roundabout, a signal with permitted lefts."""

from __future__ import annotations

import math

import numpy as np

from simulator.agents import AgentTable
from simulator.lane import Lane, Turn
from simulator.network import Control, Network, StopLine
from simulator.scene import Scene
from simulator.signals import Aspect, Phase, SignalPlan
from tests.cast import scene

REACH_M = 400.0
"""Length of every approach."""


def bezier(a, heading_a: float, b, heading_b: float) -> np.ndarray:
    """A smooth line between two poses, f64[25, 2] m."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    reach = 0.42 * float(np.hypot(*(b - a)))
    p = a + reach * np.array([math.cos(heading_a), math.sin(heading_a)])
    q = b - reach * np.array([math.cos(heading_b), math.sin(heading_b)])
    t = np.linspace(0.0, 1.0, 25)[:, None]
    return (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * p + 3 * t * t * (1 - t) * q + t**3 * b


class Builder:
    """Collects lanes, then makes a network of them."""

    def __init__(self) -> None:
        self.lanes: list[Lane] = []
        self.follow: list[list[int]] = []
        self.lines: list[StopLine] = []

    def lane(self, points, limit_mps: float, turn: Turn = Turn.NONE) -> int:
        """Add a lane; its id."""
        self.lanes.append(Lane(len(self.lanes), np.asarray(points), 3.5, limit_mps, turn=turn))
        self.follow.append([])
        return len(self.lanes) - 1

    def line(self, lane: int, control: Control, before_m: float = 2.0, group: int = -1) -> None:
        """Put a stop line across a lane, so far before its end."""
        s = self.lanes[lane].length_m - before_m
        self.lines.append(StopLine(len(self.lines), lane, s, control, group))

    def network(self, conflicts: list[tuple[int, int]]) -> Network:
        """The network, without pavement."""
        none = np.full(len(self.lanes), -1)
        box = (-REACH_M, -REACH_M, REACH_M, REACH_M)
        follow = tuple(tuple(f) for f in self.follow)
        pairs = np.array(conflicts).reshape(-1, 2)
        return Network(tuple(self.lanes), follow, none, none, pairs, tuple(self.lines), (), (), box)


def crossing(
    agents: AgentTable,
    controls: tuple[Control, Control, Control, Control],
    plan: SignalPlan | None = None,
    limit_mps: float = 14.0,
    **more: object,
) -> Scene:
    """A crossroads of one lane a direction; arm k's traffic comes in heading k quarter turns.

    Route 3 k + 0, 1, 2 of arm k goes straight, left, right. The signal group of arm k is k. A T is
    one whose fourth arm nobody uses.
    """
    make = Builder()
    edge = 9.0
    into, out = [], []
    for k in range(4):
        c, s = [(1, 0), (0, 1), (-1, 0), (0, -1)][k]
        turn = np.array([[c, s], [-s, c]], dtype=float)
        into.append(make.lane(np.array([[-REACH_M, -1.75], [-edge, -1.75]]) @ turn, limit_mps))
        out.append(make.lane(np.array([[edge, -1.75], [REACH_M, -1.75]]) @ turn, limit_mps))
        make.line(into[k], controls[k], group=k if controls[k] == Control.SIGNAL else -1)
    routes, ways = [], {}
    for k in range(4):
        for turn, quarter in ((Turn.STRAIGHT, 0), (Turn.LEFT, 1), (Turn.RIGHT, 3)):
            goal = out[(k + quarter) % 4]
            a, b = make.lanes[into[k]].centre_m[-1], make.lanes[goal].centre_m[0]
            way = make.lane(
                bezier(a, k * math.pi / 2, b, (k + quarter) * math.pi / 2), limit_mps, turn
            )
            make.follow[into[k]].append(way)
            make.follow[way].append(goal)
            routes.append((into[k], way, goal))
            ways[k, turn] = way
    conflicts = []
    for k in range(4):
        right, across, left = (k + 1) % 4, (k + 2) % 4, (k + 3) % 4
        mine = ways[k, Turn.STRAIGHT]
        conflicts += [(mine, ways[j, Turn.STRAIGHT]) for j in (right,)]
        conflicts += [(mine, ways[j, Turn.LEFT]) for j in (right, across, left)]
        conflicts += [(mine, ways[right, Turn.RIGHT])]
        conflicts += [(ways[k, Turn.LEFT], ways[right, Turn.LEFT])]
        conflicts += [(ways[k, Turn.LEFT], ways[across, Turn.RIGHT])]
    return scene(make.network(conflicts), tuple(routes), agents, plan=plan or SignalPlan(), **more)


def two_way_stop(agents: AgentTable, **more: object) -> Scene:
    """East and west have priority; the others stop."""
    return crossing(
        agents, (Control.PRIORITY, Control.STOP, Control.PRIORITY, Control.STOP), **more
    )


def permitted_left(agents: AgentTable, green_s: float = 900.0, **more: object) -> Scene:
    """East and west have green together, then the others for as long."""
    one = (Aspect.GREEN, Aspect.RED, Aspect.GREEN, Aspect.RED)
    between = (Aspect.YELLOW, Aspect.RED, Aspect.YELLOW, Aspect.RED)
    other = (Aspect.RED, Aspect.GREEN, Aspect.RED, Aspect.GREEN)
    phases = (Phase(green_s, one), Phase(3.3, between), Phase(2.0, (Aspect.RED,) * 4))
    return crossing(
        agents, (Control.SIGNAL,) * 4, SignalPlan((*phases, Phase(green_s, other))), **more
    )


def roundabout(agents: AgentTable, radius_m: float = 18.0, **more: object) -> Scene:
    """One lane, four arms, driven counter-clockwise.

    Route 4 k + n comes in by arm k and leaves by the n-th exit (n 1..3; 0 goes all the way round).
    """
    make = Builder()

    def on(angle: float, radius: float) -> tuple[float, float]:
        return radius * math.cos(angle), radius * math.sin(angle)

    def arc(a: float, b: float, turn: Turn = Turn.NONE) -> int:
        angles = np.linspace(a, b, 12)
        return make.lane(radius_m * np.stack([np.cos(angles), np.sin(angles)], 1), 8.0, turn)

    step, out_by, cut, in_by = math.pi / 2, math.radians(38), math.radians(14), math.radians(38)
    far, mouth = radius_m + 10.0, 4.5
    before, merge, after, into, entry, leave, away = ([] for _ in range(7))
    for k in range(4):
        angle = k * step
        before.append(arc(angle - out_by, angle + cut))
        merge.append(arc(angle + cut, angle + in_by, Turn.STRAIGHT))
        after.append(arc(angle + in_by, angle + step - out_by))
        side = np.array([-math.sin(angle), math.cos(angle)]) * mouth
        ahead = np.array([math.cos(angle), math.sin(angle)])
        into.append(make.lane([ahead * REACH_M + side, ahead * far + side], 13.0))
        away.append(make.lane([ahead * far - side, ahead * REACH_M - side], 13.0))
        ring = angle + in_by
        path = bezier(ahead * far + side, angle + math.pi, on(ring, radius_m), ring + math.pi / 2)
        entry.append(make.lane(path, 8.0, Turn.RIGHT))
        ring = angle - out_by
        path = bezier(on(ring, radius_m), ring + math.pi / 2, ahead * far - side, angle)
        leave.append(make.lane(path, 8.0, Turn.RIGHT))
        make.line(into[k], Control.YIELD, 1.0)
        make.line(before[k], Control.PRIORITY, 0.2)
    for k in range(4):
        n = (k + 1) % 4
        make.follow[before[k]] = [merge[k]]
        make.follow[merge[k]] = make.follow[entry[k]] = [after[k]]
        make.follow[into[k]] = [entry[k]]
        make.follow[after[k]] = [before[n], leave[n]]
        make.follow[leave[k]] = [away[k]]
    routes = []
    for k in range(4):
        for n in range(4):
            exit_at = n or 4
            route = [into[k], entry[k], after[k]]
            for j in range(1, exit_at):
                arm = (k + j) % 4
                route += [before[arm], merge[arm], after[arm]]
            arm = (k + exit_at) % 4
            routes.append((*route, leave[arm], away[arm]))
    conflicts = list(zip(entry, merge, strict=True))
    return scene(make.network(conflicts), tuple(routes), agents, **more)
