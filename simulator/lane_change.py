"""Changing lanes: whether it pays and is safe (MOBIL), whether it must be, and how the body moves.

A driver changes to a neighbour lane on which another route of the scene goes on to the same roads.
It is in the queue of its new lane from the beginning of the change, and its ghost is in the old one
until the end, so that both lanes' followers mind it. Who must leave a lane that ends casts a soft
ghost ahead into the neighbour lane: somebody there lets it in. Kernels of the loop; see
``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.following import brakes_mps2, hold_s, idm_mps2, lane_speed
from simulator.motion import FAR, beside, kernel, lane_at
from simulator.queues import CLEAR_SHARE, follow, ghost_near, leader, link, unlink

THRESHOLD_MPS2, SAFE_MPS2 = 0.15, 3.0
"""MOBIL (Kesting, Treiber, Helbing 2007): 0.1-0.2, 2-4 m/s2; politeness is the driver's."""

BIAS_MPS2 = 0.25
"""What the slow lane is worth where drivers go back to it: 0.2-0.3 m/s2 (the same authors; Treiber
and Kesting 2013, 14.4): more than the threshold, so that who has overtaken goes back."""

QUEUE_SHARE = 0.5
"""Whoever is slower than this share of the limit is in a queue, where every lane is as good."""

CRAWL_GAP_M = 1.0
"""Least gap that a driver slips into."""

EVERY_STEPS = 10
"""A driver thinks about its lane once in so many steps; not all in the same."""

STEEPEST = 0.2
"""Largest slope of the path of a change against the lane, for who drives slowly."""

BEFORE_END_M = 20.0
"""No free change ends nearer than this to a stop line or to the end of the lane."""

AFTER_BEGIN_M = 15.0
"""None begins with the rear nearer than this to the beginning of the lane: the longest front that
may reach into it from the lane before."""

END_STAND_M = 18.0
"""Who must change stops this far before the end of its lane: it needs the way to get over."""


@kernel
def lasts_s(w, i):
    """How long driver i takes for a change, s: 3 to 5."""
    return min(max(2.2 + 1.2 * w.drivers[i].headway, 3.0), 5.0)


@kernel
def _rate(w, i, v, shift):
    """Share of a change that is done in a second at a speed, 1/s."""
    return min(1.0 / lasts_s(w, i), v * STEEPEST / (1.875 * max(abs(shift), 0.1)))


@kernel
def shift_on(w, m, i):
    """Move the body on towards the middle of its new lane; it arrives before the lane ends."""
    if m.rows[i].shift_done >= 1.0:
        return
    v, done = m.rows[i].speed, m.rows[i].shift_done
    rate = _rate(w, i, v, m.rows[i].shift)
    left = w.lanes[lane_at(w, m, i, m.rows[i].leg)].length - m.rows[i].s
    rate = max(rate, (1.0 - done) * v / max(left, 0.1))
    m.rows[i].shift_done = min(done + rate * w.step_s, 1.0)
    if m.rows[i].shift_done >= 1.0 - 1e-9:
        m.rows[i].shift, m.rows[i].shift_done = 0.0, 1.0


@kernel
def must(w, m, i):
    """The side that vehicle i must change to because its lane ends: 1 left, -1 right, 0 none."""
    return w.legs[w.routes[m.rows[i].route] + m.rows[i].leg].must


@kernel
def end_mps2(w, d, m, i):
    """Acceleration that the end of the lane ahead allows, m/s2; FAR where it goes on."""
    if must(w, m, i) == 0:
        return FAR
    left = w.lanes[lane_at(w, m, i, m.rows[i].leg)].length - m.rows[i].s
    b = brakes_mps2(w, d, i)
    v0 = lane_speed(w, d, i, lane_at(w, m, i, m.rows[i].leg))
    return idm_mps2(
        m.rows[i].speed, v0, left, 0.0, min(w.drivers[i].accel, d.grip), b, 0.5, END_STAND_M
    )


