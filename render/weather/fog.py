"""Fog: a uniform layer that takes contrast by Koschmieder's law."""

from __future__ import annotations

import numpy as np

from render.effect import Effect, Stage, View
from render.veil import Veil, apply_veil, veil
from simulator.conditions import NO_FOG_M, Conditions


def _strength(conditions: Conditions) -> float:
    return 0.0 if conditions.visibility_m >= NO_FOG_M else 3.0 / conditions.visibility_m


def _prepare(conditions: Conditions, view: View, rng: np.random.Generator) -> Veil:
    del rng
    return veil(3.0 / conditions.visibility_m, view)


EFFECT = Effect(
    "fog: contrast falls with the optical depth of the air",
    Stage.AIR, 10, ("visibility_m",), _strength, _prepare, apply_veil,
)  # fmt: skip
