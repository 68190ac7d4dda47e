"""Training and measuring: what is learned, what is the same twice, what is refused."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from render.config import GenerateConfig
from render.export import export
from render.gallery import gallery
from render.generate import generate
from render.lock import alone_in
from simulator.errors import ConfigError, DataError, LeakError, OutputError
from tests.training.conftest import toy_config
from tests.training.toy import write_toy
from training import loop, state
from training.checkpoint import FORMAT, load_model, read_tensors
from training.config import EvaluateConfig, StudyConfig, TrainConfig
from training.evaluate import describe, evaluate
from training.loop import train
from training.study import run_study


def evaluation(toy: Path, data: Path, out: Path, **more: object) -> EvaluateConfig:
    base = EvaluateConfig(
        model=str(toy / "model/model.safetensors"), data=str(data), out=str(out), threads=1,
        replicates=200,
    )  # fmt: skip
    return dataclasses.replace(base, **more)


def killed_at(at: int, config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    step = loop.take_step

    def killed(run: state.Run, *rest: object) -> dict[str, float]:
        if run.step == at:
            raise RuntimeError("killed")
        return step(run, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "take_step", killed)
        with pytest.raises(RuntimeError):
            train(config)


def test_the_detector_learns_coloured_rectangles(toy: Path, tmp_path: Path) -> None:
    result = evaluate(evaluation(toy, toy / "test", tmp_path))
    clear, fog = result["per_condition"]["clear"], result["per_condition"]["fog"]
    assert clear["AP50"] > 0.9
    assert clear["AP"] > 0.5
    assert fog["AP50_drop"] == pytest.approx(clear["AP50"] - fog["AP50"])
    assert fog["AP50_drop_interval"][0] <= fog["AP50_drop"] <= fog["AP50_drop_interval"][1]
    assert "AP50" in describe(result)
    saved = json.loads((tmp_path / "metrics.json").read_text())
    assert saved["AP50"] == result["AP50"]
    found = json.loads((tmp_path / "detections.json").read_text())
    assert {1, 2, 4} <= {d["category_id"] for d in found}
    assert {d["image_id"] for d in found} <= set(range(1, 17))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    toy: Path, tmp_path: Path
) -> None:
    config = toy_config(toy / "train", tmp_path / "a", steps=4)
    first = train(config).read_bytes()
    again = train(dataclasses.replace(config, out=str(tmp_path / "b"), prefetch=1)).read_bytes()
    other = train(dataclasses.replace(config, out=str(tmp_path / "c"), seed=9)).read_bytes()
    assert first == again
    assert first != other


@pytest.mark.parametrize("stop", ["signal", "kill"])
def test_an_interrupted_training_goes_on_to_the_same_weights(
    stop: str, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy_config(toy / "train", tmp_path / "whole", steps=12)
    whole = train(config).read_bytes()
    broken = dataclasses.replace(config, out=str(tmp_path / "broken"))
    step = loop.take_step

    def interrupted(run: state.Run, *rest: object) -> dict[str, float]:
        if run.step == 7:
            if stop == "kill":  # nothing is saved after the state of step 5
                raise RuntimeError("killed")
            os.kill(os.getpid(), signal.SIGINT)
        return step(run, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "take_step", interrupted)
        with pytest.raises(KeyboardInterrupt if stop == "signal" else RuntimeError):
            train(broken)
    assert not (tmp_path / "broken/model.safetensors").exists()
    assert train(broken).read_bytes() == whole
    steps = [
        json.loads(x)["step"] for x in (tmp_path / "broken/metrics.jsonl").read_text().splitlines()
    ]
    assert steps == [10, 12]


@pytest.mark.parametrize("name", ["metrics.jsonl", "state.safetensors"])
def test_a_kill_before_either_file_of_a_state_loses_no_line(
    name: str, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(toy_config(toy / "train", tmp_path, steps=30), save_every=10)
    write, written = state.write_bytes, []

    def killed(path: Path, data: bytes) -> None:
        written.append(path.name)
        if path.name == name and written.count(name) == 2:
            raise RuntimeError("killed")
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(state, "write_bytes", killed)
        with pytest.raises(RuntimeError):
            train(config)
    train(config)
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [10, 20, 30]


def test_a_state_of_other_settings_is_refused(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy_config(toy / "train", tmp_path, steps=12)
    killed_at(6, config, monkeypatch)
    with pytest.raises(ConfigError, match="other settings"):
        train(dataclasses.replace(config, lr=1e-3))


def test_a_finished_training_is_not_repeated(toy: Path, tmp_path: Path) -> None:
    config = toy_config(toy / "train", tmp_path, steps=2)
    model = train(config)
    before = model.stat().st_mtime_ns
    train(config)
    assert model.stat().st_mtime_ns == before


def test_neither_train_nor_study_writes_into_a_folder_that_another_run_is_at(
    toy: Path, tmp_path: Path
) -> None:
    def untouched(*_: object) -> Path:
        raise AssertionError("nothing is made")

    with alone_in(tmp_path):
        with pytest.raises(OutputError, match="is being written by another run"):
            train(toy_config(toy / "train", tmp_path, steps=2))
        with pytest.raises(OutputError, match="is being written by another run"):
            run_study(StudyConfig(name="held_out", out=str(tmp_path)), untouched)
    assert list(tmp_path.iterdir()) == []


def test_a_finished_training_is_replaced_only_by_who_says_so(toy: Path, tmp_path: Path) -> None:
    config = toy_config(toy / "train", tmp_path, steps=2)
    other = dataclasses.replace(config, seed=9)
    first = train(config).read_bytes()
    with pytest.raises(OutputError, match="holds a finished training with other settings or data"):
        train(other)
    assert (tmp_path / "model.safetensors").read_bytes() == first
    assert train(dataclasses.replace(other, resume=False)).read_bytes() != first


def test_a_replacement_that_was_begun_is_gone_on_with(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy_config(toy / "train", tmp_path, steps=8)
    other = dataclasses.replace(config, seed=9)
    first = train(config).read_bytes()
    killed_at(6, dataclasses.replace(other, resume=False), monkeypatch)
    assert train(other).read_bytes() != first


def test_weights_are_never_taken_for_those_of_the_training_before(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy_config(toy / "train", tmp_path / "a", steps=2)
    first = train(config).read_bytes()

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(loop, "write_json", killed)
        with pytest.raises(RuntimeError):
            train(dataclasses.replace(config, seed=9, resume=False))
    assert train(config).read_bytes() == first


def test_seen_scenes_are_refused_in_another_folder_too(toy: Path, tmp_path: Path) -> None:
    copy = write_toy(tmp_path / "elsewhere", 4, seed=1, conditions=("fog",))
    with pytest.raises(LeakError, match=r"model.safetensors was trained on scene 0 of split") as e:
        evaluate(evaluation(toy, copy, tmp_path / "out"))
    assert "elsewhere" in str(e.value)
    assert "\n" not in str(e.value)
    assert not (tmp_path / "out").exists()
    forced = evaluate(evaluation(toy, copy, tmp_path / "out", allow_seen=True))
    assert "scene 0" in forced["seen"]
    assert "NOT A RESULT" in describe(forced)


def test_seen_geometry_is_refused_under_a_false_name(toy: Path, tmp_path: Path) -> None:
    copy = write_toy(tmp_path / "renamed", 4, seed=1)
    info = json.loads((copy / "dataset.json").read_text())
    info["lineage"] = [{"seed": 77, "split": "other", "first": 0, "last": 3}]
    (copy / "dataset.json").write_text(json.dumps(info))
    with pytest.raises(LeakError, match="geometry"):
        evaluate(evaluation(toy, copy, tmp_path / "out"))


@pytest.mark.parametrize("place", ["file", "file/out", "link", "link/out"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_looked_for(
    place: str, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untouched(*_: object) -> None:
        raise AssertionError("nothing is detected")

    monkeypatch.setattr("training.evaluate.predict", untouched)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with pytest.raises(OutputError, match="the folder cannot be made"):
        evaluate(evaluation(toy, toy / "test", tmp_path / place))


def test_a_foreign_coco_file_is_measured_as_vehicles(toy: Path, tmp_path: Path) -> None:
    data = write_toy(tmp_path / "data", 6, seed=3, split="x")
    coco = json.loads((data / "annotations/x.json").read_text())
    names = {1: "sedan", 2: "lorry", 4: "sign"}
    signs = {a["id"] for a in coco["annotations"] if a["category_id"] == 4}
    foreign = {
        "images": [
            {"id": i["id"] + 100, "file_name": Path(i["file_name"]).name, "width": 256,
             "height": 256, "scene": f"s{i['id'] // 3}"} for i in coco["images"]
        ],
        "categories": [{"id": k * 10, "name": n} for k, n in names.items() if k != 4],
        "annotations": [
            {"id": a["id"], "image_id": a["image_id"] + 100, "category_id": a["category_id"] * 10,
             "bbox": a["bbox"], "area": a["area"], "iscrowd": 0}
            for a in coco["annotations"] if a["id"] not in signs
        ],
    }  # fmt: skip
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(foreign))
    config = evaluation(
        toy, path, tmp_path / "out", images=str(data / "images/x"), taxonomy="vehicle"
    )
    result = evaluate(config)
    assert list(result["per_class"]) == ["vehicle"]
    assert result["AP50"] > 0.9
    found = json.loads((tmp_path / "out/detections.json").read_text())
    assert {d["category_id"] for d in found} == {10}
    assert min(d["image_id"] for d in found) > 100
    half = evaluate(dataclasses.replace(config, scale=0.5, out=str(tmp_path / "half")))
    assert half["AP50"] != result["AP50"]
    with pytest.raises(DataError, match="taxonomy=vehicle"):
        evaluate(dataclasses.replace(config, taxonomy="driving"))


def test_training_on_vehicles_merges_them(toy: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(toy_config(toy / "train", tmp_path, steps=2), taxonomy="vehicle")
    card = load_model(train(config)).card
    assert card.classes == ("vehicle",)
    assert card.lineage[0].split == "train"


@pytest.mark.parametrize("damage", ["truncated", "text", "empty", "foreign", "missing", "shape"])
def test_a_broken_checkpoint_gives_one_line(damage: str, toy: Path, tmp_path: Path) -> None:
    good = (toy / "model/model.safetensors").read_bytes()
    bad = {
        "truncated": good[: len(good) // 2], "text": b"hello", "empty": b"",
        "foreign": b"\x02\x00\x00\x00\x00\x00\x00\x00{}", "missing": None,
        "shape": good.replace(b'"width\\": 0.5', b'"width\\": 1.0'),
    }[damage]  # fmt: skip
    path = tmp_path / "bad.safetensors"
    if bad is not None:
        path.write_bytes(bad)
    with pytest.raises(DataError, match=r"bad\.safetensors: ") as error:
        load_model(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (r'"steps": \d+', '"steps": 1e999'),
        (r'"classes": \[[^]]*\]', '"classes": ["car", "car"]'),
        (r'"classes": \[[^]]*\]', r'"classes": ["\\u001b[2J"]'),
    ],
)
def test_a_card_that_cannot_be_is_refused(good: str, bad: str, toy: Path, tmp_path: Path) -> None:
    _, metadata = read_tensors(toy / "model/model.safetensors")
    text = re.sub(good, bad, metadata[FORMAT])
    (tmp_path / "bad.safetensors").write_bytes(save({}, metadata={FORMAT: text}))
    with pytest.raises(DataError, match="broken card"):
        load_model(tmp_path / "bad.safetensors")


def test_a_yolo_dataset_is_trained_on_and_known_again_when_it_is_measured(
    toy: Path, tmp_path: Path
) -> None:
    export(write_toy(tmp_path / "a", 3), "yolo", tmp_path / "yolo")
    export(write_toy(tmp_path / "b", 2, seed=9), "coco", tmp_path / "coco")
    model = train(toy_config(tmp_path / "yolo", tmp_path / "m", steps=2))
    settings = {"model": str(model), "replicates": 0}
    other = evaluation(toy, tmp_path / "coco", tmp_path / "e", **settings)
    assert evaluate(other)["objects"] == 12
    same = {"data": str(tmp_path / "a/annotations/train.json"), "images": str(tmp_path / "a")}
    with pytest.raises(LeakError, match="was trained on scene"):
        evaluate(dataclasses.replace(other, **same))


@pytest.mark.parametrize("what", ["a step below zero", "a mean of another shape", "a spread mean"])
def test_a_state_that_cannot_be_gone_on_with_is_refused(what, toy: Path, tmp_path: Path) -> None:
    truth = loop.joined(loop.read_training_parts(toy_config(toy / "train", tmp_path, steps=1)))
    detector = loop.DETECTORS["compact"]
    config = toy_config(toy / "train", tmp_path, steps=1)
    run = loop.start(
        config, detector, detector.settings(), len(truth.classes), None, torch.device("cpu")
    )
    for group in run.optimiser.param_groups:
        for p in group["params"]:
            zeros = torch.zeros_like(p)
            run.optimiser.state[p] = {
                "step": torch.tensor(1.0), "exp_avg": zeros, "exp_avg_sq": zeros,
            }  # fmt: skip
    state.save_state(run, tmp_path, "d", [])
    file = tmp_path / state.STATE
    state.restore_state(run, file, "d")
    tensors, metadata = read_tensors(file)
    if what == "a step below zero":
        metadata["step"] = "-5"
    else:
        start = "optimiser/0/exp_avg" if "shape" in what else "averaged/"
        tensors[next(name for name in tensors if name.startswith(start))] = torch.zeros(1)
    file.write_bytes(save(tensors, metadata=metadata))
    with pytest.raises(DataError, match="is broken"):
        state.restore_state(run, file, "d")


def test_nothing_is_written_into_a_dataset(toy: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "annotations").mkdir(parents=True)
    (data / "dataset.json").write_text("{}")
    before = sorted(data.rglob("*"))
    for out in (data, data / "models" / "first"):
        with pytest.raises(OutputError, match="lies inside the dataset"):
            train(toy_config(toy / "train", out, steps=1))
        with pytest.raises(OutputError, match="lies inside the dataset"):
            evaluate(evaluation(toy, toy / "test", out))
        with pytest.raises(OutputError, match="lies inside the dataset"):
            run_study(StudyConfig(name="held_out", out=str(out)), lambda *_: data)
        with pytest.raises(OutputError, match="lies inside the dataset"):
            gallery("signs", out)
    with pytest.raises(OutputError, match="lies inside the dataset"):
        generate(GenerateConfig(out=str(data / "more")))
    assert sorted(data.rglob("*")) == before


def test_weights_to_begin_with_that_are_broken_leave_no_folder(toy: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"none")
    config = toy_config(toy / "train", tmp_path / "out", steps=1)
    with pytest.raises(DataError, match="broken"):
        train(dataclasses.replace(config, init=str(broken)))
    assert not (tmp_path / "out").exists()