@kernel
def _behind_mps2(w, d, m, i, gap, v_lead):
    """Acceleration of vehicle i at a gap to somebody ahead, m/s2."""
    v0 = lane_speed(w, d, i, m.links[i].lane)
    a, b = min(w.drivers[i].accel, d.grip), brakes_mps2(w, d, i)
    hold = hold_s(w, d, i)
    if gap <= 0.0:
        return -FAR
    return idm_mps2(m.rows[i].speed, v0, gap, v_lead, a, b, hold, w.drivers[i].min_gap)


@kernel
def _gap_m(w, m, i, j):
    """Gap from the front of vehicle i to the rear of vehicle j in the same queue."""
    return m.links[j].s - m.links[i].s - w.drivers[i].length


@kernel
def _is_safe(d, accel, gap, v, v_lead):
    """MOBIL's safety, and a body's length of sense: in a crawl a short gap is no danger."""
    if gap <= 0.0:
        return False
    return accel > -min(SAFE_MPS2, 0.35 * d.grip) or (gap > CRAWL_GAP_M and v <= v_lead + 0.3)


@kernel
def _seen(d, gap):
    return FAR if gap > d.sight else gap


@kernel
def _may_leave(w, m, i):
    """Whether vehicle i is where changes are made, and not busy with another one."""
    lane, v = lane_at(w, m, i, m.rows[i].leg), m.rows[i].speed
    if m.rows[i].shift_done < 1.0 or m.rows[i].tail_leg != m.rows[i].leg or w.drivers[i].keeps:
        return False
    if w.lanes[lane].turn > 0 or m.links[i].s < 0.0:
        return False
    if must(w, m, i) != 0:
        return True
    left = min(m.rows[i].to_line, w.lanes[lane].length - m.rows[i].s)
    for z in range(w.zone_of[lane], w.zone_of[lane + 1]):  # nobody changes before people
        if w.zones[z].end > m.links[i].s:
            left = min(left, w.zones[z].begin - m.rows[i].s)
    return v > 3.0 and m.links[i].s > AFTER_BEGIN_M and left > v * lasts_s(w, i) + BEFORE_END_M


@kernel
def _move_over(w, m, i, route, leg):
    """Put vehicle i on another route, its body beside where it was."""
    old, middle = lane_at(w, m, i, m.rows[i].leg), 0.5 * w.drivers[i].body
    m.rows[i].route, m.rows[i].leg = route, leg
    new = lane_at(w, m, i, leg)
    s = beside(w, old, m.rows[i].s - middle, new) + middle
    m.rows[i].s = min(max(s, 0.0), w.lanes[new].length)
    follow(w, m, i)
    leader(w, m, i)


