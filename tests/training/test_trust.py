"""Planted faults are found by the checks that should find them, and nothing else is blamed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.studies.trust as trust
from render.config import GenerateConfig
from render.generate import generate
from render.store import open_dataset, read_splits
from render.verify import VerifyConfig, verify_deep
from scenarios.config import CameraConfig
from tests.training.test_held_out import QUICK
from training.arms import Budget
from training.config import StudyConfig
from training.detector import Detections
from training.plants import COPIES, LABELS, PIXELS, edited_copy
from training.study import run_study
from training.suspects import found_among_first, separation, suspicions
from training.trust_sheet import Found

CAMERA = CameraConfig(width_px=256, height_px=256, m_per_px=0.2)


def make(spec: Mapping[str, Any], folder: Path) -> Path:
    settings = {**spec, "conditions": tuple(spec["conditions"]), "layouts": tuple(spec["layouts"])}
    config = GenerateConfig(out=str(folder), camera=CAMERA, **{**settings, "workers": 1})
    return generate(config)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trust")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(trust.PLANS, "small", trust.Plan(9, 1, (0.3,), Budget(6, 1, QUICK)))
        run_study(StudyConfig(out=str(out), name="trust", threads=1, workers=1), make)
    return out


def test_every_edit_is_found_by_drawing_again_and_no_sound_image_is_blamed(done: Path) -> None:
    rows = json.loads((done / "results.json").read_text())
    found = {(r["class"], r["condition"]): r for r in rows if r["metric"] == "found"}
    for kind in (*LABELS, *PIXELS):
        assert found["drawing again", kind]["value"] == 1.0, kind
    for check in ("drawing again", "look-alikes", "leak check"):
        assert found[check, "nothing"]["value"] == 0.0, check
    for way in COPIES:
        assert found["look-alikes", way]["value"] == 1.0, way
    for leak in trust.LEAKS[:2]:
        assert found["leak check", leak]["value"] == 1.0
    page = (done / "report.html").read_text()
    assert "How large a sample?" in page
    assert "<script" not in page


def test_the_looks_of_the_doubting_detector_are_declared_and_in_the_ledger(done: Path) -> None:
    plan = json.loads((done / "plan.json").read_text())
    assert plan["plan"]["study"] == "trust"
    assert plan["plan"]["sizes"]["planted"] == 1
    assert len(plan["looks"]) == 1
    assert not plan["exploratory"]
    assert plan["hash"] in (done / "report.html").read_text()


def test_who_plants_is_thorough_hashes_and_tables_agree(done: Path) -> None:
    copy = done / "planted" / "edited"
    assert not verify_deep(VerifyConfig(data=str(copy))).problems
    seen = verify_deep(VerifyConfig(data=str(copy), sample=9, seed=1)).problems
    assert len(seen) >= len(LABELS) + len(PIXELS)


def test_a_copy_without_plants_is_the_dataset(done: Path) -> None:
    source = next((done / "data").iterdir())
    edited_copy(source, done / "planted" / "none", {}, "train")
    assert not verify_deep(VerifyConfig(data=str(done / "planted" / "none"), sample=9)).problems


def test_doubts_rank_a_swapped_label_and_an_object_left_out_first(done: Path) -> None:
    truth = read_splits(open_dataset(next((done / "data").iterdir())))
    sure = Detections(
        image=truth.image, category=truth.category, box_px=truth.box_px.astype(np.float32),
        score=np.full(len(truth.image), 0.9, np.float32), classes=truth.classes,
    )  # fmt: skip
    category = truth.category.copy()
    category[3] = (category[3] + 1) % len(truth.classes)
    wrong = suspicions(dataclasses.replace(truth, category=category), sure)
    assert np.argmax(wrong.label) == 3
    assert wrong.image.max() == 0
    keep = np.arange(len(truth.image)) != 3
    columns = {
        f.name: getattr(truth, f.name)[keep]
        for f in dataclasses.fields(truth)
        if isinstance(getattr(truth, f.name), np.ndarray)
        and len(getattr(truth, f.name)) == len(truth.image)
    }
    less = suspicions(dataclasses.replace(truth, **columns), sure)
    assert np.flatnonzero(less.image > 0.5).tolist() == [truth.image[3]]


def test_counts_of_doubts_and_their_separation() -> None:
    suspicion = np.array([0.9, 0.1, 0.8, 0.2])
    planted = np.array([True, False, False, True])
    assert found_among_first(suspicion, planted) == 1
    assert separation(suspicion, planted) == 0.75
    assert np.isnan(separation(suspicion, np.zeros(4, bool)))


def test_the_interval_of_a_share_is_wilsons() -> None:
    share = Found("x", 9, 10).share()
    assert (share.low, share.high) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert Found("x", 0, 150).share().low == 0.0
    assert Found("x", 50, 50).share().high == 1.0
