"""Bodies on their routes: where they are, how they move one step, which lamps are lit.

Kernels are compiled into the one loop of ``loop.py`` and are not cached by themselves, so that none
can be out of date. In all of them ``w`` are ``Roads``, ``c`` the ``Weather``, ``d`` its row where
vehicle i is, ``m`` the ``Motion`` that changes, ``i`` a row; SI units throughout.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.agents import Lamp
from simulator.lane import Turn

FAR = 1e9
BRAKE, LEFT, RIGHT, HEAD = int(Lamp.BRAKE), int(Lamp.LEFT), int(Lamp.RIGHT), int(Lamp.HEAD)
TURN_LEFT, TURN_RIGHT = int(Turn.LEFT), int(Turn.RIGHT)
SEES_ALL_M = 5000.0
"""Who sees this far sees everybody who can come into its way."""

INDICATE_M = 30.0
"""Indicators are on this far before a turn."""

kernel = njit(  # pyright: ignore[reportCallIssue]
    _nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""No kernel allocates; without reference counts the loop is fifteen times as fast. A call
would hand on ``w``, ``d``, ``m`` by value, array by array: inlined, it is more than twice as fast.
Kernels are called by kernels only: without entrances for others, each of which would hold all that
is inlined once more, they are compiled in three fifths of the time. To call one from Python would
crash the process: its ``py_func`` is for that."""

