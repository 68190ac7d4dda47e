"""The compiled loop: who may go, how each driver brakes and accelerates, where the bodies move.

All of it in one file because a cached numba kernel may only call kernels of its own file (numba
does not notice an edit in another one). In order: following, right of way, motion, the loop.
``w`` is a ``World``, ``d`` a ``Driving``, ``m`` the ``Motion`` that changes; SI units throughout.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

FAR = 1e9
REACTION_S = 1.0  # to a yellow light (ITE)
STANDS_S = 1.0  # at a STOP line before going
REACH_M = 2.0  # a front this close to the line stands "at" it
LINE_HEADWAY_S = 0.5
STOP, SIGNAL = 1, 2
OFF, YELLOW, GREEN = 0, 2, 3
BRAKE, LEFT, RIGHT, HEAD = 1, 2, 4, 8
TURN_LEFT, TURN_RIGHT = 2, 3


kernel = njit(cache=True, _nrt=False)  # pyright: ignore[reportCallIssue]
"""No kernel here allocates; without reference counts the loop is fifteen times as fast."""

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
def idm_mps2(v, v0, gap, v_lead, a, b, headway, min_gap):
    """Acceleration of the intelligent driver model, m/s2 (Treiber, Hennecke, Helbing 2000).

    Above the desired speed the free term brakes gently towards -b (Treiber & Kesting 2013, the
    improved model), because v^4 would brake like an emergency where a limit drops.
    """
    free = a * (1.0 - (v / v0) ** 4) if v <= v0 else -b * (1.0 - (v0 / v) ** (4.0 * a / b))
    if gap >= FAR:
        return free
    wish = min_gap + max(0.0, v * headway + v * (v - v_lead) / (2.0 * math.sqrt(a * b)))
    return free - a * (wish / max(gap, 0.01)) ** 2


@kernel
def ballistic(v, a, dt):
    """One step of the ballistic update: (new speed, distance). Stops at the exact sub-step time."""
    after = v + a * dt
    if after <= 0.0:
        return 0.0, (v * v / (-2.0 * a) if a < 0.0 else 0.0)
    return after, 0.5 * (v + after) * dt


@kernel
def _settle(v, gap, v_lead, min_gap, a):
    """Bring a crawl behind a standing obstacle to a true stand, and hold it there."""
    if v_lead < 0.05 and gap - min_gap < 0.5:
        if v == 0.0:
            return 0.0
        if v < 0.7 and gap - min_gap < 0.35:
            return min(a, -1.5)
    return a


@kernel
def _lane_at(w, i, leg):
    return w.legs[w.routes[w.drivers[i].route] + leg].lane


@kernel
def _last_leg(w, i):
    route = w.drivers[i].route
    return w.routes[route + 1] - w.routes[route] - 1


@kernel
def _rear(w, m, j):
    """(lane, position on it) of a vehicle's rear bumper; before its first lane it is negative."""
    leg, s = m.rows[j].leg, m.rows[j].s - w.drivers[j].length
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lanes[_lane_at(w, j, leg)].length
    return _lane_at(w, j, leg), s


@kernel
def _survey(w, m):
    """List who moves on the map, and the lanes of their fronts and rears."""
    count = 0
    for i in range(len(m.rows)):
        if m.rows[i].active and w.drivers[i].route >= 0:
            m.movers[count] = i
            count += 1
            m.rows[i].lane = _lane_at(w, i, m.rows[i].leg)
            m.rows[i].tail_lane, m.rows[i].tail_s = _rear(w, m, i)
    if count < len(m.rows):
        m.movers[count] = -1


@kernel
def _look(w, m, i):
    """Fill ``m.ahead`` with the distance from the current lane's beginning to each lane ahead."""
    for lane in range(len(m.ahead)):
        m.ahead[lane] = -FAR
    offset = 0.0
    for leg in range(m.rows[i].leg, _last_leg(w, i) + 1):
        lane = _lane_at(w, i, leg)
        m.ahead[lane] = offset
        offset += w.lanes[lane].length


