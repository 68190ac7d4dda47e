"""Weather, light and road surface in physical units: one state for tyres, drivers and pixels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from simulator.settings import quantity

CONTRAST_AT_RANGE = 0.05
"""Contrast that is left at the meteorological optical range: its definition (WMO, CIE)."""

NO_FOG_M = 50_000.0
"""Visibility of clean air, m."""


@dataclasses.dataclass(frozen=True)
class Conditions:
    """The state of the weather, the light and the road. Quantities, never names.

    ``visibility_m`` is the fog's own meteorological optical range; what is left when rain and snow
    have been added is the derived :func:`mor_m`.
    """

    rain_mm_h: float = quantity(0.0, "mm/h", 0, 150, "rain rate")
    snow_mm_h: float = quantity(0.0, "mm/h of water", 0, 10, "snowfall, as water")
    snow_cover: float = quantity(0.0, "", 0, 1, "share of the ground under lying snow")
    water_film_mm: float = quantity(0.0, "mm", 0, 10, "water on the road")
    ice: float = quantity(0.0, "", 0, 1, "share of the road under ice")
    visibility_m: float = quantity(NO_FOG_M, "m", 10, NO_FOG_M, "fog: range at 5 % contrast")
    dust_mg_m3: float = quantity(0.0, "mg/m3", 0, 2000, "mineral dust in the air")
    smog_ug_m3: float = quantity(
        0.0, "ug/m3", 0, 5000, "smog: particles under 2.5 um in the air", later=True
    )
    wind_x_mps: float = quantity(0.0, "m/s", -40, 40, "wind towards the east")
    wind_y_mps: float = quantity(0.0, "m/s", -40, 40, "wind towards the north")
    air_c: float = quantity(15.0, "degrees C", -40, 50, "air temperature")
    sun_elevation_rad: float = quantity(0.8, "rad", -1.571, 1.571, "sun above the horizon")
    sun_azimuth_rad: float = quantity(
        0.8, "rad", -6.2832, 6.2832, "direction to the sun, from east"
    )
    cloud: float = quantity(0.1, "", 0, 1, "cloud cover: 1 leaves no direct sun")
    street_lamps: bool = dataclasses.field(default=False)
    extra: Mapping[str, float] = dataclasses.field(default_factory=dict, hash=False)
    """Quantities of effects that have no place in the physics (lens dirt, ...), by name."""


def rain_extinction(rain_mm_h: float) -> float:
    """Extinction of rain, 1/m: 3.912 / V, V = 11.6 R^-0.63 km at 2 % contrast (Atlas 1953)."""
    return 0.0 if rain_mm_h <= 0 else 3.912 / (11_600.0 * rain_mm_h**-0.63)


def snow_extinction(snow_mm_h: float) -> float:
    """Extinction of falling snow, 1/m: 3.912 / V, V = 1.0 / R km at 2 % (Rasmussen 1999)."""
    return 0.0 if snow_mm_h <= 0 else 3.912 / (1_000.0 / snow_mm_h)


def dust_extinction(dust_mg_m3: float) -> float:
    """Extinction of mineral dust, 1/m: 0.6 m2/g in green light (Hand and Malm 2007: 0.5-0.7)."""
    return 0.6e-3 * dust_mg_m3


def smog_extinction(smog_ug_m3: float) -> float:
    """Extinction of smog, 1/m: 4.4 m2/g in green light.

    Fine particles of mixed origin scatter 3.6 m2/g (Hand and Malm 2007), which near a large town is
    82 % of what they take out of the light (Garland et al. 2008).
    """
    return 4.4e-6 * smog_ug_m3


def extinction(conditions: Conditions) -> float:
    """Total extinction of the air, 1/m: fog, dust, smog, rain and snow add."""
    return (
        3.0 / conditions.visibility_m
        + dust_extinction(conditions.dust_mg_m3)
        + smog_extinction(conditions.smog_ug_m3)
        + rain_extinction(conditions.rain_mm_h)
        + snow_extinction(conditions.snow_mm_h)
    )


def mor_m(conditions: Conditions) -> float:
    """Meteorological optical range of the air as it is, m: 3.0 / extinction (5 % contrast)."""
    return 3.0 / extinction(conditions)


def optical_depth(conditions: Conditions, path_m: float) -> float:
    """Extinction times path length, dimensionless."""
    return extinction(conditions) * path_m


def sun_lux(elevation_rad: float, cloud: float) -> float:
    """Illuminance on level ground from sun and sky, lx.

    Clear sky: 133,100 sin(h) exp(-0.21 / sin(h)) direct plus a sky of 300 + 21,000 sin(h) (IES
    daylight availability, 1984); cloud takes up to 85 % of it. Below the horizon the twilight
    falls by a factor of 10 every 3.2 degrees down to a moonless 0.002 lx (Seidelmann 1992).
    """
    sine = math.sin(elevation_rad)
    if sine > 0:
        direct = 133_100.0 * sine * math.exp(-0.21 / max(sine, 0.02))
        return direct * (1.0 - cloud) + (300.0 + 21_000.0 * sine) * (1.0 - 0.4 * cloud)
    twilight = 300.0 * 10.0 ** (math.degrees(elevation_rad) / 3.2)
    return max(twilight * (1.0 - 0.6 * cloud), 0.002)


def headlamps_on(conditions: Conditions) -> bool:
    """Whether drivers have their headlamps on: rain, fog, snow, or a sun below 3 degrees."""
    dim = conditions.sun_elevation_rad < math.radians(3)
    falling = conditions.rain_mm_h > 0.5 or conditions.snow_mm_h > 0.1
    return dim or falling or mor_m(conditions) < 1000


def value(conditions: Conditions, name: str) -> float:
    """A quantity by name, also one of ``extra``, which is 0 where it is not given."""
    return float(getattr(conditions, name, conditions.extra.get(name, 0.0)))


def with_values(conditions: Conditions, values: Mapping[str, float]) -> Conditions:
    """The conditions with some quantities changed by name; what the physics lacks is ``extra``."""
    own = {f.name for f in dataclasses.fields(Conditions)}
    inner = {k: v for k, v in values.items() if k in own}
    outer = {k: v for k, v in values.items() if k not in own}
    return dataclasses.replace(conditions, **inner, extra={**conditions.extra, **outer})
