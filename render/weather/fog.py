"""Fog: a uniform layer that takes contrast by Koschmieder's law."""

from __future__ import annotations

import numpy as np

from render.effect import Effect, Stage, View
from simulator.conditions import NO_FOG_M, Conditions


def _extinction(conditions: Conditions) -> float:
    """What the fog adds to the clean air (1/m), so that fog comes in without a jump."""
    return 3.0 / conditions.visibility_m - 3.0 / NO_FOG_M


def _prepare(conditions: Conditions, view: View, rng: np.random.Generator) -> None:
    """All of it is extinction."""
    del conditions, view, rng


EFFECT = Effect(
    "fog: contrast falls with the optical depth of the air",
    Stage.AIR, 10, ("visibility_m",), (800.0, 340.0, 160.0, 80.0), _extinction, _prepare,
    extinction=_extinction,
)  # fmt: skip
