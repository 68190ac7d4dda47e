"""One figure minus another: whether they may be subtracted, the interval, the verdict.

Two figures are differences of means over the same scenes and the same training seeds. Their
difference varies with the scenes (all seeds share them) and with the seeds (all scenes share them).
The interval adds both: the scenes' share from the paired bootstrap over scenes, the seeds' share
from the spread of the differences over seeds, under Student's t with the degrees of freedom of
Satterthwaite (1946). A plain two-level bootstrap covers 80 to 88 % at five seeds; this one 95.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np

from training.bootstrap import ENOUGH_SCENES, LEVEL, Interval
from training.breakdown import Cell
from training.fingerprint import Fingerprint, comparable
from training.metrics import MIN_OBJECTS
from training.multiplicity import holm
from training.signflip import sign_flip
from training.student import quantile, tail

Verdict = Literal["improves", "worsens", "equivalent", "inconclusive"]
Between = Literal["arms", "conditions"]

ENOUGH_SEEDS = 5
"""Trainings below which the luck of training cannot be told from an effect."""

ALPHA = 1.0 - LEVEL
POWER = 0.8
"""Chance with which a design should find the smallest effect."""


@dataclasses.dataclass(frozen=True, eq=False)
class Figure:
    """One measured number with what its comparison needs.

    Attributes:
        name: of the arm or the condition. values: f64[K], one a training seed.
        samples: f64[K, R], the same under R reweightings of the scenes, drawn alike for all seeds
            and for every figure of these scenes (``bootstrap.scene_weights``).
        scenes, objects: how many of each. fingerprint: what was measured, and how.
    """

    name: str
    values: np.ndarray
    samples: np.ndarray
    scenes: int
    objects: int
    fingerprint: Fingerprint


@dataclasses.dataclass(frozen=True)
class Needed:
    """How many more scenes and seeds would find the smallest effect 80 times in 100, about."""

    scenes: int
    seeds: int


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Other minus control.

    Attributes:
        control, other: names. change: the difference with its 95 % interval.
        pairing: "same" scenes, "twins", or "unpaired". between: arms or conditions.
        p, p_equal, p_flip: of no difference, of a difference of at least ``smallest`` (TOST), and
            of the exact sign-flip test over seeds (NaN where seeds are not compared).
        smallest: the declared smallest effect that matters. error, freedom: standard error and
            degrees of freedom. scene_error, seed_error: its two shares.
        detectable: the smallest effect that this design finds 80 times in 100.
        scenes, seeds, objects: how many. higher_is_better: of the metric.
        verdict: see ``compare``. needed: for a verdict where it is inconclusive.
        notes: what makes the interval optimistic, or withholds the verdict.
    """

    control: str
    other: str
    change: Interval
    pairing: str
    between: Between
    p: float
    p_equal: float
    p_flip: float
    smallest: float
    error: float
    freedom: float
    scene_error: float
    seed_error: float
    detectable: float
    scenes: int
    seeds: int
    objects: int
    higher_is_better: bool
    verdict: Verdict
    needed: Needed | None
    notes: tuple[str, ...]


def figure(name: str, cell: Cell, row: int, metric: int) -> Figure:
    """The figure in a row and under a metric of a cell of ``breakdown.measure``."""
    return Figure(
        name, cell.runs[:, row, metric], cell.run_samples[:, :, row, metric], cell.scenes,
        int(cell.truth[row]), cell.fingerprint,
    )  # fmt: skip


