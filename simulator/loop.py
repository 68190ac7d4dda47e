"""The compiled loop over vehicles and steps: everything that moves comes together here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path

from numba import njit

from simulator import (
    agents,
    arrays,
    following,
    gap,
    geometry,
    grip,
    lane,
    lane_change,
    motion,
    network,
    obstruction,
    priority,
    queues,
    reasons,
    right_of_way,
    signals,
    towing,
    turn_taking,
    understeer,
    walking,
    zipping,
)
from simulator.following import brakes_mps2, hold_s, idm_mps2, lane_speed, settle, wish
from simulator.grip import FLOATS, GRAVITY_MPS2, afloat, mu_under
from simulator.lane_change import aside, consider, end_mps2, shift_on, slope_rad
from simulator.motion import FAR, SEES_ALL_M, kernel, lane_at, last_leg, light, move, place, rarely
from simulator.obstruction import ADRIFT_M, runs_into
from simulator.queues import LETS_IN_MPS2, LOOK_M, follow, leader, survey, unlink
from simulator.right_of_way import aspects_at, find_line, free_yet, rights, stand_m
from simulator.towing import pin, stretch, swing
from simulator.understeer import slide
from simulator.walking import begin_walks, claim, intend, look_out, step_on
from simulator.zipping import follow_zip

LINE_HEADWAY_S = 0.5  # a line needs no time gap, only a calm approach


@kernel
def _acceleration(w, d, m, i):
    """What driver i does now, m/s2, within the grip of the road; notes why."""
    b = brakes_mps2(w, d, i)
    a = min(w.drivers[i].accel, d.grip)
    v = m.rows[i].speed
    v0, straight, need = wish(w, d, m, i)
    gap, v_lead = m.rows[i].gap, m.rows[i].lead_speed
    if gap > d.sight:
        gap = FAR
    line, why, whom = m.rows[i].line, m.rows[i].why, m.rows[i].whom
    m.rows[i].why, m.rows[i].whom = reasons.FREE, -1
    free = min(idm_mps2(v, v0, FAR, 0.0, a, b, 1.0, 0.0), need)
    if need < 0.0:
        m.rows[i].why = reasons.BEND
    accel = idm_mps2(v, straight, gap, v_lead, a, b, hold_s(w, d, i), w.drivers[i].min_gap)
    accel = settle(v, gap, v_lead, w.drivers[i].min_gap, min(accel, free))
    if m.rows[i].soft_gap < gap or m.rows[i].soft_brake > LETS_IN_MPS2:
        soft = m.rows[m.rows[i].soft].speed
        lets = idm_mps2(v, v0, m.rows[i].soft_gap, soft, a, b, 0.5, w.drivers[i].min_gap)
        accel = min(accel, max(lets, -m.rows[i].soft_brake))
    end = end_mps2(w, d, m, i)
    if end < min(accel, free, 0.3 * a):
        m.rows[i].why = reasons.ENDS
        accel = min(accel, end)
    elif accel < min(free, 0.3 * a) or (v == 0.0 and accel <= 0.0):
        m.rows[i].why, m.rows[i].whom = reasons.LEADER, m.rows[i].lead
    if line >= 0 and m.rows[i].granted != line and not free_yet(w, d, m, i):
        stand = stand_m(w, i)
        stop = idm_mps2(v, v0, m.rows[i].to_line, 0.0, a, b, LINE_HEADWAY_S, stand)
        stop = settle(v, m.rows[i].to_line, 0.0, stand, stop)
        if stop <= accel and stop < min(free, 0.3 * a):
            m.rows[i].why, m.rows[i].whom = why, whom
        accel = min(accel, stop)
    if len(w.zones) > 0 and m.yields[i].whom >= 0:
        stand, to = stand_m(w, i), m.yields[i].gap
        stop = settle(v, to, 0.0, stand, idm_mps2(v, v0, to, 0.0, a, b, LINE_HEADWAY_S, stand))
        if stop <= accel and stop < min(free, 0.3 * a):
            m.rows[i].why, m.rows[i].whom = reasons.PERSON, m.yields[i].whom
        accel = min(accel, stop)
    return min(max(accel, -m.rows[i].grip), m.rows[i].grip)


@kernel
def feel(w, c, m, i, time):
    """Note the weather where somebody is, and the grip under its wheels."""
    row, x, y = 0, m.rows[i].x, m.rows[i].y
    if len(c.table) > 1:
        late = time - c.late_x * x - c.late_y * y - c.begins
        row = min(max(math.floor(late / c.step + 1e-6), 0), len(c.table) - 1)
    m.rows[i].air, m.rows[i].grip = row, c.table[row].grip
    if len(c.tile) > 0:
        m.rows[i].grip = GRAVITY_MPS2 * mu_under(
            c.tile, c.tracks, c.west, c.south, c.table[row].film, c.table[row].cover,
            c.table[row].ice, x, y, m.rows[i].heading, w.drivers[i].body, m.rows[i].speed,
        )  # fmt: skip
        return
    lost = afloat(c.table[row].film, m.rows[i].speed)
    if lost > 0.0:
        m.rows[i].grip -= max(m.rows[i].grip - FLOATS * GRAVITY_MPS2, 0.0) * lost


@kernel
def _stand(w, m, i):
    """Set the pose of vehicle i without its trailer's: on its path, or aside."""
    place(w, m, i)
    drifts = m.rows[i].drift != 0.0 or m.rows[i].yaw != 0.0
    if m.rows[i].shift_done < 1.0 or w.drivers[i].side != 0.0 or drifts:
        left = aside(m, i) + w.drivers[i].side + m.rows[i].drift
        m.rows[i].x -= left * math.sin(m.rows[i].heading)
        m.rows[i].y += left * math.cos(m.rows[i].heading)
        m.rows[i].heading += slope_rad(w, m, i) + m.rows[i].yaw