@kernel
def _leader(w, m, i):
    """(gap, speed) of the nearest vehicle ahead on the route, (FAR, 0) none; after ``_look``."""
    best, speed = FAR, 0.0
    for j in m.movers:
        if j < 0:
            break
        if j == i:
            continue
        rear = -FAR
        lane, s = m.rows[j].tail_lane, m.rows[j].tail_s
        if m.ahead[m.rows[j].lane] > -FAR:
            rear = m.ahead[m.rows[j].lane] + m.rows[j].s - w.drivers[j].length
        elif m.ahead[lane] > -FAR:
            rear = m.ahead[lane] + s
        else:
            for other in w.sibling[lane]:
                # It has turned off, but its tail still stands in the mouth of our lane.
                if other >= 0 and m.ahead[other] > -FAR and s < w.shared[lane, other]:
                    rear = m.ahead[other] + s
        if rear > -FAR and rear + w.drivers[j].length > m.rows[i].s and rear - m.rows[i].s < best:
            best, speed = rear - m.rows[i].s, m.rows[j].speed
    return best, speed


@kernel
def _lane_speed(w, d, i, lane):
    """Speed that driver i wants on a lane in this weather."""
    free = min(min(w.drivers[i].desired, w.lanes[lane].limit) * d.speed_factor, d.speed_max)
    return min(free, math.sqrt(d.lateral / max(w.lanes[lane].bend, 1e-6)))


@kernel
def _wish(w, d, m, i):
    """(desired speed now, acceleration that slower lanes ahead allow, FAR where they need none)."""
    v, need = m.rows[i].speed, 0.0
    rear = m.rows[i].s - w.drivers[i].length
    leg = m.rows[i].leg
    now = _lane_speed(w, d, i, _lane_at(w, i, leg))
    while rear < 0.0 and leg > 0:
        leg -= 1
        now = min(now, _lane_speed(w, d, i, _lane_at(w, i, leg)))
        rear += w.lanes[_lane_at(w, i, leg)].length
    for k in range(m.rows[i].leg + 1, _last_leg(w, i) + 1):
        lane = _lane_at(w, i, k)
        slow = _lane_speed(w, d, i, lane)
        if v > slow:
            need = min(need, (slow * slow - v * v) / (2.0 * max(m.ahead[lane] - m.rows[i].s, 0.5)))
    return now, (need if need < -0.6 * min(w.drivers[i].decel, 0.8 * d.grip) else FAR)


@kernel
def _stand_m(w, i):
    """How far before a line this driver stops: 0.5 to 1.1 m, its own habit."""
    return 0.5 + 0.6 * (w.drivers[i].min_gap - math.floor(w.drivers[i].min_gap))


@kernel
def _acceleration(w, d, m, i):
    """What driver i does now, m/s2, within the grip of the road."""
    _look(w, m, i)
    b = min(w.drivers[i].decel, 0.8 * d.grip)
    a = min(w.drivers[i].accel, d.grip)
    v = m.rows[i].speed
    v0, need = _wish(w, d, m, i)
    gap, v_lead = _leader(w, m, i)
    if gap > d.sight:
        gap = FAR
    accel = idm_mps2(
        v, v0, gap, v_lead, a, b, w.drivers[i].headway * d.headway_factor, w.drivers[i].min_gap
    )
    accel = _settle(v, gap, v_lead, w.drivers[i].min_gap, min(accel, need))
    line = m.rows[i].line
    if line >= 0 and m.rows[i].granted != line and not _free_yet(w, d, m, i):
        stand = _stand_m(w, i)
        stop = idm_mps2(v, v0, m.rows[i].to_line, 0.0, a, b, LINE_HEADWAY_S, stand)
        accel = min(accel, _settle(v, m.rows[i].to_line, 0.0, stand, stop))
    return min(max(accel, -d.grip), d.grip)


@kernel
def aspects_at(w, time, out):
    """Write the aspect of every group at a time into i8[G]; without phases all are dark."""
    for group in range(len(out)):
        out[group] = OFF
    cycle = 0.0
    for duration in w.phase_s:
        cycle += duration
    if cycle == 0.0:
        return
    t, last = (time + w.plan_offset) % cycle, len(w.phase_s) - 1
    for k in range(last + 1):
        if t < w.phase_s[k] or k == last:
            for group in range(len(out)):
                out[group] = w.phase_aspect[k, group]
            return
        t -= w.phase_s[k]


@kernel
def _shows(w, m, line):
    """Aspect that rules a line; a STOP line is ruled as a dark signal is."""
    group = w.lines[line].group
    if w.lines[line].control != SIGNAL or group < 0 or group >= len(m.aspects):
        return OFF
    return m.aspects[group]


