"""The weather that changes by itself: the hour of the day moves the sun, and a front passes.

The sun is that of the equinox at 48 degrees north. A front is a function of the scene's time
alone, so that winding back and driving on meets the same weather.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from simulator.conditions import Conditions
from simulator.settings import Quantity

HOUR = Quantity("h", 0.0, 24.0, "time of day at the equinox, 48 degrees north")
LATITUDE_RAD = math.radians(48.0)
LAMPS_BELOW_RAD = math.radians(-1.0)

FRONT_S = 120.0
"""How long a front takes to pass: an hour of weather in two minutes."""

UPDATE_S = 0.5
"""The weather goes on in steps, because each step lights the whole picture anew."""

FILM_MM, MOST_RAIN_MM_H, LEAST_VISIBILITY_M, GUST_MPS = 1.2, 30.0, 1500.0, 12.0


@dataclasses.dataclass(frozen=True)
class Front:
    """A front that began to come in at a time of the scene, over a weather."""

    begun_s: float
    before: Conditions


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


def passing(front: Front, time_s: float) -> Conditions:
    """The weather at a time of the scene.

    Clouds come first, then gusts and rain, with them poor visibility; the road dries last.
    """
    t = round((time_s - front.begun_s) / UPDATE_S) * UPDATE_S / FRONT_S
    before = front.before
    cloud = _hump(t, 0.0, 0.25, 0.75, 1.0)
    rain = _hump(t, 0.2, 0.4, 0.5, 0.75)
    film = _hump(t, 0.22, 0.45, 0.6, 1.0)
    return dataclasses.replace(
        before,
        cloud=_mixed(before.cloud, 1.0, cloud),
        rain_mm_h=_mixed(before.rain_mm_h, max(before.rain_mm_h, MOST_RAIN_MM_H), rain),
        water_film_mm=_mixed(before.water_film_mm, max(before.water_film_mm, FILM_MM), film),
        visibility_m=1.0
        / _mixed(
            1.0 / before.visibility_m, 1.0 / min(before.visibility_m, LEAST_VISIBILITY_M), rain
        ),
        wind_x_mps=_mixed(before.wind_x_mps, GUST_MPS, rain),
        air_c=before.air_c - 6.0 * film if before.air_c > 8.0 else before.air_c,
    )


def over(front: Front, time_s: float) -> bool:
    """Whether it has passed."""
    return time_s - front.begun_s >= FRONT_S


def _hump(t: float, begins: float, full: float, fades: float, ends: float) -> float:
    """0 before and after, 1 between ``full`` and ``fades``, smooth."""
    rises = min(max((t - begins) / (full - begins), 0.0), 1.0)
    falls = min(max((ends - t) / (ends - fades), 0.0), 1.0)
    share = min(rises, falls)
    return share * share * (3 - 2 * share)


def _mixed(a: float, b: float, share: float) -> float:
    return a + (b - a) * share
