"""Conditions -> tyre-road friction."""

from __future__ import annotations

from simulator.conditions import Conditions

GRAVITY_MPS2 = 9.81
DRY, WET, SNOW, ICE = 0.8, 0.5, 0.25, 0.10
"""Friction coefficients in the middle of the measured ranges (Wallman & Astrom 2001)."""

WET_AT_MM = 0.5
"""A film of half a millimetre is a wet road; below it friction falls in proportion."""


def friction(conditions: Conditions) -> float:
    """Peak tyre-road friction coefficient mu on the carriageway, dimensionless.

    Water, lying snow and ice each pull mu from the dry value towards their own, the slipperiest
    last, so that every one of them can only lower it.
    """
    mu = DRY + (WET - DRY) * min(conditions.water_film_mm / WET_AT_MM, 1.0)
    mu += (min(SNOW, mu) - mu) * conditions.snow_cover
    return mu + (min(ICE, mu) - mu) * conditions.ice


def stopping_distance_m(speed_mps: float, mu: float, reaction_s: float) -> float:
    """Distance to a stand with locked friction mu, m: v t_r + v^2 / (2 mu g)."""
    return speed_mps * reaction_s + speed_mps**2 / (2.0 * mu * GRAVITY_MPS2)
