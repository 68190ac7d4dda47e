"""Who may pass a stop line: signals, first come first served, priority and gaps.

Whoever may pass holds the whole connector behind the line until its rear is out of the way; but in
circles and zips the others follow it (``zipping``). Kernels of the loop; see ``motion.py`` for what
they share.
"""

from __future__ import annotations

import math

import numpy as np

from simulator import reasons
from simulator.following import signal_brake_mps2
from simulator.gap import find_givers, gives_way_to
from simulator.motion import FAR, kernel, last_leg
from simulator.network import Control
from simulator.priority import WAITS
from simulator.signals import Aspect
from simulator.turn_taking import came_before, drives_out, lets_in
from simulator.walking import waits_for_people
from simulator.zipping import LIKE_A_ZIP, in_the_way

STOP, SIGNAL = int(Control.STOP), int(Control.SIGNAL)
YIELD, PRIORITY = int(Control.YIELD), int(Control.PRIORITY)
OFF, YELLOW, GREEN = int(Aspect.OFF), int(Aspect.YELLOW), int(Aspect.GREEN)
REACTION_S = 1.0  # to a yellow light (ITE)
STANDS_S = 1.0  # at an all-way stop before going
GLANCE_S = 0.2  # at a two-way stop: a queue has been looking at the traffic for long
REACH_M = 2.0  # a front this close to the line stands "at" it
COMING_S = 9.0  # longest gap that anybody wants, with what an icy road adds
LOOKS_M = 12.0  # from here a driver who comes to a YIELD line overlooks the traffic
CROSSWALK_M = 6.0  # a crosswalk so near to the junction is kept clear with it
SLOW_MPS = 2.0  # a vehicle faster than this behind the junction makes room in time


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
    """Aspect that rules a line; OFF where no lit signal does."""
    group = w.lines[line].group
    if w.lines[line].control != SIGNAL or group < 0 or group >= len(m.aspects):
        return OFF
    return m.aspects[group]


@kernel
def _stops_m(w, d, i, v):
    """Distance in which driver i thinks that it stops in comfort."""
    return v * v / (2.0 * signal_brake_mps2(w, d, i))


@kernel
def _decide_m(w, d, i, v):
    """Distance in which a driver reacts and stops in comfort: the far end of the dilemma zone."""
    return v * REACTION_S + _stops_m(w, d, i, v)


@kernel
def stand_m(w, i):
    """How far before a line this driver stops: 0.5 to 1.1 m, its own habit."""
    return 0.5 + 0.6 * (w.drivers[i].min_gap - math.floor(w.drivers[i].min_gap))


@kernel
def _rolls(w, m, line):
    """Whether a line may be passed without a stand: at green, or where no STOP is."""
    if w.lines[line].control >= YIELD:
        return True
    return _shows(w, m, line) == GREEN


@kernel
def free_yet(w, d, m, i):
    """Whether a line is still so far off that the driver need not have the junction yet."""
    far = m.rows[i].to_line > _decide_m(w, d, i, m.rows[i].speed) + 5.0
    return far and _rolls(w, m, m.rows[i].line)


@kernel
def _is_near(w, d, m, i):
    """Whether a driver decides now whether to go through without a stand."""
    near = _decide_m(w, d, i, m.rows[i].speed) + 5.0
    way = m.rows[i].way
    zips = way >= 0 and w.lanes[way].zips == LIKE_A_ZIP
    if w.lines[m.rows[i].line].control == YIELD and not zips:
        near = min(near, LOOKS_M)
    return m.rows[i].to_line <= near


@kernel
def _line_leg(w, m, i, leg):
    """The first leg from a leg on whose stop line is still ahead of the front, -1 none."""
    base = w.routes[m.rows[i].route]
    ahead = w.legs[base + leg].line_leg
    if ahead == m.rows[i].leg:
        line = w.lanes[w.legs[base + ahead].lane].line
        if w.lines[line].s < m.rows[i].s:
            ahead = w.legs[base + leg + 1].line_leg if leg < last_leg(w, m, i) else -1
    return ahead


@kernel
def find_line(w, m, i):
    """Note the next stop line of vehicle i, the distance to it and the connector behind it."""
    m.rows[i].line, m.rows[i].to_line, m.rows[i].way = -1, FAR, -1
    ahead = _line_leg(w, m, i, m.rows[i].leg)
    m.rows[i].line_leg = ahead
    if ahead < 0:
        return
    base = w.routes[m.rows[i].route]
    front = w.legs[base + m.rows[i].leg].start + m.rows[i].s
    m.rows[i].line = w.lanes[w.legs[base + ahead].lane].line
    m.rows[i].to_line = w.legs[base + ahead].start + w.lines[m.rows[i].line].s - front
    if ahead < last_leg(w, m, i):
        m.rows[i].way = w.legs[base + ahead + 1].lane


@kernel
def _note(m, heads, lane, who, distance):
    """Put an entry in front of the list of a connector."""
    node = m.used[0]
    if node < len(m.nodes):
        m.nodes[node].who, m.nodes[node].m, m.nodes[node].next = who, distance, heads[lane]
        heads[lane] = node
        m.used[0] = node + 1


