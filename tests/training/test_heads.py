"""Optional heads: oriented boxes, lamp aspects and types of signs, learned, kept and measured."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save

import training.predict
from render.store import Truth, load_bgr, open_dataset, read_splits, select_boxes
from render.truth import ASPECT_NAMES, SIGN_NAMES, UNKNOWN
from simulator.errors import ConfigError, DataError, FairweatherError
from tests.training.conftest import toy_config
from tests.training.test_data import PLAIN
from tests.training.test_train_evaluate import evaluation
from tests.training.toy import COLOURS, LAMP, SIGN, write_toy
from training.attributes import attribute_figures, overlaps, polygons
from training.checkpoint import FORMAT, load_model, read_tensors
from training.config import TrainConfig
from training.data import batch, training_set
from training.detector import DETECTORS, Detections, Targets
from training.evaluate import describe, evaluate
from training.loop import train
from training.predict import detect, predict

ALL = ("obb", "aspect", "sign")
COMPACT = DETECTORS["compact"]


@pytest.fixture(scope="module")
def turned_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the turned datasets ``train`` and ``test``, and the trained ``model/``."""
    root = tmp_path_factory.mktemp("turned")
    write_toy(root / "train", 24, seed=1, turned=True)
    write_toy(root / "test", 16, seed=2, split="test", turned=True)
    train(with_heads(root / "train", root / "model", 380))
    return root


def with_heads(data: Path, out: Path, steps: int = 1, heads: Any = ALL) -> TrainConfig:
    settings = {"width": 0.375, "heads": list(heads)}
    return dataclasses.replace(
        toy_config(data, out, steps), crop_px=96, lr=4e-3, detector_settings=settings
    )


def truth_of(folder: Path) -> Truth:
    return read_splits(open_dataset(folder))


def test_heads_learn_angles_lamps_and_signs_of_unseen_pictures(
    turned_toy: Path, tmp_path: Path
) -> None:
    result = evaluate(evaluation(turned_toy, turned_toy / "test", tmp_path))
    told = result["attributes"]
    assert told["obb_angle_error_rad"] < 0.1
    assert told["obb_iou"] > 0.7 > told["obb_iou_of_plain_box"]
    assert told["aspect_accuracy"] > 0.9 > told["aspect_accuracy_of_commonest"]
    assert told["sign_accuracy"] > 0.9 > told["sign_accuracy_of_commonest"]
    for name in ("obb_iou", "obb_angle_error_rad"):
        low, high = told[f"{name}_interval"]
        assert low <= told[name] <= high
    truth = truth_of(turned_toy / "test")
    assert told["obb_objects"] == (truth.oriented_px[:, 2] > 0).sum()
    assert 0 < told["aspect_measured"] <= told["aspect_objects"] == (truth.aspect >= 0).sum()
    assert "oriented boxes: IoU" in describe(result)
    assert json.loads((tmp_path / "metrics.json").read_text())["attributes"] == told


def test_detections_tell_what_their_class_was_taught_and_can_be_measured_again(
    turned_toy: Path, tmp_path: Path
) -> None:
    first = evaluate(evaluation(turned_toy, turned_toy / "test", tmp_path / "a"))
    file = tmp_path / "a/detections.json"
    told = {1: {"obb"}, SIGN + 1: {"sign"}, LAMP + 1: {"aspect"}}
    found = json.loads(file.read_text())
    assert {d["category_id"] for d in found} >= told.keys()
    for d in found:
        assert set(d.get("attributes", {})) == told.get(d["category_id"], set())
    again = {"model": None, "detections": str(file)}
    second = evaluate(evaluation(turned_toy, turned_toy / "test", tmp_path / "b", **again))
    for name, value in first["attributes"].items():
        assert second["attributes"][name] == pytest.approx(value, abs=1e-3)
    found[0]["attributes"] = {"obb": [1, 2, 3]}
    file.write_text(json.dumps(found))
    with pytest.raises(DataError, match=r"\[0\]: obb must be"):
        evaluate(evaluation(turned_toy, turned_toy / "test", tmp_path / "b", **again))


