"""One net trained by several processes, in mixed precision, on a device that is named."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from simulator.errors import ConfigError
from tests.training.conftest import toy_config
from training import data as crops
from training.checkpoint import read_tensors
from training.config import EvaluateConfig
from training.detector import DETECTORS
from training.evaluate import evaluate
from training.group import ALONE, Group, launched
from training.loop import joined, read_training_parts, start, torch_settings, train
from training.step import rate_at

PROJECT = Path(__file__).parents[2]


def launch(data: Path, out: Path, *words: str) -> None:
    made = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
            "-m", "tests.training.two_processes", str(data), str(out), *words,
        ],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]


@pytest.fixture(scope="module")
def whole(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("two")
    launch(toy / "train", out, "steps=8")
    return out


def test_two_processes_do_what_one_would_with_both_parts_of_the_batch(
    toy: Path, whole: Path
) -> None:
    config = toy_config(toy / "train", whole, steps=8)
    detector = DETECTORS["compact"]
    truth = joined(read_training_parts(config))
    data = crops.training_set(truth)
    with torch_settings(1):
        settings = detector.settings(width=0.5)
        run = start(config, detector, settings, len(truth.classes), None, torch.device("cpu"))
        for step in range(8):
            halves = [copy.deepcopy(run.module) for _ in range(2)]
            for rank, half in enumerate(halves):
                batch = crops.batch(data, config, step, Group(rank, 2))
                torch.stack(list(detector.loss(half, *batch).values())).sum().backward()
            pairs = [list(h.parameters()) for h in halves]
            for p, a, b in zip(run.module.parameters(), *pairs, strict=True):
                assert a.grad is not None
                assert b.grad is not None
                p.grad = (a.grad + b.grad) / 2
            buffers = zip(run.module.buffers(), *(h.buffers() for h in halves), strict=True)
            for mine, a, b in buffers:
                mine.copy_((a + b) / 2 if mine.is_floating_point() else a)
            for group in run.optimiser.param_groups:
                group["lr"] = rate_at(config, step)
            torch.nn.utils.clip_grad_norm_(run.module.parameters(), config.clip_norm)
            run.optimiser.step()
            decay = min(config.ema, (2 + step) / (11 + step))
            for name, value in run.module.state_dict().items():
                if value.is_floating_point():
                    run.averaged[name].lerp_(value.detach(), 1.0 - decay)
    made, _ = read_tensors(whole / "model.safetensors")
    for name, value in run.averaged.items():
        if value.is_floating_point():
            torch.testing.assert_close(made[name], value, rtol=1e-3, atol=1e-5, msg=name)
    told = json.loads((whole / "train.json").read_text())
    assert told["processes"] == 2
    lines = (whole / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [8]


def test_one_of_two_is_asked_to_stop_and_both_go_on_to_the_same_weights(
    toy: Path, whole: Path, tmp_path: Path
) -> None:
    launch(toy / "train", tmp_path, "steps=8", "stop=1:3")
    assert not (tmp_path / "model.safetensors").exists()
    assert read_tensors(tmp_path / "state.safetensors")[1]["step"] == "4"
    launch(toy / "train", tmp_path, "steps=8")
    assert (tmp_path / "model.safetensors").read_bytes() == (
        whole / "model.safetensors"
    ).read_bytes()


def test_the_first_process_measures_and_both_stop_where_nothing_gets_better(
    toy: Path, tmp_path: Path
) -> None:
    launch(
        toy / "train", tmp_path, "steps=40", "validate_every=2", "patience=1", "lr=1e-7",
        f'validation="{toy}/test"',
    )  # fmt: skip
    told = json.loads((tmp_path / "train.json").read_text())
    assert set(told["validation_AP50"]) == {"2", "4"}
    assert told["stopped_at"] == 4
    assert (tmp_path / "model.safetensors").is_file()


def test_the_parts_of_a_batch_share_no_picture(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy_config(toy / "train", tmp_path)
    data = crops.training_set(joined(read_training_parts(config)))
    places: list[int] = []

    def noting(_sizes: tuple[int, ...], _mix: tuple[float, ...], _seed: int, place: int) -> int:
        places.append(place)
        return place % 16

    monkeypatch.setattr(crops, "image_of", noting)
    parts = [crops.batch(data, config, s, Group(r, 2)) for s in range(3) for r in range(2)]
    assert sorted(places) == list(range(len(places)))
    assert all(len(images) == 4 for images, _ in parts)


def test_a_batch_that_cannot_be_shared_and_a_broken_launcher_are_refused(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert launched() == (ALONE, 0)
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ConfigError, match="MASTER_ADDR"):
        launched()
    monkeypatch.setenv("MASTER_ADDR", "localhost")
    with pytest.raises(ConfigError, match="batch is 8, which 3 processes"):
        train(toy_config(toy / "train", tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(ConfigError, match="'mps', which 3 processes cannot share"):
        train(dataclasses.replace(toy_config(toy / "train", tmp_path / "out"), device="mps"))
    assert not (tmp_path / "out").exists()
    monkeypatch.setenv("RANK", "first")
    with pytest.raises(ConfigError, match="torchrun"):
        launched()


def test_mixed_precision_learns_and_keeps_whole_weights(toy: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(
        toy_config(toy / "train", tmp_path / "half", steps=60), precision="bfloat16"
    )
    model = train(config)
    tensors, _ = read_tensors(model)
    assert {v.dtype for v in tensors.values() if v.is_floating_point()} == {torch.float32}
    lines = (tmp_path / "half/metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line) for line in lines]
    assert steps[-1]["class"] + steps[-1]["box"] < 0.8 * (steps[0]["class"] + steps[0]["box"])
    whole = train(toy_config(toy / "train", tmp_path / "whole", steps=60))
    found = {
        path: evaluate(EvaluateConfig(
            model=str(path), data=str(toy / "test"), out=str(tmp_path / "found"), threads=1,
            replicates=0,
        ))["AP50"]
        for path in (model, whole)
    }  # fmt: skip
    assert model.read_bytes() != whole.read_bytes()
    np.testing.assert_allclose(found[model], found[whole], atol=0.15)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU")
def test_a_device_that_is_not_there_is_refused(toy: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(toy_config(toy / "train", tmp_path / "out"), device="cuda")
    with pytest.raises(ConfigError, match="device is 'cuda'"):
        train(config)
    assert not (tmp_path / "out").exists()
