"""Conditions -> tyre-road friction of a road as a whole; ``grip`` has that of its places."""

from __future__ import annotations

import dataclasses
import math

from simulator.conditions import Conditions
from simulator.grip import (
    DEEP_FROM_MM,
    DEEP_MM,
    DRY,
    GRAVITY_MPS2,
    ICE,
    SNOW,
    TRACK_WATER,
    WET,
    WET_AT_MM,
    float_mps,
)

CAUTION = 2.0
"""Standard deviations of a patchy road's friction that drivers keep in hand."""


def friction(conditions: Conditions) -> float:
    """Peak tyre-road friction coefficient mu on the carriageway, dimensionless.

    Water, lying snow and ice each pull mu from the dry value towards their own, the slipperiest
    last, so that every one of them can only lower it.
    """
    mu = DRY + (WET - DRY) * min(conditions.water_film_mm / WET_AT_MM, 1.0)
    mu += (min(SNOW, mu) - mu) * conditions.snow_cover
    return mu + (min(ICE, mu) - mu) * conditions.ice


def cautious_friction(conditions: Conditions) -> float:
    """Friction that a driver reckons with on a road where ice lies in patches.

    It cannot tell what it will brake on: CAUTION standard deviations less than the mean, and no
    less than that of ice. (Reckoning with the mean, drivers who adapt touched 140 times in 1,000 km
    on patches of 0.3, and not at all on the same ice spread evenly.)
    """
    bare = friction(dataclasses.replace(conditions, ice=0.0))
    icy, share = min(ICE, bare), conditions.ice
    spread = (bare - icy) * math.sqrt(share * (1.0 - share))
    return max(friction(conditions) - CAUTION * spread, icy)


def floating_mps(conditions: Conditions, *, is_uneven: bool = False) -> float:
    """Speed that drivers keep below so as not to float, m/s; infinite where no tyre can.

    It comes down from infinity while the film grows to the depth on which tyres float. On an uneven
    road drivers reckon with the deepest water, that of a hollow of the wheel tracks.
    """
    film = conditions.water_film_mm * (2.0 * TRACK_WATER if is_uneven else 1.0)
    deep = min((film - DEEP_FROM_MM) / (DEEP_MM - DEEP_FROM_MM), 1.0)
    if deep <= 0.0:
        return math.inf
    return float_mps.py_func(film) / deep  # pyright: ignore[reportFunctionMemberAccess]


def stopping_distance_m(speed_mps: float, mu: float, reaction_s: float) -> float:
    """Distance to a stand with locked friction mu, m: v t_r + v^2 / (2 mu g)."""
    return speed_mps * reaction_s + speed_mps**2 / (2.0 * mu * GRAVITY_MPS2)