@kernel
def _let_in(w, m, i):
    """Note that vehicle i may go on to its way, and how far from it its rear still is."""
    base = w.routes[m.rows[i].route]
    rear = w.legs[base + m.rows[i].leg].start + m.rows[i].s - w.drivers[i].length
    rear -= w.legs[base + m.rows[i].line_leg + 1].start
    _note(m, m.holders, m.rows[i].way, i, rear)


@kernel
def _hold(w, m, i):
    """Note the connectors that vehicle i stands on or has been let into; forget a past right."""
    base = w.routes[m.rows[i].route]
    rear = w.legs[base + m.rows[i].leg].start + m.rows[i].s - w.drivers[i].length
    granted = m.rows[i].granted
    kept = granted >= 0 and granted == m.rows[i].line
    if kept and m.rows[i].way >= 0:
        _let_in(w, m, i)
    for leg in range(max(m.rows[i].tail_leg - 1, 0), m.rows[i].leg + 1):
        lane = w.legs[base + leg].lane
        if leg >= m.rows[i].tail_leg and w.lanes[lane].foe < w.lanes[lane].foe_end:
            _note(m, m.holders, lane, i, rear - w.legs[base + leg].start)
        if granted >= 0 and w.lanes[lane].line == granted and granted != m.rows[i].line:
            kept = True
            if leg == m.rows[i].leg and leg < last_leg(w, m, i):
                after = w.legs[base + leg + 1]
                _note(m, m.holders, after.lane, i, rear - after.start)
    if not kept:
        m.rows[i].granted = -1


@kernel
def _approach(w, m, i):
    """Note vehicle i at all connectors that it can reach soon."""
    if m.rows[i].line < 0:
        return
    base = w.routes[m.rows[i].route]
    front = w.legs[base + m.rows[i].leg].start + m.rows[i].s
    reach = front + 20.0 + COMING_S * m.rows[i].speed
    last = last_leg(w, m, i)
    leg = m.rows[i].line_leg
    while 0 <= leg < last and w.legs[base + leg].start <= reach:
        _note(m, m.coming, w.legs[base + leg + 1].lane, i, w.legs[base + leg + 1].start - front)
        line = w.lanes[w.legs[base + leg].lane].line
        if m.rows[i].granted != line and w.lines[line].control != PRIORITY:
            return  # whether it gets any further is open
        leg = w.legs[base + leg + 1].line_leg


@kernel
def _has_room(w, m, i):
    """Whether vehicle i could leave the junction: it must not come to stand in others' way."""
    way = m.rows[i].way
    if way < 0 or not w.lanes[way].crossed:
        return True
    base, last, leg = w.routes[m.rows[i].route], last_leg(w, m, i), m.rows[i].line_leg
    if leg + 2 > last:
        return True
    need = w.drivers[i].length + 1.0
    beyond = w.legs[base + leg + 2].lane
    for z in range(w.zone_of[beyond], w.zone_of[beyond + 1]):
        if w.zones[z].begin < CROSSWALK_M:  # nor on the crosswalk where people cross
            need = max(need, w.drivers[i].length + w.zones[z].end)
    room = w.lanes[way].length - w.lanes[way].stands
    n = m.last[way]
    if room > 0.0 and n >= 0:
        return m.rows[n].speed > SLOW_MPS or m.links[n].s - w.lanes[way].stands >= need
    for k in range(leg + 2, last + 1):
        lane = w.legs[base + k].lane
        n = m.last[lane]
        if n >= 0:
            if m.rows[n].speed > SLOW_MPS:
                return True
            room += m.links[n].s
            break
        room += w.lanes[lane].length
        if room > 40.0:
            return True
    j = m.rows[i].lead  # those between here and the exit take their part of the room
    while j >= 0 and need < room and m.links[j].lane in (way, w.legs[base + leg].lane):
        need += w.drivers[j].length + 2.0
        j = m.rows[j].lead
    return room >= need


@kernel
def _clear(w, m, i):
    """Row of somebody who holds a connector in the way of the one vehicle i wants, -1 nobody.

    Somebody driving out counts as gone one second early: i needs longer to get there, and at
    4 m/s the other could not come to a stand in that distance in comfort.
    """
    way = m.rows[i].way
    if way < 0:
        return -1
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        node = m.holders[w.foes[k].way] if w.foes[k].how == WAITS else -1
        while node >= 0:
            j = m.nodes[node].who
            out = m.rows[j].speed >= 4.0 and m.rows[i].speed < 1.0
            soon = m.rows[j].speed if out else 0.0
            if j != i and m.nodes[node].m + soon < w.foes[k].meets:
                return j
            node = m.nodes[node].next
    return -1


@kernel
def _withdraw(w, d, m, i, shows):
    """Take a green's right back from whoever can still stop for the yellow or the red.

    A few drivers go on who could have stopped: they pass the line at the end of the yellow.
    """
    if shows in (OFF, GREEN):
        return
    v = m.rows[i].speed
    reach = _decide_m(w, d, i, v) + w.manners[i].late * v
    if shows != YELLOW:
        reach = _stops_m(w, d, i, v) + stand_m(w, i)
    if m.rows[i].to_line > reach:
        m.rows[i].granted = -1


