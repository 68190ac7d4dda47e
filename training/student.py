"""Student's t distribution for any number of degrees of freedom, also broken ones."""

from __future__ import annotations

import functools
import math

TERMS = 300
SMALLEST = 1e-300
EXACT = 1e-14


def tail(t: float, freedom: float) -> float:
    """Probability of a value above ``t`` under ``freedom`` > 0 degrees of freedom."""
    if math.isnan(t):
        return float("nan")
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    half = 0.5 * _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5)
    return half if t >= 0 else 1.0 - half


@functools.lru_cache(maxsize=4096)
def quantile(share: float, freedom: float) -> float:
    """The value below which a share of 0.5 <= share < 1 lies, by halving intervals."""
    low, high = 0.0, 1.0
    while tail(high, freedom) > 1.0 - share:
        low, high = high, 2.0 * high
    while high - low > 1e-10 * high:
        middle = 0.5 * (low + high)
        if tail(middle, freedom) > 1.0 - share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b); DLMF 8.17.22, its mirror 8.17.4."""
    if x <= 0.0 or x >= 1.0:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _beta_share(1.0 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) / a * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > SMALLEST else SMALLEST)
    value = d
    for m in range(1, TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > SMALLEST else SMALLEST)
            c = 1.0 + term / c
            c = c if abs(c) > SMALLEST else SMALLEST
            value *= c * d
        if abs(c * d - 1.0) < EXACT:
            break
    return value
