"""What false alarms stand beside: the object nearest to each wrong detection.

The confusion of ``breakdown`` says what an object is taken for. This is for alarms that overlap no
object enough for that, such as a "red light" on the tail of a car. Every truth box has a say, also
those that do not count: a hidden lamp explains an alarm too.
"""

from __future__ import annotations

import numpy as np

from render.store import Truth
from training.breakdown import CONFUSION_SCORE
from training.detector import Detections
from training.error_kinds import error_kinds

REACH_PX = 8.0
"""Gap up to which an object explains an alarm."""


def nearest_objects(truth: Truth, detections: Detections) -> tuple[np.ndarray, np.ndarray]:
    """The truth box nearest to each detection: row i64[D], -1 without any; gap f64[D] px.

    Boxes that overlap have no gap; of several without one, the nearest centre is taken.
    """
    row, gap = np.full(len(detections), -1), np.full(len(detections), np.inf)
    ends = np.searchsorted(truth.image, np.arange(len(truth) + 1))
    for d in range(len(detections)):
        image = int(detections.image[d])
        rows = np.arange(ends[image], ends[image + 1])
        if not len(rows):
            continue
        box, others = detections.box_px[d].astype(float), truth.box_px[rows].astype(float)
        apart = np.maximum(np.maximum(others[:, :2] - box[2:], box[:2] - others[:, 2:]), 0)
        gaps = np.hypot(apart[:, 0], apart[:, 1])
        away = np.hypot(*(others[:, :2] + others[:, 2:] - box[:2] - box[2:]).T)
        best = np.lexsort((away, gaps))[0]
        row[d], gap[d] = rows[best], gaps[best]
    return row, gap


def beside(
    truth: Truth,
    ignored: np.ndarray,
    detections: Detections,
    least_score: float = CONFUSION_SCORE,
    reach_px: float = REACH_PX,
) -> np.ndarray:
    """What wrong detections stand beside: i64[C, C + 1], rows what they say, columns the nearest.

    The last column counts those with no object within reach.
    """
    classes = len(truth.classes)
    wrong = error_kinds(truth, ignored, detections).kind >= 0
    wrong &= detections.score >= np.float32(least_score)
    row, gap = nearest_objects(truth, detections)
    owner = np.where(gap <= reach_px, truth.category[row] if len(truth.category) else -1, classes)
    table = np.zeros((classes, classes + 1), dtype=np.int64)
    np.add.at(table, (detections.category[wrong], owner[wrong]), 1)
    return table
