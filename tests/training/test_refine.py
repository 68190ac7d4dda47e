"""The loop on fake detectors with a planted weakness, and with none; and whole on the toy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import training.studies.refine as study
from simulator.seeding import stream
from tests.training.test_before_after import make
from tests.training.test_held_out import QUICK
from training.arms import Budget
from training.breakdown import COUNTED
from training.compare import Figure
from training.config import StudyConfig
from training.fingerprint import Fingerprint
from training.refining import Allocation, Loop, Measured, find_failing, refine, spread
from training.study import run_study

LEVELS = ("clear", "rain", "fog", "snow", "night")
FIRST = {"clear": 60, "rain": 10, "fog": 10, "snow": 10, "night": 10}
REPLICATES, SEEDS = 200, 5


class Fake:
    """A detector whose score in a level grows with its scenes there; some levels begin weak."""

    def __init__(self, weak: Sequence[str], trial: int, mendable: bool = True) -> None:
        self.weak, self.trial, self.mendable = weak, trial, mendable

    def scores(self, spent: Sequence[Allocation]) -> np.ndarray:
        total = {level: sum(a[level] for a in spent) for level in LEVELS}
        return np.array([self._score(level, total[level]) for level in LEVELS])

    def _score(self, level: str, scenes: int) -> float:
        if level not in self.weak:
            return 0.7
        return 0.4 + (0.3 * (1.0 - np.exp(-(scenes - 10) / 60)) if self.mendable else 0.0)

    def measure(self, spent: Sequence[Allocation]) -> Measured:
        """The truth, the noise of the scenes (the same in every round), the luck of training."""
        scene = stream(self.trial, 0, "scenes").normal(0, 0.015, len(LEVELS))
        luck = stream(self.trial, len(spent), "luck").normal(0, 0.004, len(LEVELS))
        shared = stream(0, 0, "replicates").normal(0, 0.015, (REPLICATES, len(LEVELS)))
        value = self.scores(spent) + scene + luck
        own = stream(self.trial, len(spent), "own").normal(0, 0.004, shared.shape)
        return Measured(LEVELS, value, value + shared + own)

    def figures(self, loop: Loop) -> dict[str, dict[str, dict[str, Figure]]]:
        """Both arms on sealed scenes."""
        out: dict[str, dict[str, dict[str, Figure]]] = {}
        for k, (name, spent) in enumerate((("uniform", loop.uniform), ("refined", loop.refined))):
            rng = stream(self.trial, k, "sealed")
            shared = stream(self.trial, 0, "sealed scenes").normal(0, 0.01, (REPLICATES, 5))
            by = {}
            for i, level in enumerate(LEVELS):
                values = self.scores(spent)[i] + rng.normal(0, 0.01, SEEDS)
                own = rng.normal(0, 0.005, REPLICATES)
                samples = values[:, None] + shared[:, i] + own
                print_of = Fingerprint("p", level, "w")
                by[level] = {COUNTED: Figure(name, values, samples, 100, 500, print_of)}
            out[name] = by
        return out


def run_fake(fake: Fake, rounds: int = 3) -> Loop:
    return refine(fake.measure, FIRST, 100, rounds, smallest=0.05)


def test_a_planted_weakness_is_found_at_once_and_beats_the_even_spread_there() -> None:
    better = 0
    for trial in range(20):
        fake = Fake(["snow"], trial)
        loop = run_fake(fake)
        assert "snow" in loop.aimed
        assert loop.rounds[0].next is not None
        assert loop.rounds[0].next["snow"] == 100
        assert sum(sum(a.values()) for a in loop.refined) == sum(
            sum(a.values()) for a in loop.uniform
        )
        made = study.judged(loop, fake.figures(loop), loop.aimed)
        better += made is not None and made.verdict == "improves"
    assert better >= 19


def test_two_weaknesses_share_the_budget_by_their_shortfall() -> None:
    loop = run_fake(Fake(["fog", "night"], 3))
    assert set(loop.aimed) == {"fog", "night"}
    first = loop.rounds[0].next
    assert first is not None
    assert 35 < first["fog"] < 65


def test_with_nothing_planted_it_claims_nothing() -> None:
    aimed = claims = 0
    for trial in range(100):
        fake = Fake([], trial)
        loop = run_fake(fake)
        aimed += bool(loop.aimed)
        made = study.judged(loop, fake.figures(loop), loop.aimed) if loop.aimed else None
        claims += made is not None and made.verdict == "improves"
    assert aimed <= 5
    assert claims <= 1


def test_a_weakness_that_no_data_mends_is_given_up_after_one_round() -> None:
    given_up = 0
    for trial in range(20):
        loop = run_fake(Fake(["fog"], trial, mendable=False))
        assert loop.aimed[0] == "fog"
        given_up += len(loop.rounds) == 2 and "not distinguishable" in loop.stopped
    assert given_up >= 17


def test_a_mended_weakness_ends_the_loop_before_the_rounds_are_used_up() -> None:
    loop = run_fake(Fake(["snow"], 1), rounds=9)
    assert loop.stopped.startswith("no level") or "not distinguishable" in loop.stopped
    assert len(loop.rounds) < 9


def test_a_shortfall_below_the_least_is_no_failure() -> None:
    value = np.array([0.70, 0.70, 0.67, 0.70, 0.70])
    noise = stream(0, 0, "few").normal(0, 1e-4, (200, 5))
    assert not find_failing(Measured(LEVELS, value, value + noise), smallest=0.05)
    assert find_failing(Measured(LEVELS, value, value + noise), smallest=0.02)[0].level == "fog"


def test_a_budget_is_spent_to_the_last_scene() -> None:
    whole = spread({"a": 1.0, "b": 1.0, "c": 1.0}, 100)
    assert sorted(whole.values()) == [33, 33, 34]


def test_the_study_runs_whole_and_judges_on_sealed_scenes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(90, 1, {**QUICK, "lr": 4e-3})
    plan = study.Plan(10, 6, 1, 8, 10, ("clear", "rain", "fog"), budget)
    monkeypatch.setitem(study.PLANS, "small", plan)
    config = StudyConfig(out=str(tmp_path), name="refine", threads=1, replicates=200)
    run_study(config, make)
    rows = json.loads((tmp_path / "results.json").read_text())
    have = {(r["condition"], r["metric"]) for r in rows}
    assert ("fog", "shortfall on validation in round 0") in have  # the toy's fog hides everything
    assert ("fog", "AP50 of refined minus uniform") in have
    assert ("rain", "AP50 of refined minus uniform") in have
    looks = json.loads((tmp_path / "plan.json").read_text())["looks"]
    sets = [look["truth"] for look in looks]
    assert len(set(sets)) == 2  # validation and sealed
    sealed = sets[-1]
    assert sets.index(sealed) == sum(s != sealed for s in sets)  # opened after all the others
    text = (tmp_path / "report.html").read_text()
    assert "on sealed scenes" in text
    assert "round 0" in text
