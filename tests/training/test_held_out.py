"""The held-out study on the toy: whole, resumable, and its page complete in itself."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fairweather
import training.studies.held_out as held_out
from render.store import open_dataset, read_splits
from simulator.errors import ConfigError, LeakError
from tests.browser import assert_fits, screenshot
from tests.training.toy import write_toy
from training import elsewhere
from training.arms import Budget
from training.config import StudyConfig
from training.own_frames import read_own
from training.study import run_study

QUICK = {
    "batch": 8, "crop_px": 128, "warmup_steps": 10, "ema": 0.95, "detector_settings": {"width": 0.5}
}  # fmt: skip
PLAN = held_out.Plan(12, 8, Budget(110, 2, QUICK), controls=False, elsewhere=False)


class Maker:
    """Makes toy datasets and remembers for what."""

    def __init__(self, leak: bool = False) -> None:
        self.asked: list[str] = []
        self.leak = leak

    def __call__(self, spec: Mapping[str, Any], folder: Path) -> Path:
        self.asked.append(spec["split"])
        if (folder / "dataset.json").is_file():
            return folder
        split = "train" if self.leak else spec["split"]
        seed = spec["seed"] + (len(set(spec["layouts"])) == 1) * 50  # of another layout: others
        names = tuple(str(c) if isinstance(c, str) else next(iter(c)) for c in spec["conditions"])
        return write_toy(folder, spec["scenes"], seed, split, names)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(held_out.PLANS, "small", PLAN)
        run_study(StudyConfig(out=str(out), threads=1, replicates=200), Maker())
    return out


def test_results_hold_a_figure_with_its_interval_for_every_condition_and_class(done: Path) -> None:
    text = (done / "results.json").read_text()
    assert "NaN" not in text
    rows = json.loads(text)
    keys = {
        "study", "condition", "severity", "class", "metric", "value", "low", "high", "n_scenes",
        "n_truth", "fingerprint",
    }  # fmt: skip
    assert all(keys <= row.keys() for row in rows)
    have = {(r["condition"], r["class"], r["metric"]) for r in rows}
    for condition in held_out.CONDITIONS:
        for name in ("all", "car", "truck", "stop_sign"):
            for metric in ("AP50", "AP", "AP50_visible", "AP_visible"):
                assert (condition, name, metric) in have
    by = {(r["condition"], r["class"], r["metric"]): r for r in rows}
    clear, fog = by["clear", "all", "AP50"], by["fog", "all", "AP50"]
    fall = by["fog", "all", "AP50_drop"]
    assert fall["value"] == pytest.approx(clear["value"] - fog["value"])
    assert fall["low"] <= fall["value"] <= fall["high"]
    assert by["rain", "all", "AP50_drop"]["value"] == 0  # the toy's rain is its clear weather
    assert clear["n_scenes"] == 8
    assert clear["n_truth"] == sum(
        r["n_truth"] for r in rows if (r["condition"], r["metric"]) == ("clear", "AP50")
        and r["class"] in ("car", "truck", "stop_sign")
    )  # fmt: skip


def test_errors_and_calibration_are_told_for_every_condition(done: Path) -> None:
    rows = json.loads((done / "results.json").read_text())
    by = {(r["condition"], r["metric"]): r for r in rows if r["class"] == "all"}
    for condition in held_out.CONDITIONS:
        assert 0 <= by[condition, "D-ECE"]["value"] <= 1
        assert by[condition, "AP50_cost_of_missed"]["count"] >= 0
    missed = [by[c, "AP50_cost_of_missed"] for c in ("clear", "fog")]
    assert missed[1]["count"] > missed[0]["count"]  # the toy's fog hides, it does not confuse
    assert by["rain", "D-ECE"]["value"] == by["clear", "D-ECE"]["value"]
    page = (done / "report.html").read_text()
    assert "How it goes wrong" in page
    assert "nothing is there" in page


def test_the_plan_is_on_disk_with_every_look_and_the_page_says_so(done: Path) -> None:
    plan = json.loads((done / "plan.json").read_text())
    assert plan["plan"]["conditions"] == list(held_out.CONDITIONS)
    assert [x["what"][-2:] for x in plan["looks"]] == ["-0", "-1"]
    assert not plan["exploratory"]
    page = (done / "report.html").read_text()
    assert plan["hash"] in page
    assert "2 under this plan" in page


def test_the_page_needs_no_other_file_and_no_script(done: Path) -> None:
    page = (done / "report.html").read_text()
    assert "<script" not in page
    assert "@import" not in page
    assert "url(" not in page
    places = re.findall(r'(?:src|href|srcset|action|data)\s*=\s*"([^"]*)"', page)
    assert len(places) == len(held_out.CONDITIONS)
    assert all(place.startswith("data:image/jpeg;base64,") for place in places)
    assert "optimistic" in page
    assert "Fog breaks it most" in page


@pytest.mark.browser
@pytest.mark.parametrize("width_px", [1200, 420])
def test_the_page_is_drawn_in_a_browser_without_sideways_scrolling(
    width_px: int, done: Path, tmp_path: Path
) -> None:
    picture = screenshot(done / "report.html", tmp_path, width_px)
    assert_fits(picture, width_px)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 500  # the photographs are there


def test_a_study_that_is_started_again_repeats_nothing_and_says_the_same(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (done / name).read_bytes() for name in ("report.html", "results.json")}
    models = {p: p.stat().st_mtime_ns for p in done.glob("models/*/*.safetensors")}
    assert len(models) == 4
    (done / "report.html").unlink()
    monkeypatch.setitem(held_out.PLANS, "small", PLAN)
    run_study(StudyConfig(out=str(done), threads=1, replicates=200), Maker())
    assert {name: (done / name).read_bytes() for name in before} == before
    assert {p: p.stat().st_mtime_ns for p in models} == models


FEW = held_out.Plan(4, 24, Budget(4, 1, QUICK), controls=True, elsewhere=False)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the trainings and datasets of a study with controls, in ``out``."""
    root = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(held_out.PLANS, "small", FEW)
        run_study(config_in(root), Maker())
    return root


