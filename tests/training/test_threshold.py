"""A planted failure threshold is found, and its interval says how well."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.seeding import stream
from training.bootstrap import scene_weights
from training.threshold import half_lost, threshold

LADDER = np.array([0.0, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0])


def share(x: np.ndarray, half: float, steep: float = 3.0, start: float = 0.9) -> np.ndarray:
    """A share found that falls to half of its beginning at ``half``, and not by a logistic law."""
    return start * 2.0 ** -((x / half) ** steep)


def planted(half: float, scenes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Found and total f64[L, S] of objects whose scenes differ in how hard they are."""
    rng = stream(seed, 0, "test/threshold")
    total = np.tile(rng.poisson(3, scenes).astype(float), (len(LADDER), 1))
    mood = np.exp(rng.normal(0, 0.15, scenes))
    chance = share(LADDER[:, None] / mood[None], half)
    return rng.binomial(total.astype(int), chance).astype(float), total


@pytest.mark.parametrize("half", [0.6, 1.2, 2.2])
def test_exact_shares_give_back_the_planted_threshold(half: float):
    total = np.full(len(LADDER), 1e6)
    found = share(LADDER, half) * total
    assert half_lost(LADDER, found[None], total[None])[0] == pytest.approx(half, rel=0.07)


def test_the_interval_holds_the_planted_threshold_as_often_as_it_says():
    inside = []
    for seed in range(120):
        found, total = planted(1.2, 60, seed)
        bounds = threshold(LADDER, found, total, scene_weights(60, 200, seed))
        assert bounds.low <= bounds.value <= bounds.high
        inside.append(bounds.low <= 1.2 <= bounds.high)
    assert 0.89 <= np.mean(inside) <= 0.99


def test_more_scenes_give_a_narrower_interval():
    widths = []
    for scenes in (30, 480):
        found, total = planted(1.2, scenes, 5)
        bounds = threshold(LADDER, found, total, scene_weights(scenes, 300, 1))
        widths.append(bounds.high - bounds.low)
    assert widths[1] < 0.5 * widths[0]


def test_what_never_falls_to_half_has_no_threshold_on_the_ladder():
    total = np.full((len(LADDER), 40), 5.0)
    found = total * 0.8
    bounds = threshold(LADDER, found, total, scene_weights(40, 100, 1))
    assert np.isinf(bounds.value)
    assert np.isinf(bounds.high)


def test_what_was_never_found_has_none_either():
    total = np.full((len(LADDER), 40), 5.0)
    bounds = threshold(LADDER, 0 * total, total, scene_weights(40, 100, 1))
    assert np.isnan(bounds.value)


def test_where_all_is_lost_in_one_step_the_threshold_lies_within_that_step():
    x = np.array([0.0, 0.15, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 2.4, 3.0])
    total = np.full((1, 10), 96.0)
    for last in range(4, 10):
        found = np.where(np.arange(10) < last, 95.0, 1.0)[None]
        value = half_lost(x, found, total)[0]
        assert x[last - 1] < value < x[last], last


def test_no_interval_is_narrower_than_the_step_in_which_all_is_lost():
    total = np.full((len(LADDER), 40), 5.0)
    found = np.where(LADDER[:, None] <= 1.0, 4.0, 0.0) * np.ones((1, 40))
    bounds = threshold(LADDER, found, total, scene_weights(40, 100, 1))
    assert bounds.low <= 1.0
    assert bounds.high >= 1.5
    assert 1.0 <= bounds.value <= 1.5
