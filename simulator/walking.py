"""People on foot, and drivers who let them cross.

Who waits at a kerb, or is about to get there, and may walk claims the crosswalk; so does everybody
on it. A driver who can stop in comfort stops for a claim, and one that is on the crosswalk is
stopped for however hard it is, until it has left the driver's lane behind. A person steps off the
kerb when nobody is on the crosswalk and nobody comes who could not stop with ease. Kernels of the
loop; see ``motion.py`` for what they share; ``p`` is a row of ``q.walkers``.
"""

from __future__ import annotations

import math

from simulator import reasons
from simulator.following import signal_brake_mps2
from simulator.motion import FAR, kernel, last_leg, point_along
from simulator.network import Control
from simulator.signals import Aspect

STOP = int(Control.STOP)
OFF, GREEN = int(Aspect.OFF), int(Aspect.GREEN)
ABOUT_M = 2.5
"""Who is so near to the kerb is about to step off it."""

CLEAR_M = 0.5
"""So far beyond the edge of a lane one has left it: half a body, and some air."""

EASE, EASE_S = 0.7, 0.8
"""A person trusts a driver to stop who needs no more than this share of the braking that yellow
times are laid out for, after this time."""

STARTS_MPS2 = 2.0
"""How fast people get going (the relaxation time of the social force model is half a second)."""

BRISK, HURRY, MOST_MPS = 1.08, 1.3, 2.2
"""On a crosswalk people walk faster (1.4-1.5 m/s), and hurry once its light says so."""

EYES_M = 0.35
"""Poses are taken over so much of the path, which rounds its corners."""


@kernel
def _lets_walk(m, q, zebra):
    """Whether the light of a crosswalk lets people step on it; True where none is lit."""
    group = q.zebras[zebra].group
    if group < 0 or group >= len(m.aspects) or m.aspects[group] == OFF:
        return True
    return m.aspects[group] == GREEN


@kernel
def claim(m, q):
    """List who claims which crosswalk."""
    for c in range(len(q.claims)):
        q.claims[c].first, q.claims[c].danger = -1, -1
    for p in range(len(q.walkers)):
        i = q.walkers[p].row
        k = q.walkers[p].cross + m.rows[i].leg
        if not m.rows[i].active or k >= q.walkers[p].cross_end:
            continue
        c, s = q.crossings[k].zebra, m.rows[i].s
        on = m.rows[i].granted == c
        if not on and (q.crossings[k].begin - s > ABOUT_M or not _lets_walk(m, q, c)):
            continue
        u = s - q.crossings[k].begin
        if q.crossings[k].back:
            u = q.crossings[k].end - s
        q.steps[p].on, q.steps[p].u, q.steps[p].next = on, u, q.claims[c].first
        q.claims[c].first = p


@kernel
def _claimant(w, d, m, q, i, z, to):
    """Row of somebody for whom vehicle i must stop before zone z, -1 nobody."""
    v = m.rows[i].speed
    stops = to > 0.3 * v + v * v / (2.0 * signal_brake_mps2(w, d, i))
    aside = abs(m.rows[i].shift) if m.rows[i].shift_done < 1.0 else 0.0
    low, high = w.zones[z].low - CLEAR_M - aside, w.zones[z].high + CLEAR_M + aside
    p = q.claims[w.zones[z].zebra].first
    while p >= 0:
        k = q.walkers[p].cross + m.rows[q.walkers[p].row].leg
        gone = q.steps[p].u < low if q.crossings[k].back else q.steps[p].u > high
        if not gone and (q.steps[p].on or stops):
            return q.walkers[p].row
        p = q.steps[p].next
    return -1


@kernel
def look_out(w, d, m, q, i):
    """Note how far vehicle i is from a crosswalk that it must not enter, and for whom; and tell
    those who wait there whether it is in the way.
    """
    m.yields[i].gap, m.yields[i].whom = FAR, -1
    base, v, last = w.routes[m.rows[i].route], m.rows[i].speed, last_leg(w, m, i)
    front = w.legs[base + m.rows[i].leg].start + m.rows[i].s
    ease = EASE_S * v + v * v / (2.0 * EASE * d.signal_brake)
    leg = w.legs[base + m.rows[i].tail_leg].zone_leg
    while leg >= 0 and w.legs[base + leg].start - front < ease + 10.0:
        lane, start = w.legs[base + leg].lane, w.legs[base + leg].start
        for z in range(w.zone_of[lane], w.zone_of[lane + 1]):
            c, to = w.zones[z].zebra, start + w.zones[z].begin - front
            if q.claims[c].first < 0:
                continue
            beyond = front - w.drivers[i].length - start - w.zones[z].end
            if beyond < 0.0 and to < ease:
                q.claims[c].danger = i
            if 0.0 < to < m.yields[i].gap and to <= d.sight:
                whom = _claimant(w, d, m, q, i, z, to)
                if whom >= 0:
                    m.yields[i].gap, m.yields[i].whom = to, whom
        leg = w.legs[base + leg + 1].zone_leg if leg < last else -1


