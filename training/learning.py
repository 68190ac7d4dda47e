"""The learning curve: a power law through errors at nested sizes, and how much more to make.

L(n) = a n^-alpha + c with a, c >= 0 (Mikami 2021; Hestness 2017). Extrapolated at most MOST_TIMES,
checked by predicting the largest size from the others, and no asymptote is told where alpha lies
at a bound of its range: there the data do not tell it.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from training.bootstrap import Interval

ALPHAS = np.linspace(0.05, 2.0, 79)
MOST_TIMES = 4.0
LEAST_SIZES = 4
"""Sizes below which a curve with three unknowns cannot be checked."""

STEPS_TO_MOST = 16
"""Candidate sizes between the largest measured one and MOST_TIMES of it, evenly in logarithm."""


@dataclasses.dataclass(frozen=True, eq=False)
class PowerLaw:
    """Fits of many replicates: a, alpha, c, each f64[R]."""

    a: np.ndarray
    alpha: np.ndarray
    c: np.ndarray

    def at(self, sizes: np.ndarray) -> np.ndarray:
        """The error at sizes f64[M]: f64[R, M]."""
        power = np.asarray(sizes, dtype=float)[None] ** -self.alpha[:, None]
        return self.a[:, None] * power + self.c[:, None]


@dataclasses.dataclass(frozen=True)
class Curve:
    """What a learning curve says.

    Attributes:
        alpha, floor: of the fit, the floor NaN where alpha lies at a bound. held_out: predicted
            error at the largest size minus the measured one, from the other sizes. next_size: the
            smallest size whose gain over the largest measured one is worth it, inf if none is
            within MOST_TIMES. next_gain: the gain there (or at MOST_TIMES). saturated_at: the size
            from which a doubling is no longer worth it, inf if beyond MOST_TIMES.
    """

    alpha: Interval
    floor: Interval
    held_out: float
    next_size: Interval
    next_gain: Interval
    saturated_at: Interval


def fit(sizes: np.ndarray, errors: np.ndarray) -> PowerLaw:
    """Least squares for every replicate.

    Args:
        sizes: f64[L], L >= 3. errors: f64[R, L].
    """
    best = np.full(len(errors), np.inf)
    a, alpha, c = (np.zeros(len(errors)) for _ in range(3))
    for value in ALPHAS:
        x = sizes**-value
        centred = x - x.mean()
        slope = (errors - errors.mean(axis=1, keepdims=True)) @ centred / (centred @ centred)
        floor = errors.mean(axis=1) - slope * x.mean()
        # outside the quadrant the best point lies on its edge
        through = errors @ x / (x @ x)
        low, flat = floor < 0, slope < 0
        slope = np.where(flat, 0.0, np.where(low, through, slope))
        floor = np.where(flat, errors.mean(axis=1), np.where(low, 0.0, floor))
        left = ((slope[:, None] * x + floor[:, None] - errors) ** 2).sum(axis=1)
        better = left < best - 1e-15
        best = np.where(better, left, best)
        a, alpha, c = (
            np.where(better, new, old) for new, old in ((slope, a), (value, alpha), (floor, c))
        )
    return PowerLaw(a, alpha, c)


def read_curve(
    sizes: np.ndarray, errors: np.ndarray, samples: np.ndarray, smallest: float
) -> Curve:
    """Fit, check, and say how much more to make.

    Args:
        sizes: f64[L], ascending, L >= 4. errors: f64[L], measured. samples: f64[R, L], replicates.
        smallest: the least gain that is worth it (a share), declared before.
    """
    law, laws = fit(sizes, errors[None]), fit(sizes, samples)
    before = fit(sizes[:-1], errors[None, :-1])
    held_out = float(before.at(sizes[-1:])[0, 0] - errors[-1])
    at_bound = bool(np.isin(law.alpha[0], ALPHAS[[0, -1]])) or law.a[0] == 0
    floor = _bounded(law.c[0], laws.c)
    if at_bound:
        floor = Interval(float("nan"), float("nan"), float("nan"))
    sought, gain = _next(law, sizes[-1], smallest)
    sought_all, gain_all = _next(laws, sizes[-1], smallest)
    return Curve(
        alpha=_bounded(law.alpha[0], laws.alpha), floor=floor, held_out=held_out,
        next_size=_bounded(sought[0], sought_all), next_gain=_bounded(gain[0], gain_all),
        saturated_at=_bounded(
            _saturated(law, sizes, smallest)[0], _saturated(laws, sizes, smallest)
        ),
    )  # fmt: skip


def _next(law: PowerLaw, largest: float, smallest: float) -> tuple[np.ndarray, np.ndarray]:
    """The smallest worthwhile size f64[R] (inf if none) and the gain there f64[R]."""
    steps = largest * MOST_TIMES ** (np.arange(1, STEPS_TO_MOST + 1) / STEPS_TO_MOST)
    gains = law.at(np.array([largest])) - law.at(steps)
    worth = gains >= smallest
    first = np.where(worth.any(axis=1), worth.argmax(axis=1), -1)
    rows = np.arange(len(gains))
    return np.where(first < 0, np.inf, steps[first]), gains[rows, first]


def _saturated(law: PowerLaw, sizes: np.ndarray, smallest: float) -> np.ndarray:
    """The size from which the fit's gain by doubling is below ``smallest``: f64[R], inf beyond."""
    # a n^-alpha (1 - 2^-alpha) = smallest
    with np.errstate(divide="ignore", over="ignore"):
        size = (law.a * (1.0 - 2.0**-law.alpha) / smallest) ** (1.0 / law.alpha)
    size = np.maximum(size, sizes[0])
    return np.where(size > MOST_TIMES * sizes[-1], np.inf, size)


def _bounded(value: float, samples: np.ndarray) -> Interval:
    """A 95 % interval by order statistics: percentiles between a number and inf are no number."""
    good = np.sort(samples[~np.isnan(samples)])
    if not len(good):
        return Interval(float(value), float("nan"), float("nan"))
    last = len(good) - 1
    low, high = good[[int(0.025 * last), int(np.ceil(0.975 * last))]]
    return Interval(float(value), float(low), float(high))