@rarely
def _strike(w, m, i, leg, s, drift, yaw, before):
    """Stop vehicle i for good where it was before this step, if it now meets what stands there."""
    x, y, heading = m.rows[i].x, m.rows[i].y, m.rows[i].heading
    _stand(w, m, i)
    m.rows[i].struck = runs_into(
        w, m.rows[i].x, m.rows[i].y, m.rows[i].heading, w.drivers[i].body, w.drivers[i].width
    )
    m.rows[i].x, m.rows[i].y, m.rows[i].heading = x, y, heading
    if m.rows[i].struck > 0:
        m.rows[i].leg, m.rows[i].s, m.rows[i].drift, m.rows[i].yaw = leg, s, drift, yaw
        m.rows[i].speed, m.rows[i].accel = 0.0, -before / w.step_s


@rarely
def _stood(w, m, i, leg, s):
    """Put vehicle i, which has just left the map, where it was before this step."""
    end_leg, end = m.rows[i].leg, m.rows[i].s
    m.rows[i].leg, m.rows[i].s = leg, s
    _stand(w, m, i)
    m.rows[i].leg, m.rows[i].s = end_leg, end


@kernel
def _drive(w, m, i):
    """Move vehicle i one step; a body off its path stops for good at what stands about."""
    leg, s, drift, yaw = m.rows[i].leg, m.rows[i].s, m.rows[i].drift, m.rows[i].yaw
    before = m.rows[i].speed
    share = slide(w, m, i)
    move(w, m, i, m.rows[i].wanted, share)
    if not m.rows[i].active and drift == 0.0 and yaw == 0.0:
        _stood(w, m, i, leg, s)
    shift_on(w, m, i)
    if abs(m.rows[i].drift) >= ADRIFT_M and m.rows[i].active:
        _strike(w, m, i, leg, s, drift, yaw, before)


