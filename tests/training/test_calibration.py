"""Calibration against a slow reference, and working points that are not chosen on the test."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render.store import Truth
from simulator.errors import DataError, LeakError
from simulator.seeding import stream
from tests.training.test_bootstrap import planted
from tests.training.test_error_kinds import iou
from tests.training.test_metrics import random_set
from training.bootstrap import scene_weights
from training.calibration import BINS, calibration
from training.detector import Detections
from training.matching import match
from training.working_point import at_point, choose


def reference(truth: Truth, found: Detections) -> tuple[float, float]:
    """D-ECE and LaECE by loops over objects, classes and bins."""
    rows = []
    for i in range(len(truth)):
        taken = set()
        for d in sorted(np.flatnonzero(found.image == i), key=lambda d: -found.score[d]):
            best, most = None, 0.5
            for k in np.flatnonzero((truth.image == i) & (truth.category == found.category[d])):
                overlap = iou(found.box_px[d].tolist(), truth.box_px[k].tolist())
                if k not in taken and overlap >= most:
                    best, most = k, overlap
            taken.add(best)
            rows.append((int(found.category[d]), float(found.score[d]), best is not None, most))
    bins = [min(int(s * BINS), BINS - 1) for _, s, _, _ in rows]

    def ece(chosen: list[int], located: bool) -> float:
        total = 0.0
        for b in range(BINS):
            inside = [rows[k] for k in chosen if bins[k] == b]
            if inside:
                right = [r[3] for r in inside if r[2]]
                precision = len(right) / len(inside)
                if located:
                    precision *= float(np.mean(right)) if right else 0.0
                confidence = float(np.mean([r[1] for r in inside]))
                total += len(inside) / len(chosen) * abs(confidence - precision)
        return total

    classes = [[k for k, r in enumerate(rows) if r[0] == c] for c in range(len(truth.classes))]
    return ece(list(range(len(rows))), False), float(np.mean([ece(c, True) for c in classes if c]))


@pytest.mark.parametrize("seed", range(5))
def test_both_errors_equal_the_reference(seed: int) -> None:
    truth, found = random_set(seed)
    keep = found.image != 3
    scores = np.clip(found.score + 1e-5 * np.arange(len(found)), 0, 1)  # no ties
    found = Detections(
        image=found.image[keep], category=found.category[keep], score=scores[keep],
        box_px=found.box_px[keep], classes=found.classes,
    )  # fmt: skip
    none = np.zeros(len(truth.category), dtype=bool)
    scenes = np.arange(len(truth))
    made = calibration(truth, none, found, scenes, scene_weights(len(truth), 200, 0))
    wanted = reference(truth, found)
    assert (made.d_ece.value, made.la_ece.value) == pytest.approx(wanted, abs=1e-9)
    assert made.d_ece.low <= made.d_ece.high
    assert sum(b.count for b in made.curve) == made.detections == len(found)
    assert all(b.low <= b.score <= b.high for b in made.curve if b.count)


def test_scores_that_are_true_have_no_error_and_boasting_ones_have_all_of_it() -> None:
    rng = stream(3, 0, "test/calibration")
    truth, _ = planted(3, 400, 0.5, 0.0)
    score = rng.uniform(0.05, 1.0, len(truth.category))
    right = rng.random(len(score)) < score
    boxes = truth.box_px + np.where(right, 0, 1000)[:, None]

    def measured(says: np.ndarray) -> tuple[float, float]:
        found = Detections(
            image=truth.image, category=truth.category, score=says, box_px=boxes, classes=("car",)
        )
        none = np.zeros(len(truth.category), dtype=bool)
        made = calibration(truth, none, found, np.arange(400), scene_weights(400, 50, 0))
        return made.d_ece.value, made.la_ece.value

    assert max(measured(score)) < 0.04
    assert measured(np.ones(len(score)))[0] == pytest.approx(1 - right.mean(), abs=1e-6)


def test_without_detections_there_is_no_error_to_speak_of() -> None:
    truth, found = planted(1, 5, 0.5, 0.0)
    none = np.zeros(len(truth.category), dtype=bool)
    made = calibration(truth, none, found, np.arange(5), scene_weights(5, 20, 0), least_score=0.95)
    assert made.detections == 0
    assert np.isnan([made.d_ece.value, made.la_ece.value, made.curve[0].precision.value]).all()


def scored(seed: int, split: str) -> tuple[Truth, Detections]:
    """Right detections from 0.3 to 1, as many wrong ones from 0 to 0.5."""
    truth, _ = planted(seed, 60, 1.0, 0.0)
    truth = dataclasses.replace(
        truth, scene=tuple(f"{split}/{s}" for s in truth.scene),
        geometry=tuple(f"{split}/{g}" for g in truth.geometry),
    )  # fmt: skip
    rng = stream(seed, 0, "test/point")
    count = len(truth.category)
    score = np.concatenate([rng.uniform(0.3, 1, count), rng.uniform(0, 0.5, count)])
    boxes = np.concatenate([truth.box_px, truth.box_px + 1000])
    order = np.argsort(np.tile(truth.image, 2), kind="stable")
    found = Detections(
        image=np.tile(truth.image, 2)[order], category=np.zeros(2 * count), score=score[order],
        box_px=boxes[order], classes=("car",),
    )  # fmt: skip
    return truth, found


def test_a_score_is_chosen_on_validation_and_measured_elsewhere() -> None:
    scenes = np.arange(60)
    sets = [scored(seed, split) for seed, split in ((1, "val"), (2, "test"))]
    none = np.zeros(480, dtype=bool)
    matched = [match(t, none, d, scenes) for t, d in sets]
    point = choose(sets[0][0], matched[0])
    assert 0.3 < point.score < 0.5
    one, every = at_point(point, sets[1][0], matched[1], scene_weights(60, 200, 0))
    keep = sets[1][1].score >= point.score
    right = (sets[1][1].box_px[:, 0] < 1000) & keep
    assert one.precision.value == pytest.approx(right.sum() / keep.sum())
    assert one.recall.value == pytest.approx(right.sum() / 480)
    assert one.recall.low < one.recall.value < one.recall.high
    assert dataclasses.replace(every, name="car") == one
    with pytest.raises(LeakError, match="was chosen on scene val/s0000"):
        at_point(point, sets[0][0], matched[0], scene_weights(60, 10, 0))
    renamed = dataclasses.replace(sets[0][0], scene=tuple(f"x{i}" for i in range(60)))
    with pytest.raises(LeakError, match="was chosen on scene"):
        at_point(point, renamed, matched[0], scene_weights(60, 10, 0))


def test_no_score_is_chosen_where_nothing_was_found() -> None:
    truth, found = planted(1, 5, 0.0, 0.0)
    matched = match(truth, np.zeros(40, dtype=bool), found, np.arange(5))
    with pytest.raises(DataError, match="finds nothing"):
        choose(truth, matched)
