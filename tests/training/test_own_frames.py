"""Conditions of different objects: means are taken over the classes that both sides have."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from render.store import Truth
from simulator.errors import FairweatherError
from tests.training.test_bootstrap import planted
from training.breakdown import COUNTED, measure
from training.compare import compare
from training.config import StudyConfig
from training.detector import Detections
from training.held_out_findings import pair
from training.metrics import MIN_OBJECTS
from training.own_frames import in_shared_classes, ordered
from training.study import run_study
from training.taxonomy import POLICIES


def with_buses(number: int) -> tuple[Truth, Detections]:
    """Planted cars, the first of them called buses."""
    truth, found = planted(1, 30, 0.5, 0.0)
    category = np.zeros(len(truth.category), dtype=np.int16)
    category[:number] = 1
    classes = ("car", "bus")
    mixed = dataclasses.replace(truth, classes=classes, category_id=(1, 2), category=category)
    return mixed, dataclasses.replace(found, classes=classes)


def test_a_class_that_one_condition_has_too_few_of_is_left_out_of_both() -> None:
    truth, found = with_buses(MIN_OBJECTS)
    names = ["dry"] * 15 + ["wet"] * 15
    mixed = dataclasses.replace(truth, condition=tuple(names))
    kept, (left_over,), without = in_shared_classes(mixed, [found])
    assert without == ("bus",)
    assert set(kept.category.tolist()) == {0}
    assert len(kept.category) == len(truth.category) - MIN_OBJECTS
    assert len(left_over) == len(found)
    assert ordered(("wet", "clear", "dry")) == ("clear", "wet", "dry")


def test_a_mean_over_classes_is_not_moved_by_a_class_that_counts_on_one_side_only() -> None:
    truth, found = with_buses(MIN_OBJECTS)  # called cars, each of them: AP50 of buses is 0
    cell = measure(truth, [found], POLICIES[0], "dry", 50, 0)
    row = cell.classes.index(COUNTED)
    bus = cell.classes.index("bus")
    assert cell.runs[0, bus, 0] == 0.0
    fewer = cell.truth.copy()
    fewer[bus] = MIN_OBJECTS - 1
    runs = cell.runs.copy()
    runs[:, row] = runs[:, cell.classes.index("car")]  # what its own mean would be
    other = dataclasses.replace(cell, truth=fewer, runs=runs)
    made = compare(*pair(cell, other, row, 0), 0.02, "conditions")
    assert made.change.value == pytest.approx(0.0)
    assert runs[0, row, 0] - cell.runs[0, row, 0] > 0.1  # what it would have been


def test_a_study_that_is_refused_leaves_no_folder_and_takes_none_away(tmp_path) -> None:
    def never(settings: object, place: object) -> Path:
        raise AssertionError(f"no dataset is to be made: {settings}, {place}")

    for name in ("held_out", "real"):
        missing = StudyConfig(
            name=name, out=str(tmp_path / "new"), data=str(tmp_path / "no.json"), size="small"
        )
        with pytest.raises(FairweatherError, match=r"no\.json"):
            run_study(missing, never)
        assert not (tmp_path / "new").exists()
        mine = tmp_path / "mine"
        mine.mkdir(exist_ok=True)
        with pytest.raises(FairweatherError):
            run_study(dataclasses.replace(missing, out=str(mine)), never)
        assert mine.is_dir()
