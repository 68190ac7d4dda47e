"""Class and size balance: weights of levels under which labels come near declared shares.

A pilot draws a few scenes at every combination of the factors' levels, without lighting them, and
counts what would be labelled. The weights that come nearest are put into the settings before any
scene is made, so that who gets which level still depends on nothing but the scene's index.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from render.composition import Factor, at_levels, factors_of
from render.config import GenerateConfig
from render.frame import CLASSES
from render.merge import SIZE_STEPS_PX2, SIZES
from render.picture import draw, prepare
from render.progress import progress
from render.scene_job import make_record
from scenarios.covering import covering_rows, full_rows
from simulator.errors import ConfigError, unknown_name

PILOT_SCENES, LEAST_A_ROW = 240, 3
MOST_ROWS = 80
"""Combinations of levels that the pilot draws; of more, those of a pairwise design."""

LEAST_WEIGHT = 0.01
"""Of a level: a balance makes levels rare, and leaves none out."""

NEAR, NEAR_SHARE = 0.015, 0.1
"""How far a share may be off before there must be a reason, by itself and of what was asked."""

STEPS, STIFFNESS = 400, 1e-3
"""Of the descent; and how much a weight that decides nothing is held where it was."""

MEND = "Write balance={stop_sign: 0.1, small: 0.3}: shares of all labelled objects"

Pilot = tuple[tuple[tuple[int, ...], ...], np.ndarray, np.ndarray]
"""Rows of level indices; objects a scene at each row, f64[R]; of those each target's, f64[R, K]."""


@dataclasses.dataclass(frozen=True)
class Promise:
    """What was asked of one class or size, what the pilot expects, and why it is not more or less;
    "" where it is near.
    """

    name: str
    asked: float
    expected: float
    reason: str


def targets_of(config: GenerateConfig) -> dict[str, float]:
    """The shares that are asked for, by class or size.

    Raises:
        ConfigError: unknown names, or shares that cannot be.
    """
    given = config.balance
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not given:
        raise ConfigError("balance must be classes or sizes with shares", mend=MEND)
    for name, share in given.items():
        if name not in (*CLASSES, *SIZES):
            raise unknown_name("class or size", name, (*CLASSES, *SIZES), place="balance")
        number = isinstance(share, int | float) and not isinstance(share, bool)
        if not number or not 0 < share < 1:
            raise ConfigError(f"balance.{name} must be above 0 and below 1, got {share!r:.40}")
    for names in (CLASSES, SIZES):
        if sum(given.get(n, 0) for n in names) > 1:
            raise ConfigError(f"balance asks for more than all objects: {dict(given)}"[:200])
    if config.design != "drawn" or config.scene is not None:
        raise ConfigError("balance goes with drawn scenes", mend="Leave design= and scene= away")
    return {str(name): float(share) for name, share in given.items()}


def balanced(config: GenerateConfig) -> tuple[GenerateConfig, tuple[Promise, ...]]:
    """The settings with the weights that come nearest to the balance, and what they promise.

    Without factors the layouts are weighed. Weights that are given are where it begins.

    Raises:
        ConfigError: a balance that cannot be; there is nothing to weigh.
    """
    targets = targets_of(config)
    if not targets:
        return config, ()
    factors = factors_of(config)
    if not factors:
        factors = factors_of(dataclasses.replace(config, factors={"layout": config.layouts}))
    if all(len(f.levels) == 1 for f in factors):
        raise ConfigError("balance has nothing to choose from", mend="Give layouts or factors")
    pilot = _pilot(config, factors, tuple(targets))
    asked = np.array(list(targets.values()))
    weights = _descend([np.array(f.weights) for f in factors], pilot, asked)
    written = {
        f.name: {
            level: max(round(float(w), 3), 0.001) for level, w in zip(f.levels, of, strict=True)
        }
        for f, of in zip(factors, weights, strict=True)
    }
    shares = _shares(weights, pilot)
    promises = tuple(
        Promise(
            name, targets[name], round(float(s), 3), _reason(k, targets[name], s, factors, pilot)
        )
        for k, (name, s) in enumerate(zip(targets, shares, strict=True))
    )
    return dataclasses.replace(config, factors=written), promises


def _pilot(config: GenerateConfig, factors: tuple[Factor, ...], names: Sequence[str]) -> Pilot:
    sizes = [len(f.levels) for f in factors]
    rows = full_rows(sizes) if math.prod(sizes) <= MOST_ROWS else covering_rows(sizes, 2)
    each = max(PILOT_SCENES // len(rows), LEAST_A_ROW)
    objects, found = np.zeros(len(rows)), np.zeros((len(rows), len(names)))
    bare = dataclasses.replace(
        config,
        balance=None,
        scenes=1,
        frames_per_scene=1,
        split="balance",
        join=(),
        factors=None,
        twins="open",
    )
    with progress("weighing the balance", len(rows) * each, "scenes") as advance:
        for r, row in enumerate(rows):
            own = at_levels(bare, factors, row)
            for k in range(each):
                labels = _labels(own, r * each + k)
                objects[r] += len(labels) / each
                found[r] += [sum(name in label for label in labels) / each for name in names]
                advance(r * each + k + 1, "")
    return tuple(rows), objects, found


def _labels(config: GenerateConfig, index: int) -> list[tuple[str, str]]:
    """Class and size of everything that is seen in the first frame of a scene."""
    record = make_record(config, index)
    state = next(iter(record.tracks.values()))[0]
    seen = draw(prepare(record.scene), state).geometry
    sizes = np.digitize(seen.visible_px, SIZE_STEPS_PX2)
    return [(CLASSES[c], SIZES[s]) for c, s in zip(seen.category, sizes, strict=True)]


def _chance(weights: list[np.ndarray], rows: Sequence[tuple[int, ...]]) -> np.ndarray:
    """How often each row comes, f64[R]; a covering design's rows stand for all."""
    each = [math.prod(w[k] for w, k in zip(weights, row, strict=True)) for row in rows]
    return np.array(each) / sum(each)


def _shares(weights: list[np.ndarray], pilot: Pilot) -> np.ndarray:
    """Of all objects, each target's, f64[K]."""
    rows, objects, found = pilot
    chance = _chance(weights, rows)
    return chance @ found / max(float(chance @ objects), 1e-9)


def _descend(start: list[np.ndarray], pilot: Pilot, asked: np.ndarray) -> list[np.ndarray]:
    """Weights whose shares are nearest to those asked for, each as near of its own size.

    Gradient descent on the logarithms of the weights, halving its stride where it went too far.
    """
    first = [np.log(w / w.sum()) for w in start]

    def weights(logs: list[np.ndarray]) -> list[np.ndarray]:
        free = [np.exp(a - a.max()) for a in logs]
        return [LEAST_WEIGHT + (1 - LEAST_WEIGHT * len(f)) * f / f.sum() for f in free]

    def loss(logs: list[np.ndarray]) -> float:
        off = (_shares(weights(logs), pilot) - asked) / (asked + 0.02)
        held = sum(float(((a - b) ** 2).sum()) for a, b in zip(logs, first, strict=True))
        return float((off**2).sum()) + STIFFNESS * held

    logs, stride, least = first, 1.0, loss(first)
    for _ in range(STEPS):
        slopes = _slopes(loss, logs, least)
        tried = [a - stride * s for a, s in zip(logs, slopes, strict=True)]
        now = loss(tried)
        logs, stride, least = (
            (tried, stride * 1.3, now) if now < least else (logs, stride / 2, least)
        )
        if stride < 1e-6:
            break
    return weights(logs)


def _slopes(loss: Any, logs: list[np.ndarray], here: float) -> list[np.ndarray]:
    slopes = []
    for f, of in enumerate(logs):
        slope = np.zeros(len(of))
        for k in range(len(of)):
            moved = [a.copy() for a in logs]
            moved[f][k] += 1e-4
            slope[k] = (loss(moved) - here) / 1e-4
        slopes.append(slope)
    return slopes


def _reason(
    k: int, asked: float, expected: float, factors: tuple[Factor, ...], pilot: Pilot
) -> str:
    """Why the expected share of a target is not the one asked for; "" if it is near."""
    if abs(expected - asked) <= max(NEAR, NEAR_SHARE * asked):
        return ""
    rows, objects, found = pilot
    shares = found[:, k] / np.maximum(objects, 1e-9)
    more = asked > expected
    best = int(shares.argmax() if more else shares.argmin())
    if more and shares[best] == 0:
        return "no level shows any"
    if (shares[best] < asked) if more else (shares[best] > asked):
        levels = ", ".join(
            f"{f.name}={f.levels[i]}" for f, i in zip(factors, rows[best], strict=True)
        )
        return f"{'at most' if more else 'at least'} {shares[best]:.3f}, with {levels}"
    return "not together with the other shares at these levels"


def outcome(promises: Sequence[Promise], counts: Mapping[str, Any]) -> dict[str, Any]:
    """What dataset.json says of a balance; ``counts``: of the merge."""
    got = {**counts["per_class"], **counts["per_size"]}
    return {
        p.name: {
            "asked": p.asked,
            "expected": p.expected,
            "got": round(got[p.name] / max(counts["annotations"], 1), 3),
            **({"reason": p.reason} if p.reason else {}),
        }
        for p in promises
    }
