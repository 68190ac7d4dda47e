"""Whose turn it is where no gap decides: first come first served, and who has waited for too long.

Kernels of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.gap import IN_CIRCLE, waits_long
from simulator.motion import kernel
from simulator.network import Control

SIGNAL = int(Control.SIGNAL)


@kernel
def _is_right_of(w, a, b):
    """Whether the traffic of line a comes from the right of that of line b."""
    turn = (w.lines[a].heading - w.lines[b].heading) % (2.0 * math.pi)
    return abs(turn - 0.5 * math.pi) < 0.25 * math.pi


@kernel
def _waits(m, j):
    return m.rows[j].since >= 0.0 and m.rows[j].granted != m.rows[j].line and m.rows[j].line >= 0


@kernel
def _first_of_tie(w, m, since, junction):
    """Among those that came to a stand together: one with nobody at its right, else the first."""
    first = -1
    for i in m.movers:
        if i < 0:
            break
        if not _waits(m, i) or m.rows[i].since != since:
            continue
        if w.lines[m.rows[i].line].junction != junction:
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
def came_before(w, m, i):
    """First come, first served among those whose ways meet; ties go to the right.

    Returns the row of somebody whose turn it is before that of vehicle i, -1 nobody. Somebody who
    could not leave the junction gives up its turn.
    """
    tied = -1
    way = m.rows[i].way
    if way < 0:
        return -1
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        node = m.coming[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            if j != i and _waits(m, j) and m.rows[j].way == w.foes[k].way and m.rows[j].room:
                if m.rows[j].since < m.rows[i].since:
                    return j
                if m.rows[j].since == m.rows[i].since:
                    tied = j
            node = m.nodes[node].next
    if tied < 0:
        return -1
    first = _first_of_tie(w, m, m.rows[i].since, w.lines[m.rows[i].line].junction)
    return -1 if first == i else first


@kernel
def lets_in(w, m, i, time):
    """Row of somebody who has waited for long to go before vehicle i, -1 nobody."""
    way = m.rows[i].way
    if way < 0 or w.lanes[way].zips > IN_CIRCLE or waits_long(w, m, i, time):
        return -1
    if w.lines[m.rows[i].line].control < SIGNAL:
        return -1
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        node = m.coming[w.foes[k].way] if w.foes[k].gives else -1
        while node >= 0:
            j = m.nodes[node].who
            at_line = m.rows[j].way == w.foes[k].way and m.rows[j].granted != m.rows[j].line
            if j != i and at_line and waits_long(w, m, j, time):
                return j
            node = m.nodes[node].next
    return -1


@kernel
def drives_out(w, m, i):
    """Row of somebody on an inner ring who waits to drive out across the lane of i, -1 nobody.

    Neither of the two has priority but by being ahead (so Oregon's ORS 811.292: who is on the outer
    ring yields to who lawfully leaves from ahead on its left). Whoever came to a stand first goes
    first.
    """
    way, since = m.rows[i].way, m.rows[i].since
    if way < 0 or not w.lanes[way].crossed:
        return -1
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        if w.foes[k].yields or w.foes[k].gives or w.foes[k].merge:
            continue
        node = m.coming[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            waits = m.rows[j].way == w.foes[k].way and m.rows[j].granted != m.rows[j].line
            waits = waits and m.rows[j].since >= 0.0 and m.rows[j].room
            if j != i and waits and (since < 0.0 or m.rows[j].since < since):
                return j
            node = m.nodes[node].next
    return -1
