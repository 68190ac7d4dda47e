"""Mixtures keep their ratio and the order of each dataset; subsets by scene are nested."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from render.store import open_dataset, read_splits
from simulator.errors import ConfigError, DataError
from tests.training.conftest import toy_config
from tests.training.toy import write_toy
from training.checkpoint import load_model
from training.loop import train
from training.mixing import first_scenes, image_of


def drawn(sizes: tuple[int, ...], mix: tuple[float, ...], count: int = 3000) -> np.ndarray:
    return np.array([image_of(sizes, mix, 3, i) for i in range(count)])


def test_a_mixture_has_its_ratio_whatever_the_sizes():
    images = drawn((10, 500), (0.7, 0.3), 2000)
    assert (images < 10).sum() == 1400
    counts = np.bincount(images[images < 10], minlength=10)
    assert counts.max() - counts.min() <= 1  # every picture before any comes again


def test_a_dataset_is_drawn_in_the_order_that_it_has_in_any_other_mixture():
    with_few, with_many = drawn((40, 8), (0.5, 0.5)), drawn((40, 900), (0.9, 0.1))
    ours = [images[images < 40] for images in (with_few, with_many)]
    shared = min(len(o) for o in ours)
    assert shared > 1000
    assert (ours[0][:shared] == ours[1][:shared]).all()


def test_without_a_ratio_all_pictures_are_drawn_alike():
    images = drawn((10, 30), (), 400)
    assert (np.bincount(images, minlength=40) == 10).all()


def test_subsets_are_nested_and_carry_only_their_own_lineage(tmp_path: Path):
    truth = read_splits(open_dataset(write_toy(tmp_path / "a", 6, conditions=("clear", "fog"))))
    small, large = first_scenes(truth, 2), first_scenes(truth, 4)
    assert len(set(small.scene)) == 2
    assert set(small.path) < set(large.path) < set(truth.path)
    assert (small.lineage[0].first, small.lineage[0].last) == (0, 1)
    assert first_scenes(truth, 0) is truth
    with pytest.raises(DataError, match="has 6 scenes, 7 are wanted"):
        first_scenes(truth, 7)


def test_a_training_on_a_subset_knows_only_the_scenes_of_that(tmp_path: Path):
    data = write_toy(tmp_path / "a", 6)
    config = dataclasses.replace(toy_config(data, tmp_path / "m", steps=1), first_scenes=(2,))
    card = load_model(train(config)).card
    assert card.lineage[0].last == 1
    assert len(card.geometry) == 2


def test_shares_that_do_not_fit_the_datasets_are_refused(tmp_path: Path):
    config = dataclasses.replace(toy_config(tmp_path, tmp_path / "m"), data=["a", "b"])
    with pytest.raises(ConfigError, match="mix must sum to 1, got 0.9"):
        train(dataclasses.replace(config, mix=(0.5, 0.4)))
    with pytest.raises(ConfigError, match="first_scenes has 1 entries for 2 datasets"):
        train(dataclasses.replace(config, first_scenes=(5,)))
