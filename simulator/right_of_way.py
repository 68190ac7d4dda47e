"""Who may pass a stop line: signals, dark signals, and first come, first served.

Whoever may pass holds the whole connector behind the line until its rear is out of the way. Kernels
of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.motion import FAR, kernel, lane_at, last_leg

SIGNAL = 2
OFF, YELLOW, GREEN = 0, 2, 3
REACTION_S = 1.0  # to a yellow light (ITE)
STANDS_S = 1.0  # at a STOP line before going
REACH_M = 2.0  # a front this close to the line stands "at" it


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
def stand_m(w, i):
    """How far before a line this driver stops: 0.5 to 1.1 m, its own habit."""
    return 0.5 + 0.6 * (w.drivers[i].min_gap - math.floor(w.drivers[i].min_gap))


@kernel
def free_yet(w, d, m, i):
    """Whether a green is still so far off that the driver need not have the junction yet."""
    green = _shows(w, m, m.rows[i].line) == GREEN
    return green and m.rows[i].to_line > _decide_m(d, m.rows[i].speed) + 5.0


@kernel
def find_line(w, m, i):
    """Note the next stop line of vehicle i, the distance to it and the connector behind it."""
    m.rows[i].line, m.rows[i].to_line, m.rows[i].way = -1, FAR, -1
    offset = 0.0
    last = last_leg(w, i)
    for leg in range(m.rows[i].leg, last + 1):
        lane = lane_at(w, i, leg)
        line = w.lanes[lane].line
        if line >= 0 and w.lines[line].control > 0:
            left = offset + w.lines[line].s - m.rows[i].s
            if left >= 0.0:
                m.rows[i].line, m.rows[i].to_line = line, left
                m.rows[i].way = lane_at(w, i, leg + 1) if leg < last else -1
                return
        offset += w.lanes[lane].length


@kernel
def _keep_or_release(w, m, i):
    """Give the junction back once the rear has left the connector; else note what is held."""
    m.rows[i].held = -1
    if m.rows[i].granted < 0:
        return
    for leg in range(m.rows[i].leg + 1):
        if w.lanes[lane_at(w, i, leg)].line == m.rows[i].granted:
            if leg == last_leg(w, i):
                return
            base, way = w.routes[w.drivers[i].route], lane_at(w, i, leg + 1)
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
        reach = v * v / (2.0 * d.signal_brake) + stand_m(w, i)
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
def rights(w, d, m, time):
    """Withdraw and grant the right to pass stop lines for this moment."""
    for i in m.movers:
        if i < 0:
            break
        find_line(w, m, i)
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
