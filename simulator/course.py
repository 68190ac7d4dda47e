"""Weather that changes: over time by knots that it is drawn between, over the map by a front.

Air and light are drawn between the knots; the road follows from them by ``road_state``: it gets
wet, dries, freezes and is covered as fast as the weather lets it. A front that moves carries all
this along: each place meets the same weather, later the farther it lies downwind. Both are
functions of time and place alone, so that a moment looks the same however one came to it.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import numpy as np

from simulator.conditions import Conditions
from simulator.road_state import road_after
from simulator.settings import quantities

STEP_S = 0.5
"""Weather goes on in steps of this: each lights a picture anew."""

INVERSE = ("visibility_m",)
"""Quantities that are drawn between knots by their inverse: a share of an extinction, not of a
range, is what a share of a fog is."""

TURNS = ("sun_azimuth_rad",)
"""Quantities that go the short way round."""

ROAD = ("water_film_mm", "snow_cover", "ice")
"""Quantities that follow from the others once the weather changes."""

LATEST_S, LASTS_S = 10_000.0, 3600.0
"""The last knot's latest time; and so long after it nothing changes any more, nor does the road."""

LEAST_RIDE_MPS = 1.0
"""A front that is slower than this does not move at all: it is everywhere at once."""


@dataclasses.dataclass(frozen=True)
class Course:
    """How the weather of a scene goes on.

    Attributes:
        times_s: of the knots, s since the scene's beginning, in increasing order.
        knots: what air and light are then; before the first they and the road are its own for ever,
            after the last they stay. Of the road only the first knot says anything.
        pace: how many seconds of drying and freezing go by in one.
        front_x_mps, front_y_mps: how the front moves; over the world's origin it comes at the
            times of the knots. Both 0: the weather is the same everywhere.
        uneven: whether water, snow and ice lie in patches and tracks instead of evenly.
    """

    times_s: tuple[float, ...]
    knots: tuple[Conditions, ...]
    pace: float = 1.0
    front_x_mps: float = 0.0
    front_y_mps: float = 0.0
    uneven: bool = False

    def __post_init__(self) -> None:
        if not self.times_s or len(self.times_s) != len(self.knots) or len(self.knots) > 100:
            raise ValueError("a course needs 1 to 100 times, and as many knots")
        if any(not b > a for a, b in itertools.pairwise(self.times_s)):
            raise ValueError("the times of a course must increase")
        if not self.times_s[0] >= 0 or not self.times_s[-1] <= LATEST_S:
            raise ValueError(f"the times of a course must be 0 to {LATEST_S:,.0f} s")
        if not 0.1 <= self.pace <= 60 or not math.hypot(self.front_x_mps, self.front_y_mps) <= 60:
            raise ValueError("pace must be 0.1 to 60, and a front at most 60 m/s fast")


def constant(conditions: Conditions) -> Course:
    """Weather that stays as it is, the same everywhere."""
    return Course((0.0,), (conditions,))


def slowness(course: Course) -> tuple[float, float]:
    """How much later the front comes to a place, s per metre to the east and to the north."""
    square = course.front_x_mps**2 + course.front_y_mps**2
    if square < LEAST_RIDE_MPS**2:
        return 0.0, 0.0
    return course.front_x_mps / square, course.front_y_mps / square


def row_of(course: Course, time_s: float, x_m: float = 0.0, y_m: float = 0.0) -> int:
    """The step of the course, of STEP_S since its first knot, at a time and a place."""
    kx, ky = slowness(course)
    if len(course.knots) == 1:
        return 0
    late = time_s - kx * x_m - ky * y_m - course.times_s[0]
    most = course.times_s[-1] - course.times_s[0] + LASTS_S
    return math.floor(min(max(late, 0.0), most) / STEP_S + 1e-6)


def conditions_at(course: Course, time_s: float, x_m: float = 0.0, y_m: float = 0.0) -> Conditions:
    """The weather at a time of the scene and a place on its map, m."""
    return steps(course, row_of(course, time_s, x_m, y_m) + 1)[-1]


def steps(course: Course, count: int) -> tuple[Conditions, ...]:
    """The first so many steps of a course; the first is its first knot, as it is."""
    whole = -(-count // BLOCK) * BLOCK
    return _steps(course, whole)[:count]


BLOCK = 64
"""So many steps at once are worked out and kept."""


@functools.lru_cache(maxsize=64)
def _steps(course: Course, count: int) -> tuple[Conditions, ...]:
    if len(course.knots) == 1:
        return course.knots * count
    made = list(_steps(course, count - BLOCK)) if count > BLOCK else [course.knots[0]]
    for row in range(len(made), count):
        air = between(course, course.times_s[0] + row * STEP_S)
        road = road_after(made[-1], air, course.pace * STEP_S)
        made.append(dataclasses.replace(air, **road))
    return tuple(made)


def between(course: Course, time_s: float) -> Conditions:
    """What is drawn between the knots at a time, without what becomes of the road."""
    times, knots = course.times_s, course.knots
    k = int(np.searchsorted(times, time_s, side="right")) - 1
    if k < 0 or k + 1 >= len(knots):
        return knots[max(min(k, len(knots) - 1), 0)]
    return mixed(knots[k], knots[k + 1], (time_s - times[k]) / (times[k + 1] - times[k]))


def mixed(a: Conditions, b: Conditions, share: float) -> Conditions:
    """Conditions between two, each quantity in its own measure."""
    values = {name: _mixed(name, getattr(a, name), getattr(b, name), share)
              for name in quantities(Conditions)}  # fmt: skip
    names = sorted({*a.extra, *b.extra})
    extra = {n: _mixed(n, a.extra.get(n, 0.0), b.extra.get(n, 0.0), share) for n in names}
    lamps = (b if share >= 0.5 else a).street_lamps
    return Conditions(**values, street_lamps=lamps, extra=extra)


def _mixed(name: str, a: float, b: float, share: float) -> float:
    if a == b:
        return a
    if name in INVERSE:
        return 1.0 / (1.0 / a + (1.0 / b - 1.0 / a) * share)
    if name in TURNS:
        return a + math.remainder(b - a, 2.0 * math.pi) * share
    return a + (b - a) * share
