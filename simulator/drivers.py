"""What a driver's temper means on the road: one trait behind manners that go together."""

from __future__ import annotations

import numpy as np

POLITENESS = (0.3, -0.1, 0.05, 0.5)
"""MOBIL's politeness of the middle driver (0.2 to 0.5; 0 is selfish), its change with a standard
deviation of the temper, least and most."""

DARES = (1.0, -0.07, 0.85, 1.15)
"""The same of the share of a critical headway (HCM) that a driver asks for: accepted gaps spread
by about a tenth of their mean between drivers."""

LATE_TEMPER, LATE_S = 1.75, 0.4
"""Above this temper, four drivers in a hundred, one goes on so long after others would stop for the
yellow, s (SinD: of 181 cars 4.4 % passed at yellow and 1.1 % at red)."""


MANNER = np.dtype([("polite", "f8"), ("dares", "f8"), ("late", "f8")], align=True)
"""A driver's MOBIL politeness, the share of a critical headway that it asks for, and for how long
it goes on at a yellow light at which others stop, s."""


def manners(temper: np.ndarray) -> np.ndarray:
    """What follows from the tempers f64[N], in standard deviations: MANNER[N]."""
    out = np.zeros(len(temper), MANNER)
    out["polite"] = _bounded(temper, *POLITENESS)
    out["dares"] = _bounded(temper, *DARES)
    out["late"] = np.where(temper > LATE_TEMPER, LATE_S, 0.0)
    return out


def _bounded(
    temper: np.ndarray, middle: float, slope: float, low: float, high: float
) -> np.ndarray:
    return (middle + slope * temper).clip(low, high)