@kernel
def waits_for_people(w, m, i):
    """Whether vehicle i had better not pass its line because of somebody on a crosswalk.

    One just behind the line counts everywhere; one where the vehicle leaves the junction only
    where it would come from a stand: turning traffic at a signal goes up to it.
    """
    if m.yields[i].whom < 0 or m.yields[i].gap < m.rows[i].to_line:
        return False
    reach = 6.0
    if w.lines[m.rows[i].line].control == STOP and m.rows[i].way >= 0:
        reach += w.lanes[m.rows[i].way].length
    return m.yields[i].gap < m.rows[i].to_line + reach


@kernel
def begin_walks(m, q):
    """Put everybody where the walk begins."""
    for p in range(len(q.walkers)):
        i = q.walkers[p].row
        m.rows[i].s, m.rows[i].leg = q.walkers[p].start, 0
        m.rows[i].active = q.walkers[p].enter <= 1e-9
        for k in range(q.walkers[p].cross, q.walkers[p].cross_end):
            if q.crossings[k].end <= m.rows[i].s:
                m.rows[i].leg += 1
        m.rows[i].speed = q.walkers[p].speed if m.rows[i].active else 0.0
        _stand_there(m, q, p)


@kernel
def intend(w, d, m, q, p):
    """Note the speed that a person wants in this step, and why; who steps off is noted as such."""
    i = q.walkers[p].row
    if not m.rows[i].active:
        return
    speed = q.walkers[p].speed * d.walk_factor
    m.rows[i].wanted, m.rows[i].why, m.rows[i].whom = speed, reasons.WALKS, -1
    k = q.walkers[p].cross + m.rows[i].leg
    if k >= q.walkers[p].cross_end:
        return
    c = q.crossings[k].zebra
    lets = _lets_walk(m, q, c)
    if m.rows[i].granted != c:
        to = q.crossings[k].begin - q.walkers[p].stand - m.rows[i].s
        if to > max(m.rows[i].speed, STARTS_MPS2 * w.step_s) * w.step_s + 1e-9:
            return
        if not lets or q.claims[c].danger >= 0:
            m.rows[i].wanted = 0.0
            m.rows[i].why = reasons.KERB if lets else reasons.NO_WALK
            m.rows[i].whom = q.claims[c].danger if lets else -1
            return
        m.rows[i].granted = c
    m.rows[i].why = reasons.CROSSES
    m.rows[i].wanted = min(speed * (BRISK if lets else HURRY), max(MOST_MPS, speed))


@kernel
def step_on(w, m, q, p, time):
    """Walk one step; people appear when it is time, and are gone at the end of their path."""
    i = q.walkers[p].row
    if not m.rows[i].active:
        if m.rows[i].s >= q.walkers[p].length or q.walkers[p].enter > time + w.step_s + 1e-9:
            return
        m.rows[i].active, m.rows[i].speed = True, q.walkers[p].speed
        _stand_there(m, q, p)
        return
    before, want = m.rows[i].speed, m.rows[i].wanted
    v = want if want < before else min(before + STARTS_MPS2 * w.step_s, want)
    m.rows[i].speed, m.rows[i].accel = v, (v - before) / w.step_s
    m.rows[i].s += v * w.step_s
    if v == 0.0 and m.rows[i].since < 0.0:
        m.rows[i].since = time
    elif v > 0.0:
        m.rows[i].since = -1.0
    k = q.walkers[p].cross + m.rows[i].leg
    if k < q.walkers[p].cross_end and m.rows[i].s >= q.crossings[k].end:
        m.rows[i].leg, m.rows[i].granted = m.rows[i].leg + 1, -1
    if m.rows[i].s >= q.walkers[p].length:
        m.rows[i].s, m.rows[i].active = q.walkers[p].length, False
        m.rows[i].speed, m.rows[i].accel = 0.0, 0.0
    _stand_there(m, q, p)


@kernel
def _stand_there(m, q, p):
    """Set the pose of a person from the place along its path."""
    i = q.walkers[p].row
    first, last = q.walkers[p].first, q.walkers[p].last
    fx, fy = point_along(q.points, first, last, m.rows[i].s + EYES_M)
    rx, ry = point_along(q.points, first, last, m.rows[i].s - EYES_M)
    m.rows[i].x, m.rows[i].y = 0.5 * (fx + rx), 0.5 * (fy + ry)
    m.rows[i].heading = math.atan2(fy - ry, fx - rx)
