"""Which objects count is a setting: it changes figures, stands in the record, and parts them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from conf.composition import compose
from render.dataset_reader import read_any
from render.truth import Counting, Truth, join
from simulator.errors import ConfigError
from simulator.settings import build
from tests.training.test_train_evaluate import evaluation
from training.breakdown import drop, measure
from training.config import EvaluateConfig, StudyConfig
from training.detector import Detections
from training.evaluate import evaluate
from training.fingerprint import comparable, fingerprint
from training.standing import truth_hash
from training.taxonomy import ignored, policies, primary

LARGE = Counting(min_visible_px=900.0)
"""Of the toy's things only trucks are as large."""


def test_unless_it_is_set_objects_count_as_they_always_did() -> None:
    usual, visible = (dataclasses.astuple(p) for p in policies(Counting()))
    assert usual == ("", 16.0, 0.8, 0.0)
    assert visible == ("_visible", 16.0, 0.8, 0.05)
    for job, cls in (("evaluate", EvaluateConfig), ("study", StudyConfig)):
        words = ["out=o", *(["data=d"] if job == "evaluate" else [])]
        assert build(cls, compose(job, words)).policy == Counting()
        chosen = build(cls, compose(job, [*words, "policy.min_visible_px=900"])).policy
        assert policies(chosen) == policies(LARGE)
        with pytest.raises(ConfigError, match=r"policy\.max_occlusion"):
            build(cls, compose(job, [*words, "policy.max_occlusion=1.5"]))


def test_an_evaluation_counts_the_objects_that_its_policy_names(toy: Path, tmp_path: Path) -> None:
    usual = evaluate(evaluation(toy, toy / "test", tmp_path / "usual"))
    large = evaluate(evaluation(toy, toy / "test", tmp_path / "large", policy=LARGE))
    clear = evaluate(
        evaluation(toy, toy / "test", tmp_path / "clear", policy=Counting(min_contrast=0.5))
    )
    truth = read_any(toy / "test")
    wide = truth.visible_area_px >= 900
    assert 0 < wide.sum() < len(wide)
    assert usual["objects"] == len(wide)
    assert large["objects"] == large["objects_visible"] == wide.sum()
    assert large["per_class"]["car"]["objects"] == 0 < usual["per_class"]["car"]["objects"]
    rows = np.array(large["calibration"]["detections"]), usual["calibration"]["detections"]
    assert rows[0] < rows[1]
    assert np.sum(large["confusion"]["rows"], axis=1)[:-1].sum() == wide.sum()
    # the second way to count alone: half of the images are in fog, with a contrast of 0.3
    assert clear["AP50"] == usual["AP50"]
    assert clear["objects_visible"] == usual["objects_visible"] / 2
    assert clear["fingerprint"] == usual["fingerprint"] != large["fingerprint"]
    assert clear["fingerprint_visible"] != usual["fingerprint_visible"]
    saved = json.loads((tmp_path / "large/metrics.json").read_text())
    assert saved["config"]["policy"] == dataclasses.asdict(LARGE)


def test_figures_under_different_policies_cannot_be_subtracted(toy: Path) -> None:
    truth = read_any(toy / "test")
    large = dataclasses.replace(truth, counting=LARGE)
    prints = [fingerprint(t, ignored(t), primary(t)) for t in (truth, large)]
    with pytest.raises(ConfigError, match="protocols"):
        comparable(*prints)
    # also where they happen to count the same objects
    same = dataclasses.replace(truth, counting=Counting(min_visible_px=17.0))
    assert (ignored(same) == ignored(truth)).all()
    nothing = _nothing(truth)
    cells = [measure(t, [nothing], primary(t), "", 10, 0) for t in (truth, same)]
    with pytest.raises(ConfigError, match="protocols"):
        drop(*cells, 0, 0)
    whole = dataclasses.replace(truth, counting=Counting(min_visible_px=16))
    assert comparable(prints[0], fingerprint(whole, ignored(whole), primary(whole))) == "same"
    with pytest.raises(ValueError, match="counted alike"):
        join([truth, large])


def test_a_look_is_a_look_however_objects_are_counted(toy: Path) -> None:
    truth = read_any(toy / "test")
    assert truth_hash(truth) == truth_hash(dataclasses.replace(truth, counting=LARGE))


def _nothing(truth: Truth) -> Detections:
    none = np.zeros(0)
    return Detections(
        image=none, category=none, score=none, box_px=np.zeros((0, 4)), classes=truth.classes
    )  # fmt: skip
