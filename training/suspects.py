"""Labels that a detector does not believe: wrong class, nothing there, or an object left out.

The detector must not have been trained on the labels that it judges. What it cannot see it doubts
too: a suspicion is a reason to look, no verdict.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from render.store import Truth
from training.breakdown import box_overlaps
from training.detector import Detections

NEAR = 0.5
FAR = 0.1


@dataclasses.dataclass(frozen=True, eq=False)
class Suspicions:
    """How little a detector believes in labels, 0..1, larger for less.

    Attributes:
        label: f64[K], of each box: the score of another class there, or how far the best score of
            its own class there is from 1.
        image: f64[N], of each image: the highest score of a detection where nothing is labelled.
    """

    label: np.ndarray
    image: np.ndarray


def suspicions(truth: Truth, found: Detections) -> Suspicions:
    """Judge every label and every image of a truth by detections with low scores among them."""
    label, image = np.ones(len(truth.box_px)), np.zeros(len(truth))
    boxes_of = _rows_of(truth.image, len(truth))
    found_of = _rows_of(found.image, len(truth))
    for i, (mine, theirs) in enumerate(zip(boxes_of, found_of, strict=True)):
        if not len(theirs):
            continue
        overlap = box_overlaps(found.box_px[theirs], truth.box_px[mine])
        score, category = found.score[theirs], found.category[theirs]
        alone = overlap.max(axis=1, initial=0.0) < FAR
        image[i] = score[alone].max(initial=0.0)
        for column, row in enumerate(mine):
            here = overlap[:, column] >= NEAR
            same = category == truth.category[row]
            own = score[here & same].max(initial=0.0)
            other = score[here & ~same].max(initial=0.0)
            label[row] = 0.5 * (1.0 - own) + 0.5 * other
    return Suspicions(label, image)


def _rows_of(image: np.ndarray, count: int) -> list[np.ndarray]:
    order = np.argsort(image, kind="stable")
    ends = np.searchsorted(image[order], np.arange(count + 1))
    return [order[a:b] for a, b in itertools.pairwise(ends)]


def found_among_first(suspicion: np.ndarray, planted: np.ndarray) -> int:
    """How many planted faults are among as many of the most suspicious as were planted."""
    first = np.argsort(-suspicion, kind="stable")[: int(planted.sum())]
    return int(planted[first].sum())


def separation(suspicion: np.ndarray, planted: np.ndarray) -> float:
    """Probability that a planted fault is more suspicious than a sound label (AUC); NaN without."""
    bad, good = suspicion[planted], suspicion[~planted]
    if not len(bad) or not len(good):
        return float("nan")
    order = np.sort(good)
    below = np.searchsorted(order, bad, "left") + np.searchsorted(order, bad, "right")
    return float(below.mean() / (2 * len(good)))
