"""Drivers behind each other: the car-following model, leaders, and the speed that a lane allows.

Kernels of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.motion import FAR, kernel, lane_at, last_leg


@kernel
def idm_mps2(v, v0, gap, v_lead, a, b, headway, min_gap):
    """Acceleration of the intelligent driver model, m/s2 (Treiber, Hennecke, Helbing 2000).

    Above the desired speed the free term brakes gently towards -b (Treiber & Kesting 2013, the
    improved model), because v^4 would brake like an emergency where a limit drops.
    """
    free = a * (1.0 - (v / v0) ** 4) if v <= v0 else -b * (1.0 - (v0 / v) ** (4.0 * a / b))
    if gap >= FAR:
        return free
    wish = min_gap + max(0.0, v * headway + v * (v - v_lead) / (2.0 * math.sqrt(a * b)))
    return free - a * (wish / max(gap, 0.01)) ** 2


@kernel
def settle(v, gap, v_lead, min_gap, a):
    """Bring a crawl behind a standing obstacle to a true stand, and hold it there."""
    if v_lead < 0.05 and gap - min_gap < 0.5:
        if v == 0.0:
            return 0.0
        if v < 0.7 and gap - min_gap < 0.35:
            return min(a, -1.5)
    return a


@kernel
def leader(w, m, i):
    """(gap, speed) of the nearest vehicle ahead on the route, (FAR, 0) none; after ``look``."""
    best, speed = FAR, 0.0
    for j in m.movers:
        if j < 0:
            break
        if j == i:
            continue
        rear = -FAR
        lane, s = m.rows[j].tail_lane, m.rows[j].tail_s
        if m.ahead[m.rows[j].lane] > -FAR:
            rear = m.ahead[m.rows[j].lane] + m.rows[j].s - w.drivers[j].length
        elif m.ahead[lane] > -FAR:
            rear = m.ahead[lane] + s
        else:
            for other in w.sibling[lane]:
                # It has turned off, but its tail still stands in the mouth of our lane.
                if other >= 0 and m.ahead[other] > -FAR and s < w.shared[lane, other]:
                    rear = m.ahead[other] + s
        if rear > -FAR and rear + w.drivers[j].length > m.rows[i].s and rear - m.rows[i].s < best:
            best, speed = rear - m.rows[i].s, m.rows[j].speed
    return best, speed


@kernel
def lane_speed(w, d, i, lane):
    """Speed that driver i wants on a lane in this weather."""
    free = min(min(w.drivers[i].desired, w.lanes[lane].limit) * d.speed_factor, d.speed_max)
    return min(free, math.sqrt(d.lateral / max(w.lanes[lane].bend, 1e-6)))


@kernel
def wish(w, d, m, i):
    """(desired speed now, acceleration that slower lanes ahead allow, FAR where they need none)."""
    v, need = m.rows[i].speed, 0.0
    rear = m.rows[i].s - w.drivers[i].length
    leg = m.rows[i].leg
    now = lane_speed(w, d, i, lane_at(w, i, leg))
    while rear < 0.0 and leg > 0:
        leg -= 1
        now = min(now, lane_speed(w, d, i, lane_at(w, i, leg)))
        rear += w.lanes[lane_at(w, i, leg)].length
    for k in range(m.rows[i].leg + 1, last_leg(w, i) + 1):
        lane = lane_at(w, i, k)
        slow = lane_speed(w, d, i, lane)
        if v > slow:
            need = min(need, (slow * slow - v * v) / (2.0 * max(m.ahead[lane] - m.rows[i].s, 0.5)))
    return now, (need if need < -0.6 * min(w.drivers[i].decel, 0.8 * d.grip) else FAR)
