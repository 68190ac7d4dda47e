"""Splits by predicates: who goes where, where they come from, and no scene in two of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from render.config import GenerateConfig
from render.export import export
from render.generate import generate
from scenarios.config import CameraConfig
from simulator.errors import ConfigError, LeakError


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return generate(
        GenerateConfig(
            out=str(tmp_path_factory.mktemp("data") / "d"), seed=9, scenes=4, frames_per_scene=1,
            conditions=("clear", "fog"), workers=1, layouts=("straight", "curve"),
            camera=CameraConfig(width_px=96, height_px=96, m_per_px=0.3),
        )
    )  # fmt: skip


CUT = {"train": {"scene_index": [0, 1], "condition": "clear"}, "test": {"scene_index": [2, 9]}}


def test_images_go_where_their_predicate_sends_them_and_their_origin_is_told(
    data, tmp_path
) -> None:
    export(data, "coco", tmp_path / "c", splits=CUT)
    met = {}
    for split in CUT:
        coco = json.loads((tmp_path / f"c/annotations/instances_{split}.json").read_text())
        met[split] = {(i["attributes"]["scene_index"], i["attributes"]["condition"])
                      for i in coco["images"]}  # fmt: skip
        assert {a["image_id"] for a in coco["annotations"]} <= {i["id"] for i in coco["images"]}
        assert len(list((tmp_path / f"c/images/{split}").iterdir())) == len(coco["images"])
    assert met["train"] == {(0, "clear"), (1, "clear")}
    assert met["test"] == {(i, c) for i in (2, 3) for c in ("clear", "fog")}
    told = json.loads((tmp_path / "c/splits.json").read_text())["splits"]
    assert told["train"]["lineage"] == [{"seed": 9, "split": "train", "first": 0, "last": 1}]
    assert told["test"]["predicate"] == CUT["test"]


def test_weather_is_told_apart_by_its_quantities(data, tmp_path) -> None:
    export(data, "yolo", tmp_path / "y", splits={"val": {"visibility_m": [0, 1000]}})
    assert {p.stem.split("_")[2] for p in (tmp_path / "y/images/val").iterdir()} == {"fog"}


def test_twins_in_two_splits_are_refused_and_both_are_named(data, tmp_path) -> None:
    cut = {"train": {"condition": "clear"}, "test": {"condition": "fog"}}
    with pytest.raises(LeakError, match=r"000000_0000_clear.jpg in 'train' and 000000_0000_fog"):
        export(data, "coco", tmp_path / "c", splits=cut)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ({}, "splits must be"), ([], "splits must be"), ({"../x": {}}, "has the name '../x'"),
        ({"a": 3}, "is no predicate"), ({"a": {"seed": None}}, "splits.a.seed is None"),
        ({"a": {"seed": []}}, "splits.a.seed is"), ({"a": {"seed": {"x": 1}}}, "splits.a.seed is"),
        ({"a": {"wether": "fog"}}, "no attribute 'wether'.*There are: .*condition"),
        ({"a": {"condition": "snow"}}, "no image meets the predicate of splits.a"),
        ({"a": {"scene_index": float("nan")}}, "no image meets"),
    ],
)  # fmt: skip
def test_predicates_that_cannot_be_are_refused_in_one_line(cut, said, data, tmp_path) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        export(data, "coco", tmp_path / "c", splits=cut)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []
