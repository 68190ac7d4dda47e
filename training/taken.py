"""Who is taken for whom: what a detector answers at every red thing, at matched apparent size."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np

from render.store import Truth
from training.bootstrap import scene_weights, scenes_of
from training.breakdown import CONFUSION_OVERLAP, CONFUSION_SCORE, takes
from training.compare import Figure
from training.detector import Detections
from training.fingerprint import LETTERS, fingerprint
from training.red_things import KINDS, LABELLED, Things
from training.taxonomy import ignored, primary

ANSWERS = ("stop sign", "red light", "other light", "vehicle", "other class", "nothing")
NOTHING = len(ANSWERS) - 1
RIGHT = tuple(ANSWERS.index(a) for a in ("stop sign", "red light", "vehicle", "vehicle"))
"""The right answer of each labelled kind; of the others it is nothing."""

ALARMS = tuple(ANSWERS.index(a) for a in ("stop sign", "red light", "other light"))
"""Answers that are false alarms at a thing without a label, or on a vehicle."""

GROW_PX = 3.0
"""A detection belongs to an unlabelled thing when its middle is within this of the thing's box."""

BANDS_PX = (6.0, 10.0, 16.0, 24.0, 36.0, 60.0)
"""Edges of the bands of apparent size, the square root of the box's area."""

COVERED = 0.8
"""Share of the reference sizes that a kind must have for its rate to be called matched."""


@dataclasses.dataclass(frozen=True, eq=False)
class Counts:
    """Answers in one condition.

    Attributes:
        answers: f64[K, kinds, answers, bands, S], one K a training seed. scenes: S.
        truth: the images of the condition.
    """

    answers: np.ndarray
    scenes: int
    truth: Truth


def answer_of(truth: Truth, found: Detections, things: Things) -> np.ndarray:
    """What a detector answers at each thing: i8[M], index into ANSWERS.

    A labelled thing is answered by the detection that takes its box: best first, whatever the
    class, at the overlap and from the score of ``breakdown.confusion``. A sign or a light that
    takes no box is an answer to the vehicle, or to the unlabelled thing, in which its middle lies.
    """
    group = np.array([_group(c) for c in truth.classes])
    out = np.full(len(things), NOTHING, dtype=np.int8)
    boxes_of = np.searchsorted(truth.image, np.arange(len(truth) + 1))
    found_of = np.searchsorted(found.image, np.arange(len(truth) + 1))
    things_of = np.searchsorted(things.image, np.arange(len(truth) + 1))
    for i in range(len(truth)):
        chosen = np.arange(found_of[i], found_of[i + 1])
        chosen = chosen[found.score[chosen] >= CONFUSION_SCORE]
        chosen = chosen[np.argsort(-found.score[chosen], kind="stable")]
        rows = np.arange(boxes_of[i], boxes_of[i + 1])
        taken = takes(found.box_px[chosen], truth.box_px[rows])
        by_row = {int(rows[b]): int(group[found.category[d]])
                  for d, b in zip(chosen, taken, strict=True) if b >= 0}  # fmt: skip
        answers = group[found.category[chosen]]
        loose = np.isin(answers, ALARMS) & (taken < 0)
        middles = (found.box_px[chosen, :2] + found.box_px[chosen, 2:]) / 2
        for t in range(things_of[i], things_of[i + 1]):
            row = int(things.row[t])
            if row >= 0:
                out[t] = by_row.get(row, NOTHING)
            if row < 0 or KINDS[things.kind[t]].endswith("car"):
                inside = _inside(middles, things.box_px[t], 0.0 if row >= 0 else GROW_PX) & loose
                if inside.any():
                    out[t] = answers[int(inside.argmax())]
    return out


def _inside(middles: np.ndarray, box: np.ndarray, grow: float) -> np.ndarray:
    near = (middles >= box[:2] - grow) & (middles <= box[2:] + grow)
    return np.asarray(near.all(axis=1))


def _group(name: str) -> int:
    words = {"stop_sign": "stop sign", "light_red": "red light"}
    if name in words:
        return ANSWERS.index(words[name])
    if name.startswith("light_"):
        return ANSWERS.index("other light")
    vehicle = name in ("car", "truck", "bus", "motorcycle", "bicycle")
    return ANSWERS.index("vehicle" if vehicle else "other class")