@kernel
def _decide_m(d, v):
    """Distance in which a driver reacts and stops in comfort: the far end of the dilemma zone."""
    return v * REACTION_S + v * v / (2.0 * d.signal_brake)


@kernel
def _free_yet(w, d, m, i):
    """Whether a green is still so far off that the driver need not have the junction yet."""
    green = _shows(w, m, m.rows[i].line) == GREEN
    return green and m.rows[i].to_line > _decide_m(d, m.rows[i].speed) + 5.0


@kernel
def _find_line(w, m, i):
    """Note the next stop line of vehicle i, the distance to it and the connector behind it."""
    m.rows[i].line, m.rows[i].to_line, m.rows[i].way = -1, FAR, -1
    offset = 0.0
    last = _last_leg(w, i)
    for leg in range(m.rows[i].leg, last + 1):
        lane = _lane_at(w, i, leg)
        line = w.lanes[lane].line
        if line >= 0 and w.lines[line].control > 0:
            left = offset + w.lines[line].s - m.rows[i].s
            if left >= 0.0:
                m.rows[i].line, m.rows[i].to_line = line, left
                m.rows[i].way = _lane_at(w, i, leg + 1) if leg < last else -1
                return
        offset += w.lanes[lane].length


@kernel
def _keep_or_release(w, m, i):
    """Give the junction back once the rear has left the connector; else note what is held."""
    m.rows[i].held = -1
    if m.rows[i].granted < 0:
        return
    for leg in range(m.rows[i].leg + 1):
        if w.lanes[_lane_at(w, i, leg)].line == m.rows[i].granted:
            if leg == _last_leg(w, i):
                return
            base, way = w.routes[w.drivers[i].route], _lane_at(w, i, leg + 1)
            front = w.legs[base + m.rows[i].leg].start + m.rows[i].s
            m.rows[i].gone = front - w.drivers[i].length - w.legs[base + leg + 1].start
            if m.rows[i].gone >= w.lanes[way].length:
                m.rows[i].granted = -1
            else:
                m.rows[i].held = way
            return
    m.rows[i].held, m.rows[i].gone = (
        m.rows[i].way,
        -FAR,
    )  # granted for a line on a leg that is still ahead


@kernel
def _clear(w, m, i):
    """Whether nobody who holds a connector is still in the way of the one vehicle i wants.

    Somebody driving out counts as gone one second early: i needs longer to get there, and at
    4 m/s the other could not come to a stand in that distance in comfort.
    """
    if m.rows[i].way < 0:
        return True
    for j in m.movers:
        if j < 0:
            break
        if j != i and m.rows[j].held >= 0:
            soon = m.rows[j].speed if m.rows[j].speed >= 4.0 and m.rows[i].speed < 1.0 else 0.0
            if m.rows[j].gone + soon < w.meets[m.rows[j].held, m.rows[i].way]:
                return False
    return True


@kernel
def _is_right_of(w, a, b):
    """Whether the traffic of line a comes from the right of that of line b."""
    turn = (w.lines[a].heading - w.lines[b].heading) % (2.0 * math.pi)
    return abs(turn - 0.5 * math.pi) < 0.25 * math.pi


@kernel
def _waits(m, j):
    return m.rows[j].since >= 0.0 and m.rows[j].granted != m.rows[j].line and m.rows[j].line >= 0


@kernel
def _first_of_tie(w, m, since):
    """Among those that came to a stand together: one with nobody at its right, else the first."""
    first = -1
    for i in m.movers:
        if i < 0:
            break
        if not _waits(m, i) or m.rows[i].since != since:
            continue
        if first < 0:
            first = i
        beaten = False
        for j in m.movers:
            if j < 0:
                break
            if j != i and _waits(m, j) and m.rows[j].since == since:
                beaten = beaten or _is_right_of(w, m.rows[j].line, m.rows[i].line)
        if not beaten:
            return i
    return first


