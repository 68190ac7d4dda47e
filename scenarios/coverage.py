"""How much of what scenes can be made of a batch has seen: one, two and three factors at a time."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from simulator.camera import sight_m
from simulator.conditions import Conditions, optical_depth
from simulator.friction import friction
from simulator.lane import LaneKind
from simulator.scene import Scene

Row = Mapping[str, str]
"""The level of each factor in one frame or scene."""

Combination = tuple[tuple[str, str], ...]
"""Levels that stand together: (factor, level), factors in the order of the rows."""

LEVELS: dict[str, tuple[str, ...]] = {
    "severity": ("none", "light", "moderate", "severe"),
    "light": ("day", "low_sun", "twilight", "night"),
    "traffic": ("none", "sparse", "medium", "dense"),
    "people": ("none", "few", "many"),
    "sensor": ("clean", "soft", "noisy"),
}
"""Every level of the factors that are bands of a quantity; others have names of their own."""

APART = (("condition", "severity"), ("condition", "light"))
"""Factors of a scene's rows of which one follows from the other."""

SIGHT_STEPS = (0.15, 0.5, 1.1)
"""Optical depths of the camera's path between none, light, moderate and severe: midway between the
clear air and the presets' 0.3, 0.7 and 1.5."""

GRIP_STEPS = (0.72, 0.45, 0.2)
"""Friction coefficients between the same: below a dry road, below a wet one, below snow."""

TRAFFIC_STEPS = (0.0, 8.0, 20.0)
"""Vehicles a kilometre of lane between none, sparse, medium and dense: spacings of 125 and 50 m."""

MANY_PEOPLE = 8
"""More people on foot than this at the beginning are many."""

SOFT_PX, NOISY_E = 0.9, 8000.0
"""A point spread wider than this is soft; a well shallower than this many electrons is noisy."""


@dataclasses.dataclass(frozen=True)
class FactorCoverage:
    """Coverage of combinations of ``t`` factors.

    Attributes:
        t: how many factors are taken at a time.
        possible, covered: how many combinations of levels there are, and were met.
        by_factors: the same for each choice of factors: names, covered, possible.
        missing: the combinations that were not met, in order.
    """

    t: int
    possible: int
    covered: int
    by_factors: tuple[tuple[tuple[str, ...], int, int], ...]
    missing: tuple[Combination, ...]

    @property
    def share(self) -> float:
        """Covered of possible, 0..1."""
        return self.covered / self.possible if self.possible else 1.0


def factor_coverage(
    rows: Sequence[Row],
    t: int,
    levels: Mapping[str, Sequence[str]] | None = None,
    apart: Sequence[tuple[str, str]] = (),
) -> FactorCoverage:
    """Which combinations of the levels of ``t`` factors occur in the rows.

    Args:
        rows: each with a level for every factor.
        t: 1 or more; with more factors than there are nothing is possible.
        levels: all levels that a factor can have; of a factor that is not named, those in the rows.
            Factors that no row has are taken from here too, and are not covered.
        apart: pairs of factors that are not combined, because one follows from the other.

    Raises:
        ValueError: ``t`` is below 1, or a row lacks a factor that another has.
    """
    if t < 1:
        raise ValueError("t must be at least 1")
    known = _levels(rows, levels or {})
    groups, missing = [], []
    for factors in itertools.combinations(known, t):
        if any(a in factors and b in factors for a, b in apart):
            continue
        met = {tuple(row.get(f) for f in factors) for row in rows}
        wanted = list(itertools.product(*(known[f] for f in factors)))
        absent = [w for w in wanted if w not in met]
        groups.append((factors, len(wanted) - len(absent), len(wanted)))
        missing += [tuple(zip(factors, w, strict=True)) for w in absent]
    possible, covered = sum(g[2] for g in groups), sum(g[1] for g in groups)
    return FactorCoverage(t, possible, covered, tuple(groups), tuple(missing))


def _levels(rows: Sequence[Row], given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    factors = dict.fromkeys([*(f for row in rows[:1] for f in row), *given])
    found: dict[str, set[str]] = {f: set() for f in factors}
    for row in rows:
        if rows[0].keys() != row.keys():
            raise ValueError("every row must have the same factors")
        for factor, level in row.items():
            found[factor].add(level)
    return {
        f: tuple(dict.fromkeys([*given.get(f, ()), *sorted(found[f])])) for f in factors
    }  # fmt: skip


def scene_row(scene: Scene, label: str, conditions: Conditions) -> dict[str, str]:
    """The levels of a scene under one of its conditions.

    Args:
        scene: the scene. label: what the dataset calls the condition. conditions: its quantities.
    """
    return {
        "layout": scene.layout,
        "condition": label,
        "severity": severity(conditions, sight_m(scene.camera)),
        "light": light(conditions),
        "traffic": _traffic(scene),
        "people": _people(scene),
        "sensor": _sensor(scene),
    }


def severity(conditions: Conditions, path_m: float) -> str:
    """How hard the weather is on sight or on grip, whichever is worse.

    Args:
        conditions: the weather. path_m: the camera's way through the air.
    """
    sight = np.searchsorted(SIGHT_STEPS, optical_depth(conditions, path_m))
    grip = sum(friction(conditions) < step for step in GRIP_STEPS)
    return LEVELS["severity"][max(int(sight), grip)]


def light(conditions: Conditions) -> str:
    """Day, low sun (below 12 degrees), civil twilight (down to 6 below the horizon), or night."""
    degrees = math.degrees(conditions.sun_elevation_rad)
    return LEVELS["light"][sum(degrees < step for step in (12.0, 0.0, -6.0))]


def _traffic(scene: Scene) -> str:
    lanes = [lane for lane in scene.network.lanes if lane.kind == LaneKind.DRIVE]
    kilometres = sum(lane.length_m for lane in lanes) / 1000
    here = int((scene.agents.driven & (scene.agents.enter_time_s <= 0)).sum())
    return LEVELS["traffic"][int(np.searchsorted(TRAFFIC_STEPS, here / kilometres))]


def _people(scene: Scene) -> str:
    here = int((scene.agents.on_foot & (scene.agents.enter_time_s <= 0)).sum())
    return LEVELS["people"][(here > 0) + (here > MANY_PEOPLE)]


def _sensor(scene: Scene) -> str:
    if scene.sensor.full_well_e < NOISY_E:
        return "noisy"
    return "soft" if scene.sensor.blur_px > SOFT_PX else "clean"
