"""Detections that come as a file: measured like a model's, and refused in one line where broken."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import ConfigError, DataError, LeakError
from tests.training.test_train_evaluate import evaluation
from tests.training.toy import write_toy
from training.evaluate import describe, evaluate
from training.ledger import read


@pytest.fixture(scope="module")
def measured(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What a model's own evaluation gives, and its detections.json."""
    out = tmp_path_factory.mktemp("own")
    return evaluate(evaluation(toy, toy / "test", out)), out / "detections.json"


def test_a_file_of_detections_gives_the_figures_of_the_model_that_made_it(
    toy: Path, measured: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    theirs = evaluate(
        evaluation(toy, toy / "test", tmp_path, model=None, detections=str(measured[1]))
    )
    for key in ("AP", "AP50", "AP50_visible", "objects"):
        assert theirs[key] == pytest.approx(measured[0][key], abs=2e-3)
    assert theirs["fingerprint"] == measured[0]["fingerprint"]
    assert theirs["leak_check"].startswith("not run")
    assert "bus" in theirs["never_detected"]
    assert "never detected: " in describe(theirs)


def test_detections_of_a_foreign_coco_file_are_counted_as_vehicles(
    toy: Path, measured: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    theirs = evaluate(
        evaluation(
            toy, toy / "test/annotations/test.json", tmp_path, model=None, taxonomy="vehicle",
            detections=str(measured[1]), images=str(toy / "test"),
        )
    )  # fmt: skip
    assert list(theirs["per_class"]) == ["vehicle"]
    assert theirs["objects"] == measured[0]["objects"]
    assert theirs["AP50"] > 0.4  # half of the images are fog, which the toy does not see through


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"score": float("nan")}, "NaN is no number"),
        ({"score": 1.5}, "score must be 0 to 1"),
        ({"score": None}, "score must be a number"),
        ({"image_id": 999}, "image_id '999' is not in"),
        ({"category_id": 77}, "category_id '77' is not in"),
        ({"category_id": "car"}, "category_id 'car' is not in"),
        ({"bbox": [300, 300, 10, 10]}, "has no area in its image of 256 x 256"),
        ({"bbox": [10, 10, -5, 10]}, "has no area"),
        ({"bbox": [1, 2, 3]}, "bbox must be"),
        ({"bbox": [1, 2, 3, "4"]}, "bbox must be a number"),
    ],
)
def test_a_broken_detection_is_named_in_one_line(
    change: dict[str, Any], said: str, toy: Path, tmp_path: Path
) -> None:
    good = {"image_id": 1, "category_id": 1, "score": 0.5, "bbox": [1, 2, 30, 40]}
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps([good, good | change]))
    config = evaluation(toy, toy / "test", tmp_path / "o", model=None, detections=str(path))
    with pytest.raises(DataError, match=said) as error:
        evaluate(config)
    assert "\n" not in str(error.value)
    assert "theirs.json" in str(error.value)
    assert not (tmp_path / "o").exists()


def test_what_is_no_list_or_no_file_is_named(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    os.mkfifo(tmp_path / "pipe.json")  # to read it would wait for ever
    for file, said in (
        ("x.json", "no list"), ("none.json", "cannot be read"), ("pipe.json", "is no file"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=said):
            evaluate(
                evaluation(toy, toy / "test", tmp_path, model=None, detections=str(tmp_path / file))
            )
    with pytest.raises(ConfigError, match="either model"):
        evaluate(evaluation(toy, toy / "test", tmp_path, model=None))
    several = evaluation(toy, toy / "test", tmp_path, model=None, detections="x")
    with pytest.raises(ConfigError, match="one dataset"):
        evaluate(dataclasses.replace(several, data=[several.data] * 2))


def test_no_detections_at_all_are_measured_as_nothing_found(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    result = evaluate(
        evaluation(toy, toy / "test", tmp_path, model=None, detections=str(tmp_path / "x.json"))
    )
    assert result["AP50"] == 0.0


def test_another_class_order_in_the_data_changes_no_figure(
    toy: Path, measured: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    write_toy(tmp_path / "data", 8, seed=2, split="test", conditions=("clear", "fog"))
    path = tmp_path / "data/annotations/test.json"
    coco, info = (json.loads(p.read_text()) for p in (path, tmp_path / "data/dataset.json"))
    coco["categories"].reverse()
    info["classes"].reverse()
    path.write_text(json.dumps(coco))
    (tmp_path / "data/dataset.json").write_text(json.dumps(info))
    result = evaluate(evaluation(toy, tmp_path / "data", tmp_path / "out"))
    assert result["AP50"] == measured[0]["AP50"]
    assert result["per_class"]["car"] == measured[0]["per_class"]["car"]


def test_bands_errors_and_calibration_are_in_the_result(
    measured: tuple[dict[str, Any], Path],
) -> None:
    result = measured[0]
    assert set(result["bands"]) == {"visible_area_px", "occlusion", "contrast_left"}
    small, medium = (result["bands"]["visible_area_px"][n] for n in ("small", "medium"))
    assert small["objects"] + medium["objects"] == result["objects"]
    assert small["AP50_visible_interval"][0] <= small["AP50_visible"]
    costs = {e["kind"]: e["AP50_cost"] for e in result["errors"]}
    assert costs["missed"] <= costs["every object not found"] + 1e-9
    assert 0 <= result["calibration"]["d_ece"] <= 1
    lost = [
        next(
            e["AP50_cost"] for e in result["per_condition"][c]["errors"] if "not found" in e["kind"]
        )
        for c in ("clear", "fog")
    ]
    assert lost[0] < lost[1]
    assert "NaN" not in measured[1].with_name("metrics.json").read_text()


def test_precision_and_recall_are_told_at_a_score_chosen_on_validation_scenes(
    toy: Path, tmp_path: Path
) -> None:
    write_toy(tmp_path / "val", 6, seed=5, split="val")
    config = evaluation(
        toy, toy / "test", tmp_path / "o", validation=str(tmp_path / "val"),
        ledger=str(tmp_path / "ledger"),
    )  # fmt: skip
    result = evaluate(config)
    point = result["working_point"]
    assert 0.02 <= point["score"] <= 1
    car = point["per_class"]["car"]
    assert car["precision"] > 0.8
    assert car["recall_interval"][0] <= car["recall"] <= car["recall_interval"][1]
    assert "from score" in describe(result)
    assert [look.study for look in read(tmp_path / "ledger")] == ["evaluate"]
    with pytest.raises(LeakError, match="was chosen on scene"):
        evaluate(dataclasses.replace(config, validation=config.data))
    with pytest.raises(LeakError, match="was trained on"):
        evaluate(dataclasses.replace(config, validation=str(toy / "train")))
