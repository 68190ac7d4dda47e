"""What a detector still finds as one quantity of the weather grows, and where half of it is lost.

Recall at one working point rather than average precision: a share of objects has a threshold that a
driver of the system can be told ("half of the stop signs at 180 m"), a mean over scores has none.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from render.store import Truth
from training.bootstrap import Interval, interval, scene_weights, scenes_of
from training.breakdown import CONFUSION_SCORE, by_condition, confusion, part
from training.detector import Detections
from training.fingerprint import fingerprint
from training.matching import match
from training.metrics import MIN_OBJECTS
from training.taxonomy import ignored, primary
from training.threshold import threshold

GROUPS: Mapping[str, tuple[str, ...]] = {
    "vehicles": ("car", "truck", "bus"),
    "stop signs": ("stop_sign",),
    "red lights": ("light_red",),
    "all lights": ("light_red", "light_yellow", "light_green", "light_off"),
}
"""What a curve is drawn of."""


@dataclasses.dataclass(frozen=True)
class Ladder:
    """One quantity from mild to severe, everything else held.

    Attributes:
        name: a word. quantity, unit: of ``levels``, the values shown.
        labels: the condition of each level in a dataset, the first the mild end.
        place: a value -> its place on the axis where the curve is fitted, growing with severity.
        value_at: the inverse.
    """

    name: str
    quantity: str
    unit: str
    levels: tuple[float, ...]
    labels: tuple[str, ...]
    place: Callable[[float], float]
    value_at: Callable[[float], float]

    def values(self, places: Interval) -> Interval:
        """An interval on the axis as one of the quantity; NaN for an end beyond the ladder."""
        value, low, high = (
            self.value_at(v) if math.isfinite(v) else math.nan
            for v in (places.value, places.low, places.high)
        )
        falls = self.levels[-1] < self.levels[0]
        return Interval(value, high, low) if falls else Interval(value, low, high)


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """What is found of one group along a ladder.

    Attributes:
        group: see GROUPS. recall: one Interval a level. objects: that count, the same at every
            level. half: where half of the mild end's recall is lost, on the ladder's axis.
        rise: the largest rise of recall from a level to a severer one: 0 for a monotone curve.
        area: mean recall over the ladder's axis as a share of that at its mild end.
    """

    group: str
    recall: tuple[Interval, ...]
    objects: int
    half: Interval
    rise: float
    area: Interval


@dataclasses.dataclass(frozen=True, eq=False)
class LadderFindings:
    """All curves of a ladder, and what stop signs and red lights were taken for at each level.

    Attributes:
        confusions: one a level, see ``breakdown.confusion``, summed over the models; rows and
            columns are ``classes`` and the background.
        scenes: their number. fingerprint: of the figures.
    """

    ladder: Ladder
    curves: tuple[Curve, ...]
    confusions: tuple[np.ndarray, ...]
    classes: tuple[str, ...]
    scenes: int
    fingerprint: str


def climb(
    truth: Truth, runs: Sequence[Detections], ladder: Ladder, replicates: int, seed: int
) -> LadderFindings:
    """Measure along a ladder.

    Args:
        truth: twins: the same scenes at every level. runs: of each training's model.
        replicates, seed: of the bootstrap over scenes.
    """
    conditions = by_condition(truth)
    keys = sorted(set(truth.scene))
    counts = [
        level_counts(truth, runs, conditions[label], keys) for label in ladder.labels
    ]  # fmt: skip
    found, total = (np.stack(c) for c in zip(*counts, strict=True))
    weights = scene_weights(len(keys), replicates, seed)
    x = np.array([ladder.place(v) for v in ladder.levels])
    curves = []
    for name, classes in GROUPS.items():
        rows = [truth.classes.index(c) for c in classes if c in truth.classes]
        f, n = found[:, rows].sum(axis=1), total[:, rows].sum(axis=1)
        if n[0].sum():
            curves.append(_curve(name, x, f, n, weights))
    parts = [[part(truth, r, conditions[label]) for r in runs] for label in ladder.labels]
    tables = tuple(np.sum([confusion(t, d) for t, d in level], axis=0) for level in parts)
    mild = parts[0][0][0]
    return LadderFindings(
        ladder, tuple(curves), tables, truth.classes, len(keys),
        str(fingerprint(mild, ignored(mild), primary(mild))),
    )  # fmt: skip


def level_counts(
    truth: Truth, runs: Sequence[Detections], keep: np.ndarray, keys: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Objects found and objects of one level: f64[C, S] each, found as a mean over the runs."""
    found = []
    total = np.zeros((len(truth.classes), len(keys)))
    for run in runs:
        images, detections = part(truth, run, keep)
        scenes, _ = scenes_of(images, keys)
        matches = match(images, ignored(images), detections, scenes)
        hits = [m.scene[m.hit[0] & (m.score >= CONFUSION_SCORE)] for m in matches]
        found.append([np.bincount(h, minlength=len(keys)) for h in hits])
        for row, m in enumerate(matches):
            total[row, : len(m.counted)] = m.counted
    return np.mean(found, axis=0), total


def _curve(
    name: str, x: np.ndarray, found: np.ndarray, total: np.ndarray, weights: np.ndarray
) -> Curve:
    share = shares(found.sum(axis=1), total.sum(axis=1))
    samples = shares(weights @ found.T, weights @ total.T)
    recall = tuple(interval(float(v), samples[:, i]) for i, v in enumerate(share))
    objects = int(total[0].sum())
    area, areas = _area(x, share[None])[0], _area(x, samples)
    missing = Interval(float("nan"), float("nan"), float("nan"))
    enough = objects >= MIN_OBJECTS
    return Curve(
        name, recall, objects,
        threshold(x, found, total, weights) if enough else missing,
        float(max(0.0, np.diff(share).max())) if enough else float("nan"),
        interval(float(area), areas),
    )  # fmt: skip


def shares(found: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Found over objects; NaN where there is no object."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, found / total, np.nan)


def _area(x: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Mean height of curves f64[R, L] over the axis, as a share of their beginning, f64[R]."""
    mean = (np.diff(x) * (share[:, 1:] + share[:, :-1]) / 2).sum(axis=1) / (x[-1] - x[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(share[:, 0] > 0, mean / share[:, 0], np.nan)
