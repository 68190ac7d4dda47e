"""Gap acceptance: whether somebody with priority comes too soon (critical headways of the HCM).

A driver judges only whom it can see in this weather. Who has no room behind the junction, or has
been standing for a while to give way itself, is not waited for: so nobody waits for each other for
ever. Kernels of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.following import lane_speed
from simulator.motion import FAR, SEES_ALL_M, kernel, lane_at
from simulator.network import Control
from simulator.priority import WAITS
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
    if way >= 0 and w.lanes[way].zips == IN_CIRCLE:
        return time - since > CIRCLE_COURTESY_S
    return time - since > COURTESY_S and m.rows[i].room


@kernel
def goes_through(m, j, way):
    """Whether vehicle j may already pass the line before a way; else it can still let others in."""
    return m.rows[j].way == way and m.rows[j].granted == m.rows[j].line


@kernel
def _may_come(w, m, j, strict):
    """Whether vehicle j, which has not passed its line yet, could come now."""
    line = m.rows[j].line
    if line < 0 or m.rows[j].granted == line:
        return True
    if not m.rows[j].room:
        return False
    if w.lines[line].control == SIGNAL:
        group = w.lines[line].group
        return 0 <= group < len(m.aspects) and m.aspects[group] == GREEN
    return strict or not m.rows[j].gives


@kernel
def _comes_too_soon(w, d, m, i, k, j, to_place, to_way, critical, need):
    """Whether vehicle j, so far from where it gets into the way of i at foe k, is there too soon.

    The critical headway counts from the front of one vehicle with priority to the front of the
    next; what is left of it after the first has driven out, or can be followed, is what the driver
    can judge.
    """
    x, y = m.rows[j].x - m.rows[i].x, m.rows[j].y - m.rows[i].y
    if d.sight < SEES_ALL_M and x * x + y * y > d.sight * d.sight:
        return False
    v = m.rows[j].speed
    limit = lane_speed(w, d, j, w.foes[k].way)
    lag = covers_s(v, max(m.rows[j].accel, 0.0), limit, to_place)
    if v == 0.0:
        lag = -FAR if m.rows[j].to_line < 5.0 else FAR
    if w.foes[k].merge:
        lag += (w.foes[k].meets - w.foes[k].begins) / limit
    rear = w.foes[k].meets + w.drivers[j].length
    passed = (rear - w.foes[k].begins) / max(v, 3.0)
    if w.foes[k].how != WAITS:
        a, top = min(w.drivers[i].accel, d.grip), lane_speed(w, d, i, w.foes[k].own)
        near = to_way + w.foes[k].near
        rear += w.drivers[i].min_gap - (w.foes[k].at - w.foes[k].near)
        passed = (rear - w.foes[k].way_at) / max(v, 3.0) - covers_s(m.rows[i].speed, a, top, near)
    return lag < max(critical - passed, need)


@kernel
def _need_s(w, d, m, i, k, to_way):
    """Time that vehicle i, so far before its way, needs to be out of the way of foe k, s.

    Who goes on behind it in the same lane, or follows it across its own, may be close.
    """
    a, top = min(w.drivers[i].accel, d.grip), lane_speed(w, d, i, w.foes[k].own)
    clear, margin = w.foes[k].clear + to_way, 0.0
    if not w.foes[k].merge and w.foes[k].how == WAITS:
        clear, margin = clear + w.drivers[i].length, MARGIN_S
    return covers_s(m.rows[i].speed, a, top, clear) + margin


@kernel
def gives_way_to(w, d, m, i, time, strict):
    """Row of somebody with priority who comes too soon for vehicle i to go, -1 nobody.

    ``strict`` counts those too who give way themselves; it is not a literal, for each of which the
    kernel would be compiled anew.
    """
    way = m.rows[i].way
    if way < 0:
        return -1
    own = lane_at(w, m, i, m.rows[i].leg)
    to_way = m.rows[i].to_line
    if w.lanes[own].line == m.rows[i].line:
        to_way = w.lanes[own].length - m.rows[i].s
    critical = w.lanes[way].critical * w.manners[i].dares * _patience(m, i, time)
    if w.drivers[i].adapts:
        critical *= d.headway_factor
    let_in = w.lanes[way].zips <= IN_CIRCLE and waits_long(w, m, i, time)
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        node = m.coming[w.foes[k].way]
        held = m.holders[w.foes[k].way] if w.foes[k].how != WAITS else -1
        if not w.foes[k].yields or (node < 0 and held < 0):
            continue
        need = _need_s(w, d, m, i, k, to_way)
        while node >= 0:
            j = m.nodes[node].who
            stops = let_in and not goes_through(m, j, w.foes[k].way)
            if j != i and not stops and _may_come(w, m, j, strict):
                to_place = m.nodes[node].m + w.foes[k].begins
                if _comes_too_soon(w, d, m, i, k, j, to_place, to_way, critical, need):
                    return j
            node = m.nodes[node].next
        node = held
        while node >= 0:  # of those who may pass their line or have, who is still behind i
            j = m.nodes[node].who
            front = m.nodes[node].m + w.drivers[j].length
            to_place = w.foes[k].begins - front
            behind = j != i and front < w.foes[k].way_at - w.foes[k].at - to_way
            if behind and _comes_too_soon(w, d, m, i, k, j, to_place, to_way, critical, need):
                return j
            node = m.nodes[node].next
    return -1


@kernel
def find_givers(w, c, m, time):
    """Mark who has long stood at its line and gives way; at a signal nobody asks."""
    for i in m.movers:
        if i < 0:
            break
        line, since = m.rows[i].line, m.rows[i].since
        stuck = m.rows[i].speed == 0.0 and since >= 0.0 and time - since > STUCK_S
        m.rows[i].gives = False
        if stuck and 0 <= line != m.rows[i].granted and w.lines[line].control != SIGNAL:
            d = c.table[m.rows[i].air]
            m.rows[i].gives = gives_way_to(w, d, m, i, time, np.bool_(True)) >= 0
