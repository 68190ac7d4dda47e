"""Every detector of the family keeps the contract; the second one learns too, and from weights."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from simulator.errors import DataError, LeakError, OutputError
from tests.training.conftest import toy_config
from tests.training.test_train_evaluate import evaluation
from tests.training.toy import write_toy
from training.checkpoint import FORMAT, load_model, read_tensors
from training.config import TrainConfig
from training.detector import DETECTORS, Targets
from training.evaluate import evaluate
from training.loop import train

NAMES = sorted(DETECTORS)


def module_of(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    kind = DETECTORS[name]
    return kind.build(5, kind.settings(width=0.25))


def targets(ignored: list[list[float]] | None = None) -> list[Targets]:
    full = Targets(
        torch.tensor([[8.0, 8, 50, 28], [70, 60, 96, 84]]), torch.tensor([0, 3]),
        torch.tensor(ignored or []).reshape(-1, 4),
    )  # fmt: skip
    none = torch.zeros(0, 4)
    return [full, Targets(none, torch.zeros(0, dtype=torch.long), none)]


@pytest.mark.parametrize("name", NAMES)
def test_candidates_come_best_first_and_in_pixels(name: str) -> None:
    images = torch.randint(0, 255, (2, 3, 96, 128), dtype=torch.uint8)
    module = module_of(name).eval()
    with torch.inference_mode():
        found = DETECTORS[name].decode(module, images)
    assert len(found) == 2
    for candidates in found:
        assert set(candidates) == {"box_px", "category", "score"}
        boxes, labels, scores = (candidates[n] for n in ("box_px", "category", "score"))
        assert boxes.shape == (len(scores), 4)
        assert ((labels >= 0) & (labels < 5)).all()
        assert (scores.diff() <= 0).all()
        assert (boxes[:, 2:] >= boxes[:, :2]).all()
        assert boxes.abs().max() < 4000


@pytest.mark.parametrize("name", NAMES)
def test_losses_are_finite_also_without_objects_and_reach_every_weight(name: str) -> None:
    images = torch.randint(0, 255, (2, 3, 96, 128), dtype=torch.uint8)
    module = module_of(name)
    with torch.inference_mode():
        DETECTORS[name].decode(module, images)  # nothing of it may stay behind
    losses = DETECTORS[name].loss(module, images, targets())
    total = torch.stack(list(losses.values())).sum()
    assert torch.isfinite(total)
    total.backward()
    assert all(p.grad is not None for p in module.parameters())
    empty = DETECTORS[name].loss(module, images[1:], targets()[1:])
    assert all(torch.isfinite(v) for v in empty.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_lies_in_an_ignored_region_is_not_learned_as_background(name: str) -> None:
    images = torch.randint(0, 255, (2, 3, 96, 128), dtype=torch.uint8)
    module = module_of(name).eval()
    everywhere = [[0.0, 0.0, 128.0, 96.0]]
    with torch.no_grad():
        plain = DETECTORS[name].loss(module, images[:1], targets()[:1])
        masked = DETECTORS[name].loss(module, images[:1], targets(everywhere)[:1])
    assert masked["class"] < plain["class"]
    assert masked["box"] == plain["box"]


def anchors_config(data: Path, out: Path, steps: int = 120) -> TrainConfig:
    return dataclasses.replace(toy_config(data, out, steps), detector="anchors")


@pytest.fixture(scope="module")
def second(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The anchor-based detector, trained on the toy."""
    return train(anchors_config(toy / "train", tmp_path_factory.mktemp("anchors")))


def test_the_second_detector_learns_coloured_rectangles(
    second: Path, toy: Path, tmp_path: Path
) -> None:
    own = {"model": str(second), "allow_seen": True}
    assert evaluate(evaluation(toy, toy / "train", tmp_path, **own))["AP50"] > 0.9
    unseen = evaluate(evaluation(toy, toy / "test", tmp_path, model=str(second)))
    assert unseen["per_condition"]["clear"]["AP50"] > 0.8


