"""Merging like a zip: where a lane ends by rule of the road alone, both lanes become one queue.

They share the way but do not strictly take turns: of two full lanes the one that goes on gets about
1.5 times as many through.

On ways that zip nobody waits for the whole way to be clear. Each driver there follows the rear of
the next one before it, of either lane, counted from where the lanes are one. Who yields goes on
into a gap that is safe for itself and for the one behind; to who stands at the end of its lane the
next driver of the other lane leaves room.

In circles this holds for ways that cross as well: who leaves an inner ring, and who passes its exit
on the outer one, go in the order in which they come. Kernels of the loop; see ``motion.py`` for
what they share.
"""

from __future__ import annotations

from simulator.following import brakes_mps2, hold_s, idm_mps2, lane_speed
from simulator.gap import IN_CIRCLE, covers_s, goes_through, waits_long
from simulator.motion import SEES_ALL_M, kernel, last_leg
from simulator.priority import FOLLOWS

SAFE_MPS2 = 2.5
"""Braking that a merge may ask of who follows, m/s2."""

LEAST_GAP_M = 1.0
"""Least gap that a driver merges into."""

STANDS_M = 5.0
"""Who is slow and this near to its line is let in."""

SLOW_MPS = 4.0

STARTS_MPS = 1.0
"""Who has been let in and is slower than this is about to accelerate."""

LIKE_A_ZIP = 2
"""Of a way: no paint says who goes first. In a circle, 1, all follow each other alike, but who
comes in waits for a gap."""

COURTESY_S = 5.0
"""Whoever has stood for so long at its line is let in by the next driver who can brake for it."""


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
def _way_legs(w, m, i):
    """(first, last + 1) of the legs of vehicle i that it is on, or that its next line leads to."""
    after = max(m.rows[i].leg, m.rows[i].line_leg) + 2
    return m.rows[i].tail_leg, min(after, last_leg(w, m, i) + 1)


@kernel
def _opens_m(w, d, m, i, k, to_way, j, rear):
    """Gap from vehicle i to j, which drives ahead, once i is where their ways come together, m.

    Its way begins ``to_way`` ahead of i; ``rear`` is how far j is from having left the other.
    """
    to_near = max(to_way + w.foes[k].near, 0.0)
    a, top = min(w.drivers[i].accel, d.grip), lane_speed(w, d, i, w.foes[k].own)
    gone = m.rows[j].speed * covers_s(m.rows[i].speed, a, top, to_near)
    return to_way + w.foes[k].at - to_near - rear + gone


@kernel
def follow_zip(w, d, m, i, time):
    """Follow who is next before vehicle i in the zip; leave room to who waits at its line."""
    base = w.routes[m.rows[i].route]
    front = w.legs[base + m.rows[i].leg].start + m.rows[i].s
    first, end = _way_legs(w, m, i)
    for leg in range(first, end):
        way = w.legs[base + leg].lane
        if w.lanes[way].zips > 0:
            _follow_on(w, d, m, i, way, w.legs[base + leg].start - front, time)


