"""Datasets of one scene that comes from a file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from render.config import GenerateConfig, VerifyConfig
from render.estimate import estimate
from render.generate import generate
from render.given_scene import given_scene, read_scene
from render.manifest import sha256_file
from render.record import load_record
from render.scene_job import WORK
from render.verify import verify, verify_deep
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator.errors import ConfigError, OutputError
from simulator.scene_io import dump_scene
from simulator.surroundings import Cone


def file_of(folder: Path, cones: int) -> Path:
    """A scene that nobody draws, with so many cones."""
    camera = CameraConfig(width_px=128, height_px=128, m_per_px=0.3)
    scene = sample_scene(SceneConfig(layouts=("straight",), camera=camera, warm_up_s=3), 8, 5)
    around = dataclasses.replace(
        scene.surroundings, cones=tuple(Cone(2.0 * i, 0.0) for i in range(cones))
    )
    path = folder / f"with-{cones}.json"
    path.write_text(dump_scene(dataclasses.replace(scene, surroundings=around)))
    return path


def settings(folder: Path, scene: Path) -> GenerateConfig:
    return GenerateConfig(
        out=str(folder / "d"), scene=str(scene), frames_per_scene=2, frame_rate_hz=2, workers=1,
        conditions=("clear", "fog"),
    )  # fmt: skip


def test_a_dataset_of_an_edited_scene_holds_it_and_is_made_again_from_itself(tmp_path):
    file = file_of(tmp_path, 3)
    root = generate(settings(tmp_path, file))
    record = load_record((root / "scenes/000000.json").read_bytes(), "record")
    assert record.scene.surroundings.cones == read_scene(file).surroundings.cones
    assert list(record.conditions) == ["clear", "fog"]
    info = json.loads((root / "dataset.json").read_bytes())
    assert info["scene_sha256"] == sha256_file(root / "scene.json")
    assert str(tmp_path) not in (root / "dataset.json").read_text()
    assert info["lineage"] == [{"seed": 8, "split": "train", "first": 0, "last": 0}]
    file.unlink()
    report = verify_deep(VerifyConfig(str(root), sample=4, seed=0))
    assert report.problems == ()


def test_a_dataset_of_a_scene_goes_on_where_it_was_and_is_not_taken_for_that_of_another(tmp_path):
    one, other = file_of(tmp_path, 1), file_of(tmp_path, 2)
    config = settings(tmp_path, one)
    whole = verify(generate(dataclasses.replace(config, out=str(tmp_path / "whole")))).root_hash
    root = tmp_path / "d"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("render.generate._finish", lambda *_: None)
        generate(config)
    assert (root / WORK / "000000.part").is_file()
    with pytest.raises(OutputError, match="unfinished dataset of other settings"):
        generate(settings(tmp_path, other))
    assert verify(generate(config)).root_hash == whole
    with pytest.raises(OutputError, match="finished dataset of other settings"):
        generate(settings(tmp_path, other))
    assert generate(config) == root


def test_what_a_scene_says_itself_is_refused_beside_it(tmp_path):
    config = settings(tmp_path, file_of(tmp_path, 1))
    for change in ({"seed": 3}, {"scenes": 7}, {"layouts": ("straight",)}, {"plate_scale": 2.0}):
        with pytest.raises(ConfigError, match=f"{next(iter(change))} is of no use beside scene"):
            generate(dataclasses.replace(config, **change))


def test_a_dry_run_of_a_scene_counts_its_frames(tmp_path):
    config = settings(tmp_path, file_of(tmp_path, 1))
    assert estimate(config).images == 4
    assert given_scene(str(config.scene)).index == 0
