"""Measures of likeness against their definitions, their power against planted orders, the study."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import training.studies.which_data as which_data
from simulator.seeding import stream
from tests.training.test_before_after import make
from tests.training.test_held_out import QUICK
from training.arms import Budget
from training.config import StudyConfig
from training.likeness import (
    combinations_seen,
    covered,
    divergence,
    diversity,
    kernel_distance,
    power_of,
)
from training.study import run_study
from training.which_data_sheet import Measure


def cloud(name: str, count: int = 60, shift: float = 0.0) -> np.ndarray:
    return stream(3, 0, name).normal(shift, 1.0, (count, 8))


def test_the_kernel_distance_is_its_definition_and_tells_far_from_near():
    a, b = cloud("a", 9), cloud("b", 7)
    total, n, m = 0.0, len(a), len(b)

    def k(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / len(x) + 1) ** 3)

    total += sum(k(a[i], a[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    total += sum(k(b[i], b[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    total -= 2 * sum(k(x, y) for x in a for y in b) / (n * m)
    assert kernel_distance(a, b) == pytest.approx(total)
    same, far = cloud("c"), cloud("d", shift=1.5)
    assert abs(kernel_distance(cloud("a"), same)) < 0.2 < kernel_distance(cloud("a"), far)


def test_coverage_is_whole_for_the_target_itself_and_none_far_away():
    target = cloud("a")
    assert covered(target, target) == 1.0
    assert covered(target, cloud("b", shift=30.0)) == 0.0
    assert covered(target, target[:30]) < 1.0


def test_diversity_counts_unlike_pictures():
    assert diversity(np.eye(7)) == pytest.approx(7)
    assert diversity(np.ones((7, 3))) == pytest.approx(1)
    assert diversity(np.repeat(np.eye(3), 5, axis=0)) == pytest.approx(3)


def test_divergence_runs_from_alike_to_apart():
    assert divergence(np.array([3, 1]), np.array([30, 10])) == pytest.approx(0)
    assert divergence(np.array([5, 0]), np.array([0, 2])) == pytest.approx(1)
    p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    m = (p + q) / 2
    wanted = (sum(p * np.log2(p / m)) + sum(q * np.log2(q / m))) / 2
    assert divergence(8 * p, 8 * q) == pytest.approx(wanted)
    assert combinations_seen(["a", "b", "b", "c"], ["b", "x"]) == pytest.approx(1 / 3)


def test_a_measure_that_orders_candidates_as_their_gains_is_told_from_chance():
    gain = np.arange(10.0)
    sure = power_of(gain**3, gain)
    assert sure.rank == pytest.approx(1.0)
    assert sure.p < 0.001
    assert power_of(-gain, gain).rank == pytest.approx(-1.0)
    assert np.isnan(power_of(np.ones(10), gain).rank)
    found = [power_of(stream(k, 0, "noise").random(10), gain).p for k in range(200)]
    assert 0.02 < np.mean(np.array(found) < 0.05) < 0.09  # by chance alone, one in twenty


def test_ties_share_their_rank():
    tied = power_of([1, 1, 2, 2], [1, 2, 3, 4])
    assert tied.rank == pytest.approx(np.corrcoef([1.5, 1.5, 3.5, 3.5], [1, 2, 3, 4])[0, 1])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("which_data")
    plan = which_data.Plan(
        6, 6, 10, ("fog", "clear"), (("clear",), ("fog",), ("fog", "clear"), ("rain",)),
        Budget(40, 1, {**QUICK, "lr": 4e-3}),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(which_data.PLANS, "small", plan)
        run_study(StudyConfig(out=str(out), name="which_data", threads=1, replicates=200), make)
    return out


def test_every_candidate_has_its_gain_and_all_measures(done: Path) -> None:
    rows = json.loads((done / "results.json").read_text())
    metrics = {r["metric"] for r in rows}
    for name in ("clear", "fog", "fog + clear", "rain"):
        assert f"AP50 of {name} minus base" in metrics
        assert {r["metric"] for r in rows if r["class"] == name} == {m.value for m in Measure}
    by = {(r["class"], r["metric"]): r["value"] for r in rows}
    seen = Measure.COMBINATIONS.value
    assert by["fog + clear", seen] == 1.0
    assert by["fog", seen] == by["clear", seen] == 0.5
    assert by["rain", seen] == 0.0
    near = Measure.NEAR.value
    assert by["fog + clear", near] > by["rain", near]  # half of the target is fog
    assert {f"rank correlation of {m.value}" for m in Measure} <= metrics


def test_with_four_candidates_nothing_is_called_a_prediction(done: Path) -> None:
    page = (done / "report.html").read_text()
    assert "None of the measures is shown to predict the gain" in page
    assert "<script" not in page
    assert ">prediction<" not in page
