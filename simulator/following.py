"""Drivers behind each other: the car-following model, and the speed that lanes allow.

Kernels of the loop; see ``motion.py`` for what they share.
"""

from __future__ import annotations

import math

from simulator.grip import COMFORT_LATERAL_MPS2
from simulator.motion import FAR, kernel, lane_at, last_leg
from simulator.signals import SIGNAL_BRAKE_MPS2

CALM_SHARE = 0.6
"""A slower lane ahead is not minded while less than this share of comfortable braking would do."""


@kernel
def brakes_mps2(w, d, i):
    """Comfortable braking that driver i reckons with, m/s2: who does not adapt forgets the ice."""
    if w.drivers[i].adapts:
        return min(w.drivers[i].decel, 0.8 * d.grip)
    return w.drivers[i].decel


@kernel
def signal_brake_mps2(w, d, i):
    """Braking for a line or a crosswalk that driver i thinks of as comfortable, m/s2."""
    return d.signal_brake if w.drivers[i].adapts else SIGNAL_BRAKE_MPS2


@kernel
def hold_s(w, d, i):
    """Time gap that driver i keeps in this weather, s."""
    return w.drivers[i].headway * (d.headway_factor if w.drivers[i].adapts else 1.0)


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
def straight_speed(w, d, i, lane):
    """Speed that driver i would want on a lane in this weather if it were straight."""
    free = min(w.drivers[i].desired, w.lanes[lane].limit)
    return min(free * d.speed_factor, d.speed_max) if w.drivers[i].adapts else free


@kernel
def lane_speed(w, d, i, lane):
    """Speed that driver i wants on a lane in this weather: who does not adapt forgets its bends."""
    lateral = d.lateral if w.drivers[i].adapts else COMFORT_LATERAL_MPS2
    bend = math.sqrt(lateral / max(w.lanes[lane].bend, 1e-6))
    return min(straight_speed(w, d, i, lane), bend)


@kernel
def wish(w, d, m, i):
    """(desired speed now, the same if bends did not count, acceleration that slower lanes allow).

    In a bend a driver holds the gap that it would hold at that speed on a straight: near the speed
    that is desired the model's gap grows without bound. The last is FAR where none is needed.
    """
    v, need = m.rows[i].speed, 0.0
    leg = m.rows[i].leg
    now, straight = FAR, FAR
    for k in range(m.rows[i].tail_leg, leg + 1):
        lane = lane_at(w, m, i, k)
        now = min(now, lane_speed(w, d, i, lane))
        straight = min(straight, straight_speed(w, d, i, lane))
    calm = CALM_SHARE * brakes_mps2(w, d, i)
    reach = v * v / (2.0 * calm)
    offset = -m.rows[i].s
    for k in range(leg + 1, last_leg(w, m, i) + 1):
        offset += w.lanes[lane_at(w, m, i, k - 1)].length
        if offset > reach:
            break
        slow = lane_speed(w, d, i, lane_at(w, m, i, k))
        if v > slow:
            need = min(need, (slow * slow - v * v) / (2.0 * max(offset, 0.5)))
    return now, straight, (need if need < -calm else FAR)
