"""Gap acceptance: whether somebody with priority comes too soon (critical headways of the HCM).

A driver judges only whom it can see in this weather. Who has no room behind the junction, or has
been standing for a while to give way itself, is not waited for: so nobody waits for each other for
ever. Kernels of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.following import lane_speed
from simulator.motion import FAR, kernel, lane_at
from simulator.network import Control
from simulator.signals import Aspect

SIGNAL, GREEN = int(Control.SIGNAL), int(Aspect.GREEN)
MARGIN_S = 0.5
"""Least time between the own rear leaving a way and the other's front getting there, s."""

STUCK_S = 3.0
"""Who has given way this long itself is no longer waited for."""

PATIENCE_S = (30.0, 120.0)
IMPATIENT = 0.7
"""Waiting shortens the gap that a driver takes, down to this share (about 0.7 after two minutes:
drivers' accepted gaps fall with the wait; Kyte et al., NCHRP 3-46, 1996)."""


COURTESY_S = 30.0
"""Who has stood this long to give way is let in by everybody who can still stop in comfort."""

IN_CIRCLE, CIRCLE_COURTESY_S = 1, 75.0
"""How lanes merge within a circle, and how long one stands before it is let in there: drivers in a
circle share their priority (Troutbeck and Kako 1999), but each time costs the circle more than a
gap, so that none may wait for ever and few are let in."""


@kernel
def covers_s(v, a, top, way):
    """Time to drive a distance from speed v with acceleration a up to a top speed, s."""
    if way <= 0.0:
        return 0.0
    top = max(top, v)
    if a < 0.05:
        return way / max(v, 0.01)
    rise = (top * top - v * v) / (2.0 * a)
    if way <= rise:
        return (-v + math.sqrt(v * v + 2.0 * a * way)) / a
    return (top - v) / a + (way - rise) / top


@kernel
def _patience(m, i, time):
    since = m.rows[i].since
    if since < 0.0:
        return 1.0
    low, high = PATIENCE_S
    return 1.0 - (1.0 - IMPATIENT) * min(max((time - since - low) / (high - low), 0.0), 1.0)


@kernel
def waits_long(w, m, i, time):
    """Whether vehicle i has been standing at its line for so long that others let it in.

    Into a full circle it has room only once somebody does.
    """
    since, way = m.rows[i].since, m.rows[i].way
    if since < 0.0 or m.rows[i].line < 0:
        return False
    if way >= 0 and (w.lanes[way].zips == IN_CIRCLE or w.lanes[way].enters):
        return time - since > CIRCLE_COURTESY_S
    return time - since > COURTESY_S and m.rows[i].room


@kernel
def _may_come(w, m, j, time):
    """Whether vehicle j, which has not passed its line yet, could come now."""
    line = m.rows[j].line
    if line < 0 or m.rows[j].granted == line:
        return True
    if not m.rows[j].room:
        return False
    if w.lines[line].control == SIGNAL:
        group = w.lines[line].group
        return 0 <= group < len(m.aspects) and m.aspects[group] == GREEN
    return not (m.rows[j].gives and time - m.rows[j].since > STUCK_S)


@kernel
def gives_way_to(w, d, m, i, time, strict):
    """Row of somebody with priority who comes too soon for vehicle i to go, -1 nobody.

    ``strict`` counts those too who give way themselves; it is not a literal, for each of which the
    kernel would be compiled anew.

    The critical headway counts from the front of one vehicle with priority to the front of the
    next; what is left of it after the first has driven out is what the driver can judge.
    """
    way = m.rows[i].way
    if way < 0:
        return -1
    a = min(w.drivers[i].accel, d.grip)
    top = lane_speed(w, d, i, way)
    own = lane_at(w, m, i, m.rows[i].leg)
    to_way = m.rows[i].to_line
    if w.lanes[own].line == m.rows[i].line:
        to_way = w.lanes[own].length - m.rows[i].s
    critical = w.lanes[way].critical * w.manners[i].dares * _patience(m, i, time)
    if w.drivers[i].adapts:
        critical *= d.headway_factor
    let_in = w.lanes[way].zips <= IN_CIRCLE and waits_long(w, m, i, time)
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        if not w.foes[k].yields:
            continue
        clear = w.foes[k].clear + to_way
        if not w.foes[k].merge:  # where ways merge the other follows close behind, and lets off
            clear += w.drivers[i].length
        need = covers_s(m.rows[i].speed, a, top, clear)
        if not w.foes[k].merge:
            need += MARGIN_S
        node = m.coming[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            stops = let_in and m.rows[j].line >= 0 and m.rows[j].granted != m.rows[j].line
            if j != i and not stops and _may_come(w, m, j, -FAR if strict else time):
                x, y = m.rows[j].x - m.rows[i].x, m.rows[j].y - m.rows[i].y
                v = m.rows[j].speed
                way_j = m.nodes[node].m + w.foes[k].begins
                limit = lane_speed(w, d, j, w.foes[k].way)
                lag = covers_s(v, max(m.rows[j].accel, 0.0), limit, way_j)
                if v == 0.0:
                    lag = -FAR if m.rows[j].to_line < 5.0 else FAR
                if w.foes[k].merge:
                    lag += (w.foes[k].meets - w.foes[k].begins) / limit
                rear = w.foes[k].meets + w.drivers[j].length
                passed = (rear - w.foes[k].begins) / max(v, 3.0)
                soon = lag < max(critical - passed, need)
                if soon and x * x + y * y < d.sight * d.sight:
                    return j
            node = m.nodes[node].next
    return -1


@kernel
def find_givers(w, c, m, time):
    """Mark who stands at its line and gives way."""
    for i in m.movers:
        if i < 0:
            break
        m.rows[i].gives = False
    for i in m.movers:
        if i < 0:
            break
        stands = m.rows[i].speed == 0.0 and m.rows[i].since >= 0.0 and m.rows[i].line >= 0
        if stands and m.rows[i].granted != m.rows[i].line:
            d = c.table[m.rows[i].air]
            m.rows[i].gives = gives_way_to(w, d, m, i, time, np.bool_(True)) >= 0
