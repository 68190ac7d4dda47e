"""Conditions -> how far drivers see, and how they slow down and keep back for it."""

from __future__ import annotations

import math

from simulator.conditions import Conditions, mor_m, sun_lux
from simulator.friction import GRAVITY_MPS2, friction

REACTION_S = 1.5
"""Reaction time of an attentive driver, s (AASHTO uses 2.5 for design, 1.5 is the median)."""

LOW_BEAM_M = 50.0
"""What a low beam shows of an unlit obstacle, m (30-60 m)."""

LIT_STREET_M = 120.0
"""What street lamps show ahead, m."""


def sight_m(conditions: Conditions) -> float:
    """Distance at which a driver can make out a vehicle ahead, m: air and light together."""
    air = mor_m(conditions)
    if sun_lux(conditions.sun_elevation_rad, conditions.cloud) > 50.0:
        return air
    return min(air, LIT_STREET_M if conditions.street_lamps else LOW_BEAM_M)


def speed_factor(conditions: Conditions) -> float:
    """Share of the free speed that drivers choose for the surface and the weather, 0..1.

    Rain -2 % (light) to -17 % (heavy), snow -5 % to -40 %, ice -40 % to -60 %, fog under 400 m
    -8 % to -12 % (HCM; FHWA Road Weather; Hranac 2006; Wallman & Astrom 2001).
    """
    rain = 0.02 + 0.15 * min(conditions.rain_mm_h / 15.0, 1.0) if conditions.rain_mm_h > 0 else 0.0
    wet = 0.02 * min(conditions.water_film_mm / 0.5, 1.0)
    rate = conditions.snow_mm_h
    falling = 0.05 + 0.15 * min(rate / 2.5, 1.0) if rate > 0 else 0.0
    snow = max(0.3 * conditions.snow_cover, falling)
    fog = 0.12 * max(0.0, 1.0 - mor_m(conditions) / 400.0)
    return (1 - max(rain, wet)) * (1 - snow) * (1 - 0.5 * conditions.ice) * (1 - fog)


def headway_factor(conditions: Conditions) -> float:
    """Factor on the time headway: rain +5..15 %, snow +20..50 %, ice +50..100 %, fog +10..30 %."""
    wet = max(min(conditions.rain_mm_h / 15.0, 1.0), 0.5 * min(conditions.water_film_mm / 0.5, 1.0))
    snow = max(conditions.snow_cover, min(conditions.snow_mm_h / 2.5, 1.0))
    fog = max(0.0, 1.0 - mor_m(conditions) / 400.0)
    return (1 + 0.15 * wet) * (1 + 0.5 * snow) * (1 + conditions.ice) * (1 + 0.3 * fog)


def walking_factor(conditions: Conditions) -> float:
    """Share of the free walking speed on this ground: on snow people walk a tenth slower, on ice
    with short steps and a third slower (the middle of what gait laboratories report).
    """
    return (1 - 0.1 * conditions.snow_cover) * (1 - 0.33 * conditions.ice)


def sight_speed_mps(conditions: Conditions, mu: float | None = None) -> float:
    """Highest speed from which a driver can stop within what it sees, m/s.

    Solves v t_r + v^2 / (2 mu g) = sight for v; mu is that of the road unless given.
    """
    decel = (friction(conditions) if mu is None else mu) * GRAVITY_MPS2
    return -decel * REACTION_S + math.sqrt(
        (decel * REACTION_S) ** 2 + 2 * decel * sight_m(conditions)
    )