def config_in(root: Path, **settings: Any) -> StudyConfig:
    given = {"out": str(root / "out"), "cache": str(root / "cache"), **settings}
    return StudyConfig(threads=1, replicates=100, **given)


def test_controls_trained_in_a_condition_part_its_difficulty_from_the_shift(shared: Path) -> None:
    rows = json.loads((shared / "out" / "results.json").read_text())
    for condition in held_out.CONDITIONS[1:]:
        by = {r["metric"]: r for r in rows if r["condition"] == condition and "verdict" in r}
        parts = by["AP50_difficulty"]["value"] + by["AP50_shift_cost"]["value"]
        assert by["AP50_loss"]["value"] == pytest.approx(parts)
        assert by["AP50_shift_cost"]["verdict"] == "inconclusive"  # one seed is never enough
    assert len(list((shared / "cache" / "models").iterdir())) == len(held_out.CONDITIONS)
    page = (shared / "out" / "report.html").read_text()
    assert "Own difficulty: trained and measured in the condition" in page
    looks = json.loads((shared / "out" / "plan.json").read_text())["looks"]
    assert len(looks) == len(held_out.CONDITIONS)


def test_other_cameras_layouts_and_traffic_are_judged_against_the_clear_scenes(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twins are paired; a set of other scenes is compared unpaired, as the plan declares."""
    monkeypatch.setitem(held_out.PLANS, "small", PLAN)
    config = StudyConfig(out=str(tmp_path), cache=str(done), threads=1, replicates=100)
    run_study(dataclasses.replace(config, elsewhere=True), Maker())
    rows = json.loads((tmp_path / "results.json").read_text())
    lost = {r["condition"]: r for r in rows if r["metric"] == "AP50_loss"}
    assert {v.name for v in elsewhere.VARIATIONS} <= set(lost)
    # the toy draws what another sensor sees alike
    assert lost["sensor phone"]["value"] == 0.0
    page = (tmp_path / "report.html").read_text()
    assert "layout town" in page
    assert "Unpaired: different scenes that the plan declares comparable" in page
    plan = json.loads((tmp_path / "plan.json").read_text())["plan"]
    assert ["clear", "layout town"] in plan["comparable"]
    assert ["clear", "sensor phone"] not in plan["comparable"]


def test_what_is_called_twins_shows_the_same_scenes_to_the_same_camera(tmp_path: Path) -> None:
    small = {
        "seed": 3, "split": "test", "scenes": 1, "frames_per_scene": 1, "conditions": ["clear"],
        "layouts": ["straight"], "camera.width_px": 128, "camera.height_px": 128, "workers": 1,
    }  # fmt: skip

    def geometry(name: str, spec: Mapping[str, Any]) -> set[str]:
        folder = fairweather.make_dataset(spec, tmp_path / name)
        return set(read_splits(open_dataset(folder)).geometry)

    reference = geometry("reference", small)
    for k, v in enumerate(elsewhere.VARIATIONS):
        if v.twins:
            assert geometry(str(k), elsewhere.settings_of(v, small)) == reference, v.name


def test_another_study_with_the_same_cache_trains_nothing_anew(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(held_out.PLANS, "small", FEW)
    models = {p: p.stat().st_mtime_ns for p in (shared / "cache").glob("models/*/model*")}
    run_study(config_in(shared, out=str(shared / "again"), controls=False), Maker())
    assert models == {p: p.stat().st_mtime_ns for p in (shared / "cache").glob("models/*/model*")}
    assert not (shared / "again" / "models").exists()
    assert "Not measured: no detector" in (shared / "again" / "report.html").read_text()


def test_a_dataset_of_the_user_takes_the_place_of_the_test_scenes(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames of different scenes in each condition are compared unpaired, and the page says so."""
    monkeypatch.setitem(held_out.PLANS, "small", FEW)
    folder = write_toy(tmp_path / "mine", 24, seed=77, split="test", conditions=("clear",))
    coco = json.loads((folder / "annotations/test.json").read_text())
    for image in coco["images"]:
        image["condition"] = "dry" if image["id"] % 2 else "wet"
        image["scene"] = str(image["id"])
        del image["attributes"]
    for record in coco["annotations"]:
        del record["attributes"]
    file = folder / "mine.json"
    file.write_text(json.dumps(coco))
    config = config_in(shared, out=str(tmp_path / "out"), data=str(file), images=str(folder))
    run_study(config, Maker())
    rows = json.loads((tmp_path / "out" / "results.json").read_text())
    assert {r["condition"] for r in rows if r["metric"] == "AP50"} == {"dry", "wet"}
    assert next(r for r in rows if r["metric"] == "AP50_loss")["condition"] == "wet"
    page = (tmp_path / "out" / "report.html").read_text()
    assert "unpaired: different scenes" in page.lower()
    assert "frames of others" in page


def test_files_without_conditions_are_a_condition_each(tmp_path: Path) -> None:
    places = []
    for k, name in enumerate(("dry", "wet")):
        folder = write_toy(tmp_path / name, 2, seed=k)
        file = folder / f"{name}.json"
        coco = json.loads((folder / "annotations/train.json").read_text())
        for image in coco["images"]:
            del image["attributes"]
        for record in coco["annotations"]:
            del record["attributes"]
        file.write_text(json.dumps(coco))
        places.append(str(file))
    truth = read_own(StudyConfig(out="x", data=places))
    assert truth.condition == ("dry", "dry", "wet", "wet")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"data": "ONE"}, "one condition only"),
        ({"data": "ONE", "controls": True}, "controls=true draws scenes of ours"),
        ({"data": "ONE", "elsewhere": True}, "elsewhere=true draws scenes of ours"),
        ({"data": "ONE", "name": "severity"}, "draws its own scenes and takes no data="),
        ({"scales": (1.0,)}, "takes no scales="),
    ],
)
def test_data_that_a_study_has_no_use_for_is_refused_before_anything_is_trained(
    settings: dict[str, Any], words: str, tmp_path: Path
) -> None:
    place = write_toy(tmp_path / "one", 2, split="test")
    given = {k: str(place) if v == "ONE" else v for k, v in settings.items()}
    with pytest.raises(ConfigError, match=words):
        run_study(StudyConfig(out=str(tmp_path / "out"), threads=1, **given), Maker())
    assert not (tmp_path / "out" / "models").exists()


