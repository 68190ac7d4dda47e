"""Slices and groups with planted weaknesses: found in one half, told as they are in the other."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.seeding import stream
from training.compare import compare
from training.fingerprint import Fingerprint
from training.slices import Objects, find_slices, halves, share_found, worst_groups

SCENES = 120
FACTORS = {
    "condition": ("clear", "fog", "snow"), "class": ("car", "bus", "stop_sign"),
    "size": ("small", "large"),
}  # fmt: skip


def objects(seed: int, weak: float, spread: float = 0.1, scenes: int = SCENES) -> Objects:
    """Twelve objects a scene, found with 0.8 but for stop signs in snow; scenes differ by luck."""
    rng = stream(seed, 0, "slices/planted")
    scene = np.repeat(np.arange(scenes), 12)
    levels = {n: rng.choice(np.array(v), len(scene)) for n, v in FACTORS.items()}
    chance = 0.8 + rng.normal(0, spread, scenes)[scene]
    planted = (levels["condition"] == "snow") & (levels["class"] == "stop_sign")
    chance[planted] -= weak
    found = rng.random((2, len(scene))) < np.clip(chance, 0, 1)
    return Objects(found, scene, scenes, levels, Fingerprint("p", "t", "w"))


def test_a_planted_weakness_of_two_factors_is_found_and_confirmed() -> None:
    search, fresh = halves(objects(0, 0.6), seed=0)
    slices = find_slices(search, fresh, 500, 0)
    confirmed = {s.levels for s in slices if s.confirmed.verdict == "worsens"}
    assert (("condition", "snow"), ("class", "stop_sign")) in confirmed
    made = next(s.confirmed for s in slices if len(s.levels) == 2)
    assert made.change.low < -0.6 < made.change.high


def test_where_nothing_is_planted_hardly_any_slice_is_confirmed() -> None:
    alarms = 0
    for seed in range(40):
        search, fresh = halves(objects(seed, 0.0, scenes=80), seed)
        slices = find_slices(search, fresh, 200, seed)
        alarms += any(s.confirmed.verdict == "worsens" for s in slices)
    assert alarms <= 4  # 5 % of 40, and what chance may add


def test_the_search_never_sees_the_scenes_that_confirm() -> None:
    every = objects(1, 0.3)
    search, fresh = halves(every, seed=3)
    assert search.scenes + fresh.scenes == SCENES
    assert len(search.scene) + len(fresh.scene) == len(every.scene)
    one = share_found("a", search, search.scene >= 0, 50, 0)
    other = share_found("b", fresh, fresh.scene >= 0, 50, 0)
    with pytest.raises(ConfigError, match="different scenes"):
        compare(one, other, 0.05)


def test_the_worst_group_is_not_made_worse_by_having_been_chosen() -> None:
    """With nothing planted the chosen group looks bad where it was ranked, and not where told."""
    ranked, told = [], []
    for seed in range(30):
        search, fresh = halves(objects(seed, 0.0), seed)
        worst = worst_groups(search, fresh, ("condition", "class"), 50, seed)
        assert worst is not None
        assert worst.of == 9
        ranked.append(worst.groups[0][1])
        told.append(worst.groups[0][2].values.mean())
    assert np.mean(ranked) < 0.77
    assert np.mean(told) == pytest.approx(0.8, abs=0.02)


def test_the_worst_fifth_is_the_mean_of_the_groups_that_were_ranked_worst() -> None:
    search, fresh = halves(objects(2, 0.6), seed=0)
    worst = worst_groups(search, fresh, ("condition", "class"), 100, 0)
    assert worst is not None
    assert worst.groups[0][0] == "snow, stop_sign"
    firsts = [f.values.mean() for _, _, f in worst.groups[:2]]  # a fifth of nine
    assert worst.fifth.values.mean() == pytest.approx(np.mean(firsts))
    assert worst_groups(search, fresh, ("weekday",), 100, 0) is None
