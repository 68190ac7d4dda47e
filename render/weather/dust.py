"""Dust: mineral grains in the air, which veil like fog but in the colour of the ground."""

from __future__ import annotations

from render.effect import Effect
from simulator.conditions import Conditions, dust_extinction


def _extinction(conditions: Conditions) -> float:
    return dust_extinction(conditions.dust_mg_m3)


EFFECT = Effect(
    title="dust: a brown veil, as in a sand storm or behind a harvester",
    order=12,
    quantities=("dust_mg_m3",),
    steps=(2.0, 6.0, 15.0, 40.0),
    strength=_extinction,
    extinction=_extinction,
    # iron oxides absorb blue: single-scattering albedo about 0.97 in red, 0.9 in green, 0.8 in blue
    # (Sokolik and Toon 1999), after several scatterings squared
    airlight=(0.94, 0.81, 0.62),
)
