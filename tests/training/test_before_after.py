"""The before-and-after study on the toy, whose fog hides everything from a clear-trained model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.studies.before_after as before_after
from render.truth import Counting
from simulator.seeding import stream
from tests.browser import assert_fits, screenshot
from tests.training.test_held_out import QUICK
from tests.training.toy import write_toy
from training.arms import Budget
from training.compare import Figure, compare
from training.config import StudyConfig
from training.fingerprint import Fingerprint
from training.study import run_study
from training.worth import exchange, gap_closed


def make(spec: Mapping[str, Any], folder: Path) -> Path:
    if (folder / "dataset.json").is_file():
        return folder
    return write_toy(folder, spec["scenes"], spec["seed"], spec["split"], tuple(spec["conditions"]))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("before_after")
    plan = before_after.Plan(8, 12, Budget(50, 1, {**QUICK, "lr": 4e-3}), ("fog",), again=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(before_after.PLANS, "small", plan)
        run_study(StudyConfig(out=str(out), name="before_after", threads=1, replicates=200), make)
    return out


def test_a_study_counts_by_its_label_policy_and_says_so(done: Path, tmp_path: Path) -> None:
    plan = before_after.Plan(8, 12, Budget(50, 1, {**QUICK, "lr": 4e-3}), ("fog",), again=False)
    config = StudyConfig(
        out=str(tmp_path), name="before_after", threads=1, replicates=200, cache=str(done),
        policy=Counting(min_visible_px=900.0),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(before_after.PLANS, "small", plan)
        run_study(config, make)
    usual, large = (json.loads((d / "results.json").read_text()) for d in (done, tmp_path))
    assert {r["class"] for r in usual} > {r["class"] for r in large} == {"truck", "counted"}
    assert not any("policy" in r for r in usual)
    assert all(r["policy"]["min_visible_px"] == 900 for r in large)
    assert not {r["fingerprint"] for r in usual} & {r["fingerprint"] for r in large}
    plans = [json.loads((d / "plan.json").read_text()) for d in (done, tmp_path)]
    assert "policy" not in plans[0]["plan"]["sizes"]
    assert plans[1]["plan"]["sizes"]["policy"]["min_visible_px"] == 900
    assert "objects of 900 visible px or more" in (tmp_path / "report.html").read_text()


def test_every_rung_of_the_ladder_is_measured_in_base_and_target(done: Path) -> None:
    rows = json.loads((done / "results.json").read_text())
    have = {(r["condition"], r["metric"]) for r in rows if r["class"] == "counted"}
    arms = ("base", "half the base", "more of the base", "augmented", "synthetic fog", "oracle fog")
    for condition in ("clear", "fog"):
        for arm in arms:
            for policy in ("AP50", "AP50_visible"):
                assert (condition, f"{policy} of {arm}") in have
    assert ("fog", "AP50 of synthetic fog minus more of the base") in have
    assert ("clear", "AP50 of synthetic fog minus base") in have
    by = {(r["condition"], r["class"], r["metric"]): r for r in rows}
    change = by["fog", "counted", "AP50 of synthetic fog minus base"]
    values = [by["fog", "counted", f"AP50 of {a}"]["value"] for a in ("synthetic fog", "base")]
    assert change["value"] == pytest.approx(values[0] - values[1])
    assert change["verdict"] == "inconclusive"  # one seed is never enough
    lines = (done / "results.csv").read_text().splitlines()
    assert len(lines) == len(rows) + 1


def test_the_page_shows_the_arms_their_power_and_what_was_not_measured(done: Path) -> None:
    text = (done / "report.html").read_text()
    assert "<script" not in text
    for words in ("quantity control", "smallest effect seen", "fewer than 5", "Fingerprint in fog"):
        assert words in text
    assert text.count("<figure>") == 4


def test_started_again_it_repeats_nothing_and_says_the_same(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {n: (done / n).read_bytes() for n in ("report.html", "results.json", "results.csv")}
    made = {p: p.stat().st_mtime_ns for p in done.glob("models/*/*.safetensors")}
    assert len(made) == 2 * 6  # weights and detections of six arms
    plan = before_after.Plan(8, 12, Budget(50, 1, {**QUICK, "lr": 4e-3}), ("fog",), again=False)
    monkeypatch.setitem(before_after.PLANS, "small", plan)
    run_study(StudyConfig(out=str(done), name="before_after", threads=1, replicates=200), make)
    assert {n: (done / n).read_bytes() for n in before} == before
    assert {p: p.stat().st_mtime_ns for p in made} == made


def figure(name: str, mean: float, spread: float, scenes_seed: int = 0) -> Figure:
    rng = stream(scenes_seed, 0, "figure")
    values = mean + spread * np.array([-1.0, 0.5, 0.0, 1.0, -0.5])
    samples = values[:, None] + spread * rng.normal(size=400)[None]
    return Figure(name, values, samples, 100, 500, Fingerprint("p", "t", "w"))


def test_an_arm_that_closes_half_of_the_gap_is_told_so_and_a_gap_of_nothing_is_not_divided_by():
    base, arm, oracle = figure("b", 0.3, 0.01), figure("a", 0.4, 0.01), figure("o", 0.5, 0.01)
    share = gap_closed(base, arm, oracle, compare(base, oracle, 0.02), seed=0)
    assert share.value == pytest.approx(0.5)
    assert 0.3 < share.low < 0.5 < share.high < 0.7
    far = figure("o", 0.3, 0.05, scenes_seed=1)
    nothing = gap_closed(base, arm, far, compare(base, far, 0.02), seed=0)
    assert np.isnan(nothing.value)


def test_an_added_scene_is_worth_what_the_learning_curve_of_the_base_says():
    curve = [figure("half", 0.2, 0.002), figure("base", 0.3, 0.002), figure("more", 0.4, 0.002)]
    found = exchange((50, 100, 200), curve, figure("arm", 0.5, 0.002), 100, 100, seed=0)
    assert found.scenes.value == pytest.approx(400)  # a doubling brings ten points
    assert found.rate.value == pytest.approx(3.0)
    assert found.rate.low < 3.0 < found.rate.high
    out_of_reach = exchange((50, 100, 200), curve, figure("arm", 0.9, 0.002), 100, 100, seed=0)
    assert np.isinf(out_of_reach.rate.value)
    flat = [figure(n, 0.3, 0.0) for n in ("half", "base", "more")]
    assert np.isinf(exchange((1, 2, 4), flat, figure("arm", 0.5, 0.0), 2, 2, seed=0).rate.value)


@pytest.mark.browser
@pytest.mark.parametrize(("width_px", "scheme"), [(1200, "light"), (420, "dark")])
def test_the_page_is_drawn_in_light_and_dark_without_sideways_scrolling(
    width_px: int, scheme: str, done: Path, tmp_path: Path
) -> None:
    picture = screenshot(done / "report.html", tmp_path, width_px, scheme)
    assert (picture[0, 0].mean() > 128) == (scheme == "light")
    assert_fits(picture, width_px)


def test_whatever_scrolls_is_reached_by_keyboard_and_every_picture_says_what_it_shows(
    done: Path,
) -> None:
    text = (done / "report.html").read_text()
    boxes = re.findall(r'<div class="(?:scroll|chart)"[^>]*>', text)
    assert len(boxes) > 4
    assert all('tabindex="0"' in box and "aria-label=" in box for box in boxes)
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", text))
    assert all("aria-label=" in drawing for drawing in re.findall(r"<svg[^>]*>", text))