def test_a_study_whose_test_scenes_were_trained_on_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        held_out.PLANS, "small", dataclasses.replace(FEW, test_scenes=2, controls=False)
    )
    with pytest.raises(LeakError, match="was trained on scene 0"):
        run_study(StudyConfig(out=str(tmp_path), threads=1), Maker(leak=True))
    assert not (tmp_path / "results.json").exists()


def test_a_study_trains_the_detector_that_it_is_given(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the other family nothing that is kept of the first is taken for its own."""
    few = dataclasses.replace(FEW, budget=Budget(2, 1, QUICK), controls=False)
    monkeypatch.setitem(held_out.PLANS, "small", few)
    run_study(config_in(shared, out=str(tmp_path), detector="anchors"), Maker())
    assert "anchors, 2 steps" in (tmp_path / "report.html").read_text()
    plan = json.loads((tmp_path / "plan.json").read_text())["plan"]
    assert plan["sizes"]["detector"] == "anchors"
    with pytest.raises(ConfigError, match="Did you mean 'anchors'"):
        run_study(StudyConfig(out=str(tmp_path / "no"), detector="anchor"), Maker())
    assert not (tmp_path / "no").exists()


def test_an_unknown_study_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'held_out'"):
        run_study(StudyConfig(out=str(tmp_path), name="heldout"), Maker())
