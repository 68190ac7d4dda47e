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


class Motion(NamedTuple):
    """What the loop changes: the columns of ``AgentState``, then scratch of the same step."""

    x: np.ndarray
    y: np.ndarray
    heading: np.ndarray
    speed: np.ndarray
    accel: np.ndarray
    leg: np.ndarray
    s: np.ndarray
    lamps: np.ndarray
    active: np.ndarray
    since: np.ndarray
    granted: np.ndarray
    held: np.ndarray  # i32[N], connector that a granted vehicle keeps for itself, -1 none
    line: np.ndarray  # i32[N], next stop line, -1 none
    to_line: np.ndarray  # f64[N], distance of the front to it
    way: np.ndarray  # i32[N], connector behind that line, -1 none
    ahead: np.ndarray  # f64[L], distance to the beginning of a lane, for one vehicle at a time


@njit(cache=True)
def idm_mps2(v, v0, gap, v_lead, a, b, headway, min_gap):
    """Acceleration of the intelligent driver model, m/s2 (Treiber, Hennecke, Helbing 2000).

    Above the desired speed the free term brakes gently towards -b (Treiber & Kesting 2013, the
    improved model), because v^4 would brake like an emergency where a limit drops.
    """
    if v <= v0:
        free = a * (1.0 - (v / v0) ** 4)
    else:
        free = -b * (1.0 - (v0 / v) ** (4.0 * a / b))
    if gap >= FAR:
        return free
    wish = min_gap + max(0.0, v * headway + v * (v - v_lead) / (2.0 * math.sqrt(a * b)))
    return free - a * (wish / max(gap, 0.01)) ** 2


@njit(cache=True)
def ballistic(v, a, dt):
    """One step of the ballistic update: (new speed, distance). Stops at the exact sub-step time."""
    after = v + a * dt
    if after <= 0.0:
        return 0.0, (v * v / (-2.0 * a) if a < 0.0 else 0.0)
    return after, 0.5 * (v + after) * dt


@njit(cache=True)
def _settle(v, gap, v_lead, min_gap, a, dt):
    """Bring a crawl behind a standing obstacle to a true stand, and hold it there."""
    if v_lead < 0.05 and gap - min_gap < 0.5:
        if v == 0.0:
            return 0.0
        if v < 0.7 and gap - min_gap < 0.35:
            return min(a, -1.5)
    return a


@njit(cache=True)
def _lane_at(w, i, leg):
    return w.route_lane[w.route_from[w.route[i]] + leg]


@njit(cache=True)
def _last_leg(w, i):
    return w.route_from[w.route[i] + 1] - w.route_from[w.route[i]] - 1


@njit(cache=True)
def _rear(w, m, j):
    """(lane, position on it) of a vehicle's rear bumper; before its first lane it is negative."""
    leg, s = m.leg[j], m.s[j] - w.length[j]
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lane_length[_lane_at(w, j, leg)]
    return _lane_at(w, j, leg), s


@njit(cache=True)
def _look(w, m, i):
    """Fill ``m.ahead`` with the distance from the current lane's beginning to each lane ahead."""
    m.ahead[:] = -FAR
    offset = 0.0
    for leg in range(m.leg[i], _last_leg(w, i) + 1):
        lane = _lane_at(w, i, leg)
        m.ahead[lane] = offset
        offset += w.lane_length[lane]


@njit(cache=True)
def _leader(w, m, i):
    """(gap, speed) of the nearest vehicle ahead on the route, (FAR, 0) none; after ``_look``."""
    best, speed = FAR, 0.0
    for j in range(len(m.x)):
        if j == i or not m.active[j] or w.route[j] < 0:
            continue
        rear = -FAR
        lane = _lane_at(w, j, m.leg[j])
        if m.ahead[lane] > -FAR:
            rear = m.ahead[lane] + m.s[j] - w.length[j]
        else:
            lane, s = _rear(w, m, j)
            if m.ahead[lane] > -FAR:
                rear = m.ahead[lane] + s
            else:
                for other in w.sibling[lane]:
                    # It has turned off, but its tail still stands in the mouth of our lane.
                    if other >= 0 and m.ahead[other] > -FAR and s < w.shared[lane, other]:
                        rear = m.ahead[other] + s
        if rear > -FAR and rear + w.length[j] > m.s[i] and rear - m.s[i] < best:
            best, speed = rear - m.s[i], m.speed[j]
    return best, speed