@kernel
def _its_turn(w, m, i):
    """First come, first served among those whose ways meet; ties go to the right."""
    tied = False
    for j in m.movers:
        if j < 0:
            break
        if j == i or not _waits(m, j) or m.rows[j].way < 0 or m.rows[i].way < 0:
            continue
        if w.meets[m.rows[i].way, m.rows[j].way] > -FAR:
            if m.rows[j].since < m.rows[i].since:
                return False
            tied = tied or m.rows[j].since == m.rows[i].since
    return not tied or _first_of_tie(w, m, m.rows[i].since) == i


@kernel
def _withdraw(w, d, m, i, shows):
    """Take a green's right back from whoever can still stop for the yellow or the red."""
    if shows in (OFF, GREEN):
        return
    v = m.rows[i].speed
    reach = _decide_m(d, v)
    if shows != YELLOW:
        reach = v * v / (2.0 * d.signal_brake) + _stand_m(w, i)
    if m.rows[i].to_line > reach:
        m.rows[i].granted, m.rows[i].held = -1, -1


@kernel
def _ready(w, d, m, i, time, shows):
    """Whether the light, or the order of arrival at a STOP line, lets vehicle i go."""
    if shows != OFF:
        m.rows[i].since = -1.0
        return shows == GREEN and m.rows[i].to_line <= _decide_m(d, m.rows[i].speed) + 5.0
    if m.rows[i].speed == 0.0 and m.rows[i].to_line <= REACH_M and m.rows[i].since < 0.0:
        m.rows[i].since = time
    if m.rows[i].since < 0.0 or time - m.rows[i].since < STANDS_S - 1e-9:
        return False
    return _its_turn(w, m, i)


@kernel
def _rights(w, d, m, time):
    """Withdraw and grant the right to pass stop lines for this moment."""
    for i in m.movers:
        if i < 0:
            break
        _find_line(w, m, i)
        _keep_or_release(w, m, i)
        line = m.rows[i].line
        if line >= 0 and m.rows[i].granted == line and w.lines[line].control == SIGNAL:
            _withdraw(w, d, m, i, _shows(w, m, line))
    for i in m.movers:
        if i < 0:
            break
        line = m.rows[i].line
        if line >= 0 and m.rows[i].granted != line and m.rows[i].held < 0:
            ready = _ready(w, d, m, i, time, _shows(w, m, line))
            if ready and _clear(w, m, i):
                m.rows[i].granted, m.rows[i].held, m.rows[i].since = line, m.rows[i].way, -1.0
                m.rows[i].gone = -FAR


@kernel
def _point(w, i, leg, s):
    """Point of the path at a position on a leg; before the first lane the path is straight."""
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lanes[_lane_at(w, i, leg)].length
    lane = _lane_at(w, i, leg)
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
def _place(w, m, i):
    """Set the pose: both axles, a fifth of the length from either end, stand on the path."""
    fx, fy = _point(w, i, m.rows[i].leg, m.rows[i].s - 0.2 * w.drivers[i].length)
    rx, ry = _point(w, i, m.rows[i].leg, m.rows[i].s - 0.8 * w.drivers[i].length)
    m.rows[i].x, m.rows[i].y = 0.5 * (fx + rx), 0.5 * (fy + ry)
    m.rows[i].heading = math.atan2(fy - ry, fx - rx)


@kernel
def _light(w, d, m, i):
    """Set the lamps: braking or standing, the indicator of a turn within 30 m, headlamps."""
    lamps = HEAD if d.headlamps else 0
    if m.rows[i].accel < -0.3 or m.rows[i].speed == 0.0:
        lamps |= BRAKE
    lane, _ = _rear(w, m, i)
    turn = w.lanes[lane].turn
    leg, left = m.rows[i].leg, -m.rows[i].s
    while turn < TURN_LEFT and left < 30.0:
        turn = max(turn, w.lanes[_lane_at(w, i, leg)].turn)
        left += w.lanes[_lane_at(w, i, leg)].length
        leg += 1
        if leg > _last_leg(w, i):
            break
    if turn == TURN_LEFT:
        lamps |= LEFT
    elif turn == TURN_RIGHT:
        lamps |= RIGHT
    m.rows[i].lamps = lamps


