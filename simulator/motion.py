"""Bodies on their routes: where they are, how they move one step, which lamps are lit.

Kernels are compiled into the one loop of ``loop.py`` and are not cached by themselves, so that none
can be out of date. In all of them ``w`` is a ``World``, ``d`` a ``Driving``, ``m`` the ``Motion``
that changes, ``i`` a row; SI units throughout.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

FAR = 1e9
BRAKE, LEFT, RIGHT, HEAD = 1, 2, 4, 8
TURN_LEFT, TURN_RIGHT = 2, 3

kernel = njit(_nrt=False)  # pyright: ignore[reportCallIssue]
"""No kernel allocates; without reference counts the loop is fifteen times as fast."""

ROW = np.dtype(
    [
        # the columns of ``AgentState``
        ("x", "f8"), ("y", "f8"), ("heading", "f8"), ("speed", "f8"), ("accel", "f8"),
        ("leg", "i8"), ("s", "f8"), ("lamps", "u1"), ("active", "?"), ("since", "f8"),
        ("granted", "i8"),
        # scratch of one step: the connector that a granted vehicle keeps for itself and its rear
        # along it; the next stop line, the distance to it, the connector behind it; the lanes of
        # front and rear; the acceleration that the driver wants
        ("held", "i8"), ("gone", "f8"), ("line", "i8"), ("to_line", "f8"), ("way", "i8"),
        ("lane", "i8"), ("tail_lane", "i8"), ("tail_s", "f8"), ("wanted", "f8"),
    ],
    align=True,
)  # fmt: skip
"""One vehicle in the loop."""


class Motion(NamedTuple):
    """What the loop changes.

    Attributes:
        rows: ROW[N], one a vehicle.
        movers: i64[N], rows of the moving vehicles, then -1.
        ahead: f64[L], distance to the beginning of each lane, for one vehicle at a time.
        aspects: i8[G], what the signal groups show.
    """

    rows: np.ndarray
    movers: np.ndarray
    ahead: np.ndarray
    aspects: np.ndarray


@kernel
def ballistic(v, a, dt):
    """One step of the ballistic update: (new speed, distance). Stops at the exact sub-step time."""
    after = v + a * dt
    if after <= 0.0:
        return 0.0, (v * v / (-2.0 * a) if a < 0.0 else 0.0)
    return after, 0.5 * (v + after) * dt


@kernel
def lane_at(w, i, leg):
    """Lane of a leg of the route of vehicle i."""
    return w.legs[w.routes[w.drivers[i].route] + leg].lane


@kernel
def last_leg(w, i):
    """Index of the last leg of the route of vehicle i."""
    route = w.drivers[i].route
    return w.routes[route + 1] - w.routes[route] - 1


@kernel
def _rear(w, m, j):
    """(lane, position on it) of a vehicle's rear bumper; before its first lane it is negative."""
    leg, s = m.rows[j].leg, m.rows[j].s - w.drivers[j].length
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lanes[lane_at(w, j, leg)].length
    return lane_at(w, j, leg), s


@kernel
def survey(w, m):
    """List who moves on the map, and the lanes of their fronts and rears."""
    count = 0
    for i in range(len(m.rows)):
        if m.rows[i].active and w.drivers[i].route >= 0:
            m.movers[count] = i
            count += 1
            m.rows[i].lane = lane_at(w, i, m.rows[i].leg)
            m.rows[i].tail_lane, m.rows[i].tail_s = _rear(w, m, i)
    if count < len(m.rows):
        m.movers[count] = -1


@kernel
def look(w, m, i):
    """Fill ``m.ahead`` with the distance from the current lane's beginning to each lane ahead."""
    for lane in range(len(m.ahead)):
        m.ahead[lane] = -FAR
    offset = 0.0
    for leg in range(m.rows[i].leg, last_leg(w, i) + 1):
        lane = lane_at(w, i, leg)
        m.ahead[lane] = offset
        offset += w.lanes[lane].length


@kernel
def _point(w, i, leg, s):
    """Point of the path at a position on a leg; before the first lane the path is straight."""
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lanes[lane_at(w, i, leg)].length
    lane = lane_at(w, i, leg)
    low, high = w.lanes[lane].first, w.lanes[lane].last - 1
    while low < high:
        middle = (low + high + 1) // 2
        if w.points[middle, 2] <= s:
            low = middle
        else:
            high = middle - 1
    t = (s - w.points[low, 2]) / (w.points[low + 1, 2] - w.points[low, 2])
    x = w.points[low, 0] + t * (w.points[low + 1, 0] - w.points[low, 0])
    return x, w.points[low, 1] + t * (w.points[low + 1, 1] - w.points[low, 1])


@kernel
def place(w, m, i):
    """Set the pose: both axles, a fifth of the length from either end, stand on the path."""
    fx, fy = _point(w, i, m.rows[i].leg, m.rows[i].s - 0.2 * w.drivers[i].length)
    rx, ry = _point(w, i, m.rows[i].leg, m.rows[i].s - 0.8 * w.drivers[i].length)
    m.rows[i].x, m.rows[i].y = 0.5 * (fx + rx), 0.5 * (fy + ry)
    m.rows[i].heading = math.atan2(fy - ry, fx - rx)


@kernel
def light(w, d, m, i):
    """Set the lamps: braking or standing, the indicator of a turn within 30 m, headlamps."""
    lamps = HEAD if d.headlamps else 0
    if m.rows[i].accel < -0.3 or m.rows[i].speed == 0.0:
        lamps |= BRAKE
    lane, _ = _rear(w, m, i)
    turn = w.lanes[lane].turn
    leg, left = m.rows[i].leg, -m.rows[i].s
    while turn < TURN_LEFT and left < 30.0:
        turn = max(turn, w.lanes[lane_at(w, i, leg)].turn)
        left += w.lanes[lane_at(w, i, leg)].length
        leg += 1
        if leg > last_leg(w, i):
            break
    if turn == TURN_LEFT:
        lamps |= LEFT
    elif turn == TURN_RIGHT:
        lamps |= RIGHT
    m.rows[i].lamps = lamps


@kernel
def move(w, m, i, accel):
    """Drive one step; at the end of the route the vehicle leaves the map."""
    before = m.rows[i].speed
    m.rows[i].speed, way = ballistic(before, accel, w.step_s)
    m.rows[i].accel = (m.rows[i].speed - before) / w.step_s
    m.rows[i].s += way
    while m.rows[i].s >= w.lanes[lane_at(w, i, m.rows[i].leg)].length:
        if m.rows[i].leg == last_leg(w, i):
            m.rows[i].s = w.lanes[lane_at(w, i, m.rows[i].leg)].length
            m.rows[i].active = False
            m.rows[i].speed, m.rows[i].accel, m.rows[i].granted, m.rows[i].lamps = 0.0, 0.0, -1, 0
            return
        m.rows[i].s -= w.lanes[lane_at(w, i, m.rows[i].leg)].length
        m.rows[i].leg += 1
