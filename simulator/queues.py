"""Who is on which lane: one queue a lane, in order of the rear bumpers, kept from step to step.

The queues follow from the poses alone, so that a state taken up again gives the same ones. Kernels
of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.motion import FAR, beside, kernel, lane_at, last_leg

LOOK_M = 250.0
"""How far ahead a driver minds another vehicle: the stopping distance from 30 m/s on snow."""

CLEAR_SHARE = 0.7
"""With this much of a lane change done the body is clear of the lane that it leaves."""

LETS_IN_MPS2 = 1.0
"""No harder than this for somebody who waits to get into the lane."""

SOFT_MPS, SOFT_M = 4.0, 40.0
"""Who is slower than this, and nearer than this to the end of its lane, is let in by others."""


@kernel
def _ahead(m, a, b):
    """Whether a stands before b in the order of a queue."""
    if m.links[a].s == m.links[b].s:
        return a < b
    return m.links[a].s > m.links[b].s


@kernel
def unlink(m, i):
    """Take vehicle i out of its queue."""
    lane, fore, aft = m.links[i].lane, m.links[i].fore, m.links[i].aft
    if lane < 0:
        return
    if fore >= 0:
        m.links[fore].aft = aft
    if aft >= 0:
        m.links[aft].fore = fore
    else:
        m.last[lane] = fore
    m.links[i].lane = -1


@kernel
def link(m, i, lane, s):
    """Put vehicle i into the queue of a lane, with its rear at s."""
    m.links[i].lane, m.links[i].s = lane, s
    aft, fore = -1, m.last[lane]
    while fore >= 0 and not _ahead(m, fore, i):
        aft, fore = fore, m.links[fore].fore
    m.links[i].fore, m.links[i].aft = fore, aft
    if fore >= 0:
        m.links[fore].aft = i
    if aft >= 0:
        m.links[aft].fore = i
    else:
        m.last[lane] = i


@kernel
def follow(w, m, i):
    """Note the lane and position of the rear of vehicle i in its queue."""
    leg, s = m.rows[i].leg, m.rows[i].s - w.drivers[i].length
    while s < 0.0 and leg > 0:
        leg -= 1
        s += w.lanes[lane_at(w, m, i, leg)].length
    m.rows[i].tail_leg = leg
    lane = lane_at(w, m, i, leg)
    if lane != m.links[i].lane:
        unlink(m, i)
        link(m, i, lane, s)
    else:
        m.links[i].s = s


@kernel
def _off_the_road(w, m, i):
    """Whether vehicle i stands where it ran into something, clear of its lane: it is in nobody's
    way.
    """
    if m.rows[i].struck == 0:
        return False
    yaw = abs(m.rows[i].yaw)
    half = 0.5 * (w.drivers[i].body * math.sin(yaw) + w.drivers[i].width * math.cos(yaw))
    return abs(m.rows[i].drift) - half > 0.5 * w.lanes[lane_at(w, m, i, m.rows[i].leg)].width


@kernel
def survey(w, m):
    """List who moves on the map, and bring the queues in order."""
    count = 0
    for i in range(len(m.rows)):
        if m.rows[i].active and w.drivers[i].route >= 0 and not _off_the_road(w, m, i):
            m.movers[count] = i
            count += 1
            follow(w, m, i)
        elif m.links[i].lane >= 0:
            unlink(m, i)
    m.movers[count] = -1
    amiss = True
    while amiss:  # hardly ever more than once: nobody overtakes within a lane
        amiss = False
        for i in m.movers:
            if i < 0:
                break
            fore = m.links[i].fore
            if fore >= 0 and not _ahead(m, fore, i):
                lane, s = m.links[i].lane, m.links[i].s
                unlink(m, i)
                link(m, i, lane, s)
                amiss = True
    _cast_ghosts(w, m)


@kernel
def _cast_ghosts(w, m):
    """Note who is leaving which lane, and who waits to get into which."""
    for lane in range(len(m.last)):
        m.ghosts[lane], m.softs[lane] = -1, -1
    for i in m.movers:
        if i < 0:
            break
        own = m.links[i].lane
        if m.rows[i].shift_done < 1.0:
            lane = w.lanes[own].right if m.rows[i].shift < 0.0 else w.lanes[own].left
            if lane >= 0:
                m.rows[i].ghost_s = beside(w, own, m.links[i].s, lane)
                m.rows[i].ghost_next, m.ghosts[lane] = m.ghosts[lane], i
            continue
        must = w.legs[w.routes[m.rows[i].route] + m.rows[i].leg].must
        if must == 0 or m.rows[i].tail_leg != m.rows[i].leg or m.rows[i].speed > SOFT_MPS:
            continue
        lane = w.lanes[own].left if must > 0 else w.lanes[own].right
        if lane >= 0 and w.lanes[own].length - m.rows[i].s < SOFT_M:
            m.rows[i].soft_s = beside(w, own, m.links[i].s, lane)
            m.rows[i].soft_next, m.softs[lane] = m.softs[lane], i


@kernel
def ghost_near(w, m, i, lane):
    """Whether somebody who is leaving a lane is still beside, or close to, vehicle i."""
    j = m.ghosts[lane]
    while j >= 0:
        apart = m.rows[j].ghost_s - m.links[i].s
        if j != i and -w.drivers[j].length - 10.0 < apart < w.drivers[i].length + 10.0:
            return True
        j = m.rows[j].ghost_next
    return False


@kernel
def _beyond(w, m, n, front):
    """The first of a queue, from n on, whose front is beyond a position on the queue's lane."""
    while n >= 0 and m.links[n].s + w.drivers[n].length <= front:
        n = m.links[n].fore
    return n


