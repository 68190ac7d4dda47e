"""Conditions -> tyre-road friction of a road as a whole; ``grip`` has that of its places."""

from __future__ import annotations

from simulator.conditions import Conditions
from simulator.grip import DRY, GRAVITY_MPS2, ICE, SNOW, WET, WET_AT_MM


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
