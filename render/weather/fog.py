"""Fog: a uniform layer that takes contrast by Koschmieder's law."""

from __future__ import annotations

from render.effect import Effect
from simulator.conditions import NO_FOG_M, Conditions


def _extinction(conditions: Conditions) -> float:
    """What the fog adds to the clean air (1/m), so that fog comes in without a jump."""
    return 3.0 / conditions.visibility_m - 3.0 / NO_FOG_M


EFFECT = Effect(
    title="fog: contrast falls with the optical depth of the air",
    order=10,
    quantities=("visibility_m",),
    steps=(800.0, 340.0, 160.0, 80.0),
    strength=_extinction,
    extinction=_extinction,
)