@kernel
def _gain(w, d, m, i, side):
    """What MOBIL gives for a change to one side, m/s2, -FAR where it is not safe.

    Vehicle i is put into the other queue for the comparison, and taken back.
    """
    base = w.routes[m.rows[i].route] + m.rows[i].leg
    route, leg = w.legs[base].left_route, w.legs[base].left_leg
    if side < 0:
        route, leg = w.legs[base].right_route, w.legs[base].right_leg
    if route < 0 or w.lanes[w.legs[w.routes[route] + leg].lane].length < 20.0:
        return -FAR
    old_route, old_leg, old_s = m.rows[i].route, m.rows[i].leg, m.rows[i].s
    lane, s = m.links[i].lane, m.links[i].s
    gap, lead, v_lead = m.rows[i].gap, m.rows[i].lead, m.rows[i].lead_speed
    closing = m.rows[i].speed - v_lead
    if (
        lead >= 0
        and gap
        < max(closing, 0.0)
        * CLEAR_SHARE
        / _rate(w, i, max(m.rows[i].speed, 0.3), w.lanes[lane].width)
        + w.drivers[i].min_gap
    ):
        return -FAR  # it would touch the one that it leaves behind
    before = _behind_mps2(w, d, m, i, _seen(d, gap), v_lead)
    before = min(before, end_mps2(w, d, m, i))
    old = m.links[i].aft
    old_gain = 0.0
    if old >= 0:
        now = _behind_mps2(w, d, m, old, _gap_m(w, m, old, i), m.rows[i].speed)
        freed = FAR
        if lead >= 0 and m.links[lead].lane == lane:
            freed = _gap_m(w, m, old, lead)
        old_gain = _behind_mps2(w, d, m, old, freed, v_lead) - now
    _move_over(w, m, i, route, leg)
    new, fore, target = m.links[i].aft, m.links[i].fore, m.links[i].lane
    after = _behind_mps2(w, d, m, i, _seen(d, m.rows[i].gap), m.rows[i].lead_speed)
    after = min(after, end_mps2(w, d, m, i))
    v, v_lead_then = m.rows[i].speed, m.rows[i].lead_speed
    ok = _is_safe(d, after, m.rows[i].gap, v, v_lead_then)
    ok = ok and (fore < 0 or _gap_m(w, m, i, fore) > CRAWL_GAP_M)
    ok = ok and not ghost_near(w, m, i, target)
    if new < 0:  # somebody may be about to come in from the lane before
        top, b = w.lanes[target].limit, min(SAFE_MPS2, 0.35 * d.grip)
        ok = ok and m.links[i].s > AFTER_BEGIN_M + top + max(top * top - v * v, 0.0) / (2.0 * b)
    new_gain = 0.0
    if new >= 0:
        gap_behind = _gap_m(w, m, new, i)
        then = _behind_mps2(w, d, m, new, gap_behind, m.rows[i].speed)
        now = _behind_mps2(w, d, m, new, _seen(d, m.rows[new].gap), m.rows[new].lead_speed)
        ok = ok and _is_safe(d, then, gap_behind, m.rows[new].speed, v)
        new_gain = then - now
    unlink(m, i)
    m.rows[i].route, m.rows[i].leg, m.rows[i].s = old_route, old_leg, old_s
    m.rows[i].tail_leg = old_leg
    link(m, i, lane, s)
    m.rows[i].gap, m.rows[i].lead, m.rows[i].lead_speed = gap, lead, v_lead
    if not ok:
        return -FAR
    return after - before + w.manners[i].polite * (new_gain + old_gain)


@kernel
def consider(w, d, m, i, k):
    """Begin a change if it is time to think of one, and one pays or must be."""
    if (k + i) % EVERY_STEPS != 0 or not _may_leave(w, m, i):
        return
    need = must(w, m, i)
    free = QUEUE_SHARE * w.lanes[lane_at(w, m, i, m.rows[i].leg)].limit
    side, gain = 1, -FAR
    for each in (1, -1):  # one call is compiled once
        if need * each >= 0:
            own = _gain(w, d, m, i, each)
            if need == 0 and m.rows[i].speed > free:
                own += BIAS_MPS2 * each * w.slow_side
            if own > gain:
                side, gain = each, own
    if gain <= -0.5 * FAR or (need == 0 and gain <= THRESHOLD_MPS2):
        return
    base = w.routes[m.rows[i].route] + m.rows[i].leg
    route, leg = w.legs[base].left_route, w.legs[base].left_leg
    if side < 0:
        route, leg = w.legs[base].right_route, w.legs[base].right_leg
    old = lane_at(w, m, i, m.rows[i].leg)
    _move_over(w, m, i, route, leg)
    new = lane_at(w, m, i, leg)
    m.rows[i].shift = -side * 0.5 * (w.lanes[old].width + w.lanes[new].width)
    m.rows[i].shift_done, m.rows[i].granted = 0.0, -1


@kernel
def aside(m, i):
    """Offset of the body to the left of its path during a change, m."""
    done = m.rows[i].shift_done
    return m.rows[i].shift * (1.0 - done**3 * (10.0 - 15.0 * done + 6.0 * done * done))


@kernel
def slope_rad(w, m, i):
    """Angle between the body and its lane while it changes."""
    done = m.rows[i].shift_done
    if done >= 1.0:
        return 0.0
    v, shift = max(m.rows[i].speed, 0.5), m.rows[i].shift
    over = -shift * 30.0 * done * done * (1.0 - done) * (1.0 - done)
    return math.atan2(over * _rate(w, i, v, shift), v)
