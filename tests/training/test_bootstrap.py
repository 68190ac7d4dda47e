"""Intervals: they cover a planted truth, and pairing twins makes them narrower."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from render.store import Truth
from simulator.errors import ConfigError
from simulator.seeding import stream
from training.bootstrap import interval, scene_weights
from training.breakdown import confusion, drop, measure
from training.detector import Detections
from training.fingerprint import comparable, fingerprint
from training.taxonomy import POLICIES, ignored

PER_SCENE = 8


def planted(
    seed: int, scenes: int, found_share: float, spread: float, condition: str = "clear"
) -> tuple[Truth, Detections]:
    """Scenes of which each is easy or hard; hits at score 1 without false alarms: AP50 = recall."""
    rng = stream(seed, 0, "planted")
    ease = np.clip(rng.uniform(-spread, spread, scenes), -1, 1)
    draws = rng.random((scenes, PER_SCENE))
    hit = draws < (found_share + ease)[:, None]
    count = scenes * PER_SCENE
    x = np.tile(np.arange(PER_SCENE) * 20.0, scenes)
    boxes = np.stack([x, np.zeros(count), x + 10, np.full(count, 10.0)], axis=1)
    image = np.repeat(np.arange(scenes), PER_SCENE)
    truth = Truth(
        name="planted", classes=("car",), category_id=(1,), image_id=np.arange(scenes),
        path=(Path("x"),) * scenes, size_px=np.full((scenes, 2), 160),
        scene=tuple(f"s{i:04d}" for i in range(scenes)), frame=np.zeros(scenes),
        condition=(condition,) * scenes, layout=("",) * scenes,
        geometry=tuple(f"g{i}" for i in range(scenes)), severity=(),
        optical_depth=np.zeros(scenes), box_px=boxes, category=np.zeros(count), image=image,
        crowd=np.zeros(count, dtype=bool), visible_area_px=np.full(count, 100.0),
        occlusion=np.zeros(count), truncation=np.zeros(count), contrast_left=np.ones(count),
    )  # fmt: skip
    kept = hit.ravel()
    found = Detections(
        image=image[kept], category=np.zeros(kept.sum()), score=np.full(kept.sum(), 0.9),
        box_px=boxes[kept], classes=("car",),
    )  # fmt: skip
    return truth, found


def test_the_interval_covers_a_planted_truth_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        truth, found = planted(seed, 80, 0.6, 0.35)
        bounds = measure(truth, [found], POLICIES[0], "clear", 300, seed).interval(0, 0)
        covered += bounds.low - 0.005 <= 0.6 <= bounds.high + 0.005
    assert 50 <= covered <= 60  # 95 % of 60 is 57


def test_a_scene_is_resampled_as_a_whole() -> None:
    """Spread between scenes must widen the interval, though the mean recall is the same."""
    widths = []
    for spread in (0.0, 0.4):
        truth, found = planted(3, 100, 0.6, spread)
        bounds = measure(truth, [found], POLICIES[0], "clear", 400, 1).interval(0, 0)
        widths.append(bounds.high - bounds.low)
    assert widths[1] > 1.3 * widths[0]


def test_the_paired_interval_of_twins_is_narrower_than_an_unpaired_one() -> None:
    clear = measure(*_args(planted(5, 60, 0.7, 0.3)), POLICIES[0], "clear", 500, 1)
    truth, found = planted(5, 60, 0.5, 0.3, "fog")
    fog = measure(truth, [found], POLICIES[0], "fog", 500, 1)
    paired = drop(clear, fog, 0, 0)
    other = measure(truth, [found], POLICIES[0], "fog", 500, 2)
    unpaired = interval(paired.value, clear.samples[:, 0, 0] - other.samples[:, 0, 0])
    assert paired.low > 0.1
    assert paired.high - paired.low < 0.8 * (unpaired.high - unpaired.low)


def _args(pair: tuple[Truth, Detections]) -> tuple[Truth, list[Detections]]:
    return pair[0], [pair[1]]


def test_a_replicate_without_a_class_does_not_shift_the_mean_over_classes() -> None:
    """One class in a single scene: the mean is never read as that of the other class alone."""
    truth, found = planted(7, 30, 1.0, 0.0)
    rare = np.where(truth.image == 0, 1, 0)
    truth = dataclasses.replace(truth, classes=("a", "b"), category_id=(1, 2), category=rare)
    a_only = found.image > 0
    none_of_b = Detections(
        image=found.image[a_only], category=found.category[a_only], score=found.score[a_only],
        box_px=found.box_px[a_only], classes=("a", "b"),
    )  # fmt: skip
    cell = measure(truth, [none_of_b], POLICIES[0], "", 200, 0)
    bounds = cell.interval(2, 0)
    assert bounds.value == pytest.approx(0.5)
    assert bounds.high < 0.6


def test_weights_draw_as_many_scenes_as_there_are() -> None:
    weights = scene_weights(25, 1000, 4)
    assert weights.shape == (1000, 25)
    assert (weights.sum(axis=1) == 25).all()
    assert (weights == scene_weights(25, 1000, 4)).all()
    assert not (weights == scene_weights(25, 1000, 5)).all()


def test_figures_of_other_scenes_or_protocols_cannot_be_subtracted() -> None:
    a, _ = planted(1, 10, 0.5, 0.1)
    twin, _ = planted(1, 10, 0.5, 0.1, "fog")
    other = dataclasses.replace(a, scene=tuple(f"t{i}" for i in range(10)))
    prints = [fingerprint(t, ignored(t), POLICIES[0]) for t in (a, twin, other)]
    assert comparable(prints[0], prints[0]) == "same"
    assert comparable(prints[0], prints[1]) == "twins"
    with pytest.raises(ConfigError, match="different scenes"):
        comparable(prints[0], prints[2])
    with pytest.raises(ConfigError, match="protocols"):
        comparable(prints[0], fingerprint(a, ignored(a), POLICIES[1]))


def test_objects_that_do_not_count_are_neither_found_nor_missed() -> None:
    truth, _ = planted(1, 10, 0.5, 0.0)
    hidden = dataclasses.replace(
        truth,
        occlusion=np.where(np.arange(80) % 2, 0.9, 0.0),
        contrast_left=np.where(np.arange(80) % 4 == 0, 0.01, 1.0),
    )
    everything = Detections(
        image=truth.image, category=truth.category, score=np.full(80, 0.9), box_px=truth.box_px,
        classes=("car",),
    )  # fmt: skip
    cells = [measure(hidden, [everything], p, "", 50, 0) for p in POLICIES]
    assert [int(c.truth[0]) for c in cells] == [40, 20]
    assert [c.value[0, 0] for c in cells] == pytest.approx([1.0, 1.0])


def test_the_confusion_says_what_was_taken_for_what() -> None:
    truth, _ = planted(1, 2, 0.5, 0.0)
    truth = dataclasses.replace(
        truth, classes=("a", "b"), category_id=(1, 2), category=np.arange(16) % 2
    )
    found = Detections(
        image=[0, 0, 0, 1], category=[0, 0, 1, 1], score=[0.9, 0.8, 0.7, 0.1],
        box_px=[[0, 0, 10, 10], [20, 0, 30, 10], [0, 90, 10, 99], [0, 0, 10, 10]],
        classes=("a", "b"),
    )  # fmt: skip
    table = confusion(truth, found)
    assert table.tolist() == [[1, 0, 7], [1, 0, 7], [0, 1, 0]]