def test_a_training_that_begins_with_weights_is_ahead_of_one_that_does_not(
    second: Path, toy: Path, tmp_path: Path
) -> None:
    more = write_toy(tmp_path / "more", 4, seed=6)
    config = dataclasses.replace(
        anchors_config(more, tmp_path / "a", steps=2), init=str(second), lr=1e-5
    )
    result = evaluate(evaluation(toy, toy / "test", tmp_path / "e", model=str(train(config))))
    assert result["per_condition"]["clear"]["AP50"] > 0.8
    bare = dataclasses.replace(config, init=None, out=str(tmp_path / "b"))
    scratch = evaluate(evaluation(toy, toy / "test", tmp_path / "e", model=str(train(bare))))
    assert scratch["AP50"] < 0.1


def test_what_the_first_weights_saw_is_known_of_those_that_began_with_them(
    second: Path, toy: Path, tmp_path: Path
) -> None:
    more = write_toy(tmp_path / "more", 2, seed=6)
    config = anchors_config(more, tmp_path / "a", steps=1)
    model = train(dataclasses.replace(config, init=str(second)))
    with pytest.raises(LeakError, match="was trained on scene"):
        evaluate(evaluation(toy, toy / "train", tmp_path, model=str(model)))
    card = load_model(model).card
    assert [len(d[1]) for d in card.datasets] == [len(card.datasets[0][1]), 64]
    before = model.stat().st_mtime_ns
    train(dataclasses.replace(config, init=str(second)))
    assert model.stat().st_mtime_ns == before
    with pytest.raises(OutputError, match="finished training with other settings"):
        train(config)  # other weights to begin with, another training
    assert model.stat().st_mtime_ns == before
    train(dataclasses.replace(config, resume=False))
    assert model.stat().st_mtime_ns != before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"detector": "compact"}, "holds a detector 'anchors', not 'compact'"),
        ({"taxonomy": "vehicle"}, "has other classes"),
        ({"detector_settings": {"width": 1.0}}, "has another shape or type"),
        ({"init": "none.safetensors"}, "there is no such model file"),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_one_line(
    change: dict, said: str, second: Path, toy: Path, tmp_path: Path
) -> None:
    config = dataclasses.replace(anchors_config(toy / "train", tmp_path, steps=1), init=str(second))
    with pytest.raises(DataError, match=said) as error:
        train(dataclasses.replace(config, **change))
    assert "\n" not in str(error.value)


def test_broken_weights_and_another_class_order_are_refused_and_bare_ones_taken(
    second: Path, toy: Path, tmp_path: Path
) -> None:
    config = anchors_config(toy / "train", tmp_path / "m", steps=1)
    good = second.read_bytes()
    tensors, metadata = read_tensors(second)
    swapped = metadata[FORMAT].replace('"car", "truck"', '"truck", "car"')
    first = next(iter(tensors))
    nan = {**tensors, first: tensors[first] * float("nan")}
    files = {
        "is broken": good[: len(good) // 2],
        "same classes in another order": save(tensors, metadata={FORMAT: swapped}),
        "is not finite": save(nan),
        "lacks or adds": save({"a": torch.zeros(1)}),
    }
    for said, content in files.items():
        (tmp_path / "w.safetensors").write_bytes(content)
        with pytest.raises(DataError, match=said) as error:
            train(dataclasses.replace(config, init=str(tmp_path / "w.safetensors")))
        assert "\n" not in str(error.value)
    (tmp_path / "w.safetensors").write_bytes(save(tensors))
    assert train(dataclasses.replace(config, init=str(tmp_path / "w.safetensors"))).is_file()


def test_a_checkpoint_that_calls_itself_another_detector_is_refused(
    second: Path, tmp_path: Path
) -> None:
    tensors, metadata = read_tensors(second)
    text = metadata[FORMAT].replace('"detector": "anchors"', '"detector": "compact"')
    (tmp_path / "w.safetensors").write_bytes(save(tensors, metadata={FORMAT: text}))
    with pytest.raises(DataError, match="lacks or adds the tensor") as error:
        load_model(tmp_path / "w.safetensors")
    assert "\n" not in str(error.value)