def test_oriented_boxes_are_mapped_back_from_scale_and_tiles(
    turned_toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(turned_toy / "model/model.safetensors")
    truth = truth_of(turned_toy / "test")
    picture = load_bgr(truth.path[0])
    doubled = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    whole, scaled = detect(model, picture), detect(model, doubled, 0.5)
    monkeypatch.setattr(training.predict, "TILE_PX", 160)
    monkeypatch.setattr(training.predict, "TILE_OVERLAP_PX", 96)
    wanted = truth.oriented_px[(truth.image == 0) & (truth.oriented_px[:, 2] > 0)]
    for found, factor in ((whole, 1), (scaled, 2), (detect(model, picture), 1)):
        made = found.oriented_px[found.oriented_px[:, 2] > 0] / np.array([*[factor] * 4, 1])
        for box in wanted:
            one = polygons(np.repeat(box[None], len(made), axis=0))
            assert overlaps(one, polygons(made)).max() > 0.6
    assert (np.abs(whole.oriented_px[:, 4]) <= np.pi / 2 + 1e-6).all()
    assert set(predict(model, truth).aspect) >= {UNKNOWN, 0, 1}


def test_oriented_boxes_stay_on_their_pixels_through_scale_mirror_and_turns(
    turned_toy: Path,
) -> None:
    config = TrainConfig(data="", out="", batch=8, crop_px=128, augment=PLAIN)
    data, seen, blue = training_set(truth_of(turned_toy / "train")), 0, np.array(COLOURS[0][::-1])
    for step in range(6):
        images, targets = batch(data, config, step)
        for image, target in zip(images.permute(0, 2, 3, 1).numpy(), targets, strict=True):
            near = np.abs(image.astype(int) - blue).max(axis=2) < 60
            for box, oriented in zip(target.boxes, target.more["oriented_px"], strict=True):
                if oriented[2] > 0 and box.min() > 2 and box.max() < 126:
                    corners = np.array(polygons(oriented[None].numpy())[0].exterior.coords)
                    shape = np.zeros(near.shape, np.uint8)
                    cv2.fillPoly(shape, [np.round(corners - 0.5).astype(np.int32)], 1)
                    x0, y0, x1, y1 = box.int().tolist()
                    own = np.zeros_like(near)
                    own[y0 : y1 + 1, x0 : x1 + 1] = near[y0 : y1 + 1, x0 : x1 + 1]
                    shared = (own & (shape > 0)).sum()
                    assert shared / (own | (shape > 0)).sum() > 0.8
                    seen += 1
    assert seen > 15


def test_objects_of_which_nothing_is_known_teach_a_head_nothing() -> None:
    torch.manual_seed(0)
    module = COMPACT.build(3, COMPACT.settings(width=0.25, heads=ALL))
    images = torch.randint(0, 255, (1, 3, 64, 64), dtype=torch.uint8)
    boxes, none = torch.tensor([[8.0, 8, 40, 28], [30, 36, 60, 60]]), torch.zeros(0, 4)
    silent = [Targets(boxes, torch.tensor([0, 1]), none)]
    losses = COMPACT.loss(module, images, silent)
    assert not any(losses[name].detach() for name in ALL)
    torch.stack(list(losses.values())).sum().backward()
    heads = module.get_submodule("heads")
    assert all(float(p.grad.abs().max()) == 0 for p in heads.parameters() if p.grad is not None)
    more = {
        "oriented_px": torch.tensor([[24.0, 18, 34, 12, 0.3], [0, 0, 0, 0, 0]]),
        "aspect": torch.tensor([-1, 2]), "sign": torch.tensor([3, -1]),
    }  # fmt: skip
    losses = COMPACT.loss(module, images, [dataclasses.replace(silent[0], more=more)])
    assert all(torch.isfinite(losses[name]) and losses[name] > 0 for name in ALL)
    torch.stack(list(losses.values())).sum().backward()
    assert all(float(p.grad.abs().max()) > 0 for p in heads.parameters() if p.grad is not None)


def test_an_oriented_box_is_the_same_after_half_a_turn_and_found_where_it_was() -> None:
    """One picture learned by heart: the answer is right at any angle, one of pi or 0 too."""
    torch.manual_seed(0)
    module = COMPACT.build(1, COMPACT.settings(width=0.25, depth=0, heads=("obb",)))
    images = torch.randint(90, 110, (1, 3, 64, 64), dtype=torch.uint8)
    images[:, 2, 20:44, 8:56] = 250
    box, none = torch.tensor([[8.0, 20, 56, 44]]), torch.zeros(0, 4)
    optimiser = torch.optim.AdamW(module.parameters(), lr=5e-3)
    for step in range(120):
        angle = np.pi - 0.01 if step % 2 else 0.01
        oriented = torch.tensor([[32.0, 32, 48, 24, angle]])
        target = Targets(box, torch.tensor([0]), none, {"oriented_px": oriented})
        losses = COMPACT.loss(module, images, [target])
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        optimiser.step()
    with torch.inference_mode():
        found = COMPACT.decode(module, images)[0]["oriented_px"][0]
    assert found[:4].tolist() == pytest.approx([32, 32, 48, 24], abs=3)
    assert abs(float(found[4])) < 0.05


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"heads": ["aspect"]}, "has 'aspect', which no object of .* tells"),
        ({"heads": ["obb"]}, "has 'obb', which no object of .* tells"),
        ({"heads": ["obb", "obb"]}, "has 'obb' twice"),
        ({"heads": ["angle"]}, "heads.0. 'angle'"),
        ({"heads": ["sign"], "signs": ["stopp"]}, "Did you mean 'stop'"),
    ],
)
def test_heads_that_nothing_teaches_are_refused_in_one_line(
    settings: dict, said: str, toy: Path, tmp_path: Path
) -> None:
    config = dataclasses.replace(
        toy_config(toy / "train", tmp_path / "m", 1), detector_settings=settings
    )
    with pytest.raises(FairweatherError, match=said) as error:
        train(config)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "m").exists()