@kernel
def _pose(w, m, i):
    """Place vehicle i on its path, or aside: while it changes lanes, drifts, or is a bicycle."""
    pin_x = pin_y = 0.0
    if w.drivers[i].tow > 0.0:
        pin_x, pin_y = pin(w, m, i)
    _stand(w, m, i)
    if w.drivers[i].tow > 0.0:
        swing(w, m, i, pin_x, pin_y)


@kernel
def _is_followed(w, c, m, i):
    """Whether anybody asks in the next step for the pose of vehicle i: the weather where it is,
    others who hardly see it, its trailer, the tyres that bring it back to its path. Of all others
    pose and lamps are set in the last step alone.
    """
    if len(c.table) > 1 or len(c.tile) > 0 or c.table[0].sight < SEES_ALL_M:
        return True
    return w.drivers[i].tow > 0.0 or m.rows[i].drift != 0.0 or m.rows[i].yaw != 0.0


@kernel
def _fits(m, w, d, i, time):
    """Room before and behind vehicle i, which is in its queue already, for it to appear there."""
    fore, aft = m.links[i].fore, m.links[i].aft
    front = m.links[i].s + w.drivers[i].length
    room = m.rows[i].gap
    if fore >= 0:
        room = min(room, m.links[fore].s - front)
    room -= w.drivers[i].min_gap
    # Arrivals join flowing traffic at its own time gap; at time 0 their speed is fitted.
    hold = hold_s(w, d, i)
    if room < (2.0 if time == 0.0 else max(2.0, 0.8 * hold * m.rows[i].lead_speed)):
        return False
    if aft < 0:
        return True
    behind = m.links[i].s - m.links[aft].s - w.drivers[aft].length
    return behind >= 2.0 + m.rows[aft].speed


@kernel
def _entry_speed(w, d, m, i):
    """Speed at which vehicle i can appear and still be safe for all that is ahead."""
    b = brakes_mps2(w, d, i)
    hold = b * hold_s(w, d, i)
    room, v_lead = m.rows[i].gap - w.drivers[i].min_gap, m.rows[i].lead_speed
    speed = lane_speed(w, d, i, lane_at(w, m, i, m.rows[i].leg))
    speed = min(speed, -hold + math.sqrt(hold * hold + 2.0 * b * room + v_lead * v_lead))
    find_line(w, m, i)
    if m.rows[i].line >= 0:
        room = max(m.rows[i].to_line - stand_m(w, i), 0.0)
        speed = min(speed, -b + math.sqrt(b * b + 2.0 * b * room))
    ahead = -m.rows[i].s
    for leg in range(m.rows[i].leg + 1, last_leg(w, m, i) + 1):
        ahead += w.lanes[lane_at(w, m, i, leg - 1)].length
        if ahead > LOOK_M:
            break
        slow = lane_speed(w, d, i, lane_at(w, m, i, leg))
        speed = min(speed, math.sqrt(slow * slow + b * ahead))
    return speed


@kernel
def _enter(w, c, m, time):
    """Let in whoever is due and has room, at a speed that is safe for what is ahead; whether there
    was anybody.
    """
    came = False
    for i in range(len(m.rows)):
        if m.rows[i].active or w.drivers[i].route < 0 or w.drivers[i].enter > time + 1e-9:
            continue
        if (
            m.rows[i].leg == last_leg(w, m, i)
            and m.rows[i].s >= w.lanes[lane_at(w, m, i, m.rows[i].leg)].length
        ):
            continue
        follow(w, m, i)
        leader(w, m, i)
        feel(w, c, m, i, time)
        d = c.table[m.rows[i].air]
        if not _fits(m, w, d, i, time):
            unlink(m, i)
            continue
        speed = _entry_speed(w, d, m, i)
        m.rows[i].active, m.rows[i].speed, m.rows[i].accel = True, speed, 0.0
        _pose(w, m, i)
        light(w, d, m, i)
        came = True
    return came


