"""Falling snow: strong extinction, and soft flakes near the lens."""

from __future__ import annotations

import numpy as np

from render.effect import Effect, Specks, View
from render.falling import UNIT, Kind, Sizes, look, tile
from simulator.conditions import Conditions, snow_extinction

MELTED_MM = 0.4
"""Diameter of the drops that the smallest flakes that count melt to."""

FLUFF = 2.5
"""Diameter of a flake to that drop: its density is 0.064 of that of water."""


def gunn_marshall(snow_mm_h: float) -> Sizes:
    """Sizes of flakes: melted, 3800 R^-0.87 exp(-2.55 R^-0.48 D) a m3 and mm (Gunn and Marshall
    1958, "The distribution with size of aggregate snowflakes").
    """
    number, slope = 3800.0 * snow_mm_h**-0.87, 2.55 * snow_mm_h**-0.48
    return Sizes(number / FLUFF, slope / FLUFF, MELTED_MM * FLUFF)


FLAKES = Kind("snow", gunn_marshall, fall_mps=1.0, opaque=0.9, px_per_m=200.0)


def _extinction(conditions: Conditions) -> float:
    return snow_extinction(conditions.snow_mm_h)


def _specks(conditions: Conditions, view: View, prepared: None) -> Specks:
    del prepared
    seen, more = look(FLAKES, conditions.snow_mm_h, conditions, view)
    return Specks(tile(seen), UNIT * more, view.light.air * np.float32(1.15))


EFFECT = Effect(
    title="snow: extinction and flakes near the lens",
    order=30,
    quantities=("snow_mm_h", "wind_x_mps", "wind_y_mps"),
    steps=(0.3, 1.0, 2.5, 5.0),
    strength=_extinction,
    extinction=_extinction,
    specks=_specks,
)
