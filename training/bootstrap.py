"""Intervals by resampling scenes: percentile bootstrap, paired where the scenes are the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render.store import Truth
from simulator.seeding import stream

LEVEL = 0.95
ENOUGH_SCENES = 60
"""Scenes below which a bootstrap interval is too narrow and is called optimistic."""


@dataclasses.dataclass(frozen=True)
class Interval:
    """A value with the bounds of its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def scenes_of(truth: Truth, among: Sequence[str] | None = None) -> tuple[np.ndarray, int]:
    """The index of each image's scene, i32[N], in the order of the keys; and how many there are.

    Args:
        among: keys of more scenes that are counted too, such as those of all conditions.
    """
    keys = sorted(set(truth.scene if among is None else among))
    place = {key: i for i, key in enumerate(keys)}
    return np.array([place[s] for s in truth.scene], dtype=np.int32), len(keys)


def scene_weights(scenes: int, replicates: int, seed: int) -> np.ndarray:
    """How often each scene occurs in each replicate: f64[R, S].

    The same arguments give the same draw, which is what pairs two measurements of one set of
    scenes.
    """
    if scenes == 0:
        return np.zeros((replicates, 0))
    rng = stream(seed, 0, f"bootstrap/{scenes}")
    return rng.multinomial(scenes, np.full(scenes, 1 / scenes), replicates).astype(np.float64)


def interval(value: float, samples: np.ndarray) -> Interval:
    """Percentile interval of a value from its replicates f64[R]; NaN replicates are left out."""
    good = samples[~np.isnan(samples)]
    if not len(good) or np.isnan(value):
        return Interval(float(value), float("nan"), float("nan"))
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(good, [tail, 100 - tail])
    return Interval(float(value), float(low), float(high))
