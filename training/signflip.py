"""The exact sign-flip test: were the differences of paired seeds as likely with the other sign?"""

from __future__ import annotations

import numpy as np

from simulator.seeding import stream

MOST_EXACT = 16
"""Seeds up to which every pattern of signs is tried; beyond it DRAWS patterns are drawn."""

DRAWS = 1 << MOST_EXACT


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided p of paired differences f64[K]: share of sign patterns with as large a mean.

    With K seeds it is never below 2 ** (1 - K): below six of them nothing is significant at 5 %.
    NaN for no differences or where one is NaN.
    """
    count = len(differences)
    if count == 0 or np.isnan(differences).any():
        return float("nan")
    if count <= MOST_EXACT:
        patterns = np.arange(1 << count)[:, None] >> np.arange(count) & 1
    else:
        patterns = stream(0, count, "sign-flip").integers(0, 2, (DRAWS, count))
        patterns[0] = 1  # the pattern that was seen belongs to them
    sums = np.abs((2 * patterns - 1) @ differences)
    seen = abs(float(differences.sum()))
    return float(np.mean(sums >= seen - 1e-12 * max(seen, 1.0)))
