"""How like a target is a set of scenes, and how diverse? Measures, and whether they predict a gain.

None of them is to be believed before it was shown to predict a gain (see ``power_of``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np

from simulator.seeding import stream

NEAREST = 5
DRAWS = 20_000


@dataclasses.dataclass(frozen=True)
class Power:
    """How well a measure's order of candidates is that of their gains.

    Attributes:
        rank: Spearman's correlation, 1 where the order is the same. p: two-sided, of permutations.
    """

    rank: float
    p: float


def kernel_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Unbiased squared MMD of a cubic kernel (KID, Binkowski 2018) of f64[N, C] and f64[M, C]."""
    a, b = np.asarray(a, float), np.asarray(b, float)

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x @ y.T / x.shape[1] + 1.0) ** 3

    n, m = len(a), len(b)
    own, other = kernel(a, a), kernel(b, b)
    inner = (own.sum() - np.trace(own)) / (n * (n - 1))
    inner += (other.sum() - np.trace(other)) / (m * (m - 1))
    return float(inner - 2 * kernel(a, b).mean())


def covered(target: np.ndarray, data: np.ndarray, nearest: int = NEAREST) -> float:
    """Share of a target whose neighbourhood holds some of the data (coverage, Naeem 2020).

    The neighbourhood of a point reaches to its ``nearest``-th neighbour within the target.
    """
    apart = _distances(target, target)
    reach = np.sort(apart, axis=1)[:, min(nearest, len(target) - 1)]
    return float((_distances(target, data).min(axis=1) < reach).mean())


def diversity(data: np.ndarray) -> float:
    """How many unlike pictures are as diverse as these: the Vendi score (Friedman 2022), 1 .. N."""
    unit = data / np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-12)
    share = np.linalg.eigvalsh(unit @ unit.T / len(unit))
    share = share[share > 1e-12]
    return float(np.exp(-(share * np.log(share)).sum()))


def divergence(a: np.ndarray, b: np.ndarray) -> float:
    """Jensen-Shannon divergence of two histograms of counts, in bits: 0 alike .. 1 apart."""
    p, q = (np.asarray(x, float) / max(float(np.sum(x)), 1e-12) for x in (a, b))
    middle = (p + q) / 2

    def part(x: np.ndarray) -> float:
        some = x > 0
        return float((x[some] * np.log2(x[some] / middle[some])).sum())

    return (part(p) + part(q)) / 2


def combinations_seen(target: Iterable[object], data: Iterable[object]) -> float:
    """Share of a target's combinations of factor levels that the data shows."""
    wanted = set(target)
    return len(wanted & set(data)) / max(len(wanted), 1)


def power_of(measure: Sequence[float], gain: Sequence[float], seed: int = 0) -> Power:
    """Spearman's rank correlation of a measure with gains over candidates, with its p.

    NaN where a measure is the same for all.
    """
    x, y = _ranks(np.asarray(measure, float)), _ranks(np.asarray(gain, float))
    if np.ptp(x) == 0 or np.ptp(y) == 0 or len(x) < 3:
        return Power(float("nan"), float("nan"))
    rank = float(np.corrcoef(x, y)[0, 1])
    rng = stream(seed, len(x), "likeness/permutations")
    shuffled = rng.permuted(np.tile(y, (DRAWS, 1)), axis=1)
    centred = (x - x.mean()) / (x.std() * len(x))
    seen = (shuffled - y.mean()) @ centred / y.std()
    at_least = (np.abs(seen) >= abs(rank) - 1e-12).sum()
    return Power(rank, float((at_least + 1) / (DRAWS + 1)))


def standardised(features: Sequence[np.ndarray], by: np.ndarray) -> list[np.ndarray]:
    """Features with the mean and the spread of ``by`` taken out of each column."""
    middle, spread = by.mean(axis=0), np.maximum(by.std(axis=0), 1e-6)
    return [(f - middle) / spread for f in features]


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks, equal values sharing their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    return np.sqrt(np.maximum(square, 0.0))
