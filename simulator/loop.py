"""The compiled loop over vehicles and steps: everything that moves comes together here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path

from numba import njit

from simulator import following, motion, right_of_way
from simulator.following import idm_mps2, lane_speed, leader, settle, wish
from simulator.motion import FAR, kernel, lane_at, last_leg, light, look, move, place, survey
from simulator.right_of_way import aspects_at, find_line, free_yet, rights, stand_m

LINE_HEADWAY_S = 0.5  # a line needs no time gap, only a calm approach


@kernel
def _acceleration(w, d, m, i):
    """What driver i does now, m/s2, within the grip of the road."""
    look(w, m, i)
    b = min(w.drivers[i].decel, 0.8 * d.grip)
    a = min(w.drivers[i].accel, d.grip)
    v = m.rows[i].speed
    v0, need = wish(w, d, m, i)
    gap, v_lead = leader(w, m, i)
    if gap > d.sight:
        gap = FAR
    accel = idm_mps2(
        v, v0, gap, v_lead, a, b, w.drivers[i].headway * d.headway_factor, w.drivers[i].min_gap
    )
    accel = settle(v, gap, v_lead, w.drivers[i].min_gap, min(accel, need))
    line = m.rows[i].line
    if line >= 0 and m.rows[i].granted != line and not free_yet(w, d, m, i):
        stand = stand_m(w, i)
        stop = idm_mps2(v, v0, m.rows[i].to_line, 0.0, a, b, LINE_HEADWAY_S, stand)
        accel = min(accel, settle(v, m.rows[i].to_line, 0.0, stand, stop))
    return min(max(accel, -d.grip), d.grip)


@kernel
def _room_behind(w, m, i):
    for j in m.movers:
        if j < 0:
            break
        if j != i:
            same = m.rows[j].lane == lane_at(w, i, m.rows[i].leg)
            if (
                same
                and m.rows[j].s <= m.rows[i].s
                and m.rows[i].s - w.drivers[i].length - m.rows[j].s < 2.0 + m.rows[j].speed
            ):
                return False
    return True


@kernel
def _enter(w, d, m, time):
    """Let in whoever is due and has room, at a speed that is safe for what is ahead."""
    survey(w, m)
    for i in range(len(m.rows)):
        if m.rows[i].active or w.drivers[i].route < 0 or w.drivers[i].enter > time + 1e-9:
            continue
        if (
            m.rows[i].leg == last_leg(w, i)
            and m.rows[i].s >= w.lanes[lane_at(w, i, m.rows[i].leg)].length
        ):
            continue
        look(w, m, i)
        gap, v_lead = leader(w, m, i)
        # Arrivals join flowing traffic at its own time gap; at time 0 their speed is fitted.
        hold = w.drivers[i].headway * d.headway_factor
        room = gap - w.drivers[i].min_gap
        need = 2.0 if time == 0.0 else max(2.0, 0.8 * hold * v_lead)
        if room < need or not _room_behind(w, m, i):
            continue
        b = min(w.drivers[i].decel, 0.8 * d.grip)
        hold *= b
        speed = lane_speed(w, d, i, lane_at(w, i, m.rows[i].leg))
        speed = min(speed, -hold + math.sqrt(hold * hold + 2.0 * b * room + v_lead * v_lead))
        find_line(w, m, i)
        if m.rows[i].line >= 0:
            room = max(m.rows[i].to_line - stand_m(w, i), 0.0)
            speed = min(speed, -b + math.sqrt(b * b + 2.0 * b * room))
        for leg in range(m.rows[i].leg + 1, last_leg(w, i) + 1):
            lane = lane_at(w, i, leg)
            slow = lane_speed(w, d, i, lane)
            speed = min(speed, math.sqrt(slow * slow + b * (m.ahead[lane] - m.rows[i].s)))
        m.rows[i].active, m.rows[i].speed, m.rows[i].accel = True, speed, 0.0
        place(w, m, i)
        light(w, d, m, i)
        survey(w, m)


@kernel
def _begin(w, m):
    for i in range(len(m.rows)):
        if w.drivers[i].route < 0:
            m.rows[i].x, m.rows[i].y = w.drivers[i].parked_x, w.drivers[i].parked_y
            m.rows[i].heading, m.rows[i].active = w.drivers[i].parked_heading, True
        else:
            m.rows[i].s = w.drivers[i].start
            place(w, m, i)


MADE_OF = (motion, following, right_of_way)
"""The modules whose kernels are compiled into the loop."""


def _sources() -> int:
    """A number that changes with the text of any file whose kernels the loop is made of."""
    digest = hashlib.blake2b(digest_size=7)
    for module in MADE_OF:
        digest.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(digest.digest(), "little") + 1


def _compiled(sources: int) -> Callable[..., None]:
    """The loop, cached on disk by its own file and by ``sources``: numba looks at no other file."""

    @njit(cache=True, _nrt=False)  # pyright: ignore[reportCallIssue]
    def run(w, d, m, first, last, brake_s):
        """Steps ``first`` .. ``last - 1``; step -1, before step 0, puts all in their places.

        From ``brake_s`` on everybody brakes with full grip.
        """
        if sources == 0:  # named here so that it is part of the key of numba's cache
            return
        for k in range(first, last):
            if k < 0:
                _begin(w, m)
                _enter(w, d, m, 0.0)
                continue
            time = k * w.step_s
            aspects_at(w, time, m.aspects)
            survey(w, m)
            rights(w, d, m, time)
            for i in m.movers:
                if i < 0:
                    break
                m.rows[i].wanted = _acceleration(w, d, m, i)
                if time >= brake_s - 1e-9:
                    m.rows[i].wanted = -d.grip
            for i in m.movers:
                if i < 0:
                    break
                move(w, m, i, m.rows[i].wanted)
                if m.rows[i].active:
                    place(w, m, i)
                    light(w, d, m, i)
            _enter(w, d, m, (k + 1) * w.step_s)

    return run


run = _compiled(_sources())
