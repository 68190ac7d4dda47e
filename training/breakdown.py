"""Figures by condition, class and label policy, with intervals; and what is taken for what."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render.store import Truth, select_images
from training.bands import Band, outside
from training.bootstrap import Interval, interval, scene_weights, scenes_of
from training.detector import Detections, select
from training.fingerprint import Fingerprint, comparable, fingerprint
from training.matching import match
from training.metrics import MIN_OBJECTS, ap_samples, ap_table, mean_over, objects
from training.taxonomy import LabelPolicy, ignored

METRICS = ("AP50", "AP")
ALL = "all"
"""The row of a table that is the mean over all classes with objects, as in COCO."""

COUNTED = "counted"
"""The mean over the classes that have at least MIN_OBJECTS objects."""

CONFUSION_SCORE = 0.4
"""Scores predict a box's overlap; here precision and recall balance in the weather trained on."""
CONFUSION_OVERLAP = 0.5
BACKGROUND = "background"

TOLD_APART = (("stop sign", ("stop_sign",)), ("red light", ("light_red",)))
"""What must not be taken for each other; every other class is another object."""


@dataclasses.dataclass(frozen=True, eq=False)
class Cell:
    """AP50 and AP of one condition under one policy.

    Attributes:
        condition, policy: words. band: of the objects, None for all.
        classes: rows: the classes, then 'all' and 'counted'.
        value: f64[rows, 2] for METRICS. samples: f64[R, rows, 2], bootstrap replicates.
        runs: f64[K, rows, 2], the same for each training seed. run_samples: f64[K, R, rows, 2].
        truth: i64[rows], objects that count. scenes: their number. fingerprint: of these figures.
    """

    condition: str
    policy: LabelPolicy
    classes: tuple[str, ...]
    value: np.ndarray
    samples: np.ndarray
    runs: np.ndarray
    run_samples: np.ndarray
    truth: np.ndarray
    scenes: int
    fingerprint: Fingerprint
    band: Band | None = None

    def interval(self, row: int, metric: int) -> Interval:
        """The value of a row and a metric with its interval."""
        return interval(float(self.value[row, metric]), self.samples[:, row, metric])


def part(truth: Truth, detections: Detections, keep: np.ndarray) -> tuple[Truth, Detections]:
    """The images where ``keep``, bool[N], and the detections in them."""
    new = np.cumsum(keep) - 1
    inside = keep[detections.image] if len(detections) else np.zeros(0, dtype=bool)
    chosen = select(detections, inside)
    return select_images(truth, keep), dataclasses.replace(chosen, image=new[chosen.image])


def by_condition(truth: Truth) -> dict[str, np.ndarray]:
    """Images of each condition, bool[N], in the order in which they first occur."""
    names = list(dict.fromkeys(truth.condition))
    return {name: np.array([c == name for c in truth.condition]) for name in names}


def measure(
    truth: Truth,
    runs: Sequence[Detections],
    policy: LabelPolicy,
    condition: str,
    replicates: int,
    seed: int,
    band: Band | None = None,
) -> Cell:
    """AP50 and AP of one condition: the mean over the runs, resampled by scene.

    Args:
        truth: the images of the condition. runs: detections of each training seed's model on
            them. policy: which objects count. replicates, seed: of the bootstrap. band: which
            of those that count, None for all.
    """
    scenes, number = scenes_of(truth)
    void = ignored(truth, policy)
    skip = void if band is None else void | outside(truth, band)
    area = None if band is None else band.area
    matched = [match(truth, skip, detections, scenes, void, area) for detections in runs]
    weights = scene_weights(number, replicates, seed)
    counts = objects(matched[0])
    each = np.stack([_rows(ap_table(m)[None], counts)[0] for m in matched])
    samples = np.stack([_rows(ap_samples(m, weights), counts) for m in matched])
    total = int(counts.sum())
    enough = int(counts[counts >= MIN_OBJECTS].sum())
    return Cell(
        condition=condition,
        policy=policy,
        classes=(*truth.classes, ALL, COUNTED),
        value=each.mean(axis=0),
        samples=samples.mean(axis=0),
        runs=each,
        run_samples=samples,
        truth=np.array([*counts, total, enough]),
        scenes=number,
        fingerprint=fingerprint(truth, skip, policy, band),
        band=band,
    )


