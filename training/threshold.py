"""At which severity half of what was found is lost: a logistic curve through shares found."""

from __future__ import annotations

import numpy as np

from training.bootstrap import Interval

ROUNDS = 60
"""Newton steps at most; a dozen is enough where a curve is not steep."""

HALVINGS = 12

RIDGE = 0.02
"""Weight of the prior that keeps a curve finite where the data separate: next to nothing."""

STEEPEST = 60.0
"""Bound on the slope, in logits over the whole ladder."""


def half_lost(x: np.ndarray, found: np.ndarray, total: np.ndarray) -> np.ndarray:
    """The place on the ladder where the share found has fallen to half of that at its beginning.

    A binomial fit of p(t) = p0 s(a - b t) / s(a), s the logistic function, t the place on the
    ladder from 0 to 1, p0 the share found at its mild end.

    Args:
        x: f64[L], ascending, L >= 3. found, total: f64[R, L], counts of each replicate.

    Returns:
        f64[R]: x50; inf where the curve does not fall to half within the ladder, NaN where nothing
        was found at its beginning.
    """
    unit = float(x[-1] - x[0])
    t = (x - x[0]) / unit
    with np.errstate(invalid="ignore", divide="ignore"):
        start = np.where(total[:, 0] > 0, found[:, 0] / total[:, 0], np.nan)
    good = start > 0
    p0 = np.where(good, np.minimum(start, 0.999), 0.5)[:, None]
    a, b = np.full(len(found), 2.0), np.full(len(found), 4.0)
    worth = _worth(t, found, total, p0, a, b)
    for _ in range(ROUNDS):
        step_a, step_b = _newton(t, found, total, p0, a, b)
        before = worth
        a, b, worth = _uphill((t, found, total, p0), a, b, step_a, step_b, worth)
        if np.abs(worth - before).max() < 1e-9:
            break
    place = np.log(np.exp(a) + 2.0) / b  # where s(a - b t) = s(a) / 2
    return np.where(good, np.where(place <= 1.0, x[0] + unit * place, np.inf), np.nan)


def _newton(
    t: np.ndarray,
    found: np.ndarray,
    total: np.ndarray,
    p0: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """One step of Fisher scoring for all replicates."""
    s = 1.0 / (1.0 + np.exp(-np.clip(a[:, None] - b[:, None] * t, -40, 40)))
    s0 = (1.0 / (1.0 + np.exp(-a)))[:, None]
    p = _chance(t, p0, a, b)
    by_a, by_b = p * (s0 - s), -t * p * (1.0 - s)
    pull, weight = (found - total * p) / (p * (1.0 - p)), total / (p * (1.0 - p))
    ga = (pull * by_a).sum(axis=1) - RIDGE * (a - 2.0)
    gb = (pull * by_b).sum(axis=1) - RIDGE * (b - 4.0)
    haa = (weight * by_a * by_a).sum(axis=1) + RIDGE
    hab = (weight * by_a * by_b).sum(axis=1)
    hbb = (weight * by_b * by_b).sum(axis=1) + RIDGE
    det = np.maximum(haa * hbb - hab * hab, 1e-9)
    return (hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det


def _worth(
    t: np.ndarray,
    found: np.ndarray,
    total: np.ndarray,
    p0: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
) -> np.ndarray:
    """Log likelihood of each replicate with the prior: f64[R]."""
    p = _chance(t, p0, a, b)
    prior = RIDGE / 2 * ((a - 2.0) ** 2 + (b - 4.0) ** 2)
    return (found * np.log(p) + (total - found) * np.log1p(-p)).sum(axis=1) - prior


def _chance(t: np.ndarray, p0: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    s = 1.0 / (1.0 + np.exp(-np.clip(a[:, None] - b[:, None] * t, -40, 40)))
    return np.clip(p0 * s * (1.0 + np.exp(-a))[:, None], 1e-9, 1 - 1e-9)


def _uphill(
    data: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    a: np.ndarray,
    b: np.ndarray,
    step_a: np.ndarray,
    step_b: np.ndarray,
    worth: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Go along the steps as far as the likelihood rises: halved until it does, else not at all.

    Plain steps run to and fro for ever where a curve is steep.
    """
    scale = 1.0 / np.maximum(1.0, np.maximum(np.abs(step_a) / 4.0, np.abs(step_b) / 8.0))
    waiting = np.ones(len(a), dtype=bool)
    for _ in range(HALVINGS):
        new_a, new_b = a + scale * step_a, np.clip(b + scale * step_b, 0.05, STEEPEST)
        new = _worth(*data, new_a, new_b)
        risen = waiting & (new >= worth)
        a, b = np.where(risen, new_a, a), np.where(risen, new_b, b)
        worth = np.where(risen, new, worth)
        waiting &= ~risen
        if not waiting.any():
            break
        scale = scale / 2
    return a, b, worth


def threshold(x: np.ndarray, found: np.ndarray, total: np.ndarray, weights: np.ndarray) -> Interval:
    """``half_lost`` with its interval from resampling scenes.

    Args:
        x: f64[L]. found, total: f64[L, S], counts of each scene. weights: f64[R, S], of
            ``bootstrap.scene_weights``.

    Returns:
        Ends that lie beyond the ladder are inf.
    """
    value = half_lost(x, found.sum(axis=1)[None], total.sum(axis=1)[None])[0]
    samples = half_lost(x, weights @ found.T, weights @ total.T)
    good = np.sort(samples[~np.isnan(samples)])
    if np.isnan(value) or not len(good):
        return Interval(float(value), float("nan"), float("nan"))
    # order statistics: a percentile between inf and a number would be no number
    last = len(good) - 1
    low, high = good[[int(0.025 * last), int(np.ceil(0.975 * last))]]
    step = _step(x, found.sum(axis=1), total.sum(axis=1))
    if step is not None:
        low, high = min(low, step[0]), max(high, step[1])
    return Interval(float(value), float(low), float(high))


def _step(x: np.ndarray, found: np.ndarray, total: np.ndarray) -> tuple[float, float] | None:
    """The levels between which nearly all is lost at once, where there are such.

    Within one step from over three quarters of the beginning to under one quarter nothing says
    where the half is lost: no interval is narrower than that step.
    """
    share = found / np.maximum(total, 1) / max(found[0] / max(total[0], 1), 1e-9)
    fall = np.flatnonzero((share[:-1] > 0.75) & (share[1:] < 0.25))
    return (float(x[fall[0]]), float(x[fall[0] + 1])) if len(fall) else None