rarely = njit(  # pyright: ignore[reportCallIssue]
    _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""For a kernel that is seldom called: inlined it would slow down those who pass it by."""

ROW = np.dtype(
    [
        # the columns of ``AgentState``
        ("x", "f8"), ("y", "f8"), ("heading", "f8"), ("speed", "f8"), ("accel", "f8"),
        ("leg", "i8"), ("s", "f8"), ("lamps", "u1"), ("active", "?"), ("since", "f8"),
        ("granted", "i8"), ("route", "i8"), ("shift", "f8"), ("shift_done", "f8"),
        # of some: how far left of its path a body is, and heads, that left its arc
        ("drift", "f8"), ("yaw", "f8"),
        # 1 + the obstacle that it ran into and stands at, 0 none
        ("struck", "i8"),
        # scratch of one step: the leg of the rear; the next stop line, the leg it is
        # on, the distance to it, the connector behind it, whether the exit has room, whether it
        # stands there to give way; gap, speed and row of the vehicle ahead; the acceleration that
        # the driver wants, why, and because of whom; the row of the weather where it is and the
        # grip under its wheels, m/s2; its rear in the lane it is leaving, and in the one it waits
        # to get into, with the next in the lists of them; the gap to the nearest of the latter,
        # its row, and how hard one brakes for it; the heading of a semitrailer, a column too
        # (for who walks, ``wanted`` is a speed)
        ("tail_leg", "i8"), ("line", "i8"), ("line_leg", "i8"),
        ("to_line", "f8"), ("way", "i8"), ("room", "?"), ("gives", "?"), ("gap", "f8"),
        ("lead_speed", "f8"), ("lead", "i8"), ("wanted", "f8"),
        ("why", "i8"), ("whom", "i8"), ("air", "i8"), ("grip", "f8"), ("ghost_s", "f8"),
        ("ghost_next", "i8"), ("soft_s", "f8"), ("soft_next", "i8"), ("soft_gap", "f8"),
        ("soft", "i8"), ("soft_brake", "f8"), ("trailer", "f8"),
    ],
    align=True,
)  # fmt: skip
"""One vehicle in the loop."""

LINK = np.dtype([("lane", "i8"), ("s", "f8"), ("fore", "i8"), ("aft", "i8")], align=True)
"""A rear in the queue of its lane: lane or -1, position along it, who is ahead and behind."""

NODE = np.dtype([("who", "i8"), ("m", "f8"), ("next", "i8")], align=True)
"""A vehicle that comes to a connector (distance to it, m) or holds it (its rear along it, m)."""


YIELD = np.dtype([("gap", "f8"), ("whom", "i8")], align=True)
"""How far a vehicle is from a crosswalk where somebody goes first, m, and that row, -1 nobody."""


class Motion(NamedTuple):
    """What the loop changes.

    Attributes:
        rows: ROW[N], one a vehicle.
        movers: i64[N + 1], rows of the moving vehicles, then -1.
        aspects: i8[G], what the signal groups show.
        links: LINK[N], the queues of the lanes in order of the rears.
        last: i64[L], the rearmost of each lane's queue, -1 none.
        nodes: NODE[K], entries of the lists of this step. used: i64[1], how many are taken.
        ghosts, softs: i64[L], the first of those who are leaving a lane, and who wait to get in.
        coming, holders: i64[L], first entry of those who come to, and who hold, a connector.
        yields: YIELD[N], who goes first at a crosswalk ahead.
    """

    rows: np.ndarray
    movers: np.ndarray
    aspects: np.ndarray
    links: np.ndarray
    last: np.ndarray
    nodes: np.ndarray
    used: np.ndarray
    ghosts: np.ndarray
    softs: np.ndarray
    coming: np.ndarray
    holders: np.ndarray
    yields: np.ndarray


def at_rest(rows: np.ndarray, lanes: int, groups: int) -> Motion:
    """The loop's memory for ROW[N] on so many lanes and signal groups."""
    count = len(rows)
    links = np.zeros(count, LINK)
    links["lane"] = -1
    return Motion(
        rows,
        np.full(count + 1, -1),
        np.zeros(groups, np.int8),
        links,
        np.full(lanes, -1),
        np.zeros(8 * count + 64, NODE),
        np.zeros(1, np.int64),
        np.full(lanes, -1),
        np.full(lanes, -1),
        np.full(lanes, -1),
        np.full(lanes, -1),
        np.zeros(count, YIELD),
    )


@kernel
def ballistic(v, a, dt):
    """One step of the ballistic update: (new speed, distance). Stops at the exact sub-step time."""
    after = v + a * dt
    if after <= 0.0:
        return 0.0, (v * v / (-2.0 * a) if a < 0.0 else 0.0)
    return after, 0.5 * (v + after) * dt


@kernel
def lane_at(w, m, i, leg):
    """Lane of a leg of the route of vehicle i."""
    return w.legs[w.routes[m.rows[i].route] + leg].lane


@kernel
def last_leg(w, m, i):
    """Index of the last leg of the route of vehicle i."""
    route = m.rows[i].route
    return w.routes[route + 1] - w.routes[route] - 1


@kernel
def point_along(points, first, last, s):
    """The point at a distance along the line of rows first .. last, each x, y and its distance."""
    low, high = first, last - 1
    while low < high:
        middle = (low + high + 1) // 2
        if points[middle, 2] <= s:
            low = middle
        else:
            high = middle - 1
    t = (s - points[low, 2]) / (points[low + 1, 2] - points[low, 2])
    x = points[low, 0] + t * (points[low + 1, 0] - points[low, 0])
    return x, points[low, 1] + t * (points[low + 1, 1] - points[low, 1])


_AHEAD_M = 0.5
"""How far along a lane its direction is looked for."""


@kernel
def beside(w, lane, s, other):
    """The position on a lane beside that at ``s`` on another: in a bend one of both is longer."""
    first, last = w.lanes[other].first, w.lanes[other].last
    x, y = point_along(w.points, w.lanes[lane].first, w.lanes[lane].last, s)
    at = s * w.lanes[other].length / w.lanes[lane].length
    for _ in range(3):  # each comes nearer by what the bend turns between the two
        px, py = point_along(w.points, first, last, at)
        qx, qy = point_along(w.points, first, last, at + _AHEAD_M)
        at += ((x - px) * (qx - px) + (y - py) * (qy - py)) / _AHEAD_M
    return at


@kernel
def path_point(w, m, i, leg, s):
    """Point of the path at a position on a leg; before the first lane the path is straight."""
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lanes[lane_at(w, m, i, leg)].length
    lane = lane_at(w, m, i, leg)
    return point_along(w.points, w.lanes[lane].first, w.lanes[lane].last, s)


@kernel
def place(w, m, i):
    """Set the pose: both axles, a fifth of the length from either end, stand on the path."""
    fx, fy = path_point(w, m, i, m.rows[i].leg, m.rows[i].s - 0.2 * w.drivers[i].body)
    rx, ry = path_point(w, m, i, m.rows[i].leg, m.rows[i].s - 0.8 * w.drivers[i].body)
    m.rows[i].x, m.rows[i].y = 0.5 * (fx + rx), 0.5 * (fy + ry)
    m.rows[i].heading = math.atan2(fy - ry, fx - rx)


@kernel
def light(w, d, m, i):
    """Set the lamps: braking or standing, the indicator of a turn ahead, headlamps."""
    lamps = HEAD if d.headlamps else 0
    if m.rows[i].accel < -0.3 or m.rows[i].speed == 0.0:
        lamps |= BRAKE
    turn = w.lanes[lane_at(w, m, i, m.rows[i].tail_leg)].turn
    leg, left = m.rows[i].leg, -m.rows[i].s
    last = last_leg(w, m, i)
    while turn < TURN_LEFT and left < INDICATE_M and leg <= last:
        lane = lane_at(w, m, i, leg)
        turn = max(turn, w.lanes[lane].turn)
        left += w.lanes[lane].length
        leg += 1
    if turn == TURN_LEFT:
        lamps |= LEFT
    elif turn == TURN_RIGHT:
        lamps |= RIGHT
    elif m.rows[i].shift_done < 1.0:
        lamps |= LEFT if m.rows[i].shift < 0.0 else RIGHT
    else:
        must = w.legs[w.routes[m.rows[i].route] + m.rows[i].leg].must
        if must != 0:
            lamps |= LEFT if must > 0 else RIGHT
    m.rows[i].lamps = lamps


@kernel
def move(w, m, i, accel, share):
    """Drive one step, of which a share is along the path; at its end the vehicle leaves the map."""
    before = m.rows[i].speed
    m.rows[i].speed, way = ballistic(before, accel, w.step_s)
    m.rows[i].accel = (m.rows[i].speed - before) / w.step_s
    m.rows[i].s += way * share
    length = w.lanes[lane_at(w, m, i, m.rows[i].leg)].length
    while m.rows[i].s >= length:
        if m.rows[i].leg == last_leg(w, m, i):
            m.rows[i].s = length
            m.rows[i].active = False
            m.rows[i].speed, m.rows[i].accel, m.rows[i].granted, m.rows[i].lamps = 0.0, 0.0, -1, 0
            m.rows[i].drift, m.rows[i].yaw = 0.0, 0.0
            return
        m.rows[i].s -= length
        m.rows[i].leg += 1
        length = w.lanes[lane_at(w, m, i, m.rows[i].leg)].length
