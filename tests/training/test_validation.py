"""A validation set that decides when training stops, pieces cut out, curves for TensorBoard."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.errors import ConfigError, DataError, LeakError
from simulator.seeding import stream
from tests.training.conftest import toy_config
from tests.training.toy import write_toy
from training import loop, validation
from training.augment import GREY, cut_out
from training.checkpoint import load_model
from training.config import AugmentConfig, EvaluateConfig, TrainConfig
from training.evaluate import evaluate
from training.loop import train


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy(tmp_path_factory.mktemp("held") / "val", 4, seed=5, split="val")


def watched(toy: Path, held: Path, out: Path, **more: Any) -> TrainConfig:
    config = toy_config(toy / "train", out, steps=60)
    more = {"validate_every": 10, "patience": 2, **more}
    return dataclasses.replace(config, validation=str(held), **more)


def falls_from(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that rise up to a step and fall from there, whatever the weights."""
    made = lambda run, *_: 0.5 - abs(run.step - step) / 100  # noqa: E731
    monkeypatch.setattr(loop, "measured", made)


def test_it_stops_after_its_patience_and_keeps_the_best_weights(
    toy: Path, held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = train(toy_config(toy / "train", tmp_path / "best", steps=60))
    falls_from(20, monkeypatch)
    stopped = train(watched(toy, held, tmp_path / "stopped"))
    told = json.loads((tmp_path / "stopped/train.json").read_text())
    assert told["stopped_at"] == 40
    assert load_model(stopped).card.steps == 20
    lines = (tmp_path / "stopped/metrics.jsonl").read_text()
    assert [s for s, _ in validation.history(lines.splitlines())] == [10, 20, 30, 40]
    assert not (tmp_path / "stopped/best.safetensors").exists()
    # with another best step it would be other weights
    falls_from(60, monkeypatch)
    last = load_model(train(watched(toy, held, tmp_path / "last"))).module.state_dict()
    whole = load_model(best).module.state_dict()
    assert all((last[k] == whole[k]).all() for k in whole)
    early = load_model(stopped).module.state_dict()
    assert any((early[k] != whole[k]).any() for k in whole)


@pytest.mark.parametrize("at", [15, 25, 39])
def test_interrupted_it_goes_on_to_the_same_weights(
    at: int, toy: Path, held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    falls_from(20, monkeypatch)
    whole = train(watched(toy, held, tmp_path / "whole")).read_bytes()
    config, step = watched(toy, held, tmp_path / "broken"), loop.take_step

    def killed(run: Any, *rest: Any) -> dict[str, float]:
        if run.step == at:
            raise RuntimeError("killed")
        return step(run, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "take_step", killed)
        with pytest.raises(RuntimeError, match="killed"):
            train(config)
    assert train(config).read_bytes() == whole


def test_the_figure_is_that_of_evaluate_and_the_set_is_known_to_the_weights(
    toy: Path, held: Path, tmp_path: Path
) -> None:
    config = watched(toy, held, tmp_path / "run", validate_every=60, steps=120)
    model = train(dataclasses.replace(config, patience=0))
    told = json.loads((tmp_path / "run/train.json").read_text())["validation_AP50"]
    measure = EvaluateConfig(
        model=str(model), data=str(held), out=str(tmp_path / "m"), replicates=0, threads=1
    )
    with pytest.raises(LeakError, match="was trained on scene"):
        evaluate(measure)
    result = evaluate(dataclasses.replace(measure, allow_seen=True))
    assert max(told.values()) == pytest.approx(result["AP50"], abs=1e-9)
    assert max(told.values()) > 0.2


def test_a_validation_set_that_is_trained_on_or_of_other_classes_is_refused(
    toy: Path, held: Path, tmp_path: Path
) -> None:
    with pytest.raises(LeakError, match="was trained on scene"):
        train(watched(toy, toy / "train", tmp_path / "a"))
    other = write_toy(tmp_path / "other", 2, seed=9, split="val")
    coco = json.loads((other / "annotations/val.json").read_text())
    coco["categories"][0]["name"] = "lorry"
    (other / "annotations/val.json").write_text(json.dumps(coco))
    info = json.loads((other / "dataset.json").read_text())
    info["classes"][0] = "lorry"
    (other / "dataset.json").write_text(json.dumps(info))
    with pytest.raises(DataError, match="has other classes than the training data"):
        train(watched(toy, other, tmp_path / "b"))


def test_pieces_hide_what_they_cover_and_nothing_is_drawn_without_them() -> None:
    image = np.full((100, 100, 3), 200, np.uint8)
    boxes = np.array([[10.0, 10.0, 30.0, 30.0], [60.0, 60.0, 90.0, 80.0]])
    rng = stream(0, 0, "test")
    same, hidden = cut_out(image, boxes, AugmentConfig(), rng)
    assert same is image
    assert not hidden.any()
    assert rng.random() == stream(0, 0, "test").random()
    config = AugmentConfig(cutout_share=1.0, cutouts=1, cutout_side=0.5)
    for k in range(40):
        cut, hidden = cut_out(image, boxes, config, stream(k, 0, "test"))
        gone = (cut == GREY).all(axis=2)
        shares = [gone[10:30, 10:30].mean(), gone[60:80, 60:90].mean()]
        assert hidden == pytest.approx(shares, abs=1e-9)
    assert (image == 200).all()


def test_curves_are_written_where_tensorboard_is_and_else_it_says_what_to_install(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(
        toy_config(toy / "train", tmp_path / "curves", steps=20), tensorboard=True
    )
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    with pytest.raises(ConfigError, match=r"pip install .*\[tensorboard\]"):
        train(config)
    monkeypatch.undo()
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="TensorBoard is not installed: pip install -e '.[tensorboard]'",
    )
    train(config)
    curves = reader.EventAccumulator(str(tmp_path / "curves/tensorboard")).Reload()
    lines = (tmp_path / "curves/metrics.jsonl").read_text().splitlines()
    wanted = {r["step"]: r["class"] for r in map(json.loads, lines)}
    got = {e.step: e.value for e in curves.Scalars("class")}
    assert got == pytest.approx(wanted, rel=1e-6)
