"""Plans and looks: hashed before the first look, counted, and a change afterwards is told."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from pathlib import Path

import pytest

from simulator.errors import DataError, OutputError
from tests.training.test_bootstrap import planted
from training.ledger import Look, note, read
from training.plan import StudyPlan, declared_pairs, plan_hash
from training.standing import declare, facts, looked, read_standing, truth_hash

PLAN = StudyPlan(
    study="s", question="?", endpoint="AP50", smallest_effect=0.02, arms=("a", "b"),
    conditions=("clear",), seeds=(0, 1), severities={"fog": (800.0, 400.0)}, sizes={"steps": 10},
    comparable=(("ours", "theirs"),),
)  # fmt: skip
TRUTH = planted(1, 5, 0.5, 0.1)[0]
LOOK = Look("s", "p", "t", "m", "5 images")


def test_the_hash_of_a_plan_changes_with_everything_in_it() -> None:
    assert plan_hash(PLAN) == plan_hash(dataclasses.replace(PLAN, sizes={"steps": 10}))
    changed = [
        dataclasses.replace(PLAN, **change)
        for change in (
            {"smallest_effect": 0.01}, {"seeds": (0, 1, 2)}, {"endpoint": "AP"},
            {"severities": {"fog": (800.0, 300.0)}}, {"arms": ("b", "a")}, {"comparable": ()},
        )
    ]  # fmt: skip
    assert len({plan_hash(p) for p in [PLAN, *changed]}) == 7


def test_looks_are_kept_in_order_and_one_repeated_word_for_word_is_no_new_one(
    tmp_path: Path,
) -> None:
    other = dataclasses.replace(LOOK, model="n")
    note(tmp_path / "l", [LOOK])
    note(tmp_path / "l", [LOOK, other, other])
    assert read(tmp_path / "l") == [LOOK, other]
    assert read(tmp_path / "none") == []


@pytest.mark.parametrize(
    "crime",
    ["DELETE FROM looks WHERE number = 1", "UPDATE looks SET what = 'less' WHERE number = 2",
     "UPDATE looks SET number = 9 WHERE number = 3"],
)  # fmt: skip
def test_a_ledger_that_was_changed_by_hand_is_refused(crime: str, tmp_path: Path) -> None:
    note(tmp_path / "l", [dataclasses.replace(LOOK, model=m) for m in "abc"])
    with sqlite3.connect(tmp_path / "l") as file:
        file.execute(crime)
    file.close()
    with pytest.raises(DataError, match="of the ledger was changed"):
        read(tmp_path / "l")


def test_what_is_no_ledger_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(DataError, match="is no ledger"):
        read(tmp_path / "text")
    with pytest.raises(OutputError, match="cannot be written"):
        note(tmp_path / "no/such/folder", [LOOK])


def test_a_plan_stands_before_the_first_look_and_a_changed_one_is_exploratory(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "ledger"
    declare(tmp_path, PLAN, ledger)
    assert read_standing(tmp_path).looks == 0
    models = {"by model-0": "abc", "by model-1": "def"}
    first = looked(tmp_path, PLAN, ledger, TRUTH, models)
    assert (first.looks, first.own, first.exploratory) == (2, 2, False)
    assert looked(tmp_path, PLAN, ledger, TRUTH, models) == first == read_standing(tmp_path)
    saved = json.loads((tmp_path / "plan.json").read_text())
    assert [x["number"] for x in saved["looks"]] == [1, 2]
    assert saved["looks"][0]["truth"] == truth_hash(TRUTH)
    assert saved["plan"]["smallest_effect"] == 0.02

    after = dataclasses.replace(PLAN, endpoint="whatever came out best")
    changed = looked(tmp_path, after, ledger, TRUTH, models)
    assert changed.exploratory
    assert (changed.looks, changed.own) == (4, 2)
    assert "EXPLORATORY" in dict(facts(changed))["Plan"]
    assert not looked(tmp_path, PLAN, ledger, TRUTH, models).exploratory


def test_looks_of_another_study_are_counted_but_change_no_plan(tmp_path: Path) -> None:
    looked(tmp_path, dataclasses.replace(PLAN, study="other"), tmp_path / "l", TRUTH, {"x": "y"})
    mine = looked(tmp_path, PLAN, tmp_path / "l", TRUTH, {"x": "y"})
    assert (mine.looks, mine.own, mine.exploratory) == (2, 1, False)
    assert "1 by others" in dict(facts(mine))["Looks at the test data"]


def test_a_plan_says_which_sets_may_be_compared_unpaired() -> None:
    truths = {"ours": "h1", "theirs": "h2", "else": "h3"}
    assert declared_pairs(PLAN, truths) == {frozenset(("h1", "h2"))}


def test_without_a_plan_everything_is_exploratory(tmp_path: Path) -> None:
    assert read_standing(tmp_path) is None
    assert "exploratory" in facts(None)[0][1]
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(DataError, match="is broken"):
        read_standing(tmp_path)
