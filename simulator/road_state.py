"""What the weather makes of the road: it gets wet, dries, freezes, thaws, lies under snow."""

from __future__ import annotations

import math

from simulator.conditions import Conditions, sun_lux

DRAIN_MM, DRAIN_EXPONENT = 0.1755, 0.59
"""Film on a draining road in steady rain: DRAIN_MM R^0.59 mm, R in mm/h (Gallaway, Schiller and
Rose 1971, with the water in the texture: over two lanes of 3.7 m that slope by 2 %, with 0.76 mm of
texture, 2 mm at 65 mm/h)."""

SUN_MM_H = 0.83 / 100_000.0
"""Evaporation by sunlight, mm/h a lux: 0.7 of the net radiation (Priestley and Taylor 1972: of a
wet surface; 110 lm/W, albedo 0.1, 2.45 MJ/kg)."""

AIR_MM_H, WIND_MM_H = 0.09, 0.048
"""Evaporation by air that lacks 8 hPa of vapour, and its part a m/s of wind (Penman 1948)."""

FREEZE_MM_H_C = 0.22
"""Water that freezes, or ice that thaws, a degree below or above 0, mm/h: 20 W/m2/K of heat lost to
the air over 334 kJ/kg."""

FULL_ICE_MM = 0.5
"""Frozen water that covers all of the road: the film of a wet one."""

SNOW_THAW_MM_H_C = 0.2
"""Snow that melts a degree above 0, mm/h of water: a degree-day factor of 5 mm (Hock 2003)."""

SNOW_TEXTURE_MM = 2.5
"""Water of the snow that covers tanh(1) of the ground: cover = tanh(depth / (2.5 z0)) with 10 mm of
roughness (Yang and others 1997) and fresh snow of 100 kg/m3."""

MOST_COVER, MOST_FILM_MM = 0.999, 10.0
_PART_S = 3.0
"""Longest step of the integration: the film of a cloudburst has a time constant of a minute."""


def road_after(road: Conditions, air: Conditions, seconds: float) -> dict[str, float]:
    """The road's state some time later.

    Args:
        road: conditions whose ``water_film_mm``, ``snow_cover`` and ``ice`` are those before.
        air: the weather meanwhile. seconds: how long.

    Returns:
        The same three quantities by name.
    """
    film = road.water_film_mm
    snow_mm = SNOW_TEXTURE_MM * math.atanh(min(road.snow_cover, MOST_COVER))
    ice_mm = road.ice * FULL_ICE_MM
    parts = max(math.ceil(seconds / _PART_S), 1)
    hours = seconds / parts / 3600.0
    dry = _evaporation_mm_h(air) * hours
    for _ in range(parts):
        frozen = air.air_c < 0.0
        film += air.rain_mm_h * hours
        if frozen:
            snow_mm += air.snow_mm_h * hours
            turned = min(film, -air.air_c * FREEZE_MM_H_C * hours)
            film, ice_mm = film - turned, ice_mm + turned
        else:
            film += air.snow_mm_h * hours  # it melts as it falls
            thawed = min(snow_mm, air.air_c * SNOW_THAW_MM_H_C * hours)
            melted = min(ice_mm, air.air_c * FREEZE_MM_H_C * hours)
            snow_mm, ice_mm, film = snow_mm - thawed, ice_mm - melted, film + thawed + melted
        film -= min(film, hours * (film / DRAIN_MM) ** (1.0 / DRAIN_EXPONENT))
        film -= min(film, dry)
    cover = min(math.tanh(snow_mm / SNOW_TEXTURE_MM), 1.0)
    ice = min(ice_mm / FULL_ICE_MM, 1.0)
    return {"water_film_mm": min(film, MOST_FILM_MM), "snow_cover": cover, "ice": ice}


def _evaporation_mm_h(air: Conditions) -> float:
    """How fast a wet road dries; not at all while something falls and the air is full of vapour."""
    if air.rain_mm_h > 0 or air.snow_mm_h > 0:
        return 0.0
    wind = math.hypot(air.wind_x_mps, air.wind_y_mps)
    return SUN_MM_H * sun_lux(air.sun_elevation_rad, air.cloud) + AIR_MM_H + WIND_MM_H * wind
