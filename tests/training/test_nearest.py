"""False alarms are told with what they stand beside."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render.truth import BOX_FIELDS
from tests.training.test_bootstrap import planted
from training.detector import Detections
from training.nearest import beside, nearest_objects


def alarms(boxes: list[list[float]], labels: list[int], image: list[int]) -> Detections:
    return Detections(
        image=image, category=labels, score=np.full(len(image), 0.8), box_px=boxes,
        classes=("car", "red"),
    )  # fmt: skip


def test_the_nearest_box_is_found_by_gap_and_then_by_centre() -> None:
    truth, _ = planted(1, 2, 0.5, 0.0)  # boxes of 10 px at x = 0, 20, 40, ..., y = 0
    found = alarms([[22, 2, 25, 5], [12, 0, 17, 10], [0, 14, 10, 20]], [1, 1, 1], [0, 0, 1])
    row, gap = nearest_objects(truth, found)
    assert row.tolist() == [1, 0, 8]
    assert gap == pytest.approx([0, 2, 4])


def test_alarms_are_counted_by_what_they_say_and_what_they_stand_beside() -> None:
    truth, _ = planted(1, 2, 0.5, 0.0)
    truth = dataclasses.replace(truth, classes=("car", "red"), category_id=(1, 2))
    found = alarms(
        [[0, 0, 10, 10], [22, 2, 25, 5], [0, 100, 10, 110], [62, 1, 66, 6]], [0, 1, 1, 1],
        [0, 0, 0, 1],
    )  # fmt: skip
    table = beside(truth, np.zeros(16, dtype=bool), found)
    assert table.tolist() == [[0, 0, 0], [2, 0, 1]]
    assert beside(truth, np.zeros(16, dtype=bool), found, least_score=0.9).sum() == 0


def test_an_image_without_objects_has_nothing_to_stand_beside() -> None:
    truth, _ = planted(1, 1, 0.5, 0.0)
    empty = dataclasses.replace(
        truth, classes=("car", "red"), category_id=(1, 2),
        **{n: getattr(truth, n)[:0] for n in BOX_FIELDS},
    )  # fmt: skip
    table = beside(empty, np.zeros(0, dtype=bool), alarms([[0, 0, 5, 5]], [1], [0]))
    assert table.tolist() == [[0, 0, 0], [0, 0, 1]]