def compare(
    control: Figure,
    other: Figure,
    smallest: float,
    between: Between = "arms",
    declared: Collection[frozenset[str]] = (),
    higher_is_better: bool = True,
) -> Comparison:
    """Subtract two figures, if that is allowed, and say what the difference means.

    ``equivalent``: the difference is shown to be smaller than the smallest effect, whether or not
    it is shown to differ from nothing. ``improves``, ``worsens``: it is shown to differ from
    nothing. Else ``inconclusive``, as always below the least counts: MIN_OBJECTS objects, and
    between arms ENOUGH_SEEDS seeds. With fewer seeds between conditions the interval is that of
    these very models.

    Args:
        control, other: the k-th seed of one is paired with the k-th of the other. smallest: > 0.
        between: "arms" (other weights) or "conditions" (the same weights on other images).
        declared: pairs of truth hashes that the plan declares comparable though they are of
            different scenes; see ``fingerprint.comparable``.

    Raises:
        ConfigError: they are not of the same scenes, or not counted in the same way.
    """
    pairing = comparable(control.fingerprint, other.fingerprint, declared)
    if len(control.values) != len(other.values):
        raise ValueError("figures of different numbers of seeds")
    # Replicates r and r + 1 are drawn apart from each other: that takes the pairing out.
    theirs = np.roll(control.samples, 1, axis=1) if pairing == "unpaired" else control.samples
    over_seeds = len(control.values) >= ENOUGH_SEEDS
    scenes = min(control.scenes, other.scenes)
    values = other.values - control.values
    parts = errors(values, other.samples - theirs, scenes, over_seeds)
    value, objects = float(np.mean(values)), min(control.objects, other.objects)
    p, p_equal = p_values(value, parts.error, parts.freedom, smallest)
    made = Comparison(
        control=control.name, other=other.name, change=interval_of(value, parts), pairing=pairing,
        between=between, p=p, p_equal=p_equal,
        p_flip=sign_flip(values) if over_seeds else float("nan"), smallest=smallest,
        error=parts.error, freedom=parts.freedom, scene_error=parts.scene, seed_error=parts.seed,
        detectable=parts.error * _reach(parts.freedom), scenes=scenes, seeds=len(values),
        objects=objects, higher_is_better=higher_is_better, verdict="inconclusive", needed=None,
        notes=_notes(scenes, len(values), objects, between, pairing),
    )  # fmt: skip
    return _judged(made)


