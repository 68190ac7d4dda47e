"""A user's own dataset as the test set of a study: its conditions, in the classes of a detector."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render.dataset_reader import join_any, read_any
from render.store import Truth, select_boxes, select_images
from simulator.errors import ConfigError
from training.breakdown import by_condition
from training.config import StudyConfig, paths
from training.design import counted_as
from training.detector import Detections
from training.metrics import MIN_OBJECTS
from training.taxonomy import ignored


def read_own(config: StudyConfig) -> Truth:
    """The frames of ``data=`` to be tested on.

    Raises:
        ConfigError: they are of one condition, so that nothing can be compared. DataError: nothing
        there, or it is broken.
    """
    places = paths(config.data)
    truths = [read_any(p, "test", config.images) for p in places]
    if len(truths) > 1:
        truths = [_named(t, p.stem) for t, p in zip(truths, places, strict=True)]
    truth = join_any(truths)
    known = [c for c in by_condition(truth) if c]
    if len(known) < 2:
        told = f"one condition only ({known[0]})" if known else "no conditions"
        raise ConfigError(
            f"{truth.name} has {told}, {config.name} compares at least two",
            mend="Name each image's 'condition' in the COCO file, or give a file a condition",
        )
    kept = select_images(truth, np.array([c != "" for c in truth.condition]))
    return counted_as(config, kept)


def _named(truth: Truth, name: str) -> Truth:
    """Images without a condition are of that of their file."""
    return dataclasses.replace(truth, condition=tuple(c or name for c in truth.condition))


def ordered(names: Sequence[str]) -> tuple[str, ...]:
    """Conditions with the reference first: clear, where there is one."""
    return tuple(sorted(names, key=lambda n: n != "clear"))


def in_shared_classes(
    truth: Truth, runs: Sequence[Detections]
) -> tuple[Truth, list[Detections], tuple[str, ...]]:
    """Truth and detections without the classes that some condition has too few objects of.

    Conditions of different scenes hold different objects; a mean over classes that only one of them
    has would compare unlike things.

    Returns:
        Both, and the classes that were left out though they have objects somewhere. All stay where
        none has enough everywhere.
    """
    counts = np.stack(
        [
            np.bincount(
                truth.category[keep[truth.image] & ~ignored(truth)], minlength=len(truth.classes)
            )
            for keep in by_condition(truth).values()
        ]
    )
    enough = np.asarray((counts >= MIN_OBJECTS).all(axis=0))
    if not enough.any():
        enough[:] = True
    left = tuple(
        c for c, e, n in zip(truth.classes, enough, counts.sum(axis=0), strict=True) if n and not e
    )
    kept = select_boxes(truth, enough[truth.category])
    return kept, [_only(found, enough) for found in runs], left


def _only(found: Detections, classes: np.ndarray) -> Detections:
    keep = classes[found.category] if len(found) else np.zeros(0, dtype=bool)
    fields = {n: getattr(found, n)[keep] for n in ("image", "category", "score", "box_px")}
    return dataclasses.replace(found, **fields)
