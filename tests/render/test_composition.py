"""Composition: who gets which level, what a design covers, and one dataset all the same."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.composition import described, scene_settings
from render.config import GenerateConfig
from render.coverage_words import tell_coverage
from render.generate import generate
from render.regenerate import regenerate
from render.verify import verify
from scenarios.config import CameraConfig
from scenarios.covering import coverage, covering_rows, full_rows
from simulator.errors import ConfigError

FACTORS = {
    "layout": ["straight", "curve", "t_junction"], "condition": ["clear", "fog"],
    "camera.m_per_px": [0.2, 0.3], "sensor.blur_px": [[0.5, 0.5], [1.0, 1.5]],
}  # fmt: skip
BASE = GenerateConfig(
    out="", seed=6, scenes=6, frames_per_scene=1, workers=1, image="png", design="pairwise",
    factors=FACTORS, camera=CameraConfig(width_px=96, height_px=96),
)  # fmt: skip


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(1, 3))
def test_every_combination_of_so_many_levels_is_in_some_row(sizes, strength) -> None:
    rows = covering_rows(sizes, strength)
    for factors in itertools.combinations(range(len(sizes)), min(strength, len(sizes))):
        seen = {tuple(row[f] for f in factors) for row in rows}
        assert seen == set(itertools.product(*(range(sizes[f]) for f in factors)))
    assert coverage(rows, sizes, min(strength, len(sizes))) == 1


def test_a_covering_design_is_far_smaller_than_a_full_one() -> None:
    sizes = (4,) * 6
    assert len(full_rows(sizes)) == 4096
    assert len(covering_rows(sizes, 2)) <= 32  # 16 at the very least
    assert len(covering_rows(sizes, 3)) <= 160  # 64 at the very least
    assert coverage(covering_rows(sizes, 2)[:8], sizes, 2) < 0.6


def test_scenes_have_their_levels_and_the_card_says_what_was_covered(tmp_path) -> None:
    made = generate(dataclasses.replace(BASE, out=str(tmp_path / "d")))
    design = json.loads((made / "dataset.json").read_text())["design"]
    assert design["coverage"] == {"1-way": 1, "2-way": 1, "3-way": design["coverage"]["3-way"]}
    assert 0.4 < design["coverage"]["3-way"] < 1
    images = json.loads((made / "annotations/train.json").read_text())["images"]
    assert len(images) == 6
    for level in design["factors"]["layout"]:
        met = [i for i in images if i["attributes"]["layout"] == level["level"]]
        assert len(met) == level["scenes"] == 2
    for image in images:
        own = scene_settings(BASE, image["attributes"]["scene_index"])
        assert (image["attributes"]["condition"],) == own.conditions
        assert (image["attributes"]["layout"],) == own.layouts
    assert "Combinations met: 1-way 100 %, 2-way 100 %" in (made / "README.md").read_text()
    told = json.loads(tell_coverage(made, as_json=True))["coverage"]
    assert [["layout", "condition"], 6, 6] in told[1]["by_factors"]
    assert regenerate(made, 6, 1).problems == ()


def test_parts_of_a_design_are_joined_to_the_bytes_of_one_run(tmp_path) -> None:
    parts = [
        generate(dataclasses.replace(BASE, out=str(tmp_path / r), scenes=r))
        for r in ("0..2", "3..5")
    ]
    joined = dataclasses.replace(BASE, out=str(tmp_path / "j"), join=tuple(map(str, parts)))
    whole = dataclasses.replace(BASE, out=str(tmp_path / "w"))
    assert verify(generate(joined)).root_hash == verify(generate(whole)).root_hash


def test_drawn_levels_come_as_often_as_their_weights_say() -> None:
    drawn = dataclasses.replace(
        BASE, design="drawn", factors={"layout": {"town": 3, "straight": 1}, "plate_scale": [2, 4]}
    )
    met = Counter(
        (s.layouts[0], s.plate_scale) for s in (scene_settings(drawn, i) for i in range(2000))
    )
    assert 0.70 < (met["town", 2.0] + met["town", 4.0]) / 2000 < 0.80
    # independent of each other
    assert abs(met["town", 2.0] - met["town", 4.0]) < 150
    assert described(drawn, 2000)["factors"]["layout"][0]["scenes"] > 1400


def test_levels_are_weighed_so_that_classes_come_near_declared_shares(
    tmp_path, monkeypatch, capfd
) -> None:
    monkeypatch.setattr("render.balance.PILOT_SCENES", 24)
    asked = dataclasses.replace(
        BASE, design="drawn", factors=None, layouts=("straight", "crossroads_stop"), seed=3,
        balance={"stop_sign": 0.3, "bus": 0.6}, frames_per_scene=2, scenes=12,
        conditions=("clear",), camera=CameraConfig(width_px=200, height_px=200, m_per_px=0.3),
    )  # fmt: skip
    less = dataclasses.replace(asked, balance={"stop_sign": 0.05})
    more, few = (
        generate(dataclasses.replace(c, out=str(tmp_path / n)))
        for n, c in (("more", asked), ("few", less))
    )
    told = {m: json.loads((m / "dataset.json").read_text())["design"] for m in (more, few)}
    many, rare = (told[m]["balance"]["stop_sign"] for m in (more, few))
    assert rare["got"] < 0.5 * many["got"]
    assert abs(rare["got"] - 0.05) < 0.05
    assert "at most" in told[more]["balance"]["bus"]["reason"]
    assert "balance.bus" in capfd.readouterr().err
    assert "| bus | 0.6 |" in (more / "README.md").read_text()
    assert regenerate(few, 3, 1).problems == ()
    parts = [
        generate(dataclasses.replace(less, out=str(tmp_path / r), scenes=r))
        for r in ("0..4", "5..11")
    ]
    joined = dataclasses.replace(less, out=str(tmp_path / "j"), join=tuple(map(str, parts)))
    assert verify(generate(joined)).root_hash == verify(few).root_hash


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"factors": ["layout"]}, "factors must be"),
        ({"factors": {}}, "factors must be"),
        ({"factors": None}, "factors must be"),
        ({"factors": {"seed": [1, 2]}}, "'seed' cannot be a factor"),
        ({"factors": {"camera": [1, 2]}}, "'camera' cannot be a factor"),
        ({"factors": {"camera.zoom": [1, 2]}}, "no setting 'camera.zoom'"),
        ({"factors": {"layout": []}}, "needs 1 to 64 levels"),
        ({"factors": {"layout": "town"}}, "needs 1 to 64 levels"),
        ({"factors": {"layout": ["town", "town"]}}, "has one level twice"),
        ({"factors": {"layout": ["twon"]}}, "Did you mean 'town'"),
        ({"factors": {"condition": ["foggy"]}}, "Did you mean 'fog'"),
        ({"factors": {"plate_scale": [2, 99]}}, "plate_scale=99"),
        ({"factors": {"plate_scale": [2, float("nan")]}}, "plate_scale"),
        ({"factors": {"layout": {"town": 0}}}, "no number above 0"),
        ({"factors": {"layout": {"town": "x"}}}, "no number above 0"),
        ({"factors": {"layout": {"town": 1, "straight": 2}}}, "weights go with design=drawn"),
        ({"design": "drawn", "balance": {"bike": 0.1}}, "balance: no class or size 'bike'"),
        ({"design": "drawn", "balance": {"bus": 1.5}}, "balance.bus must be above 0 and below 1"),
        ({"design": "drawn", "balance": {"bus": 0.6, "car": 0.6}}, "asks for more than all"),
        ({"balance": {"bus": 0.1}}, "balance goes with drawn scenes"),
        (
            {"design": "full", "factors": {f"roads.{n}": list(range(64)) for n in "abcd"}},
            "is too many|no setting",
        ),
    ],
)  # fmt: skip
def test_factors_that_cannot_be_are_refused_before_anything_is_made(
    changes, said, tmp_path
) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        generate(dataclasses.replace(BASE, out=str(tmp_path / "d"), **changes))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "d").exists()
