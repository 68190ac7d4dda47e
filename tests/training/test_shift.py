"""Loss, difficulty and shift with planted figures."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.seeding import stream
from training.compare import Figure
from training.fingerprint import Fingerprint
from training.shift import shifts


def figure(name: str, mean: float, truth: str, spread: float = 0.01) -> Figure:
    rng = stream(0, 0, f"shift/{name}")
    values = mean + spread * np.array([-1.0, 0.5, 0.0, 1.0, -0.5])
    samples = values[:, None] + spread * rng.normal(size=300)[None]
    return Figure(name, values, samples, 100, 500, Fingerprint("p", truth, "twins"))


BASE = {"clear": figure("clear", 0.8, "a"), "fog": figure("fog", 0.3, "b")}


def test_a_loss_is_its_own_difficulty_and_the_shift_together() -> None:
    (made,) = shifts(BASE, {"fog": figure("trained in fog", 0.6, "b")}, 0.02, 0)
    assert made.difficulty is not None
    assert made.shift is not None
    assert made.share is not None
    parts = made.difficulty.change.value + made.shift.change.value
    assert made.loss.change.value == pytest.approx(parts) == pytest.approx(-0.5)
    assert made.difficulty.change.value == pytest.approx(-0.2)
    assert made.share.value == pytest.approx(0.6)
    assert made.share.low < 0.6 < made.share.high
    assert {c.verdict for c in (made.loss, made.difficulty, made.shift)} == {"worsens"}


def test_a_condition_that_is_hard_for_everybody_has_no_shift() -> None:
    (made,) = shifts(BASE, {"fog": figure("trained in fog", 0.3, "b", 0.002)}, 0.02, 0)
    assert made.shift is not None
    assert made.shift.verdict in ("equivalent", "inconclusive")
    assert made.loss.verdict == "worsens"


def test_without_controls_there_is_a_loss_and_nothing_is_said_of_its_parts() -> None:
    (made,) = shifts(BASE, {}, 0.02, 0)
    assert made.loss.verdict == "worsens"
    assert made.difficulty is made.shift is made.share is None


def test_several_conditions_are_judged_together() -> None:
    close = {c: figure(c, 0.8 - 0.021 * (c != "clear"), c, 0.012) for c in ("clear", "a", "b", "c")}
    alone = [shifts({"clear": close["clear"], c: close[c]}, {}, 0.001, 0)[0] for c in ("a", "b")]
    together = shifts(close, {}, 0.001, 0)
    for one, many in zip(alone, together, strict=False):
        assert many.loss.p > one.loss.p
