"""Comparisons: planted truth is covered, nothing is not called a gain, unlike is not subtracted."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from render.store import Truth
from simulator.errors import ConfigError
from simulator.seeding import stream
from tests.training.test_bootstrap import planted as mock_truth
from training.bootstrap import scene_weights
from training.breakdown import Cell, measure
from training.compare import (
    Comparison,
    Figure,
    compare,
    errors,
    family,
    figure,
    in_words,
    interval_of,
)  # fmt: skip
from training.detector import Detections
from training.fingerprint import Fingerprint
from training.multiplicity import holm
from training.signflip import sign_flip
from training.student import quantile, tail
from training.taxonomy import POLICIES

PRINT = Fingerprint("protocol", "truth", "twins")
SCENES, SEEDS, REPLICATES, STUDIES = 100, 5, 400, 1000


def planted(
    rng: np.random.Generator, effect: float, seeds: int = SEEDS, scenes: int = SCENES,
    seed_spread: float = 0.02,
) -> tuple[Figure, Figure]:  # fmt: skip
    """Two arms on the same scenes: scene, seed and both together move their difference."""
    weights = scene_weights(scenes, REPLICATES, 1)
    ease = rng.normal(0.5, 0.2, scenes)
    both = []
    for change in (0.0, effect):
        own = rng.normal(0, 0.1, scenes) + rng.normal(0, seed_spread, (seeds, 1))
        score = ease + change + own + rng.normal(0, 0.05, (seeds, scenes))
        both.append(
            Figure(
                "b" if both else "a", score.mean(axis=1), score @ weights.T / scenes, scenes, 500,
                PRINT,
            )
        )  # fmt: skip
    return both[0], both[1]


def test_intervals_cover_a_planted_effect_in_93_to_97_of_100_studies() -> None:
    rng = stream(4, 0, "test/coverage")
    covered = 0
    for _ in range(STUDIES):
        change = compare(*planted(rng, 0.03), smallest=0.01).change
        covered += change.low <= 0.03 <= change.high
    assert 0.93 * STUDIES <= covered <= 0.97 * STUDIES


def arm(rng: np.random.Generator, truth: Truth, ease: np.ndarray, share: float) -> Cell:
    """Five trainings that find a share of the objects, more in easy scenes, each with its luck."""
    runs = []
    for luck in rng.normal(0, 0.02, SEEDS):
        hit = rng.random(len(truth.image)) < np.clip(share + luck + ease, 0, 1)[truth.image]
        count = int(hit.sum())
        runs.append(
            Detections(
                image=truth.image[hit], category=np.zeros(count), score=rng.random(count),
                box_px=truth.box_px[hit], classes=truth.classes,
            )
        )  # fmt: skip
    return measure(truth, runs, POLICIES[0], "", REPLICATES, 1)


@pytest.mark.slow
def test_intervals_of_average_precision_cover_a_planted_gain_through_the_whole_evaluator() -> None:
    """Without false alarms AP50 is the recall, read at 101 points: a gain of 5 is 5 * 100 / 101."""
    rng = stream(14, 0, "test/coverage/ap")
    covered = 0
    for study in range(STUDIES):
        truth, _ = mock_truth(study, SCENES, 0.6, 0.0)
        ease = rng.uniform(-0.25, 0.25, SCENES)
        both = [figure(str(x), arm(rng, truth, ease, x), 0, 0) for x in (0.6, 0.65)]
        change = compare(*both, smallest=0.01).change
        covered += change.low <= 0.05 * 100 / 101 <= change.high
    assert 0.93 * STUDIES <= covered <= 0.97 * STUDIES


def test_a_figure_of_a_cell_is_what_the_cell_says() -> None:
    rng = stream(15, 0, "test/figure")
    truth, _ = mock_truth(1, 80, 0.6, 0.0)
    cells = [arm(rng, truth, np.zeros(80), share) for share in (0.5, 0.9)]
    made = compare(figure("a", cells[0], 0, 0), figure("b", cells[1], 0, 0), smallest=0.02)
    assert made.change.value == pytest.approx(cells[1].value[0, 0] - cells[0].value[0, 0])
    assert made.verdict == "improves"
    assert (made.scenes, made.seeds, made.objects) == (80, 5, 640)
    np.testing.assert_allclose(cells[0].run_samples.mean(axis=0), cells[0].samples)


def test_intervals_cover_where_the_luck_of_training_is_everything_and_where_it_is_nothing() -> None:
    for spread in (0.2, 0.0):
        rng = stream(5, 0, f"test/coverage/{spread}")
        pairs = [planted(rng, 0.0, seed_spread=spread) for _ in range(400)]
        changes = [compare(*p, smallest=0.01).change for p in pairs]
        covered = np.mean([c.low <= 0 <= c.high for c in changes])
        assert 0.92 <= covered <= 0.985


def test_two_names_of_one_arm_are_called_a_gain_in_at_most_5_of_100_studies() -> None:
    rng = stream(6, 0, "test/nothing")
    verdicts = [compare(*planted(rng, 0.0), smallest=0.001).verdict for _ in range(STUDIES)]
    assert verdicts.count("improves") <= 0.05 * STUDIES
    assert verdicts.count("worsens") <= 0.05 * STUDIES


def test_a_family_of_nothings_holds_its_level_together() -> None:
    rng = stream(7, 0, "test/family")
    wrong = 0
    for _ in range(200):
        six = [compare(*planted(rng, 0.0), smallest=0.001) for _ in range(6)]
        wrong += any(c.verdict in ("improves", "worsens") for c in family(six))
    assert wrong <= 0.085 * 200  # 5 % and two standard errors


def test_verdicts_say_what_was_planted() -> None:
    rng = stream(8, 0, "test/verdicts")
    assert compare(*planted(rng, 0.3), smallest=0.01).verdict == "improves"
    assert compare(*planted(rng, -0.3), smallest=0.01).verdict == "worsens"
    assert compare(*planted(rng, 0.0), smallest=0.2).verdict == "equivalent"
    smaller_is_better = compare(*planted(rng, 0.3), smallest=0.01, higher_is_better=False)
    assert smaller_is_better.verdict == "worsens"
    assert compare(*planted(rng, 0.01), smallest=0.01).verdict == "inconclusive"


def test_what_an_inconclusive_comparison_asks_for_is_enough() -> None:
    rng = stream(9, 0, "test/needed")
    first = compare(*planted(rng, 0.0), smallest=0.02)
    assert first.verdict == "inconclusive"
    assert first.needed.scenes + first.needed.seeds > 0
    scenes, seeds = SCENES + first.needed.scenes, SEEDS + first.needed.seeds
    found = [compare(*planted(rng, 0.02, seeds, scenes), smallest=0.001).verdict for _ in range(40)]
    assert found.count("improves") >= 0.6 * 40  # asked for: 80 of 100, from an estimated error
    assert "more scenes" in in_words(first)


def test_fewer_seeds_or_objects_than_the_least_give_no_verdict_between_arms() -> None:
    rng = stream(10, 0, "test/few")
    few = compare(*planted(rng, 0.5, seeds=4), smallest=0.01)
    assert few.verdict == "inconclusive"
    assert few.needed.seeds >= 1
    assert "optimistic" in " ".join(few.notes)
    same_models = compare(*planted(rng, 0.5, seeds=4), smallest=0.01, between="conditions")
    assert same_models.verdict == "improves"
    assert math.isnan(same_models.p_flip)
    rare = [dataclasses.replace(f, objects=7) for f in planted(rng, 0.5)]
    assert compare(*rare, smallest=0.01).verdict == "inconclusive"
    assert "7 objects" in in_words(compare(*rare, smallest=0.01))


def test_unlike_fingerprints_cannot_be_subtracted_unless_the_plan_declares_it() -> None:
    a, b = planted(stream(11, 0, "test/unlike"), 0.1)
    elsewhere = dataclasses.replace(b, fingerprint=Fingerprint("protocol", "other", "others"))
    with pytest.raises(ConfigError, match="different scenes"):
        compare(a, elsewhere, smallest=0.01)
    declared = [frozenset(("truth", "other"))]
    unpaired = compare(a, elsewhere, smallest=0.01, declared=declared)
    paired = compare(a, b, smallest=0.01)
    assert unpaired.scene_error > 1.5 * paired.scene_error
    assert "unpaired" in in_words(unpaired)
    counted_otherwise = dataclasses.replace(b, fingerprint=Fingerprint("other", "truth", "twins"))
    with pytest.raises(ConfigError, match="protocols"):
        compare(a, counted_otherwise, smallest=0.01, declared=declared)


def test_a_replicate_without_a_value_is_left_out_and_no_value_gives_no_verdict() -> None:
    a, b = planted(stream(12, 0, "test/nan"), 0.3)
    holes = b.samples.copy()
    holes[1, ::7] = np.nan
    whole = compare(a, b, smallest=0.01)
    some = compare(a, dataclasses.replace(b, samples=holes), smallest=0.01)
    assert some.error == pytest.approx(whole.error, rel=0.1)
    none = compare(a, dataclasses.replace(b, values=b.values * np.nan), smallest=0.01)
    assert none.verdict == "inconclusive"
    assert none.needed is None


def test_equal_arms_differ_by_exactly_nothing() -> None:
    a, _ = planted(stream(13, 0, "test/equal"), 0.0)
    same: Comparison = compare(a, a, smallest=0.01)
    assert (same.change.low, same.change.value, same.change.high) == (0.0, 0.0, 0.0)
    assert same.verdict == "equivalent"
    assert same.p == same.p_flip == 1.0


def test_the_interval_of_seeds_alone_is_that_of_student() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.2, 0.25])
    parts = errors(values, np.repeat(values[:, None], 50, axis=1), 80, over_seeds=True)
    bounds = interval_of(0.21, parts)
    assert bounds.high - 0.21 == pytest.approx(2.776445 * values.std(ddof=1) / 5**0.5)


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [(0.975, 1, 12.7062), (0.975, 4, 2.77645), (0.95, 9, 1.83311), (0.975, 1000, 1.96234),
     (0.8, 2.5, 1.01), (0.5, 7, 0.0)],
)  # fmt: skip
def test_quantiles_of_student_are_those_of_the_tables(
    share: float, freedom: float, value: float
) -> None:
    assert quantile(share, freedom) == pytest.approx(value, abs=1.1e-2 if freedom == 2.5 else 1e-4)
    assert tail(value, freedom) == pytest.approx(1 - share, abs=2e-3)
    assert tail(-value, freedom) == pytest.approx(1 - tail(value, freedom))


def test_the_sign_flip_test_is_exact() -> None:
    assert sign_flip(np.array([1.0, 2.0, 3.0, 1.0, 2.0])) == 2 / 32
    assert sign_flip(np.array([1.0, -1.0])) == 1.0
    assert sign_flip(np.full(6, 0.1)) == 2 / 64  # six equal sums, whatever their rounding
    assert sign_flip(np.full(30, 1.0)) < 0.001
    assert math.isnan(sign_flip(np.array([0.1, np.nan])))


def test_holm_adjusts_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, float("nan"), 0.9])[0] == 1.0
    assert holm([]) == []
