"""Detection of whole pictures: scale, tiles and odd sizes map boxes back to the picture."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import training.predict
from render.store import load_bgr, open_dataset, read_splits
from training.__main__ import main
from training.breakdown import box_overlaps
from training.checkpoint import load_model
from training.nms import thin_out
from training.predict import detect


def test_boxes_are_mapped_back_from_scale_and_tiles(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(toy / "model/model.safetensors")
    truth = read_splits(open_dataset(toy / "test"))
    picture = load_bgr(truth.path[0])
    rows = truth.image == 0
    doubled = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    odd = cv2.copyMakeBorder(picture, 0, 37, 0, 51, cv2.BORDER_REFLECT)
    for shown, scale, factor in ((picture, 1.0, 1), (doubled, 0.5, 2), (odd, 1.0, 1)):
        found = detect(model, shown, scale)
        overlap = box_overlaps(truth.box_px[rows] * factor, found.box_px)
        assert (overlap.max(axis=1) > 0.5).all()
        assert found.box_px.max() <= max(shown.shape[:2])
    monkeypatch.setattr(training.predict, "TILE_PX", 160)
    monkeypatch.setattr(training.predict, "TILE_OVERLAP_PX", 96)
    tiled = detect(model, picture)
    overlap = box_overlaps(truth.box_px[rows], tiled.box_px)
    assert (overlap.max(axis=1) > 0.5).mean() > 0.8


def test_thinning_keeps_the_best_of_each_class() -> None:
    boxes = np.array(
        [[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [30, 0, 40, 10]], dtype=np.float32
    )
    assert thin_out(boxes, np.array([0, 0, 1, 0]), 0.5, 10).tolist() == [0, 2, 3]
    assert thin_out(boxes, np.array([0, 0, 1, 0]), 0.5, 2).tolist() == [0, 2]


def test_the_package_runs_its_jobs_from_plain_words(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "job=evaluate", f"model={toy / 'model/model.safetensors'}", f"data={toy / 'test'}",
        f"out={tmp_path}", "threads=1", "replicates=50",
    ]  # fmt: skip
    assert main(words) == 0
    assert "AP50" in capsys.readouterr().out
    assert json.loads((tmp_path / "metrics.json").read_text())["per_class"]["car"]["objects"] > 0
    for bad, said in (
        (["job=evaluat"], "Did you mean 'evaluate'"),
        ([*words, "batch=0"], "batch must be 1 to 256 images, got 0"),
        ([*words, "modell=x"], "Did you mean 'model'"),
    ):
        assert main(bad) == 2
        error = capsys.readouterr().err.strip()
        assert said in error
        assert "\n" not in error
