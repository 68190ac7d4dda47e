"""Real frames at one scale, cut by scene, and the study on toy frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.studies.real as real
from render.config import GenerateConfig
from render.dataset_reader import read_any
from render.generate import generate
from render.store import load_bgr
from scenarios.config import CameraConfig
from simulator.errors import ConfigError
from tests.training.test_held_out import QUICK
from tests.training.toy import write_toy
from training.arms import Budget
from training.config import StudyConfig
from training.real_frames import folds, part_of, rescaled
from training.study import run_study


def make(spec: Mapping[str, Any], folder: Path) -> Path:
    camera = CameraConfig(width_px=256, height_px=256, m_per_px=0.2)
    own = {k: spec[k] for k in ("seed", "split", "scenes", "frames_per_scene")}
    conditions = tuple(spec["conditions"])
    return generate(
        GenerateConfig(out=str(folder), camera=camera, conditions=conditions, workers=1, **own)
    )


def frames(folder: Path, seed: int) -> Path:
    """Toy frames as a COCO file of a user: two of each of four scenes."""
    write_toy(folder, scenes=8, seed=seed)
    coco = json.loads((folder / "annotations" / "train.json").read_text())
    for i, image in enumerate(coco["images"]):
        del image["attributes"]
        image["scene"] = f"street {i // 2}"
    for record in coco["annotations"]:
        del record["attributes"]
    file = folder / "mine.json"
    file.write_text(json.dumps(coco))
    return file


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> tuple[Path, Path]:
    a, b = (tmp_path_factory.mktemp(f"mine{k}") for k in (0, 1))
    return frames(a, 3), frames(b, 4)


def test_frames_at_another_scale_keep_their_boxes_on_their_objects(mine, tmp_path) -> None:
    truth = read_any(mine[0], "", mine[0].parent)
    again = read_any(rescaled(truth, 0.5, tmp_path))
    assert again.scene == truth.scene
    assert again.classes == ("vehicle",)
    assert np.array_equal(again.size_px, truth.size_px // 2)
    assert np.allclose(again.box_px, truth.box_px / 2, atol=0.02)
    x, y = again.box_px[0].reshape(2, 2).mean(axis=0).astype(int)
    u, v = truth.box_px[0].reshape(2, 2).mean(axis=0).astype(int)
    small, large = load_bgr(again.path[0])[y, x], load_bgr(truth.path[0])[v, u]
    assert np.abs(small.astype(int) - large).max() < 25


def test_folds_part_scenes_and_small_parts_lie_in_larger_ones(mine, tmp_path) -> None:
    truth = read_any(mine[0], "", mine[0].parent)
    cut = folds(truth.scene, 3, seed=1)
    assert sorted(s for fold in cut for s in fold) == sorted(set(truth.scene))
    assert max(map(len, cut)) - min(map(len, cut)) <= 1
    place = rescaled(truth, 1.0, tmp_path)
    scenes = set(truth.scene) - cut[1]
    few, many = (set(read_any(part_of(place, f"n{n}", scenes, n, 1)).path) for n in (2, 4))
    every = read_any(part_of(place, "all", scenes, 0, 1))
    assert len(few) == 2
    assert few < many < set(every.path)
    assert set(every.scene) == scenes


@pytest.fixture(scope="module")
def done(mine, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("real")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(real.PLANS, "small", real.Plan(4, 2, 2, (2, 0), Budget(3, 1, QUICK)))
        run_study(
            StudyConfig(
                out=str(out), name="real", data=[str(f) for f in mine], threads=1, workers=1,
                replicates=100, scales=(1.0, 0.75), images=None,
            ),
            make,
        )  # fmt: skip
    return out


def test_every_arm_is_measured_on_every_source_apart_and_on_ours(done: Path) -> None:
    rows = json.loads((done / "results.json").read_text())
    by = {(r["condition"], r["metric"]): r for r in rows}
    places = ("mine", "mine 2", real.ON_OURS)
    for arm in real.arm_names(real.Plan(4, 2, 2, (2, 0), Budget(3, 1))):
        for place in places:
            assert 0 <= by[place, f"AP50 of {arm}"]["value"] <= 1
    assert by["mine", "AP50 of ours"]["n_scenes"] == 4
    assert by["mine", "AP50 of ours + all real minus all real"]["verdict"]
    assert "<script" not in (done / "report.html").read_text()


def test_a_model_never_saw_the_scenes_that_it_is_tested_on(done: Path) -> None:
    folders = list((done / "real").iterdir())
    assert len(folders) == 2  # one a source
    for folder in folders:
        for k in (0, 1):
            tested, seen = (
                set(read_any(folder / f"{name}.json").scene)
                for name in (f"test-{k}", f"train-{k}-all")
            )
            assert tested
            assert not tested & seen


@pytest.mark.parametrize(
    ("settings", "words"),
    [({}, "needs data"), ({"scales": (1.0, 2.0)}, "scales has 2 entries for 1")],
)
def test_what_is_missing_is_said_before_anything_is_made(mine, tmp_path, settings, words) -> None:
    data = {"data": str(mine[0])} if "scales" in settings else {}
    config = StudyConfig(out=str(tmp_path / "r"), name="real", **data, **settings)
    with pytest.raises(ConfigError, match=words):
        run_study(config, make)
    assert not (tmp_path / "r").exists()
