"""The loop of ``refine``: measure, find what fails, spend there, measure again, stop by rule.

Nothing here knows what a detector is: ``measure`` trains on so many scenes of each level and
measures on a declared validation split. The loop never sees the split on which it is judged.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from training.bootstrap import Interval, interval
from training.multiplicity import holm

ALPHA = 0.05


@dataclasses.dataclass(frozen=True, eq=False)
class Measured:
    """Scores of one training amount on the validation split.

    Attributes:
        levels: names. value: f64[L]. samples: f64[R, L], replicates with the same scenes in all
            levels (twins) and in every measurement, so that differences are paired.
        scenes, objects, fingerprint: how many, and of what, for whoever writes it down.
    """

    levels: tuple[str, ...]
    value: np.ndarray
    samples: np.ndarray
    scenes: int = 0
    objects: int = 0
    fingerprint: str = ""


Allocation = Mapping[str, int]
"""Scenes of each level."""

Measure = Callable[[Sequence[Allocation]], Measured]
"""Trains on the sum of some allocations (one a round so far) and measures on validation."""


@dataclasses.dataclass(frozen=True)
class Failing:
    """A level that falls short of the median level, with Holm's adjusted p over all levels."""

    level: str
    shortfall: Interval
    p: float


@dataclasses.dataclass(frozen=True, eq=False)
class Round:
    """One round: what had been spent, what was measured, what fails, what the last round gained.

    Attributes:
        spent: allocations so far, the first included. gain: mean over the levels that the last
            round aimed at, None in the first round. next: what the next round spends, or None.
    """

    spent: tuple[Allocation, ...]
    measured: Measured
    failing: tuple[Failing, ...]
    gain: Interval | None
    next: Allocation | None


@dataclasses.dataclass(frozen=True, eq=False)
class Loop:
    """All rounds, why it stopped, and what an equal budget drawn uniformly would have been.

    Attributes:
        aimed: levels that any round aimed at, in order. refined, uniform: allocations to train on.
    """

    rounds: tuple[Round, ...]
    stopped: str
    aimed: tuple[str, ...]
    refined: tuple[Allocation, ...]
    uniform: tuple[Allocation, ...]


def find_failing(measured: Measured, smallest: float) -> tuple[Failing, ...]:
    """Levels whose score is below the median level by at least ``smallest`` and not by chance.

    Args:
        smallest: the least shortfall that matters (a share), declared before.
    """
    gaps = np.median(measured.samples, axis=1)[:, None] - measured.samples
    values = float(np.median(measured.value)) - measured.value
    spread = np.maximum(gaps.std(axis=0), 1e-12)
    p = holm([0.5 * math.erfc(v / s / math.sqrt(2.0)) for v, s in zip(values, spread, strict=True)])
    found = [
        Failing(level, interval(float(values[i]), gaps[:, i]), float(p[i]))
        for i, level in enumerate(measured.levels)
        if values[i] >= smallest and p[i] <= ALPHA
    ]
    return tuple(sorted(found, key=lambda f: -f.shortfall.value))


def refine(
    measure: Measure, first: Allocation, per_round: int, rounds: int, smallest: float
) -> Loop:
    """Run the loop.

    Args:
        measure: see Measure. first: scenes of each level to begin with, all levels named.
        per_round: scenes that a round may spend. rounds: at most so many. smallest: least
            shortfall that counts as failing.
    """
    levels = tuple(first)
    spent: list[Allocation] = [dict(first)]
    uniform: list[Allocation] = [dict(first)]
    done: list[Round] = []
    aimed: list[str] = []
    while True:
        measured = measure(spent)
        failing = find_failing(measured, smallest)
        gain = _gain(done[-1], measured) if done else None
        stopped = _stop(len(done), rounds, failing, gain)
        following = None if stopped else _spend(failing, levels, per_round)
        done.append(Round(tuple(spent), measured, failing, gain, following))
        if following is None:
            break
        aimed += [f.level for f in failing if f.level not in aimed]
        spent = [*spent, following]
        uniform = [*uniform, spread(dict.fromkeys(levels, 1.0), per_round)]
    return Loop(tuple(done), stopped, tuple(aimed), tuple(spent), tuple(uniform))


def _stop(done: int, rounds: int, failing: Sequence[Failing], gain: Interval | None) -> str:
    """Why to stop, or an empty word."""
    if gain is not None and not gain.low > 0:
        return "the last round's gain where it aimed is not distinguishable from nothing"
    if not failing:
        return "no level is shown to fall short of the others"
    return "the rounds are used up" if done == rounds else ""


def _gain(before: Round, measured: Measured) -> Interval:
    """What a round gained on validation, mean over the levels that it aimed at."""
    aimed = before.next or {}
    chosen = [i for i, level in enumerate(measured.levels) if aimed.get(level)]
    value = (measured.value - before.measured.value)[chosen].mean()
    samples = (measured.samples - before.measured.samples)[:, chosen].mean(axis=1)
    return interval(float(value), samples)


def _spend(failing: Sequence[Failing], levels: Sequence[str], amount: int) -> Allocation:
    weights = {f.level: f.shortfall.value for f in failing}
    return spread({level: weights.get(level, 0.0) for level in levels}, amount)


def spread(weights: Mapping[str, float], amount: int) -> Allocation:
    """A whole number of scenes for each level, in proportion to its weight (largest remainder)."""
    total = sum(weights.values())
    exact = {level: amount * w / total for level, w in weights.items()}
    whole = {level: int(v) for level, v in exact.items()}
    short = sorted(exact, key=lambda level: whole[level] - exact[level])
    for level in short[: amount - sum(whole.values())]:
        whole[level] += 1
    return whole
