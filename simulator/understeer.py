"""Bodies that leave their arc: what tyres cannot give in a bend. Kernels of the loop.

Along and across, a tyre gives mu g in all (Polack et al. 2017): braking is taken first, what is
left turns the car. Where that is less than its arc asks for, its path is as round as the tyres can
make it, it goes wide, and with grip again it is steered back. ``drift`` is how far left of its path
the body is, ``yaw`` how far left it heads; they are part of the state. ``motion.py`` says what
kernels share.
"""

from __future__ import annotations

import math

from simulator.motion import ballistic, kernel, lane_at, path_point

LEAST_MPS2 = 0.05
"""Lateral acceleration that is not worth asking for the grip."""

BACK_S, BACK_M = 1.0, 6.0
"""Who is off its path steers back within about twice the way of a second, or of some metres."""

BACK_RAD = 0.3
"""Steepest angle at which it does."""

WIDE_M, CREEP_MPS, LIFT_SHARE = 0.5, 5.0, 0.5
"""Who is this far off slows down to a creep, with this share of the grip."""

SMALL_M, SMALL_RAD = 0.005, 0.002
"""What is less aside than this is back."""

MOST_RAD, LEAST_SHARE = 1.4, 0.2
"""Bounds for bodies that are far off: an angle to the path, and a share of their way along it."""


@kernel
def bend_here(w, m, i):
    """Signed curvature of the path under a vehicle, 1/m: of the circle through its two ends."""
    leg, s, half = m.rows[i].leg, m.rows[i].s, 0.5 * w.drivers[i].body
    ax, ay = path_point(w, m, i, leg, s)
    bx, by = path_point(w, m, i, leg, s - half)
    cx, cy = path_point(w, m, i, leg, s - 2.0 * half)
    cross = (bx - cx) * (ay - by) - (by - cy) * (ax - bx)
    spans = math.hypot(ax - bx, ay - by) * math.hypot(bx - cx, by - cy)
    return 2.0 * cross / max(spans * math.hypot(ax - cx, ay - cy), 1e-9)


@kernel
def _steered(m, i, bend, v, tyres):
    """Curvature that the driver wants, 1/m: of an arc beside the path, and back to it.

    It heads back no steeper than its tyres, which can do ``tyres``, 1/m, can straighten it again.
    """
    reach = max(BACK_S * v, BACK_M)
    away = abs(m.rows[i].drift)
    aim = min(0.5 * away / reach, BACK_RAD, math.sqrt(0.5 * away * tyres))
    aim = math.copysign(aim, m.rows[i].drift)
    arc = bend * math.cos(m.rows[i].yaw) / max(1.0 - bend * m.rows[i].drift, LEAST_SHARE)
    return arc - 2.0 / reach * (math.sin(m.rows[i].yaw) + aim)


@kernel
def slide(w, m, i):
    """Turn vehicle i as far as its tyres let it; the share of its way that is along its path.

    It speeds up only with what the bend leaves.
    """
    v, grip = m.rows[i].speed, m.rows[i].grip
    aside = m.rows[i].drift != 0.0 or m.rows[i].yaw != 0.0
    sharpest = w.lanes[m.links[i].lane].bend
    for leg in range(m.rows[i].tail_leg + 1, m.rows[i].leg + 1):
        sharpest = max(sharpest, w.lanes[lane_at(w, m, i, leg)].bend)
    most = v * v * sharpest
    if v == 0.0 or (most < LEAST_MPS2 and not aside):
        return 1.0
    spare = math.sqrt(max(grip * grip - most * most, 0.0))
    accel = min(m.rows[i].wanted, spare)
    if abs(m.rows[i].drift) > WIDE_M and v > CREEP_MPS:
        accel = min(accel, -LIFT_SHARE * grip)
    m.rows[i].wanted = accel
    brake = min(accel, 0.0)
    left = math.sqrt(max(grip * grip - brake * brake, 0.0))
    if most <= left and not aside:
        return 1.0
    bend = bend_here(w, m, i)
    tyres = left / (v * v)
    asked = _steered(m, i, bend, v, tyres)
    way = ballistic(v, accel, w.step_s)[1]
    yaw, drift = m.rows[i].yaw, m.rows[i].drift
    along = max(math.cos(yaw) / max(1.0 - bend * drift, LEAST_SHARE), LEAST_SHARE)
    turned = (min(max(asked, -tyres), tyres) - bend * along) * way
    m.rows[i].drift += way * math.sin(yaw + 0.5 * turned)
    m.rows[i].yaw = min(max(yaw + turned, -MOST_RAD), MOST_RAD)
    if (
        abs(m.rows[i].drift) < SMALL_M
        and abs(m.rows[i].yaw) < SMALL_RAD
        and abs(bend) <= tyres + LEAST_MPS2 / (v * v)
    ):
        m.rows[i].drift, m.rows[i].yaw = 0.0, 0.0
    return along
