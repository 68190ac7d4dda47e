"""Red things: read from records, asked at matched size, on fabricated and on trained detections."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import training.studies.stop_or_red as stop_or_red
from fairweather import make_dataset
from render.store import Dataset, Truth, open_dataset, read_splits
from tests.training.test_held_out import QUICK
from training.arms import Budget
from training.config import EvaluateConfig, StudyConfig
from training.detector import Detections
from training.evaluate import evaluate
from training.red_things import KINDS, LABELLED, Things, instance_ids, is_red, red_things
from training.study import run_study
from training.taken import (
    ANSWERS,
    BANDS_PX,
    NOTHING,
    answer_of,
    count,
    rate,
    reference_sizes,
)

KIND = {name: i for i, name in enumerate(KINDS)}
ANSWER = {name: i for i, name in enumerate(ANSWERS)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    spec = {
        "split": "test", "scenes": 5, "frames_per_scene": 1, "conditions": ["clear", "fog"],
        "layouts": list(stop_or_red.LAYOUTS), "workers": 1, **stop_or_red.CAMERA,
    }  # fmt: skip
    return open_dataset(make_dataset(spec, tmp_path_factory.mktemp("red") / "data"))


@pytest.fixture(scope="module")
def truth(made: Dataset) -> Truth:
    return read_splits(made)


@pytest.fixture(scope="module")
def things(made: Dataset, truth: Truth) -> Things:
    return red_things(made, truth)


def test_the_record_tells_which_cars_are_red_and_which_brake(
    made: Dataset, truth: Truth, things: Things
) -> None:
    ids = instance_ids(made, truth)
    assert len(ids) == len(truth.category)
    counts = np.bincount(things.kind, minlength=len(KINDS))
    assert counts[KIND["stop sign"]] + counts[KIND["red lamp"]] > 4
    assert counts[KIND["other car"]] > 20
    lamps = things.box_px[things.kind == KIND["brake lamps"]]
    assert len(lamps) > 4
    vehicles = np.flatnonzero(truth.visible_area_px > 100)
    image = things.image[things.kind == KIND["brake lamps"]]
    for box, at in zip(lamps, image, strict=True):
        boxes = truth.box_px[vehicles[truth.image[vehicles] == at]]
        middle = (box[:2] + box[2:]) / 2
        assert ((middle > boxes[:, :2] - 2) & (middle < boxes[:, 2:] + 2)).all(axis=1).any()
    foggy = np.array([c == "fog" for c in truth.condition])[things.image]
    twins = [np.bincount(things.kind[part], minlength=len(KINDS)) for part in (foggy, ~foggy)]
    assert (twins[0] == twins[1]).all()


def test_red_is_red_and_neither_brown_nor_grey() -> None:
    colours = np.array([(150, 34, 36), (120, 118, 116), (170, 154, 128), (70, 20, 20)])
    assert is_red(colours).tolist() == [True, False, False, False]


def fabricated(truth: Truth, things: Things, wrong: dict[str, str]) -> Detections:
    """A detector that answers right everywhere, but for whole kinds that it takes for another."""
    image, category, boxes = [], [], []
    for kind, at, box, row in zip(
        things.kind, things.image, things.box_px, things.row, strict=True
    ):
        said = wrong.get(KINDS[kind])
        if said is None and row < 0:
            continue
        label = truth.classes.index(said) if said else int(truth.category[row])
        image.append(at)
        category.append(label)
        boxes.append(box)
    return Detections(
        image=np.array(image), category=np.array(category), score=np.full(len(image), 0.9),
        box_px=np.array(boxes), classes=truth.classes,
    )  # fmt: skip


def test_who_is_taken_for_whom_is_told_as_it_was_planted(truth: Truth, things: Things) -> None:
    wrong = {"stop sign": "light_red", "brake lamps": "light_red", "red clutter": "stop_sign"}
    answers = answer_of(truth, fabricated(truth, things, wrong), things)
    assert (answers[things.kind == KIND["stop sign"]] == ANSWER["red light"]).all()
    assert (answers[things.kind == KIND["red lamp"]] == ANSWER["red light"]).all()
    assert (answers[things.kind == KIND["red clutter"]] == ANSWER["stop sign"]).all()
    lamps = answers[things.kind == KIND["brake lamps"]]
    assert (lamps == ANSWER["red light"]).mean() > 0.9
    cars = answers[np.isin(things.kind, [KIND["red car"], KIND["other car"]])]
    assert set(cars.tolist()) <= {ANSWER["vehicle"], ANSWER["red light"], NOTHING}
    assert (answers[things.kind == KIND["other red sign"]] == NOTHING).all()


def test_a_blind_detector_answers_nothing(truth: Truth, things: Things) -> None:
    none = Detections(
        image=np.zeros(0), category=np.zeros(0), score=np.zeros(0), box_px=np.zeros((0, 4)),
        classes=truth.classes,
    )  # fmt: skip
    assert (answer_of(truth, none, things) == NOTHING).all()


def test_a_kind_that_is_only_small_is_not_called_worse_at_matched_size(
    truth: Truth, things: Things
) -> None:
    """A detector blind to all that is small: as they come lamps look worse, at matched size not."""
    small, large = (float(v) for v in BANDS_PX[2:4])
    signs, lamps = (np.flatnonzero(things.kind == KIND[k]) for k in ("stop sign", "red lamp"))
    chosen = np.concatenate([signs, lamps])
    side = np.full(len(things), large + 1)
    side[lamps[: -max(len(lamps) // 4, 1)]] = small + 1
    side[signs[: max(len(signs) // 4, 1)]] = small + 1
    box = things.box_px.copy()
    box[:, 2:] = box[:, :2] + side[:, None]
    planted = dataclasses.replace(things, box_px=box)
    answers = np.full(len(things), NOTHING, dtype=np.int8)
    right = {KIND["stop sign"]: ANSWER["stop sign"], KIND["red lamp"]: ANSWER["red light"]}
    for i in chosen[side[chosen] > large]:
        answers[i] = right[int(things.kind[i])]
    whole = np.ones(len(truth), dtype=bool)
    counts = count(planted, [answers], whole, truth)
    sizes = reference_sizes(counts)
    rates = {
        how: [
            rate("a", counts, kind, (answer,), weights, 100, 0).values[0]
            for kind, answer in right.items()
        ]
        for how, weights in (("as they come", None), ("matched", sizes))
    }
    assert rates["as they come"][0] - rates["as they come"][1] > 0.3
    assert rates["matched"][0] == pytest.approx(rates["matched"][1])


def test_evaluate_tells_the_confusion_among_red_things(
    made: Dataset, truth: Truth, things: Things, tmp_path: Path
) -> None:
    """Detections elsewhere: every car is called a stop sign, all else is found as what it is."""
    file = made.root / "annotations" / "test.json"
    content = json.loads(file.read_text())
    ids = {c["name"]: c["id"] for c in content["categories"]}
    results = [
        {"image_id": a["image_id"], "bbox": a["bbox"], "score": 0.9,
         "category_id": ids["stop_sign"] if a["category_id"] == ids["car"] else a["category_id"]}
        for a in content["annotations"]
    ]  # fmt: skip
    (tmp_path / "found.json").write_text(json.dumps(results))
    settings = EvaluateConfig(
        data=str(made.root), out=str(tmp_path / "e"), detections=str(tmp_path / "found.json"),
        replicates=0,
    )  # fmt: skip
    told = evaluate(settings)["red_things"]
    counts = np.bincount(things.kind, minlength=len(KINDS))
    every = told["all"]
    assert {k: line["things"] for k, line in every.items()} == {
        k: n for k, n in zip(KINDS, counts.tolist(), strict=True) if n
    }
    assert every["red lamp"]["right"] > 0.9
    assert every["other car"]["right"] < 0.1
    assert every["red car"]["answers"]["stop sign"] > 0.9 * every["red car"]["things"]
    assert list(told["per_condition"]) == ["clear", "fog"]
    foreign = dataclasses.replace(settings, data=str(file), images=str(made.root))
    assert "brake lamps" in evaluate(foreign)["red_things"]["not_run"]


def test_the_study_runs_whole_and_asks_every_kind_in_every_condition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(15, 1, {**QUICK, "lr": 4e-3})
    plan = stop_or_red.Plan(5, 5, ("clear", {"fog": {"visibility_m": 400}}), budget)
    monkeypatch.setitem(stop_or_red.PLANS, "small", plan)
    config = StudyConfig(
        out=str(tmp_path), name="stop_or_red", threads=1, workers=1, replicates=200
    )
    run_study(config, make_dataset)
    rows = json.loads((tmp_path / "results.json").read_text())
    have = {(r["condition"], r["class"]) for r in rows}
    for condition in ("clear", "fog-visibility_m-400"):
        for kind in KINDS[:LABELLED]:
            assert (condition, kind) in have
    for condition, kind in have:
        shares = [
            r["value"] for r in rows
            if (r["condition"], r["class"]) == (condition, kind)
            and r["metric"].endswith("by the clear-trained")
        ]  # fmt: skip
        assert sum(shares) == pytest.approx(1.0)
    text = (tmp_path / "report.html").read_text()
    assert "declared before the first look" in text
    assert "Who is taken for whom: weather-trained" in text