def test_signs_are_those_of_the_data_or_those_that_are_named(
    turned_toy: Path, tmp_path: Path
) -> None:
    card = load_model(turned_toy / "model/model.safetensors").card
    assert card.settings["signs"] == ["stop", "yield"]
    assert card.settings["told"] == [[0], [LAMP], [SIGN]]
    config = with_heads(turned_toy / "train", tmp_path / "a", heads=["sign"])
    named = {"detector_settings": {"width": 0.375, "heads": ["sign"], "signs": ["no_entry"]}}
    with pytest.raises(ConfigError, match=r"'no_entry', but .* has none. There are: stop, yield"):
        train(dataclasses.replace(config, **named))
    named["detector_settings"]["signs"] = ["yield"]
    model = load_model(train(dataclasses.replace(config, **named)))
    found = predict(model, truth_of(turned_toy / "test"), score=0.0)
    assert set(found.sign) <= {UNKNOWN, SIGN_NAMES.index("yield")}


def test_weights_without_heads_say_nothing_of_them_and_broken_cards_are_refused(
    toy: Path, turned_toy: Path, tmp_path: Path
) -> None:
    plain = load_model(toy / "model/model.safetensors")
    assert set(plain.card.settings) == {"width", "depth"}
    assert not [name for name in plain.module.state_dict() if name.startswith("heads")]
    tensors, metadata = read_tensors(turned_toy / "model/model.safetensors")
    for change, said in (
        (('"heads": ["obb", "aspect", "sign"]', '"heads": ["obb"]'), "broken card .*told has 3"),
        (('"signs": ["stop", "yield"]', '"signs": ["stop", "tram"]'), "broken card .*tram"),
        (('"signs": ["stop", "yield"]', '"signs": ["stop"]'), "has another shape"),
    ):
        text = metadata[FORMAT].replace(*change)
        assert text != metadata[FORMAT]
        (tmp_path / "w.safetensors").write_bytes(save(tensors, metadata={FORMAT: text}))
        with pytest.raises(DataError, match=said) as error:
            load_model(tmp_path / "w.safetensors")
        assert "\n" not in str(error.value)


def test_figures_of_planted_answers_are_what_was_planted(turned_toy: Path) -> None:
    truth = truth_of(turned_toy / "test")
    lamps = np.flatnonzero(truth.aspect != UNKNOWN)
    aspect = truth.aspect.copy()
    aspect[lamps[0]] = (aspect[lamps[0]] + 1) % len(ASPECT_NAMES)
    oriented = truth.oriented_px.copy()
    oriented[:, 4] += np.pi + 0.2  # half a turn more is the same box
    found = Detections(
        image=truth.image, category=truth.category, score=np.ones(len(aspect)),
        box_px=truth.box_px, classes=truth.classes, oriented_px=oriented, aspect=aspect,
    )  # fmt: skip
    told = attribute_figures(truth, found, 50, 0)
    assert told["obb_angle_error_rad"] == pytest.approx(0.2, abs=1e-5)
    assert told["aspect_accuracy"] == pytest.approx(1 - 1 / len(lamps))
    assert told["aspect_measured"] == len(lamps)
    assert not [name for name in told if name.startswith("sign")]
    square = polygons(np.array([[0.0, 0, 2, 2, 0], [0, 0, 2, 2, np.pi / 4]]))
    assert overlaps(square[:1], square[1:])[0] == pytest.approx(1 / np.sqrt(2), abs=1e-6)
    missed = dataclasses.replace(found, box_px=truth.box_px + 500)
    told = attribute_figures(truth, missed, 5, 0)
    assert told["obb_measured"] == told["aspect_measured"] == 0
    assert np.isnan([told["obb_iou"], told["obb_angle_error_rad"], told["aspect_accuracy"]]).all()
    nothing = select_boxes(truth, np.zeros(len(truth.category), dtype=bool))
    assert attribute_figures(nothing, found, 50, 0) == {}
