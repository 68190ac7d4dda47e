"""The confusion of ``evaluate`` among red things: stop sign, red lamp, brake lamp, red car.

Labels do not tell a red car or a lit brake lamp; the records of the scenes of a dataset of ours do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from render.store import open_dataset, read_splits
from render.truth import Counting
from training.breakdown import by_condition
from training.detector import Detections
from training.red_things import KINDS, LABELLED, red_things
from training.taken import ANSWERS, answer_of, right_answers

NOT_RUN = "not_run"


def red_confusion(places: Sequence[Path], found: Detections, counting: Counting) -> dict[str, Any]:
    """What a detector answers at every red thing of a dataset, over all and by condition.

    Args:
        places: of ``data=``. found: in its images, in their order. counting: which objects count.

    Returns:
        Plain data, or why it could not be told under NOT_RUN. A thing without a label of its own
        (brake lamps, other red signs, red clutter) is answered rightly by nothing.

    Raises:
        DataError: a record of a scene is broken.
    """
    reason = _obstacle(places)
    if reason:
        return {NOT_RUN: reason}
    dataset = open_dataset(places[0])
    truth = dataclasses.replace(read_splits(dataset), counting=counting)
    unknown = sorted(set(found.classes) - set(truth.classes))
    if unknown:
        return {NOT_RUN: f"the detector's classes are others ({', '.join(unknown)})"}
    named = np.array([truth.classes.index(c) for c in found.classes])
    category = named[found.category] if len(found) else found.category
    renamed = dataclasses.replace(found, category=category, classes=truth.classes)
    things = red_things(dataset, truth)
    answers = answer_of(truth, renamed, things)
    result = {"all": _table(things.kind, answers)}
    conditions = by_condition(truth)
    if len(conditions) > 1:
        result["per_condition"] = {
            name: _table(things.kind[keep[things.image]], answers[keep[things.image]])
            for name, keep in conditions.items()
        }
    return result


def _obstacle(places: Sequence[Path]) -> str:
    """Why red things cannot be told, or an empty word."""
    if len(places) != 1:
        return "several datasets: measure them one by one"
    if not (places[0] / "dataset.json").is_file():
        return "labels of others do not tell brake lamps and red cars"
    if len(open_dataset(places[0]).splits) != 1:
        return "the dataset has several splits"
    if not any((places[0] / "scenes").glob("*.json")):
        return "the dataset has no records of its scenes"
    return ""


def _table(kind: np.ndarray, answers: np.ndarray) -> dict[str, Any]:
    """Counts by kind of thing and answer, with the share that is right; kinds that occur."""
    out = {}
    for k, name in enumerate(KINDS):
        mine = answers[kind == k]
        if len(mine):
            right = np.isin(mine, right_answers(k))
            out[name] = {
                "things": len(mine), "labelled": k < LABELLED, "right": float(right.mean()),
                "answers": {a: int((mine == i).sum()) for i, a in enumerate(ANSWERS)},
            }  # fmt: skip
    return out
