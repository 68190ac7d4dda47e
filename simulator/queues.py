"""Who is on which lane: one queue a lane, in order of the rear bumpers, kept from step to step.

The queues follow from the poses alone, so that a state taken up again gives the same ones. Kernels
of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

from simulator.motion import FAR, kernel, lane_at, last_leg

LOOK_M = 250.0
"""How far ahead a driver minds another vehicle: the stopping distance from 30 m/s on snow."""


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
def survey(w, m):
    """List who moves on the map, and bring the queues in order."""
    count = 0
    for i in range(len(m.rows)):
        if m.rows[i].active and w.drivers[i].route >= 0:
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


@kernel
def _beyond(w, m, n, front):
    """The first of a queue, from n on, whose front is beyond a position on the queue's lane."""
    while n >= 0 and m.links[n].s + w.drivers[n].length <= front:
        n = m.links[n].fore
    return n


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
        for k in range(w.lanes[lane].sibling, w.lanes[lane].sibling_end):
            # It has turned off, but its tail still stands in the mouth of our lane.
            other = w.siblings[k].lane
            n = _beyond(w, m, m.last[other], -offset)
            if n >= 0 and m.links[n].s < w.siblings[k].shared and offset + m.links[n].s < gap:
                gap, lead = offset + m.links[n].s, n
    m.rows[i].gap, m.rows[i].lead = gap, lead
    m.rows[i].lead_speed = m.rows[lead].speed if lead >= 0 else 0.0
