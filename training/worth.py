"""What added data is worth: the share of a gap that it closes, and in frames of the base."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from training.arm_figures import joint_replicates
from training.bootstrap import Interval, interval
from training.compare import Comparison, Figure

MOST_TIMES = 4.0
"""A learning curve is followed at most so far beyond its largest size."""

NOTHING = Interval(float("nan"), float("nan"), float("nan"))


@dataclasses.dataclass(frozen=True)
class Exchange:
    """How many scenes of the base bring what an arm brought.

    Attributes:
        scenes: of the base alone with the same score, inf where the curve never reaches it.
        rate: base scenes that one added scene is worth.
    """

    scenes: Interval
    rate: Interval


def gap_closed(base: Figure, arm: Figure, oracle: Figure, gap: Comparison, seed: int) -> Interval:
    """(arm - base) / (oracle - base); NaN where the gap's interval holds nothing.

    Args:
        gap: oracle against base. seed: of the draws.
    """
    if not gap.change.low > 0:
        return NOTHING
    low, value, high = joint_replicates((base, arm, oracle), seed).T
    share = (arm.values.mean() - base.values.mean()) / gap.change.value
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (value - low) / np.where(high - low > 0, high - low, np.nan)
    return interval(float(share), shares)


def exchange(
    sizes: Sequence[float], curve: Sequence[Figure], arm: Figure, base: float, added: float,
    seed: int,
) -> Exchange:  # fmt: skip
    """Read an arm's score off the learning curve of the base alone.

    Args:
        sizes: scenes of each point of the curve, ascending. curve: its figures. arm: what base
            and added scenes together brought. base, added: scenes of each in the arm.
    """
    means = np.array([[f.values.mean() for f in (*curve, arm)]])
    both = np.concatenate([means, joint_replicates((*curve, arm), seed)])
    equal = _reached(np.array(sizes, dtype=float), both[:, :-1], both[:, -1])
    rate = (equal - base) / added
    return Exchange(_ordered(equal), _ordered(rate))


def _reached(sizes: np.ndarray, curve: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Where curves f64[R, L] first reach scores f64[R], linear in the logarithm of the size.

    Below the smallest size: that size. Beyond the largest the last slope goes on, MOST_TIMES at
    most; inf where that does not reach.
    """
    x = np.log2(sizes)
    rising = np.maximum.accumulate(curve, axis=1)
    slope = (rising[:, -1] - rising[:, -2]) / (x[-1] - x[-2])
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = x[-1] + np.where(slope > 0, (score - rising[:, -1]) / slope, np.inf)
    found = np.where(beyond <= x[-1] + np.log2(MOST_TIMES) + 1e-9, beyond, np.inf)
    for k in range(len(x) - 2, -1, -1):
        low, high = rising[:, k], rising[:, k + 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(high > low, (score - low) / (high - low), 0.0)
        inside = score <= high
        found = np.where(inside, x[k] + np.clip(share, 0.0, 1.0) * (x[k + 1] - x[k]), found)
    return 2.0**found


def _ordered(values: np.ndarray) -> Interval:
    """The first entry with the order statistics of the others: inf is allowed among them."""
    rest = np.sort(values[1:][~np.isnan(values[1:])])
    last = len(rest) - 1
    if last < 0:
        return Interval(float(values[0]), float("nan"), float("nan"))
    low, high = rest[[int(0.025 * last), int(np.ceil(0.975 * last))]]
    return Interval(float(values[0]), float(low), float(high))
