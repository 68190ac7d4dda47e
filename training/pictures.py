"""Pictures for a report: the same scene under every condition, with what was found in it."""

from __future__ import annotations

import base64
import dataclasses

import cv2
import numpy as np
import simplejpeg

from render.store import Truth, load_bgr
from training.breakdown import CONFUSION_OVERLAP, CONFUSION_SCORE, box_overlaps
from training.detector import Detections
from training.taxonomy import ignored

SIDE_PX = 460
MOST_SCENES = 3
LEGEND = (
    ("found", "#12d6a3"), ("wrong class", "#ff9d1c"), ("missed", "#3aa0ff"),
    ("false alarm", "#ff3d7f"),
)  # fmt: skip
"""What the colours of the boxes mean; told apart also without red and green."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """One image of a report: its condition, layout, a JPEG as data URI, counts by LEGEND."""

    condition: str
    layout: str
    uri: str
    counts: tuple[int, ...]


def pictures(truth: Truth, found: Detections, conditions: tuple[str, ...]) -> list[list[Picture]]:
    """Rows of twins: of each layout the scene with the most objects, in every condition."""
    counted = np.bincount(truth.image[~ignored(truth)], minlength=len(truth))
    best: dict[str, int] = {}
    for i in np.flatnonzero([c == conditions[0] for c in truth.condition]):
        layout = truth.layout[i]
        if layout not in best or counted[i] > counted[best[layout]]:
            best[layout] = int(i)
    place = {
        key: i for i, key in enumerate(zip(truth.scene, truth.frame, truth.condition, strict=True))
    }
    out = []
    for i in list(best.values())[:MOST_SCENES]:
        keys = [(truth.scene[i], truth.frame[i], c) for c in conditions]
        out.append([_picture(truth, found, place[key]) for key in keys if key in place])
    return out


def _picture(truth: Truth, found: Detections, image: int) -> Picture:
    picture = load_bgr(truth.path[image])
    scale = SIDE_PX / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    marks = _marks(truth, found, image)
    for kind, boxes in enumerate(marks):
        for box in boxes:
            _draw(small, box * scale, LEGEND[kind][1])
    data = simplejpeg.encode_jpeg(small, quality=82, colorspace="BGR")
    uri = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    counts = tuple(len(boxes) for boxes in marks)
    return Picture(truth.condition[image], truth.layout[image], uri, counts)


def _marks(truth: Truth, found: Detections, image: int) -> list[list[np.ndarray]]:
    """Boxes that were found, taken for another class, missed, and found where nothing is."""
    rows = np.flatnonzero((truth.image == image) & ~truth.crowd)
    skip = ignored(truth)[rows]
    index = np.flatnonzero((found.image == image) & (found.score >= CONFUSION_SCORE))
    index = index[np.argsort(-found.score[index], kind="stable")]
    overlap = box_overlaps(found.box_px[index], truth.box_px[rows])
    free = np.ones(len(rows), dtype=bool)
    marks: list[list[np.ndarray]] = [[], [], [], []]
    for d, k in enumerate(index):
        fits = np.where(free, overlap[d], 0.0)
        best = int(fits.argmax()) if len(rows) else -1
        if best < 0 or fits[best] < CONFUSION_OVERLAP:
            marks[3].append(found.box_px[k])
            continue
        free[best] = False
        if not skip[best]:
            right = truth.category[rows[best]] == found.category[k]
            marks[0 if right else 1].append(found.box_px[k])
    marks[2] = list(truth.box_px[rows[free & ~skip]])
    return marks


def _draw(picture: np.ndarray, box: np.ndarray, colour: str) -> None:
    bgr = tuple(int(colour[i : i + 2], 16) for i in (5, 3, 1))
    start, end = np.floor(box[:2]).astype(int), np.ceil(box[2:]).astype(int)
    cv2.rectangle(picture, tuple(start.tolist()), tuple(end.tolist()), bgr, 1, cv2.LINE_AA)
