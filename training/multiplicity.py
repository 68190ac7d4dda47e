"""Several questions at once: p values that hold for the whole of a declared family."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values (Holm 1979), in the order given; NaN stays and does not count."""
    p = np.array(values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    p[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0) if len(order) else []
    return [float(v) for v in p]