@kernel
def _begin(w, m):
    for i in range(len(m.rows)):
        if w.drivers[i].route < 0:
            m.rows[i].x, m.rows[i].y = w.drivers[i].parked_x, w.drivers[i].parked_y
            m.rows[i].heading, m.rows[i].active = w.drivers[i].parked_heading, True
        else:
            m.rows[i].s = w.drivers[i].start
            _pose(w, m, i)
            stretch(w, m, i)


@kernel
def _mind_people(w, c, m, q, time):
    """Who lets whom go first at the crosswalks."""
    claim(m, q)
    for i in m.movers:
        if i < 0:
            break
        look_out(w, c.table[m.rows[i].air], m, q, i)
    for p in range(len(q.walkers)):
        i = q.walkers[p].row
        feel(w, c, m, i, time)
        intend(w, c.table[m.rows[i].air], m, q, p)


@kernel
def _decide(w, c, m, q, time, brake):
    """What everybody wants to do in this step, from where all are at its beginning: surveyed."""
    aspects_at(w, time, m.aspects)
    for i in m.movers:
        if i < 0:
            break
        leader(w, m, i)
        feel(w, c, m, i, time)
    if len(q.walkers) > 0:
        _mind_people(w, c, m, q, time)
    rights(w, c, m, time)
    for i in m.movers:
        if i < 0:
            break
        d = c.table[m.rows[i].air]
        follow_zip(w, d, m, i, time)
        m.rows[i].wanted = _acceleration(w, d, m, i)
        if brake:
            m.rows[i].wanted, m.rows[i].why = -m.rows[i].grip, reasons.BRAKES


MADE_OF = (
    motion, following, grip, queues, gap, lane_change, reasons, right_of_way, turn_taking,
    walking, zipping, towing, understeer, agents, lane, network, priority, obstruction, signals,
    arrays, geometry,
)  # fmt: skip
"""The modules whose kernels and constants are compiled into the loop."""


def _sources() -> int:
    """A number that changes with the text of any file whose kernels the loop is made of."""
    digest = hashlib.blake2b(digest_size=7)
    for module in MADE_OF:
        digest.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(digest.digest(), "little") + 1


def _compiled(sources: int) -> Callable[..., None]:
    """The loop, cached on disk by its own file and by ``sources``: numba looks at no other file."""

    @njit(cache=True, _nrt=False)  # pyright: ignore[reportCallIssue]
    def run(w, c, m, q, first, last, brake_s, look):
        """Steps ``first`` .. ``last - 1``; step -1, before step 0, puts all in their places.

        From ``brake_s`` on everybody brakes with full grip. With ``look`` nobody moves: the rows
        then say what each driver is about to do, and why.
        """
        if sources == 0:  # named here so that it is part of the key of numba's cache
            return
        came = True
        for k in range(first, last):
            if k < 0:
                _begin(w, m)
                begin_walks(m, q)
                _enter(w, c, m, 0.0)
                continue
            time = k * w.step_s
            if came:  # else all is as the survey at the end of the last step found it
                survey(w, m)
            _decide(w, c, m, q, time, time >= brake_s - 1e-9)
            if look:
                continue
            for i in m.movers:
                if i < 0:
                    break
                if m.rows[i].struck == 0:
                    consider(w, c.table[m.rows[i].air], m, i, k)
            for i in m.movers:
                if i < 0:
                    break
                if m.rows[i].struck == 0:
                    _drive(w, m, i)
            for p in range(len(q.walkers)):
                step_on(w, m, q, p, time)
            survey(w, m)
            for i in m.movers:
                if i < 0:
                    break
                if k + 1 == last or _is_followed(w, c, m, i):
                    _pose(w, m, i)
                    light(w, c.table[m.rows[i].air], m, i)
            came = _enter(w, c, m, (k + 1) * w.step_s)

    return run


run = _compiled(_sources())