@kernel
def _ghost_ahead(w, m, i, lane, offset, gap, lead):
    """The nearer of a leader and of those ahead who are just leaving a lane."""
    j = m.ghosts[lane]
    while j >= 0:
        rear = offset + m.rows[j].ghost_s
        if j != i and rear + w.drivers[j].length > 0.0 and rear < gap:
            gap, lead = rear, j
        j = m.rows[j].ghost_next
    return gap, lead


@kernel
def _mouth_ahead(w, m, lane, offset, gap, lead):
    """The nearer of a leader and of who has turned off, but whose tail still stands in the mouth of
    a lane that begins at an offset from the own front.
    """
    for k in range(w.lanes[lane].sibling, w.lanes[lane].sibling_end):
        n = _beyond(w, m, m.last[w.siblings[k].lane], -offset)
        if n >= 0 and m.links[n].s < w.siblings[k].shared and offset + m.links[n].s < gap:
            gap, lead = offset + m.links[n].s, n
    return gap, lead


@kernel
def _left_behind(w, m, i, gap, lead):
    """The nearer of a leader and of who is ahead in the lane that vehicle i is just leaving."""
    own = m.links[i].lane
    lane = w.lanes[own].right if m.rows[i].shift < 0.0 else w.lanes[own].left
    if lane < 0:
        return gap, lead
    rear = beside(w, own, m.links[i].s, lane)
    front = rear + w.drivers[i].length
    n = _beyond(w, m, m.last[lane], front)
    if n >= 0 and m.links[n].s - front < gap:
        return m.links[n].s - front, n
    return gap, lead


@kernel
def leader(w, m, i):
    """Note gap, speed and row of the nearest vehicle ahead on the route; FAR, 0, -1: none."""
    gap, lead = FAR, -1
    front = m.links[i].s + w.drivers[i].length
    n = _beyond(w, m, m.links[i].fore, front)
    if n >= 0:
        gap, lead = m.links[n].s - front, n
    leg, last = m.rows[i].tail_leg, last_leg(w, m, i)
    lane = m.links[i].lane
    gap, lead = _mouth_ahead(w, m, lane, -front, gap, lead)
    gap, lead = _ghost_ahead(w, m, i, lane, -front, gap, lead)
    m.rows[i].soft, m.rows[i].soft_gap, m.rows[i].soft_brake = -1, FAR, LETS_IN_MPS2
    j = m.softs[lane]
    while j >= 0:
        if 0.0 < m.rows[j].soft_s - front < m.rows[i].soft_gap:
            m.rows[i].soft, m.rows[i].soft_gap = j, m.rows[j].soft_s - front
        j = m.rows[j].soft_next
    offset = -front  # of the beginning of a leg, from the own front
    while lead < 0 and leg < last:
        offset += w.lanes[lane].length
        if offset > LOOK_M:
            break
        leg += 1
        lane = lane_at(w, m, i, leg)
        n = _beyond(w, m, m.last[lane], -offset)
        if n >= 0:
            gap, lead = offset + m.links[n].s, n
        gap, lead = _mouth_ahead(w, m, lane, offset, gap, lead)
        gap, lead = _ghost_ahead(w, m, i, lane, offset, gap, lead)
    if m.rows[i].shift_done < CLEAR_SHARE:
        gap, lead = _left_behind(w, m, i, gap, lead)
    m.rows[i].gap, m.rows[i].lead = gap, lead
    m.rows[i].lead_speed = m.rows[lead].speed if lead >= 0 else 0.0
