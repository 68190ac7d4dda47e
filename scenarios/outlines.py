"""Outlines as shapes, all of them at once: most scenes have a dozen small ones."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import shapely

from simulator.network import Network


def polygons(outlines_m: Sequence[np.ndarray]) -> np.ndarray:
    """Shapely polygons [P] of outlines f64[N, 2] m."""
    if not outlines_m:
        return np.zeros(0, dtype=object)
    owner = np.repeat(np.arange(len(outlines_m)), [len(outline) for outline in outlines_m])
    rings = shapely.linearrings(np.concatenate(outlines_m), indices=owner)
    return np.asarray(shapely.polygons(rings), dtype=object)


@functools.lru_cache(maxsize=4)  # people, the check of a scene and its picture ask for it
def pavement(network: Network) -> np.ndarray:
    """What is paved: carriageways, then junctions, shapely polygons [P]; read-only."""
    paved = polygons((*network.kerbs_m, *network.junctions_m))
    paved.flags.writeable = False
    return paved