@njit(cache=True)
def _lane_speed(w, d, i, lane):
    """Speed that driver i wants on a lane in this weather."""
    free = min(min(w.desired[i], w.lane_limit[lane]) * d.speed_factor, d.speed_max)
    return min(free, math.sqrt(d.lateral / max(w.lane_bend[lane], 1e-6)))


@njit(cache=True)
def _wish(w, d, m, i):
    """(desired speed now, acceleration that slower lanes ahead allow, FAR where they need none)."""
    v, need = m.speed[i], 0.0
    rear = m.s[i] - w.length[i]
    leg = m.leg[i]
    now = _lane_speed(w, d, i, _lane_at(w, i, leg))
    while rear < 0.0 and leg > 0:
        leg -= 1
        now = min(now, _lane_speed(w, d, i, _lane_at(w, i, leg)))
        rear += w.lane_length[_lane_at(w, i, leg)]
    for k in range(m.leg[i] + 1, _last_leg(w, i) + 1):
        lane = _lane_at(w, i, k)
        slow = _lane_speed(w, d, i, lane)
        if v > slow:
            need = min(need, (slow * slow - v * v) / (2.0 * max(m.ahead[lane] - m.s[i], 0.5)))
    return now, (need if need < -0.6 * min(w.decel[i], 0.8 * d.grip) else FAR)


@njit(cache=True)
def _stand_m(w, i):
    """How far before a line this driver stops: 0.5 to 1.1 m, its own habit."""
    return 0.5 + 0.6 * (w.min_gap[i] - math.floor(w.min_gap[i]))


@njit(cache=True)
def _acceleration(w, d, m, i, aspects):
    """What driver i does now, m/s2, within the grip of the road."""
    _look(w, m, i)
    b = min(w.decel[i], 0.8 * d.grip)
    a = min(w.accel[i], d.grip)
    v = m.speed[i]
    v0, need = _wish(w, d, m, i)
    gap, v_lead = _leader(w, m, i)
    if gap > d.sight:
        gap = FAR
    accel = idm_mps2(v, v0, gap, v_lead, a, b, w.headway[i] * d.headway_factor, w.min_gap[i])
    accel = _settle(v, gap, v_lead, w.min_gap[i], min(accel, need), w.step_s)
    line = m.line[i]
    if line >= 0 and m.granted[i] != line and not _free_yet(w, d, m, i, aspects):
        stand = _stand_m(w, i)
        stop = idm_mps2(v, v0, m.to_line[i], 0.0, a, b, LINE_HEADWAY_S, stand)
        accel = min(accel, _settle(v, m.to_line[i], 0.0, stand, stop, w.step_s))
    return min(max(accel, -d.grip), d.grip)


@njit(cache=True)
def aspects_at(w, time, out):
    """Write the aspect of every group at a time into i8[G]; without phases all are dark."""
    out[:] = OFF
    cycle = 0.0
    for duration in w.phase_s:
        cycle += duration
    if cycle == 0.0:
        return
    t, last = (time + w.plan_offset) % cycle, len(w.phase_s) - 1
    for k in range(last + 1):
        if t < w.phase_s[k] or k == last:
            out[:] = w.phase_aspect[k]
            return
        t -= w.phase_s[k]


@njit(cache=True)
def _shows(w, line, aspects):
    """Aspect that rules a line; a STOP line is ruled as a dark signal is."""
    group = w.line_group[line]
    if w.line_control[line] != SIGNAL or group < 0 or group >= len(aspects):
        return OFF
    return aspects[group]