def band_of(things: Things) -> np.ndarray:
    """The band of apparent size of each thing: i64[M]; smaller and larger ones in the end bands."""
    side = np.sqrt(np.maximum((things.box_px[:, 2:] - things.box_px[:, :2]).prod(axis=1), 0))
    return np.clip(np.searchsorted(BANDS_PX, side, side="right") - 1, 0, len(BANDS_PX) - 2)


def count(things: Things, answers: Sequence[np.ndarray], keep: np.ndarray, part: Truth) -> Counts:
    """Answers of each seed in the images where ``keep``, bool[N]; ``part``: these images."""
    of_part, number = scenes_of(part)
    chosen = np.flatnonzero(keep[things.image])
    place = np.cumsum(keep) - 1
    scene = of_part[place[things.image[chosen]]].astype(np.int64)
    kind, band = things.kind[chosen].astype(np.int64), band_of(things)[chosen]
    shape = (len(KINDS), len(ANSWERS), len(BANDS_PX) - 1, number)
    tables = []
    for answer in answers:
        table = np.zeros(shape)
        np.add.at(table, (kind, answer[chosen].astype(np.int64), band, scene), 1.0)
        tables.append(table)
    return Counts(np.stack(tables), number, part)


def reference_sizes(counts: Counts) -> np.ndarray:
    """Shares of the bands at which kinds are compared, f64[B]: where signs and lamps overlap."""
    total = counts.answers[0].sum(axis=(1, 3))[:2]
    shares = total / np.maximum(total.sum(axis=1, keepdims=True), 1)
    shared = shares.min(axis=0)
    return shared / shared.sum() if shared.sum() > 0 else np.full(len(shared), 1 / len(shared))


def covered(counts: Counts, kind: int, sizes: np.ndarray) -> float:
    """The share of the reference sizes at which there is a thing of this kind."""
    return float(sizes[counts.answers[0, kind].sum(axis=(0, 2)) > 0].sum())


def rate(
    name: str, counts: Counts, kind: int, answers: Sequence[int], sizes: np.ndarray | None,
    replicates: int, seed: int,
) -> Figure:  # fmt: skip
    """How often a kind gets one of some answers, as a figure that ``compare`` can subtract.

    Args:
        sizes: f64[B], weights of the bands (``reference_sizes``), or None for things as they come.
    """
    weights = np.concatenate(
        [np.ones((1, counts.scenes)), scene_weights(counts.scenes, replicates, seed)]
    )
    table = counts.answers[:, kind]
    hits, total = table[:, list(answers)].sum(axis=1), table[0].sum(axis=0)
    if sizes is None:
        hits, total = hits.sum(axis=1, keepdims=True), total.sum(axis=0, keepdims=True)
        sizes = np.ones(1)
    got, all_ = hits @ weights.T, (total @ weights.T)[None]  # seeds, bands, replicates
    share = np.where(all_ > 0, got / np.maximum(all_, 1e-9), 0.0)
    held = np.where(all_ > 0, sizes[None, :, None], 0.0)
    whole = held.sum(axis=1)
    value = np.where(whole > 0, (held * share).sum(axis=1) / np.maximum(whole, 1e-9), np.nan)
    skip = ignored(counts.truth)
    print_of = fingerprint(counts.truth, skip, primary(counts.truth))
    protocol = (
        f"{print_of.protocol} {CONFUSION_SCORE} {CONFUSION_OVERLAP} {GROW_PX} {sizes.tolist()}"
    )
    digest = hashlib.sha256(f"{protocol} {KINDS[kind]} {list(answers)}".encode()).hexdigest()
    return Figure(
        name, value[:, 0], value[:, 1:], counts.scenes, int(table[0].sum()),
        dataclasses.replace(print_of, protocol=digest[:LETTERS]),
    )  # fmt: skip


def right_answers(kind: int) -> tuple[int, ...]:
    """What is right at a kind: its own class, or nothing."""
    return (RIGHT[kind],) if kind < LABELLED else (NOTHING,)