@kernel
def _move(w, m, i, accel):
    """Drive one step; at the end of the route the vehicle leaves the map."""
    before = m.rows[i].speed
    m.rows[i].speed, way = ballistic(before, accel, w.step_s)
    m.rows[i].accel = (m.rows[i].speed - before) / w.step_s
    m.rows[i].s += way
    while m.rows[i].s >= w.lanes[_lane_at(w, i, m.rows[i].leg)].length:
        if m.rows[i].leg == _last_leg(w, i):
            m.rows[i].s = w.lanes[_lane_at(w, i, m.rows[i].leg)].length
            m.rows[i].active = False
            m.rows[i].speed, m.rows[i].accel, m.rows[i].granted, m.rows[i].lamps = 0.0, 0.0, -1, 0
            return
        m.rows[i].s -= w.lanes[_lane_at(w, i, m.rows[i].leg)].length
        m.rows[i].leg += 1


@kernel
def _room_behind(w, m, i):
    for j in m.movers:
        if j < 0:
            break
        if j != i:
            same = m.rows[j].lane == _lane_at(w, i, m.rows[i].leg)
            if (
                same
                and m.rows[j].s <= m.rows[i].s
                and m.rows[i].s - w.drivers[i].length - m.rows[j].s < 2.0 + m.rows[j].speed
            ):
                return False
    return True


@kernel
def _enter(w, d, m, time):
    """Let in whoever is due and has room, at a speed that is safe for what is ahead."""
    _survey(w, m)
    for i in range(len(m.rows)):
        if m.rows[i].active or w.drivers[i].route < 0 or w.drivers[i].enter > time + 1e-9:
            continue
        if (
            m.rows[i].leg == _last_leg(w, i)
            and m.rows[i].s >= w.lanes[_lane_at(w, i, m.rows[i].leg)].length
        ):
            continue
        _look(w, m, i)
        gap, v_lead = _leader(w, m, i)
        # Arrivals join flowing traffic at its own time gap; at time 0 their speed is fitted.
        hold = w.drivers[i].headway * d.headway_factor
        room = gap - w.drivers[i].min_gap
        need = 2.0 if time == 0.0 else max(2.0, 0.8 * hold * v_lead)
        if room < need or not _room_behind(w, m, i):
            continue
        b = min(w.drivers[i].decel, 0.8 * d.grip)
        hold *= b
        speed = _lane_speed(w, d, i, _lane_at(w, i, m.rows[i].leg))
        speed = min(speed, -hold + math.sqrt(hold * hold + 2.0 * b * room + v_lead * v_lead))
        _find_line(w, m, i)
        if m.rows[i].line >= 0:
            room = max(m.rows[i].to_line - _stand_m(w, i), 0.0)
            speed = min(speed, -b + math.sqrt(b * b + 2.0 * b * room))
        for leg in range(m.rows[i].leg + 1, _last_leg(w, i) + 1):
            lane = _lane_at(w, i, leg)
            slow = _lane_speed(w, d, i, lane)
            speed = min(speed, math.sqrt(slow * slow + b * (m.ahead[lane] - m.rows[i].s)))
        m.rows[i].active, m.rows[i].speed, m.rows[i].accel = True, speed, 0.0
        _place(w, m, i)
        _light(w, d, m, i)
        _survey(w, m)


@kernel
def _begin(w, m):
    for i in range(len(m.rows)):
        if w.drivers[i].route < 0:
            m.rows[i].x, m.rows[i].y = w.drivers[i].parked_x, w.drivers[i].parked_y
            m.rows[i].heading, m.rows[i].active = w.drivers[i].parked_heading, True
        else:
            m.rows[i].s = w.drivers[i].start
            _place(w, m, i)


@kernel
def run(w, d, m, first, last, brake_s):
    """Steps ``first`` .. ``last - 1``; before step 0 comes step -1, which puts all in their places.

    From ``brake_s`` on everybody brakes with full grip.
    """
    for k in range(first, last):
        if k < 0:
            _begin(w, m)
            _enter(w, d, m, 0.0)
            continue
        time = k * w.step_s
        aspects_at(w, time, m.aspects)
        _survey(w, m)
        _rights(w, d, m, time)
        for i in m.movers:
            if i < 0:
                break
            m.rows[i].wanted = _acceleration(w, d, m, i)
            if time >= brake_s - 1e-9:
                m.rows[i].wanted = -d.grip
        for i in m.movers:
            if i < 0:
                break
            _move(w, m, i, m.rows[i].wanted)
            if m.rows[i].active:
                _place(w, m, i)
                _light(w, d, m, i)
        _enter(w, d, m, (k + 1) * w.step_s)