@njit(cache=True)
def _decide_m(d, v):
    """Distance in which a driver reacts and stops in comfort: the far end of the dilemma zone."""
    return v * REACTION_S + v * v / (2.0 * d.signal_brake)


@njit(cache=True)
def _free_yet(w, d, m, i, aspects):
    """Whether a green is still so far off that the driver need not have the junction yet."""
    green = _shows(w, m.line[i], aspects) == GREEN
    return green and m.to_line[i] > _decide_m(d, m.speed[i]) + 5.0


@njit(cache=True)
def _find_line(w, m, i):
    """Note the next stop line of vehicle i, the distance to it and the connector behind it."""
    m.line[i], m.to_line[i], m.way[i] = -1, FAR, -1
    offset = 0.0
    last = _last_leg(w, i)
    for leg in range(m.leg[i], last + 1):
        lane = _lane_at(w, i, leg)
        line = w.lane_line[lane]
        if line >= 0 and w.line_control[line] > 0:
            left = offset + w.line_s[line] - m.s[i]
            if left >= 0.0:
                m.line[i], m.to_line[i] = line, left
                m.way[i] = _lane_at(w, i, leg + 1) if leg < last else -1
                return
        offset += w.lane_length[lane]


@njit(cache=True)
def _keep_or_release(w, m, i):
    """Give the junction back once the rear has left the connector; else note what is held."""
    m.held[i] = -1
    if m.granted[i] < 0:
        return
    for leg in range(m.leg[i] + 1):
        if w.lane_line[_lane_at(w, i, leg)] == m.granted[i]:
            if leg == _last_leg(w, i):
                return
            base = w.route_from[w.route[i]]
            front = w.route_start[base + m.leg[i]] + m.s[i]
            end = w.route_start[base + leg + 1] + w.lane_length[_lane_at(w, i, leg + 1)]
            if front - w.length[i] >= end:
                m.granted[i] = -1
            else:
                m.held[i] = _lane_at(w, i, leg + 1)
            return
    m.held[i] = m.way[i]  # granted for a line on a leg that is still ahead


@njit(cache=True)
def _clear(w, m, i):
    """Whether nobody holds a connector that meets the one vehicle i wants."""
    for j in range(len(m.x)):
        if j != i and m.active[j] and m.held[j] >= 0 and m.way[i] >= 0:
            if w.conflict[m.way[i], m.held[j]]:
                return False
    return True


@njit(cache=True)
def _is_right_of(w, a, b):
    """Whether the traffic of line a comes from the right of that of line b."""
    turn = (w.line_heading[a] - w.line_heading[b]) % (2.0 * math.pi)
    return abs(turn - 0.5 * math.pi) < 0.25 * math.pi


@njit(cache=True)
def _waits(m, j):
    return m.active[j] and m.since[j] >= 0.0 and m.granted[j] != m.line[j] and m.line[j] >= 0


@njit(cache=True)
def _first_of_tie(w, m, since):
    """Among those that came to a stand together: one with nobody at its right, else the first."""
    first = -1
    for i in range(len(m.x)):
        if not _waits(m, i) or m.since[i] != since:
            continue
        if first < 0:
            first = i
        beaten = False
        for j in range(len(m.x)):
            if j != i and _waits(m, j) and m.since[j] == since:
                beaten = beaten or _is_right_of(w, m.line[j], m.line[i])
        if not beaten:
            return i
    return first


@njit(cache=True)
def _its_turn(w, m, i):
    """First come, first served among those whose ways meet; ties go to the right."""
    tied = False
    for j in range(len(m.x)):
        if j == i or not _waits(m, j) or m.way[j] < 0 or m.way[i] < 0:
            continue
        if w.conflict[m.way[i], m.way[j]]:
            if m.since[j] < m.since[i]:
                return False
            tied = tied or m.since[j] == m.since[i]
    return not tied or _first_of_tie(w, m, m.since[i]) == i


