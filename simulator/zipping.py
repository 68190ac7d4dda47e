"""Merging like a zip: where a lane ends by rule of the road alone, both lanes become one queue.

They share the way but do not strictly take turns: of two full lanes the one that goes on gets about
1.5 times as many through.

On ways that zip nobody waits for the whole way to be clear. Each driver there follows the rear of
the next one before it, of either lane, counted from where the lanes are one. Who yields goes on
into a gap that is safe for itself and for the one behind; to who stands at the end of its lane the
next driver of the other lane leaves room. Kernels of the loop; see ``motion.py`` for what they
share.
"""

from __future__ import annotations

from simulator.following import brakes_mps2, hold_s, idm_mps2, lane_speed
from simulator.motion import FAR, kernel, last_leg

SAFE_MPS2 = 2.5
"""Braking that a merge may ask of who follows, m/s2."""

LEAST_GAP_M = 1.0
"""Least gap that a driver merges into."""

STANDS_M = 5.0
"""Who is slow and this near to its line is let in."""

SLOW_MPS = 4.0

LIKE_A_ZIP = 2
"""Of a way: no paint says who goes first. In a circle, 1, all follow each other alike, but who
comes in waits for a gap."""

COURTESY_S = 5.0
"""Whoever has stood for so long at its line is let in by the next driver who can brake for it."""


@kernel
def way_of(w, m, i):
    """The zipping way that vehicle i is on or comes to, and from its front to the way's end, m."""
    base, last = w.routes[m.rows[i].route], last_leg(w, m, i)
    front = w.legs[base + m.rows[i].leg].start + m.rows[i].s
    for leg in range(m.rows[i].tail_leg, min(m.rows[i].leg + 2, last + 1)):
        lane = w.legs[base + leg].lane
        if w.lanes[lane].zips > 0:
            return lane, w.legs[base + leg].start + w.lanes[lane].length - front
    way = m.rows[i].way
    if way >= 0 and w.lanes[way].zips > 0:
        return way, w.legs[base + m.rows[i].line_leg + 1].start + w.lanes[way].length - front
    return -1, FAR


@kernel
def _holds(m, i, way):
    """Whether vehicle i is on a way, or may go on to it."""
    return m.rows[i].way != way or m.rows[i].granted == m.rows[i].line


@kernel
def _stops(w, d, m, i, gap):
    """Whether vehicle i can stop its usual gap before somebody without braking hard."""
    v, room = m.rows[i].speed, max(gap - w.drivers[i].min_gap, 0.1)
    return v * v < 2.0 * room * min(SAFE_MPS2, 0.35 * d.grip)


@kernel
def follow_zip(w, d, m, i, time):
    """Follow who is next before vehicle i in the zip; leave room to who waits at its line."""
    way, left = way_of(w, m, i)
    if way < 0:
        return
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        length = w.lanes[w.foes[k].way].length
        if w.foes[k].yields and not _holds(m, i, way):
            continue
        node = m.holders[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            rear = length - m.nodes[node].m
            front = rear - w.drivers[j].length
            before = front < left or (front == left and j < i)
            if j != i and before and left - rear < m.rows[i].gap:
                m.rows[i].gap, m.rows[i].lead = left - rear, j
                m.rows[i].lead_speed = m.rows[j].speed
            node = m.nodes[node].next
        if w.foes[k].yields or w.lanes[way].zips != LIKE_A_ZIP:
            continue
        node = m.coming[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            waits = m.rows[j].way == w.foes[k].way and m.rows[j].granted != m.rows[j].line
            waits = waits and m.rows[j].to_line < STANDS_M and m.rows[j].speed < SLOW_MPS
            gap = left - (m.nodes[node].m + length + w.drivers[j].length)
            if waits and LEAST_GAP_M < gap < m.rows[i].soft_gap:
                m.rows[i].soft, m.rows[i].soft_gap = j, gap
                long = m.rows[j].since >= 0.0 and time - m.rows[j].since > COURTESY_S
                if long and _stops(w, d, m, i, gap):
                    m.rows[i].soft_brake = SAFE_MPS2
            node = m.nodes[node].next


@kernel
def _spares(w, d, m, i, j, gap, way):
    """Whether vehicle i can follow j at a gap without braking hard."""
    v, v_lead = m.rows[i].speed, m.rows[j].speed
    if gap <= LEAST_GAP_M:
        return False
    if v <= v_lead + 0.3:
        return True
    a, b = min(w.drivers[i].accel, d.grip), brakes_mps2(w, d, i)
    hold, stand = hold_s(w, d, i), w.drivers[i].min_gap
    accel = idm_mps2(v, lane_speed(w, d, i, way), gap, v_lead, a, b, hold, stand)
    return accel > -min(SAFE_MPS2, 0.35 * d.grip)


@kernel
def _fits(w, d, m, i, left, j, front, way):
    """Whether vehicle i fits into the zip before or behind vehicle j, which it may not see."""
    x, y = m.rows[j].x - m.rows[i].x, m.rows[j].y - m.rows[i].y
    if x * x + y * y > d.sight * d.sight:
        return True
    if front < left:
        return _spares(w, d, m, i, j, left - front - w.drivers[j].length, way)
    return _spares(w, d, m, j, i, front - left - w.drivers[i].length, way)


@kernel
def in_the_way(w, d, m, i):
    """Row of somebody with priority for whom vehicle i must not merge now, -1 nobody."""
    way, left = way_of(w, m, i)
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        if not w.foes[k].yields:
            continue
        length = w.lanes[w.foes[k].way].length
        node = m.holders[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            front = length - m.nodes[node].m - w.drivers[j].length
            if j != i and not _fits(w, d, m, i, left, j, front, way):
                return j
            node = m.nodes[node].next
        node = m.coming[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            if j != i and not _fits(w, d, m, i, left, j, m.nodes[node].m + length, way):
                return j
            node = m.nodes[node].next
    return -1
