"""The severity study on the toy, whose fog hides everything at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import training.studies.severity as severity
from simulator.conditions import mor_m
from tests.training.test_held_out import QUICK
from tests.training.toy import write_toy
from training.config import StudyConfig
from training.design import Plan
from training.severity import Ladder
from training.study import run_study

LEVELS = ("clear", "rain", "fog")


def same(value: float) -> float:
    return value


def make(spec: Mapping[str, Any], folder: Path) -> Path:
    if (folder / "dataset.json").is_file():
        return folder
    return write_toy(folder, spec["scenes"], spec["seed"], spec["split"], tuple(spec["conditions"]))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("severity")
    ladder = Ladder("fog", "thickness", "m", (0.0, 1.0, 2.0), LEVELS, same, same)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(severity.PLANS, "small", Plan(12, 1, 12, 1, 140, 1, QUICK))
        patch.setattr(severity, "specs", lambda: {"fog": LEVELS})
        patch.setattr(severity, "ladders", lambda: (ladder,))
        run_study(StudyConfig(out=str(out), name="severity", threads=1, replicates=200), make)
    return out


def test_results_say_at_which_severity_half_is_lost(done: Path):
    rows = json.loads((done / "results.json").read_text())
    by = {(r["condition"], r["class"], r["metric"]): r for r in rows}
    clear, rain, fog = (by[level, "vehicles", "recall"] for level in LEVELS)
    assert clear["value"] == rain["value"] > 0.5  # the toy's rain is its clear weather
    assert fog["value"] < 0.25 * clear["value"]
    half = by["fog", "vehicles", "half_lost_at_thickness"]
    assert half["low"] <= 1.0 <= half["value"] <= 2.0 <= half["high"]
    assert half["n_scenes"] == 12
    assert half["n_truth"] == clear["n_truth"] > 20


def test_the_page_tells_it_without_script_or_network(done: Path):
    text = (done / "report.html").read_text()
    assert "<script" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "half is lost at" in text
    assert text.count("<figure>") >= len(LEVELS)


def test_every_ladder_of_the_study_grows_more_severe_in_one_quantity():
    specs = severity.specs()
    assert [x.name for x in severity.ladders()] == list(specs)
    for ladder in severity.ladders():
        places = [ladder.place(v) for v in ladder.levels]
        assert places == sorted(set(places))
        for value, place in zip(ladder.levels, places, strict=True):
            assert ladder.value_at(place) == pytest.approx(value)
        changed = [set(next(iter(s.values()))) for s in specs[ladder.name]]
        assert all(keys == changed[0] for keys in changed)
        assert len(changed[0] - {"cloud"}) == 1


def test_the_axis_of_fog_is_the_optical_depth_that_the_datasets_hold():
    from scenarios.sky import sample_conditions

    ladder = severity.ladders()[0]
    spec = severity.specs()["fog"][5]
    conditions = sample_conditions(spec, 0, "test", 0)
    depth = 3.0 * severity.ALTITUDE_M / mor_m(conditions)
    assert ladder.place(ladder.levels[5]) == pytest.approx(depth, rel=1e-6)
