"""Smog: soot, sulphates and nitrogen dioxide over a town, a veil of dirty yellow grey.

Its particles are smaller than the waves of light: they scatter blue more than red, and soot, brown
carbon and the gas absorb, blue most. Fog is white, dust bright and ochre, smog darker than both.
How much of it is in the way is taken in green light for all colours, as of all that floats in the
air; how dark and how yellow it is follows from what each colour loses.
"""

from __future__ import annotations

from render.effect import Effect
from simulator.conditions import Conditions, smog_extinction

WAVES_NM = 610.0, 550.0, 450.0
"""Of red, green and blue."""

SCATTERED, SCATTERED_EXPONENT = 0.82, 1.4
"""Share of what particles take out of green light, and its Angstrom exponent (near Guangzhou 0.82
and 1.46, Garland et al. 2008; at Hefei 0.82 in brown haze, Zhang and Mao 2015)."""

SOOT, SOOT_EXPONENT = 0.14, 1.0
BROWN, BROWN_EXPONENT = 0.04, 5.0
"""The rest: soot absorbs as 1 / wavelength (Russell et al. 2010), brown carbon far more of the
blue; how they share it is a choice."""

GAS = (0.007, 0.022, 0.082)
"""What 75 ppb of nitrogen dioxide absorb beside 250 ug/m3 of particles, as shares of the same: 0.33
/ Mm a ppb at 550 nm (Pitchford et al. 2007), some 3.7 times that at 450 nm, a third at 610 nm."""

TIMES = 3
"""How often the light within it was scattered, on its way through what lies above (a choice)."""


def _extinction(conditions: Conditions) -> float:
    return smog_extinction(conditions.smog_ug_m3)


def _kept(wave_nm: float, gas: float) -> float:
    """Share of the light of a colour that is left when it was scattered once."""
    ratio = WAVES_NM[1] / wave_nm
    scattered = SCATTERED * ratio**SCATTERED_EXPONENT
    absorbed = SOOT * ratio**SOOT_EXPONENT + BROWN * ratio**BROWN_EXPONENT + gas
    return scattered / (scattered + absorbed)


RED, GREEN, BLUE = (
    _kept(wave_nm, gas) ** TIMES for wave_nm, gas in zip(WAVES_NM, GAS, strict=True)
)

EFFECT = Effect(
    title="smog: a yellow-grey veil of soot and haze over a town",
    order=13,
    quantities=("smog_ug_m3",),
    steps=(250.0, 700.0, 1800.0, 4000.0),
    strength=_extinction,
    extinction=_extinction,
    airlight=(RED, GREEN, BLUE),
)
