"""The severity study on the toy, whose fog hides everything at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.studies.severity as severity
from simulator.conditions import mor_m
from simulator.errors import ConfigError
from simulator.seeding import stream
from tests.training.test_held_out import QUICK
from tests.training.toy import write_toy
from training.arms import Budget
from training.config import StudyConfig
from training.severity import Ladder
from training.study import run_study
from training.surface import Grid, contour, crossing

LEVELS = ("clear", "rain", "fog")


def same(value: float) -> float:
    return value


def make(spec: Mapping[str, Any], folder: Path) -> Path:
    if (folder / "dataset.json").is_file():
        return folder
    return write_toy(folder, spec["scenes"], spec["seed"], spec["split"], tuple(spec["conditions"]))


GRID = Grid(
    Ladder("fog", "thickness", "m", (0.0, 2.0), ("clear", "fog"), same, same),
    Ladder("rain", "rate", "mm/h", (0.0, 1.0), ("clear", "rain"), same, same),
    (("clear", "fog"), ("rain", "fog")),
)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("severity")
    ladder = Ladder("fog", "thickness", "m", (0.0, 1.0, 2.0), LEVELS, same, same)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(severity.PLANS, "small", severity.Plan(12, 12, Budget(140, 1, QUICK)))
        patch.setattr(severity, "specs", lambda: {"fog": LEVELS})
        patch.setattr(severity, "ladders", lambda: (ladder,))
        patch.setattr(severity, "crossed", lambda config: (("clear", "fog"), ("rain", "fog")))
        patch.setattr(severity, "grid", lambda config: GRID)
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


def test_the_surface_says_where_half_is_lost_at_each_level_of_the_other_quantity(done: Path):
    rows = json.loads((done / "results.json").read_text())
    cars = [r for r in rows if r["class"] == "vehicles" and r["condition"] == "fog x darkness"]
    assert [r["metric"] for r in cars] == ["half_lost_at_visibility"] * 2
    assert cars[0]["value"] == cars[1]["value"]  # the toy's rain is its clear weather
    assert 0.0 < cars[0]["low"] <= cars[0]["value"] <= cars[0]["high"] < 2.0
    beyond = [r for r in rows if r["metric"] == "recall_beyond_product"]
    assert beyond
    assert all(r["value"] == pytest.approx(0.0, abs=1e-9) for r in beyond)
    assert "contour of failure" in (done / "report.html").read_text()


def test_a_planted_contour_is_found_and_what_is_never_or_always_lost_is_told_so():
    x = np.array([0.0, 1.0, 2.0, 4.0])
    share = np.array([[0.8, 0.6, 0.3, 0.1], [0.8, 0.8, 0.7, 0.6], [0.4, 0.3, 0.5, 0.2]])
    noise = stream(0, 0, "surface").normal(0, 0.01, (500, 3, 4))
    half, never, at_once = contour(x, share, share + noise)
    assert half.value == pytest.approx(1 + 2 / 3)  # 0.4, between 0.6 and 0.3
    assert half.low < half.value < half.high < 1.9
    assert np.isinf(never.value)
    assert at_once.value == 0.0
    # what rises again after the fall does not undo it, and nothing to lose is no threshold
    found = crossing(x, np.array([[0.8, 0.2, 0.9, 0.1], [0, 0, 0, 0]]), np.array([0.4, 0.0]))
    assert found[0] == pytest.approx(2 / 3)
    assert np.isnan(found[1])


def test_surface_levels_that_are_no_ladder_are_refused_before_anything_is_made(tmp_path: Path):
    config = StudyConfig(out=str(tmp_path / "x"), name="severity", surface_fog_m=(100.0, 400.0))
    with pytest.raises(ConfigError, match="surface_fog_m must name"):
        run_study(config, make)
    assert not (tmp_path / "x").exists()


def test_every_cell_of_the_surface_is_a_condition_of_its_own():
    labels = severity.grid(StudyConfig(out="x", name="severity")).labels
    assert len({label for row in labels for label in row}) == 15


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
