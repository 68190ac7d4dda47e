"""What kind of error each wrong detection and each missed object is (TIDE, Bolya 2020).

Of a wrong detection, the first that fits, with the overlaps (IoU) NEAR = 0.5 and FAR = 0.1:

    location    right class, FAR to NEAR: it would be right in a better place
    class       another class, at least NEAR: it would be right under another name
    duplicate   right class, at least NEAR, but a better one found the object already
    background  at most FAR with every object
    both        wrong class and wrong place

A *missed* object is neither found nor one that a class or location error would have found.
Detections of objects that do not count are no errors, as everywhere here.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from render.store import Truth
from training.breakdown import box_overlaps
from training.detector import Detections
from training.matching import MAX_DETECTIONS

Kind = Literal["class", "location", "both", "duplicate", "background", "missed"]
KINDS: tuple[Kind, ...] = ("class", "location", "both", "duplicate", "background", "missed")

NEAR = 0.5
FAR = 0.1

RIGHT = -1
VOID = -2
"""In ``Errors.kind``: found an object that does not count, or is beyond the hundred best."""


@dataclasses.dataclass(frozen=True, eq=False)
class Errors:
    """The kinds of all errors of one set of detections.

    Attributes:
        kind: i8[D], of each detection: an index into KINDS, or RIGHT, or VOID.
        mends: i32[D], the object that a class or location error would find were it mended: -1 for
            none, and for all but the best of those that would find one object.
        overlap: f64[D], of a right detection with its object; else 0.
        found: bool[K], objects that a detection found. missed: bool[K].
    """

    kind: np.ndarray
    mends: np.ndarray
    overlap: np.ndarray
    found: np.ndarray
    missed: np.ndarray

    def count(self, kind: Kind) -> int:
        """How many errors of a kind there are."""
        if kind == "missed":
            return int(self.missed.sum())
        return int((self.kind == KINDS.index(kind)).sum())


def error_kinds(truth: Truth, ignored: np.ndarray, detections: Detections) -> Errors:
    """Sort all errors into kinds.

    Args:
        truth: its classes must be those of the detections. ignored: bool[K], boxes that do not
            count.
    """
    kind = np.full(len(detections), VOID, dtype=np.int8)
    mends = np.full(len(detections), -1, dtype=np.int32)
    quality = np.zeros(len(detections))
    found, missed = (np.zeros(len(truth.category), dtype=bool) for _ in range(2))
    order = np.lexsort((-detections.score, detections.image))
    ends = np.searchsorted(detections.image[order], np.arange(len(truth) + 1))
    box_ends = np.searchsorted(truth.image, np.arange(len(truth) + 1))
    for i in range(len(truth)):
        rows = np.arange(box_ends[i], box_ends[i + 1])
        picked = _best(order[ends[i] : ends[i + 1]], detections.category)
        real, void = rows[~ignored[rows]], rows[ignored[rows]]
        boxes, labels = detections.box_px[picked].astype(np.float64), detections.category[picked]
        overlap = box_overlaps(boxes, truth.box_px[real].astype(np.float64))
        owner, outcome, meant = _of_image(overlap, labels[:, None] == truth.category[real])
        inside = _share_inside(boxes, truth.box_px[void].astype(np.float64))
        hidden = (inside * (labels[:, None] == truth.category[void]) >= NEAR).any(axis=1)
        kind[picked] = np.where(hidden & (owner < 0), VOID, outcome)
        meant = np.where(kind[picked] == VOID, -1, meant)
        wanted, first = np.unique(meant, return_index=True)  # the first is the best
        mends[picked[first[wanted >= 0]]] = real[wanted[wanted >= 0]]
        right = np.flatnonzero(owner >= 0)
        quality[picked[right]] = overlap[right, owner[right]]
        found[real[owner[owner >= 0]]] = True
        known = np.concatenate([owner, meant])
        missed[np.delete(real, known[known >= 0])] = True
    return Errors(kind, mends, quality, found, missed)


def _best(order: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Of one image's detections, best first, the MAX_DETECTIONS best of each class."""
    if len(order) <= MAX_DETECTIONS:
        return order
    labels = category[order]
    place = np.array([(labels[:k] == label).sum() for k, label in enumerate(labels)])
    return order[place < MAX_DETECTIONS]


def _matched(overlap: np.ndarray) -> np.ndarray:
    """The object that each detection finds, best first: i64[D], -1 for none."""
    owner = np.full(len(overlap), -1)
    if not overlap.shape[1]:
        return owner
    left = overlap.copy()
    for d in range(len(left)):
        best = int(left[d].argmax())
        if left[d, best] >= NEAR:
            owner[d] = best
            left[:, best] = 0.0
    return owner


def _of_image(overlap: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one image's detections, best first: the object that each finds, its kind, its aim.

    Objects are columns of ``overlap``, f64[D, G], and ``same``, bool[D, G], whether the classes
    are equal; -1 is none. The aim is the object that a class or location error would find were
    it mended, where nobody else finds it.
    """
    count = len(overlap)
    if not overlap.shape[1]:
        nobody = np.full(count, -1)
        return nobody, np.full(count, KINDS.index("background")), nobody
    own, other = overlap * same, overlap * ~same
    owner = _matched(own)
    taken = np.isin(np.arange(overlap.shape[1]), owner)
    top_own, top_other = own.max(axis=1), other.max(axis=1)
    near_other, far_own = top_other >= NEAR, (top_own >= FAR) & (top_own <= NEAR)
    twice = (own * taken).max(axis=1) >= NEAR
    alone = overlap.max(axis=1) <= FAR
    kind = np.select(
        [owner >= 0, far_own, near_other, twice, alone],
        [RIGHT, *(KINDS.index(k) for k in ("location", "class", "duplicate", "background"))],
        KINDS.index("both"),
    )
    meant = np.where(kind == KINDS.index("location"), own.argmax(axis=1), -1)
    meant = np.where(kind == KINDS.index("class"), other.argmax(axis=1), meant)
    return owner, kind, np.where((meant >= 0) & ~taken[meant], meant, -1)


def _share_inside(boxes: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Share of each box that lies in each region: f64[A, B]."""
    low = np.maximum(boxes[:, None, :2], regions[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], regions[None, :, 2:])
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return np.maximum(high - low, 0).prod(axis=2) / np.maximum(area, 1e-9)[:, None]