@kernel
def _think_again(w, d, m, i):
    """Who merges like a zip decides anew while it can still stop."""
    v, way = m.rows[i].speed, m.rows[i].way
    stops = m.rows[i].to_line > _stops_m(w, d, i, v) + stand_m(w, i) + 0.5
    if stops and way >= 0 and w.lanes[way].zips == LIKE_A_ZIP:
        m.rows[i].granted = -1


@kernel
def _stand(m, i, time):
    """Note since when vehicle i has been standing at its line."""
    if m.rows[i].speed == 0.0 and m.rows[i].to_line <= REACH_M and m.rows[i].since < 0.0:
        m.rows[i].since = time


@kernel
def _ready(w, d, m, i, time):
    """(whether the line itself lets vehicle i go, why not, because of whom)."""
    line = m.rows[i].line
    control, shows = w.lines[line].control, _shows(w, m, line)
    near = _is_near(w, d, m, i)
    if shows in (OFF, GREEN):  # who got no gap at green goes on waiting through the red
        _stand(m, i, time)
    if shows != OFF:
        return shows == GREEN and near, reasons.RED, -1
    if control >= YIELD:
        return near, reasons.LATER, -1
    in_turn = control == SIGNAL or w.lines[line].all_way
    stands = STANDS_S if in_turn else GLANCE_S
    if m.rows[i].since < 0.0 or time - m.rows[i].since < stands - 1e-9:
        return False, reasons.MUST_STAND, -1
    if in_turn:
        whom = came_before(w, m, i)
        return whom < 0, reasons.TURN, whom
    return True, reasons.FREE, -1


@kernel
def _refusal(w, d, m, i, time):
    """(why vehicle i may not pass its line now, because of whom); FREE: it may."""
    ready, why, whom = _ready(w, d, m, i, time)
    if not ready:
        return why, whom
    line, lead = m.rows[i].line, m.rows[i].lead
    before = lead >= 0 and m.rows[i].gap < m.rows[i].to_line
    if before and m.rows[lead].line == line != m.rows[lead].granted:
        return reasons.BEHIND, lead
    if not m.rows[i].room:
        return reasons.FULL, -1
    if w.lines[line].control == PRIORITY:
        whom = drives_out(w, m, i)
        if whom >= 0:
            return reasons.LETS, whom
    if len(w.zones) > 0 and waits_for_people(w, m, i):
        return reasons.PERSON, m.yields[i].whom
    zips = w.lanes[m.rows[i].way].zips if m.rows[i].way >= 0 else 0
    if zips > 0:
        whom = in_the_way(w, d, m, i, time)
        if whom >= 0 or zips == LIKE_A_ZIP:
            return (reasons.GAP if whom >= 0 else reasons.FREE), whom
    whom = _clear(w, m, i)
    if whom >= 0:
        return reasons.TAKEN, whom
    whom = lets_in(w, m, i, time)
    if whom >= 0:
        return reasons.LETS, whom
    dark = w.lines[line].control == SIGNAL and _shows(w, m, line) == OFF
    if not dark:
        whom = gives_way_to(w, d, m, i, time, np.bool_(False))
        if whom >= 0:
            return reasons.GAP, whom
    return reasons.FREE, -1


@kernel
def _take_stock(w, c, m):
    """Find out who comes to, and who holds, which connector."""
    m.used[0] = 0
    for lane in range(len(m.last)):
        m.coming[lane], m.holders[lane] = -1, -1
    for i in m.movers:
        if i < 0:
            break
        find_line(w, m, i)
        line, d = m.rows[i].line, c.table[m.rows[i].air]
        if line >= 0 and m.rows[i].granted == line and w.lines[line].control == SIGNAL:
            _withdraw(w, d, m, i, _shows(w, m, line))
        if line >= 0 and m.rows[i].granted == line and w.lines[line].control == YIELD:
            _think_again(w, d, m, i)
        if line < 0 or m.rows[i].to_line > REACH_M:
            m.rows[i].since = -1.0
        _hold(w, m, i)
        _approach(w, m, i)
        m.rows[i].room = line < 0 or m.rows[i].granted == line or _has_room(w, m, i)


@kernel
def rights(w, c, m, time):
    """Withdraw and grant the right to pass stop lines for this moment; needs the leaders."""
    _take_stock(w, c, m)
    find_givers(w, c, m, time)
    for i in m.movers:
        if i < 0:
            break
        m.rows[i].why, m.rows[i].whom = reasons.FREE, -1
        line = m.rows[i].line
        if line >= 0 and m.rows[i].granted != line:
            why, whom = _refusal(w, c.table[m.rows[i].air], m, i, time)
            if why == reasons.FREE:
                m.rows[i].granted, m.rows[i].since = line, -1.0
                if m.rows[i].way >= 0:
                    _let_in(w, m, i)
            m.rows[i].why, m.rows[i].whom = why, whom
