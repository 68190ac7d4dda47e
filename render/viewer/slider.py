"""Where a value lies on its slider, and how it is written."""

from __future__ import annotations

import math
import re

from simulator.settings import Quantity

LOG_SPAN = 1000.0
"""Quantities whose bounds are this many times apart are laid out by their logarithm."""

STEPS = 400
"""Places of an evenly divided slider."""


def share_of(q: Quantity, value: float) -> float:
    """Where a value lies between its bounds, 0..1 from left to right."""
    value = min(max(value, q.low), q.high)
    if _logarithmic(q):
        return math.log(value / q.low) / math.log(q.high / q.low)
    if _rooted(q):
        return math.sqrt(value / q.high)
    return (value - q.low) / (q.high - q.low)


def value_at(q: Quantity, share: float) -> float:
    """The value at a place 0..1, rounded to what a hand can set, within its bounds."""
    share = min(max(share, 0.0), 1.0)
    if _logarithmic(q):
        value = _two_digits(q.low * (q.high / q.low) ** share)
    elif _rooted(q):
        value = _two_digits(q.high * share**2)
    elif q.unit == "rad":
        half_degrees = round(2 * math.degrees(q.low + share * (q.high - q.low)))
        value = math.radians(half_degrees / 2)
    else:
        step = (q.high - q.low) / STEPS
        value = round(round((q.low + share * (q.high - q.low)) / step) * step, 6)
    return min(max(value, q.low), q.high)


def title(name: str) -> str:
    """The name of a quantity without its unit, for people.

    >>> title("water_film_mm")
    'water film'
    """
    return re.sub(r"_(mm_h|mg_m3|ug_m3|mm|mps|m|rad|c)$", "", name).replace("_", " ")


def written(q: Quantity, value: float) -> str:
    """A value with its unit; angles in degrees.

    >>> written(Quantity("m", 10, 50_000), 50_000.0)
    '50,000 m'
    """
    if q.unit == "rad":
        return f"{math.degrees(value):.1f}°"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return f"{text} {unit(q)}".rstrip()


def bounds(q: Quantity) -> str:
    """The bounds of a quantity in short."""
    low, high = (math.degrees(v) if q.unit == "rad" else v for v in (q.low, q.high))
    sign = "°" if q.unit == "rad" else ""
    return f"{low:,.0f}{sign} to {high:,.0f}{sign}"


def unit(q: Quantity) -> str:
    """The unit in short."""
    return q.unit.partition(" of ")[0].replace("degrees C", "°C")


def _logarithmic(q: Quantity) -> bool:
    return q.low > 0 and q.high / q.low >= LOG_SPAN


def _rooted(q: Quantity) -> bool:
    """Rates and films: what is small matters most."""
    return q.low == 0 and q.high > 1 and q.unit != "h"


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")
