"""Training crops: boxes follow their pixels, rare classes are sought, a step decides its crops."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from render.store import Truth, open_dataset, read_splits
from simulator.errors import ConfigError
from simulator.seeding import stream
from tests.training.toy import COLOURS, write_toy
from training.augment import loosened, sensed, turned
from training.config import AugmentConfig, TrainConfig
from training.data import batch, batches, training_set
from training.detector import Targets
from training.loop import train

PLAIN = AugmentConfig(
    brightness=0, contrast=0, gamma=0, channel_gain=0, saturation=0, blur_px=0, noise=0,
    jpeg_share=0,
)  # fmt: skip


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder = write_toy(tmp_path_factory.mktemp("toy"), 6, seed=4)
    return read_splits(open_dataset(folder))


def config(**more: object) -> TrainConfig:
    base = TrainConfig(data="", out="", batch=8, crop_px=128, steps=9, augment=PLAIN)
    return dataclasses.replace(base, **more)


def test_boxes_stay_on_their_pixels_through_scale_mirror_and_turns(truth: Truth) -> None:
    data = training_set(truth)
    seen = 0
    for step in range(6):
        images, targets = batch(data, config(), step)
        for image, target in zip(images.permute(0, 2, 3, 1).numpy(), targets, strict=True):
            for box, label in zip(target.boxes.numpy(), target.labels.numpy(), strict=True):
                x, y = ((box[:2] + box[2:]) / 2).astype(int)
                blue, green, red = COLOURS[int(label)]
                assert np.abs(image[y, x].astype(int) - [red, green, blue]).max() < 30
                inner = image[int(box[1]) + 2 : int(box[3]) - 2, int(box[0]) + 2 : int(box[2]) - 2]
                assert np.abs(inner.astype(int) - [red, green, blue]).max() < 60
                seen += 1
    assert seen > 30


def test_a_step_decides_its_crops_whatever_came_before(truth: Truth) -> None:
    data = training_set(truth)
    alone, _ = batch(data, config(augment=AugmentConfig()), 5)
    feed = list(batches(data, config(augment=AugmentConfig(), prefetch=2), 3))
    assert len(feed) == 6
    assert torch.equal(feed[2][0], alone)
    assert not torch.equal(feed[1][0], alone)
    assert not torch.equal(batch(data, config(seed=1), 5)[0], batch(data, config(), 5)[0])


def test_cut_off_and_uncounted_objects_are_left_out_of_learning(truth: Truth) -> None:
    hidden = dataclasses.replace(truth, occlusion=np.full(len(truth.category), 0.95))
    _, targets = batch(training_set(hidden), config(), 0)
    assert sum(len(t.boxes) for t in targets) == 0
    assert sum(len(t.ignored) for t in targets) > 5


def test_crops_larger_than_the_image_are_filled_up(truth: Truth) -> None:
    augment = dataclasses.replace(PLAIN, scale_low=0.3, scale_high=0.3)
    images, targets = batch(training_set(truth), config(augment=augment), 0)
    assert images.shape == (8, 3, 128, 128)
    assert sum(len(t.boxes) for t in targets) > 0


def test_every_corner_turns_with_its_box() -> None:
    image = np.zeros((32, 32, 3), np.uint8)
    image[4:10, 20:30] = 255
    box = np.array([[20.0, 4.0, 30.0, 10.0]])
    for mirror in (False, True):
        for quarters in range(4):
            out, (moved,) = turned(image, box, mirror, quarters)
            x0, y0, x1, y1 = moved.astype(int)
            assert out[y0:y1, x0:x1].min() == 255
            assert out.astype(int).sum() == image.astype(int).sum()


def test_loose_boxes_only_grow() -> None:
    boxes = np.array([[10.0, 10.0, 20.0, 30.0]] * 50)
    loose = AugmentConfig(box_loose_px=3, box_margin_px=0.5)
    grown = loosened(boxes, loose, stream(0, 0, "test"))
    slack = (boxes - grown) * [1, 1, -1, -1]
    assert slack.min() >= 0.5
    assert 3.0 < slack.max() <= 3.5


def test_the_sensor_softens_and_adds_noise_as_told() -> None:
    image = np.full((64, 64, 3), 100, np.uint8)
    noisy = dataclasses.replace(PLAIN, noise=10.0)
    spreads = [sensed(image, noisy, stream(0, i, "test")).std() for i in range(40)]
    assert 7.5 < max(spreads) < 11.5
    edge = np.zeros((64, 64, 3), np.uint8)
    edge[:, 32:] = 200
    soft = [
        sensed(edge, dataclasses.replace(PLAIN, blur_px=2.0), stream(0, i, "t")) for i in range(9)
    ]
    steps = [int(np.abs(np.diff(s[32, :, 0].astype(int))).max()) for s in soft]
    assert min(steps) < 80
    assert cv2.mean(soft[0])[0] == pytest.approx(100, abs=3)


def test_settings_that_contradict_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="multiple of 32, got 100"):
        train(config(crop_px=100))
    with pytest.raises(ConfigError, match="scale_low"):
        train(config(augment=AugmentConfig(scale_low=2, scale_high=1)))
    with pytest.raises(ConfigError, match="data must be"):
        train(config(data=[], out=str(tmp_path)))


def test_targets_are_tensors_of_the_contract(truth: Truth) -> None:
    _, targets = batch(training_set(truth), config(), 0)
    for t in targets:
        assert isinstance(t, Targets)
        assert t.boxes.dtype == torch.float32
        assert t.labels.dtype == torch.int64
        assert (t.boxes[:, 2:] > t.boxes[:, :2]).all()
        assert t.boxes.min() >= 0 if len(t.boxes) else True
