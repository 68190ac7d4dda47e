"""What a detector made of a picture: hits, misses, confusions and false alarms, and their colours.

For looking, not for measuring: one threshold of overlap, every box of the detector counts. The
colours are Okabe and Ito's, which colour-blind people can tell apart.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pygame
from pygame import Rect

from render.frame import CLASSES, Annotations
from render.viewer import style
from render.viewer.finder import Found
from render.viewer.sheet import Sheet, rect, tag

OVERLAP = 0.5
LEAST_PX, MOST_HIDDEN = 16, 0.8
"""Objects with fewer visible px or a larger hidden share are no misses."""

HIT: style.Colour = (0, 190, 140)
MISS: style.Colour = (240, 120, 0)
CONFUSED: style.Colour = (225, 130, 185)
ALARM: style.Colour = (240, 228, 66)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Rows of the annotations and of the detections.

    Attributes:
        hits, confused: (annotation, detection) that overlap, with equal and with another class.
        missed: annotations. alarms: detections that overlap with nothing.
    """

    hits: tuple[tuple[int, int], ...]
    confused: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    alarms: tuple[int, ...]

    @property
    def truths(self) -> int:
        """How many objects there were to find."""
        return len(self.hits) + len(self.confused) + len(self.missed)


def judged(labels: Annotations, detections: Any) -> Outcome:
    """Match detections, the surest first, each to the object that it overlaps with most."""
    names = [CLASSES[c] for c in labels.category]
    known = set(detections.classes) & set(CLASSES)
    counts = (labels.visible_px >= LEAST_PX) & (labels.occlusion <= MOST_HIDDEN)
    counts &= np.array([not known or n in known for n in names], dtype=bool)
    over = overlaps(labels.box_px, np.asarray(detections.box_px, float).reshape(-1, 4))
    free = np.ones(len(labels), bool)
    hits, confused, alarms = [], [], []
    for j in np.argsort(-np.asarray(detections.score), kind="stable").tolist():
        best = over[:, j] * free
        i = int(np.argmax(best)) if len(best) else -1
        if i < 0 or best[i] < OVERLAP:
            alarms.append(j)
            continue
        free[i] = False
        found = detections.classes[int(detections.category[j])]
        if counts[i]:
            (hits if not known or found == names[i] else confused).append((i, j))
    missed = np.flatnonzero(free & counts).tolist()
    return Outcome(tuple(hits), tuple(confused), tuple(missed), tuple(alarms))


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of every box of a with every one of b, f64[A, B]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=2)
    area_a, area_b = (np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b))
    return both / np.maximum(area_a[:, None] + area_b[None] - both, 1e-9)


def draw_outcome(sheet: Sheet, found: Found, outcome: Outcome) -> None:
    """Boxes in the colour of their outcome, and the count of each."""
    labels, detections = found.shot.frame.annotations, found.detections
    for i, j in outcome.hits:
        _box(sheet, detections.box_px[j], HIT, f"{_name(labels, i)} {detections.score[j]:.0%}")
    for i, j in outcome.confused:
        took = detections.classes[int(detections.category[j])].replace("_", " ")
        _box(sheet, detections.box_px[j], CONFUSED, f"{_name(labels, i)} taken for {took}")
    for i in outcome.missed:
        _box(sheet, labels.box_px[i], MISS, f"missed {_name(labels, i)}")
    for j in outcome.alarms:
        took = detections.classes[int(detections.category[j])].replace("_", " ")
        _box(sheet, detections.box_px[j], ALARM, f"no {took}")
    corner = Rect(sheet.clip.right - 1, sheet.clip.top, 0, 0)
    for count, word, colour in (
        (len(outcome.hits), "hit", HIT), (len(outcome.missed), "missed", MISS),
        (len(outcome.confused), "confused", CONFUSED), (len(outcome.alarms), "false", ALARM),
    ):  # fmt: skip
        tag(sheet, f"{count} {word}", corner, colour, below=True)


def _name(labels: Annotations, i: int) -> str:
    return CLASSES[labels.category[i]].replace("_", " ")


def _box(sheet: Sheet, box_px: np.ndarray, colour: style.Colour, text: str) -> None:
    at = rect(sheet, box_px)
    pygame.draw.rect(sheet.surface, colour, at, 2)
    tag(sheet, text, at, colour)