@kernel
def _follow_on(w, d, m, i, way, to_way, time):
    """The same on one way, which begins so far ahead."""
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        if w.foes[k].how != FOLLOWS or not (w.foes[k].gives or _holds(m, i, way)):
            continue
        left = to_way + w.foes[k].at
        node = m.holders[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            rear = w.foes[k].meets - m.nodes[node].m
            front = w.foes[k].way_at - m.nodes[node].m - w.drivers[j].length
            before = front < left or (front == left and j < i)
            if j == i or rear <= 0.0 or not before:
                pass
            elif w.lanes[way].zips == IN_CIRCLE:
                _ease(w, d, m, i, k, to_way, j, rear)
            elif left - rear < m.rows[i].gap:
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
            gap = left - (m.nodes[node].m + w.foes[k].meets + w.drivers[j].length)
            if waits and LEAST_GAP_M < gap < m.rows[i].soft_gap:
                m.rows[i].soft, m.rows[i].soft_gap = j, gap
                long = m.rows[j].since >= 0.0 and time - m.rows[j].since > COURTESY_S
                if long and _stops(w, d, m, i, gap):
                    m.rows[i].soft_brake = SAFE_MPS2
            node = m.nodes[node].next


@kernel
def brakes_for_mps2(w, d, m, i, j, gap):
    """Braking with which vehicle i does not come nearer than a gap to j, which drives off, m/s2.

    The constant-acceleration heuristic of Kesting, Treiber and Helbing (2010).
    """
    off = m.rows[j].accel
    if m.rows[j].speed < STARTS_MPS:
        off = max(off, min(w.drivers[j].accel, d.grip))
    over = max(m.rows[i].speed - m.rows[j].speed, 0.0)
    return over * over / (2.0 * max(gap, 0.01)) - min(off, w.drivers[i].accel)


@kernel
def _ease(w, d, m, i, k, to_way, j, rear):
    """Follow vehicle j, which goes first at foe k: no harder than it takes, and some comfort.

    Before their ways come together nothing needs a gap that opens until then.
    """
    gap, near = to_way + w.foes[k].at - rear, to_way + w.foes[k].near
    if near > 0.0 and not w.foes[k].gives:
        if _opens_m(w, d, m, i, k, to_way, j, rear) >= LEAST_GAP_M:
            return
        gap = max(gap, near)
    if gap < m.rows[i].soft_gap:
        m.rows[i].soft, m.rows[i].soft_gap = j, gap
        m.rows[i].soft_brake = max(brakes_for_mps2(w, d, m, i, j, gap), 0.0) + brakes_mps2(w, d, i)


@kernel
def _spares(w, d, m, i, j, gap, way):
    """Whether vehicle i can follow j at a gap without braking hard."""
    v, v_lead = m.rows[i].speed, m.rows[j].speed
    if gap <= LEAST_GAP_M:
        return False
    if v <= v_lead + 0.3:
        return True
    if w.lanes[way].zips == IN_CIRCLE:
        return brakes_for_mps2(w, d, m, i, j, gap - LEAST_GAP_M) < min(SAFE_MPS2, 0.35 * d.grip)
    a, b = min(w.drivers[i].accel, d.grip), brakes_mps2(w, d, i)
    hold, stand = hold_s(w, d, i), w.drivers[i].min_gap
    accel = idm_mps2(v, lane_speed(w, d, i, way), gap, v_lead, a, b, hold, stand)
    return accel > -min(SAFE_MPS2, 0.35 * d.grip)


@kernel
def _fits(w, d, m, i, k, to_way, j, front):
    """Whether vehicle i fits before or behind vehicle j, which it may not see, at foe k.

    Its way begins ``to_way`` ahead of it, and the front of j is ``front`` along the other.
    """
    x, y = m.rows[j].x - m.rows[i].x, m.rows[j].y - m.rows[i].y
    if d.sight < SEES_ALL_M and x * x + y * y > d.sight * d.sight:
        return True
    own, way = to_way + w.foes[k].at, w.foes[k].way_at - front
    if way < own:
        rear = w.foes[k].meets - front + w.drivers[j].length
        if w.lanes[w.foes[k].own].zips == IN_CIRCLE:
            return (
                _opens_m(w, d, m, i, k, to_way, j, rear) >= w.drivers[i].min_gap * d.headway_factor
            )
        return _spares(w, d, m, i, j, own - rear, w.foes[k].own)
    rear = to_way + w.foes[k].clear + w.drivers[i].length
    return _spares(w, d, m, j, i, way - rear, w.foes[k].own)


@kernel
def in_the_way(w, d, m, i, time):
    """Row of somebody with priority for whom vehicle i must not merge now, -1 nobody.

    Who lets it in, because it has waited for long, is not waited for.
    """
    way = m.rows[i].way
    base = w.routes[m.rows[i].route]
    to_way = w.legs[base + m.rows[i].line_leg + 1].start
    to_way -= w.legs[base + m.rows[i].leg].start + m.rows[i].s
    let_in = w.lanes[way].zips == IN_CIRCLE and waits_long(w, m, i, time)
    for k in range(w.lanes[way].foe, w.lanes[way].foe_end):
        if w.foes[k].gives or w.foes[k].how != FOLLOWS:
            continue
        node = m.holders[w.foes[k].way]
        while node >= 0:
            j = m.nodes[node].who
            front = m.nodes[node].m + w.drivers[j].length
            passed = m.nodes[node].m >= w.foes[k].meets
            if j != i and not passed and not _fits(w, d, m, i, k, to_way, j, front):
                return j
            node = m.nodes[node].next
        node = m.coming[w.foes[k].way] if w.foes[k].yields else -1
        while node >= 0:
            j = m.nodes[node].who
            stops = let_in and not goes_through(m, j, w.foes[k].way)
            if j != i and not stops and not _fits(w, d, m, i, k, to_way, j, -m.nodes[node].m):
                return j
            node = m.nodes[node].next
    return -1
