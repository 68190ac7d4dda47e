"""The learning curve: planted laws are recovered, flat ones stop, the study runs on the toy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import training.studies.how_much as how_much
from simulator.seeding import stream
from tests.training.test_before_after import figure, make
from tests.training.test_held_out import QUICK
from training.arms import Budget
from training.breakdown import COUNTED
from training.config import StudyConfig
from training.learning import fit, read_curve
from training.study import run_study

SIZES = np.array([10.0, 20, 40, 80, 160])


def noisy(law, seed: int = 0, spread: float = 0.004) -> tuple[np.ndarray, np.ndarray]:
    rng = stream(seed, 0, "curve")
    errors = law(SIZES) + rng.normal(0, spread, len(SIZES))
    return errors, errors + rng.normal(0, spread, (500, len(SIZES)))


def test_a_planted_power_law_is_recovered_and_its_next_size_lies_in_the_interval():
    def law(n: np.ndarray) -> np.ndarray:
        return 1.2 * n**-0.5 + 0.2

    exact = fit(SIZES, law(SIZES)[None])
    assert exact.alpha[0] == pytest.approx(0.5, abs=0.02)
    assert exact.c[0] == pytest.approx(0.2, abs=0.01)
    wanted = (law(np.array([160.0]))[0] - 0.02 - 0.2) / 1.2
    truth = wanted ** (-1 / 0.5)  # scenes at which the planted law has gained two points
    inside = 0
    for seed in range(12):
        curve = read_curve(SIZES, *noisy(law, seed), smallest=0.02)
        inside += curve.next_size.low <= truth * 1.05 and truth / 1.05 <= curve.next_size.high
        assert abs(curve.held_out) < 0.04
    assert inside >= 11


def test_a_flat_curve_recommends_nothing_more():
    errors, samples = noisy(lambda n: np.full(len(n), 0.3), spread=0.001)
    curve = read_curve(SIZES, errors, samples, smallest=0.02)
    assert np.isinf(curve.next_size.value)
    assert curve.next_gain.value < 0.02
    assert curve.saturated_at.value == SIZES[0]


def test_a_steep_curve_wants_more_soon():
    errors, samples = noisy(lambda n: 2.0 * n**-0.3, spread=0.001)
    curve = read_curve(SIZES, errors, samples, smallest=0.02)
    assert 160 < curve.next_size.value < 230


def looked(scores: dict[int, float], asked: list[int]):
    def look(scenes: int):
        asked.append(scenes)
        made = {COUNTED: figure(f"{scenes} scenes", scores[scenes], 0.004, scenes_seed=scenes)}
        return made, {"clear": made}

    return look


def test_it_stops_where_a_doubling_brings_nothing_and_does_not_train_what_is_larger():
    scores = {10: 0.1, 20: 0.3, 40: 0.45, 80: 0.45, 160: 0.45, 320: 0.9}
    asked: list[int] = []
    done, why = how_much.climb(tuple(scores), looked(scores, asked))
    assert asked == [10, 20, 40, 80]
    assert "80 scenes" in why
    assert [s.scenes for s in done] == asked


def test_it_goes_on_while_doublings_pay():
    scores = {10: 0.1, 20: 0.3, 40: 0.45, 80: 0.55, 160: 0.6}
    asked: list[int] = []
    _, why = how_much.climb(tuple(scores), looked(scores, asked))
    assert asked == list(scores)
    assert not why


def test_the_study_runs_whole_and_its_page_says_stop_or_how_many_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(25, 1, {**QUICK, "lr": 4e-3})
    plan = how_much.Plan((2, 4, 8, 16), 10, ("clear", "fog"), budget)
    monkeypatch.setitem(how_much.PLANS, "small", plan)
    run_study(StudyConfig(out=str(tmp_path), name="how_much", threads=1, replicates=200), make)
    rows = json.loads((tmp_path / "results.json").read_text())
    metrics = {r["metric"] for r in rows if r["class"] == "counted"}
    assert {f"AP50 of {n} scenes" for n in plan.sizes} <= metrics
    assert {"gain of the doubling to 16", "next scenes", "power law exponent"} <= metrics
    text = (tmp_path / "report.html").read_text()
    best = next(r for r in rows if r["metric"] == "next scenes")["value"]
    told = re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)
    assert told is not None
    sentence = "No amount within 4 times 16" if best is None else f"Make {best:.0f} ["
    assert sentence in told[1]
    assert "Not trained" not in text
