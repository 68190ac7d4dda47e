"""Outlines as shapes, all of them at once: most scenes have a dozen small ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely


def polygons(outlines_m: Sequence[np.ndarray]) -> np.ndarray:
    """Shapely polygons [P] of outlines f64[N, 2] m."""
    if not outlines_m:
        return np.zeros(0, dtype=object)
    owner = np.repeat(np.arange(len(outlines_m)), [len(outline) for outline in outlines_m])
    rings = shapely.linearrings(np.concatenate(outlines_m), indices=owner)
    return np.asarray(shapely.polygons(rings), dtype=object)