@njit(cache=True)
def _rights(w, d, m, time, aspects):
    """Withdraw and grant the right to pass stop lines for this moment."""
    count = len(m.x)
    for i in range(count):
        m.line[i], m.held[i] = -1, -1
        if m.active[i] and w.route[i] >= 0:
            _find_line(w, m, i)
            _keep_or_release(w, m, i)
            line = m.line[i]
            if line >= 0 and m.granted[i] == line and w.line_control[line] == SIGNAL:
                shows, v = _shows(w, line, aspects), m.speed[i]
                if shows != OFF and shows != GREEN:
                    reach = _decide_m(d, v)
                    if shows != YELLOW:
                        # Red before the line: whoever can still stop does.
                        reach = v * v / (2.0 * d.signal_brake) + _stand_m(w, i)
                    if m.to_line[i] > reach:
                        m.granted[i], m.held[i] = -1, -1
    for i in range(count):
        line = m.line[i]
        if line < 0 or m.granted[i] == line or m.held[i] >= 0:
            continue
        shows = _shows(w, line, aspects)
        if shows == OFF:
            if m.speed[i] == 0.0 and m.to_line[i] <= REACH_M and m.since[i] < 0.0:
                m.since[i] = time
            ready = m.since[i] >= 0.0 and time - m.since[i] >= STANDS_S - 1e-9
            ready = ready and _its_turn(w, m, i)
        else:
            m.since[i] = -1.0
            ready = shows == GREEN and m.to_line[i] <= _decide_m(d, m.speed[i]) + 5.0
        if ready and _clear(w, m, i):
            m.granted[i], m.held[i], m.since[i] = line, m.way[i], -1.0


@njit(cache=True)
def _point(w, i, leg, s):
    """Point of the path at a position on a leg; before the first lane the path is straight."""
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lane_length[_lane_at(w, i, leg)]
    lane = _lane_at(w, i, leg)
    low, high = w.lane_from[lane], w.lane_from[lane + 1] - 2
    while low < high:
        middle = (low + high + 1) // 2
        if w.point_s[middle] <= s:
            low = middle
        else:
            high = middle - 1
    t = (s - w.point_s[low]) / (w.point_s[low + 1] - w.point_s[low])
    x = w.point_x[low] + t * (w.point_x[low + 1] - w.point_x[low])
    return x, w.point_y[low] + t * (w.point_y[low + 1] - w.point_y[low])


@njit(cache=True)
def _place(w, m, i):
    """Set the pose: both axles, a fifth of the length from either end, stand on the path."""
    fx, fy = _point(w, i, m.leg[i], m.s[i] - 0.2 * w.length[i])
    rx, ry = _point(w, i, m.leg[i], m.s[i] - 0.8 * w.length[i])
    m.x[i], m.y[i] = 0.5 * (fx + rx), 0.5 * (fy + ry)
    m.heading[i] = math.atan2(fy - ry, fx - rx)


@njit(cache=True)
def _light(w, d, m, i):
    """Set the lamps: braking or standing, the indicator of a turn within 30 m, headlamps."""
    lamps = HEAD if d.headlamps else 0
    if m.accel[i] < -0.3 or m.speed[i] == 0.0:
        lamps |= BRAKE
    lane, s = _rear(w, m, i)
    turn = w.lane_turn[lane]
    leg, left = m.leg[i], -m.s[i]
    while turn < TURN_LEFT and left < 30.0:
        turn = max(turn, w.lane_turn[_lane_at(w, i, leg)])
        left += w.lane_length[_lane_at(w, i, leg)]
        leg += 1
        if leg > _last_leg(w, i):
            break
    if turn == TURN_LEFT:
        lamps |= LEFT
    elif turn == TURN_RIGHT:
        lamps |= RIGHT
    m.lamps[i] = lamps


@njit(cache=True)
def _move(w, m, i, accel):
    """Drive one step; at the end of the route the vehicle leaves the map."""
    before = m.speed[i]
    m.speed[i], way = ballistic(before, accel, w.step_s)
    m.accel[i] = (m.speed[i] - before) / w.step_s
    m.s[i] += way
    while m.s[i] >= w.lane_length[_lane_at(w, i, m.leg[i])]:
        if m.leg[i] == _last_leg(w, i):
            m.s[i] = w.lane_length[_lane_at(w, i, m.leg[i])]
            m.active[i] = False
            m.speed[i], m.accel[i], m.granted[i], m.lamps[i] = 0.0, 0.0, -1, 0
            return
        m.s[i] -= w.lane_length[_lane_at(w, i, m.leg[i])]
        m.leg[i] += 1


