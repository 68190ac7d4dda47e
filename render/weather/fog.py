"""Fog: a layer that takes contrast by Koschmieder's law, even or in patches."""

from __future__ import annotations

import numpy as np

from render.effect import Effect, View
from render.texture import anchored
from simulator.conditions import NO_FOG_M, Conditions
from simulator.settings import Quantity

PATCH_M = 1.2
"""Size of one tile pixel, m: patches are some thirty metres wide."""


def _extinction(conditions: Conditions) -> float:
    """What the fog adds to the clean air (1/m), so that fog comes in without a jump."""
    return 3.0 / conditions.visibility_m - 3.0 / NO_FOG_M


def _thickness(conditions: Conditions, view: View, prepared: None) -> np.ndarray | None:
    """Log-normal about a mean of 1, as liquid water in fog is; it lies over the ground."""
    del prepared
    spread = np.float32(conditions.extra.get("fog_patches", 0.0))
    if spread <= 0:
        return None
    noise = anchored(view.px_to_m, view.kind.shape, 24, PATCH_M, lens=view.lens)
    return np.exp(spread * noise - spread * spread / 2)


EFFECT = Effect(
    title="fog: contrast falls with the optical depth of the air",
    order=10,
    quantities=("visibility_m", "fog_patches"),
    extra={
        "fog_patches": Quantity("", 0.0, 1.0, "how uneven the fog is: spread of its log density")
    },
    steps=(800.0, 340.0, 160.0, 80.0),
    strength=_extinction,
    extinction=_extinction,
    thickness=_thickness,
)
