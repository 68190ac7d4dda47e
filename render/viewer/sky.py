"""The weather that changes by itself: the hour of the day moves the sun, and a front passes.

The sun is that of the equinox at 48 degrees north. A front is a ``Course``,
so that winding back and driving on meets the same weather.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from simulator.conditions import Conditions
from simulator.course import Course
from simulator.settings import Quantity

HOUR = Quantity("h", 0.0, 24.0, "time of day at the equinox, 48 degrees north")
LATITUDE_RAD = math.radians(48.0)
LAMPS_BELOW_RAD = math.radians(-1.0)

FRONT_S = 120.0
"""How long a front takes to pass: two hours of weather in two minutes."""

FRONT_PACE = 60.0
"""How much faster than in truth its road gets wet and dries."""

MOST_RAIN_MM_H, MOST_SNOW_MM_H, LEAST_VISIBILITY_M, GUST_MPS, COOLS_C = 30.0, 3.0, 1500.0, 12.0, 6.0


def sun_at(hour: float) -> tuple[float, float]:
    """Elevation and azimuth (from east, counter-clockwise) of the sun, rad."""
    turn = math.radians(15.0 * (hour - 12.0))
    elevation = math.asin(math.cos(LATITUDE_RAD) * math.cos(turn))
    from_south = math.atan2(math.sin(turn), math.cos(turn) * math.sin(LATITUDE_RAD))
    azimuth = -math.pi / 2 - from_south
    return elevation, (azimuth + math.pi) % (2 * math.pi) - math.pi


def values_at(hour: float) -> dict[str, Any]:
    """What of the conditions the hour sets; street lamps are lit after sunset."""
    elevation, azimuth = sun_at(hour)
    lamps = elevation < LAMPS_BELOW_RAD
    return {"sun_elevation_rad": elevation, "sun_azimuth_rad": azimuth, "street_lamps": lamps}


def sun_in_words(conditions: Conditions) -> str:
    """Where the sun stands.

    >>> sun_in_words(dataclasses.replace(Conditions(), **values_at(12.0)))
    'sun 42° high in the south'
    """
    elevation, azimuth = conditions.sun_elevation_rad, conditions.sun_azimuth_rad
    if elevation < 0:
        return f"sun {-math.degrees(elevation):.0f}° below the horizon"
    where = ("east", "north-east", "north", "north-west", "west", "south-west", "south",
             "south-east")  # fmt: skip
    eighth = round(azimuth / (math.pi / 4)) % 8
    return f"sun {math.degrees(elevation):.0f}° high in the {where[eighth]}"


_HOURS = np.arange(0, 24, 0.05)
_SUNS = np.array([sun_at(h) for h in _HOURS])


def hour_of(conditions: Conditions) -> float:
    """The hour whose sun stands nearest to the one of the conditions."""
    elevation, azimuth = _SUNS.T
    e, a = conditions.sun_elevation_rad, conditions.sun_azimuth_rad
    near = np.sin(elevation) * math.sin(e) + np.cos(elevation) * math.cos(e) * np.cos(azimuth - a)
    return float(_HOURS[int(np.argmax(near))])


def passing(before: Conditions, now_s: float) -> Course:
    """A front that comes in from a time of the scene on, and what it leaves.

    Clouds come first, then gusts and rain, or snow where it freezes; the road dries last.
    """
    falls = {"rain_mm_h": max(before.rain_mm_h, MOST_RAIN_MM_H)}
    if before.air_c < 0:
        falls = {"snow_mm_h": max(before.snow_mm_h, MOST_SNOW_MM_H)}
    closed = dataclasses.replace(before, cloud=1.0)
    under = dataclasses.replace(
        closed,
        **falls,
        visibility_m=min(before.visibility_m, LEAST_VISIBILITY_M),
        wind_x_mps=GUST_MPS,
        air_c=before.air_c - COOLS_C if before.air_c > COOLS_C + 2.0 else before.air_c,
    )
    knots = (before, closed, under, under, closed, before)
    times = tuple(now_s + share * FRONT_S for share in (0.0, 0.2, 0.35, 0.45, 0.6, 1.0))
    return Course(times, knots, FRONT_PACE, uneven=True)


def over(course: Course, time_s: float) -> bool:
    """Whether it has passed: air and light have come to their last state."""
    return time_s >= course.times_s[-1]