@njit(cache=True)
def _room_behind(w, m, i):
    for j in range(len(m.x)):
        if j != i and m.active[j] and w.route[j] >= 0:
            same = _lane_at(w, j, m.leg[j]) == _lane_at(w, i, m.leg[i])
            if same and m.s[j] <= m.s[i] and m.s[i] - w.length[i] - m.s[j] < 2.0 + m.speed[j]:
                return False
    return True


@njit(cache=True)
def _enter(w, d, m, time):
    """Let in whoever is due and has room, at a speed that is safe for what is ahead."""
    for i in range(len(m.x)):
        if m.active[i] or w.route[i] < 0 or w.enter[i] > time + 1e-9:
            continue
        if m.leg[i] == _last_leg(w, i) and m.s[i] >= w.lane_length[_lane_at(w, i, m.leg[i])]:
            continue
        _look(w, m, i)
        gap, v_lead = _leader(w, m, i)
        # Arrivals join flowing traffic at its own time gap; at time 0 their speed is fitted instead.
        hold = w.headway[i] * d.headway_factor
        room = gap - w.min_gap[i]
        if room < (2.0 if time == 0.0 else max(2.0, 0.8 * hold * v_lead)) or not _room_behind(w, m, i):
            continue
        b = min(w.decel[i], 0.8 * d.grip)
        hold *= b
        speed = _lane_speed(w, d, i, _lane_at(w, i, m.leg[i]))
        speed = min(speed, -hold + math.sqrt(hold * hold + 2.0 * b * room + v_lead * v_lead))
        _find_line(w, m, i)
        if m.line[i] >= 0:
            room = max(m.to_line[i] - _stand_m(w, i), 0.0)
            speed = min(speed, -b + math.sqrt(b * b + 2.0 * b * room))
        for leg in range(m.leg[i] + 1, _last_leg(w, i) + 1):
            lane = _lane_at(w, i, leg)
            slow = _lane_speed(w, d, i, lane)
            speed = min(speed, math.sqrt(slow * slow + b * (m.ahead[lane] - m.s[i])))
        m.active[i], m.speed[i], m.accel[i] = True, speed, 0.0
        _place(w, m, i)
        _light(w, d, m, i)


@njit(cache=True)
def begin(w, d, m):
    """Time 0: parked vehicles stand, the first drivers are on their lanes."""
    for i in range(len(m.x)):
        if w.route[i] < 0:
            m.x[i], m.y[i], m.heading[i] = w.parked_x[i], w.parked_y[i], w.parked_heading[i]
            m.active[i] = True
        else:
            m.s[i] = w.start[i]
            _place(w, m, i)
    _enter(w, d, m, 0.0)


@njit(cache=True)
def run(w, d, m, first, last, emergency_s):
    """Steps ``first`` .. ``last - 1``. From ``emergency_s`` on everybody brakes with full grip."""
    count = len(m.x)
    aspects = np.zeros(w.phase_aspect.shape[1], np.int8)
    accel = np.zeros(count)
    for k in range(first, last):
        time = k * w.step_s
        aspects_at(w, time, aspects)
        _rights(w, d, m, time, aspects)
        for i in range(count):
            if m.active[i] and w.route[i] >= 0:
                accel[i] = _acceleration(w, d, m, i, aspects)
                if time >= emergency_s - 1e-9:
                    accel[i] = -d.grip
        for i in range(count):
            if m.active[i] and w.route[i] >= 0:
                _move(w, m, i, accel[i])
                if m.active[i]:
                    _place(w, m, i)
                    _light(w, d, m, i)
        _enter(w, d, m, (k + 1) * w.step_s)
