"""Precision and recall at a score that was chosen on other scenes: a declared validation split."""

from __future__ import annotations

import dataclasses

import numpy as np

from render.store import Truth
from simulator.errors import DataError, LeakError
from training.bootstrap import Interval, interval
from training.matching import Matches


@dataclasses.dataclass(frozen=True)
class WorkingPoint:
    """A score from which detections are acted on.

    Attributes:
        score: of the best F1 over all classes together. chosen_on: name of the validation data.
        scenes, geometry: its scenes, which must not be measured at this score.
    """

    score: float
    chosen_on: str
    scenes: frozenset[str]
    geometry: frozenset[str]


@dataclasses.dataclass(frozen=True)
class AtPoint:
    """One class, or "all" together, at a working point; NaN where nothing was found or there."""

    name: str
    precision: Interval
    recall: Interval
    found: int
    objects: int


def choose(validation: Truth, matches: list[Matches]) -> WorkingPoint:
    """The score of the best F1 on validation data, at an overlap of 0.5; the highest of equals.

    Args:
        matches: of the validation data, from ``matching.match``.

    Raises:
        DataError: nothing was found there.
    """
    score = np.concatenate([m.score[~m.void[0]] for m in matches])
    hit = np.concatenate([m.hit[0][~m.void[0]] for m in matches])
    objects = sum(float(m.counted.sum()) for m in matches)
    if not hit.any():
        raise DataError(
            "the detector finds nothing there: no score can be chosen", place=validation.name,
            mend="Train longer, or choose other validation data",
        )  # fmt: skip
    order = np.argsort(-score, kind="stable")
    right = np.cumsum(hit[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + objects)
    # Detections of one score come and go together: only the last of them is a choice.
    last = np.append(np.diff(score[order]) != 0, True)
    best = int(np.argmax(np.where(last, f1, -1.0)))
    return WorkingPoint(
        float(score[order][best]), validation.name, frozenset(validation.scene),
        frozenset(g for g in validation.geometry if g),
    )  # fmt: skip


def at_point(
    point: WorkingPoint, truth: Truth, matches: list[Matches], weights: np.ndarray
) -> list[AtPoint]:
    """Precision and recall of each class and of all together.

    Args:
        matches: of the test data, from ``matching.match``. weights: f64[R, S], of the intervals.

    Raises:
        LeakError: the score was chosen on one of these scenes.
    """
    shared = sorted(point.scenes & set(truth.scene)) or sorted(point.geometry & set(truth.geometry))
    if shared:
        raise LeakError(
            f"the score {point.score:.3f} was chosen on scene {shared[0]}", place=truth.name,
            mend="Choose it on a validation split",
        )  # fmt: skip
    counts = np.stack([_counts(m, point.score) for m in matches])
    names = (*truth.classes, "all")
    every = np.concatenate([counts, counts.sum(axis=0, keepdims=True)])
    return [_of_class(n, c, weights) for n, c in zip(names, every, strict=True)]


def _counts(matches: Matches, score: float) -> np.ndarray:
    """Right ones, all acted on, and objects of each scene: f64[3, S]."""
    keep = (matches.score >= score) & ~matches.void[0]
    scenes = len(matches.counted)
    right, acted = (
        np.bincount(matches.scene[k], minlength=scenes) for k in (keep & matches.hit[0], keep)
    )
    return np.stack([right, acted, matches.counted])


def _of_class(name: str, counts: np.ndarray, weights: np.ndarray) -> AtPoint:
    right, acted, objects = counts.sum(axis=1)
    drawn = weights @ counts.T
    return AtPoint(
        name, interval(float(_share(right, acted)), _share(drawn[:, 0], drawn[:, 1])),
        interval(float(_share(right, objects)), _share(drawn[:, 0], drawn[:, 2])),
        int(right), int(objects),
    )  # fmt: skip


def _share(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(b > 0, a / np.where(b > 0, b, 1.0), np.nan)