def family(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons of one declared family, judged again by Holm's p values.

    The intervals stay those of each alone; verdicts hold for all of them together.
    """
    p = holm([c.p for c in comparisons])
    p_equal = holm([c.p_equal for c in comparisons])
    return [
        _judged(dataclasses.replace(c, p=a, p_equal=b))
        for c, a, b in zip(comparisons, p, p_equal, strict=True)
    ]


@dataclasses.dataclass(frozen=True)
class Errors:
    """Standard error of a mean difference, its degrees of freedom, its shares of scenes, seeds."""

    error: float
    freedom: float
    scene: float
    seed: float


def errors(values: np.ndarray, samples: np.ndarray, scenes: int, over_seeds: bool) -> Errors:
    """Standard error of the mean of differences f64[K] with replicates f64[K, R] over scenes.

    Args:
        scenes: their number. over_seeds: whether the seeds are a sample too, or given.
    """
    good = samples[:, ~np.isnan(samples).any(axis=0)]
    count = len(values)
    if good.shape[1] < 2 or scenes < 2 or np.isnan(values).any():
        return Errors(float("nan"), 1.0, float("nan"), float("nan"))
    # The bootstrap's variance is that of a population: too small by (n - 1) / n.
    mend = scenes / (scenes - 1)
    of_mean = float(good.mean(axis=0).var()) * mend
    if not over_seeds:
        return Errors(math.sqrt(of_mean), scenes - 1.0, math.sqrt(of_mean), 0.0)
    # What scenes do to single seeds is in the spread over seeds already.
    single = max(float(good.var(axis=1).mean()) * mend - of_mean, 0.0) / (count - 1)
    of_scenes = max(of_mean - single, 0.0)
    of_seeds = float(values.var(ddof=1)) / count
    total = of_scenes + of_seeds
    shares = of_scenes**2 / (scenes - 1) + of_seeds**2 / (count - 1)
    freedom = total**2 / shares if shares > 0 else scenes - 1.0
    return Errors(math.sqrt(total), freedom, math.sqrt(of_scenes), math.sqrt(of_seeds))


def interval_of(value: float, parts: Errors) -> Interval:
    """The 95 % interval of a value."""
    half = quantile(1.0 - ALPHA / 2, parts.freedom) * parts.error
    return Interval(value, value - half, value + half)


def p_values(value: float, error: float, freedom: float, smallest: float) -> tuple[float, float]:
    """Two-sided p of no difference; p of TOST that it is at least ``smallest`` in size."""
    if math.isnan(error) or math.isnan(value):
        return float("nan"), float("nan")
    if error == 0.0:
        return float(value == 0.0), float(abs(value) >= smallest)
    return (
        2.0 * tail(abs(value) / error, freedom),
        max(tail((value + smallest) / error, freedom), tail((smallest - value) / error, freedom)),
    )


def _judged(made: Comparison) -> Comparison:
    verdict = _verdict(made)
    needed = _needed(made) if verdict == "inconclusive" else None
    return dataclasses.replace(made, verdict=verdict, needed=needed)


def _verdict(made: Comparison) -> Verdict:
    if made.objects < MIN_OBJECTS or (made.between == "arms" and made.seeds < ENOUGH_SEEDS):
        return "inconclusive"
    if made.p_equal < ALPHA:
        return "equivalent"
    if made.p < ALPHA:
        better = (made.change.value > 0) == made.higher_is_better
        return "improves" if better else "worsens"
    return "inconclusive"


def _notes(
    scenes: int, seeds: int, objects: int, between: Between, pairing: str
) -> tuple[str, ...]:
    notes = []
    if objects < MIN_OBJECTS:
        notes.append(f"no verdict: {objects} objects, fewer than {MIN_OBJECTS}")
    if scenes < ENOUGH_SCENES:
        notes.append(f"interval optimistic: {scenes} scenes, fewer than {ENOUGH_SCENES}")
    if seeds < ENOUGH_SEEDS and between == "arms":
        notes.append(
            f"no verdict, interval optimistic: {seeds} trainings, fewer than {ENOUGH_SEEDS}: "
            "it covers the choice of scenes, not the luck of training"
        )
    elif seeds < ENOUGH_SEEDS:
        these = "this one model" if seeds == 1 else f"these {seeds} models"
        notes.append(f"of {these} only, not of the luck of training")
    if pairing == "unpaired":
        notes.append("unpaired: different scenes that the plan declares comparable")
    return tuple(notes)


def _reach(freedom: float) -> float:
    """Effect over standard error that is found with probability POWER."""
    return quantile(1.0 - ALPHA / 2, freedom) + quantile(POWER, freedom)


def _needed(made: Comparison) -> Needed | None:
    """More scenes and seeds until ``detectable`` is ``smallest``; None where that says nothing."""
    if math.isnan(made.error) or made.scenes < 2:
        return None
    least = ENOUGH_SEEDS if made.between == "arms" else made.seeds
    missing = max(least - made.seeds, 0)
    allowed = (made.smallest / _reach(1000.0)) ** 2
    scene, seed = made.scene_error**2, made.seed_error**2
    # Each may take half of what is allowed, or what the other leaves.
    for_scenes = max(allowed / 2, allowed - seed)
    for_seeds = max(allowed / 2, allowed - scene)
    scenes = max(math.ceil(made.scenes * scene / for_scenes), made.scenes, ENOUGH_SCENES)
    seeds = max(math.ceil(made.seeds * seed / for_seeds), made.seeds + missing)
    return Needed(scenes - made.scenes, seeds - made.seeds)


def in_words(made: Comparison, unit: str = "points", factor: float = 100.0) -> str:
    """The comparison as one line: the change, its interval, the verdict, what is missing."""
    low, value, high = (factor * v for v in (made.change.low, made.change.value, made.change.high))
    pairing = ", unpaired" if made.pairing == "unpaired" else ""
    text = (
        f"{made.other} against {made.control}: {value:+.1f} {unit} [{low:+.1f}, {high:+.1f}]"
        f"{pairing}: {made.verdict}"
    )
    if made.needed and (made.needed.scenes or made.needed.seeds):
        text += f", needs about {made.needed.scenes} more scenes and {made.needed.seeds} more seeds"
    return "; ".join([text, *made.notes])