def drop(reference: Cell, other: Cell, row: int, metric: int) -> Interval:
    """Reference minus other with its paired interval.

    Raises:
        ConfigError: the two are not measured on the same scenes in the same way.
    """
    comparable(reference.fingerprint, other.fingerprint)
    value = reference.value[row, metric] - other.value[row, metric]
    samples = reference.samples[:, row, metric] - other.samples[:, row, metric]
    return interval(float(value), samples)


def confusion(truth: Truth, detections: Detections) -> np.ndarray:
    """What counted objects are taken for: i64[C + 1, C + 1], rows truth, columns detections.

    See ``taken_for``. The last row holds detections of nothing, the last column objects that were
    not found.
    """
    classes = len(truth.classes)
    table = np.zeros((classes + 1, classes + 1), dtype=np.int64)
    taken, nothing = taken_for(truth, detections)
    counts = ~ignored(truth)
    # -1, not found, is the last column
    np.add.at(table, (truth.category[counts].astype(np.int64), taken[counts]), 1)
    table[classes] += np.bincount(nothing, minlength=classes + 1)
    return table


def taken_for(truth: Truth, detections: Detections) -> tuple[np.ndarray, np.ndarray]:
    """The class that each box is taken for, i64[K], -1 for none; classes of detections of nothing.

    Each detection with a score of at least CONFUSION_SCORE takes, best first and whatever its
    class, the free object that it overlaps most (IoU >= CONFUSION_OVERLAP).
    """
    out, nothing = np.full(len(truth.category), -1, dtype=np.int64), [np.zeros(0, dtype=np.int64)]
    boxes_of = np.searchsorted(truth.image, np.arange(len(truth) + 1))
    found_of = np.searchsorted(detections.image, np.arange(len(truth) + 1))
    for i in range(len(truth)):
        found = np.arange(found_of[i], found_of[i + 1])
        found = found[detections.score[found] >= CONFUSION_SCORE]
        found = found[np.argsort(-detections.score[found], kind="stable")]
        boxes = truth.box_px[boxes_of[i] : boxes_of[i + 1]]
        taken, classes = takes(detections.box_px[found], boxes), detections.category[found]
        out[boxes_of[i] + taken[taken >= 0]] = classes[taken >= 0]
        nothing.append(classes[taken < 0].astype(np.int64))
    return out, np.concatenate(nothing)


def takes(found: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The box that each detection takes, best first: i64[D], -1 for none."""
    overlap, free = box_overlaps(found, boxes), np.ones(len(boxes), dtype=bool)
    taken = np.full(len(found), -1)
    for d in range(len(found)):
        fits = np.where(free, overlap[d], 0.0)
        best = int(fits.argmax()) if len(boxes) else -1
        if best >= 0 and fits[best] >= CONFUSION_OVERLAP:
            free[best], taken[d] = False, best
    return taken


def box_overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of every box of a with every box of b: f64[A, B] from f32[A, 4] and f32[B, 4] px."""
    inner = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = np.maximum(inner, 0).prod(axis=2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    return shared / np.maximum(area_a[:, None] + area_b[None] - shared, 1e-9)


def _mean_of(both: np.ndarray) -> np.ndarray:
    """Mean over the classes, f64[R, C, 2] -> f64[R, 2]; NaN where one of them is.

    A replicate without any object of a class says nothing of the mean over all: leaving that class
    out would shift the mean towards the others.
    """
    return both.mean(axis=1) if both.shape[1] else np.full((len(both), 2), np.nan)


def _rows(table: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """f64[R, C, T] -> f64[R, C + 2, 2]: AP50 and AP of each class, of all, of those counted."""
    both = np.stack([table[:, :, 0], mean_over(table, 2)], axis=2)
    every, counted = (_mean_of(both[:, counts >= least]) for least in (1, MIN_OBJECTS))
    return np.concatenate([both, every[:, None], counted[:, None]], axis=1)
