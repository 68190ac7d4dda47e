"""What each scene of a dataset is made with: factors, their levels, and who gets which.

Without factors all scenes have the same settings. With them a scene takes one level of each, drawn
by weight from a stream of its own or from a row of a design, by its index alone: parts, resumed
runs and ``verify`` come to the same.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
from collections.abc import Mapping
from typing import Any

from render.config import GenerateConfig
from scenarios.covering import coverage, covering_rows, full_rows
from simulator.errors import ConfigError, FairweatherError
from simulator.seeding import stream
from simulator.settings import build, plain

STRENGTHS = {"pairwise": 2, "3way": 3}
SECTIONS = ("roads", "traffic", "signs", "camera", "sensor", "convention")
WORDS = {"layout": "layouts", "condition": "conditions"}
"""Factors that stand for one entry of a list of settings."""

MOST_LEVELS, MOST_FACTORS = 64, 20
MEND = "Write factors={layout: [town, straight], camera.m_per_px: [0.1, 0.2]}"


@dataclasses.dataclass(frozen=True)
class Factor:
    """A setting that differs between scenes: its levels as plain data, and their weights."""

    name: str
    levels: tuple[Any, ...]
    weights: tuple[float, ...]


def factors_of(config: GenerateConfig) -> tuple[Factor, ...]:
    """The factors of a config.

    Raises:
        ConfigError: they are not written as factors, or a design is asked for without them.
    """
    given = config.factors
    if given is None and config.design == "drawn":
        return ()
    if not isinstance(given, Mapping) or not 1 <= len(given) <= MOST_FACTORS:
        raise ConfigError(f"factors must be 1 to {MOST_FACTORS} settings with levels", mend=MEND)
    found = tuple(_factor(name, levels) for name, levels in given.items())
    if config.design != "drawn" and any(len(set(f.weights)) > 1 for f in found):
        raise ConfigError("weights go with design=drawn", mend=MEND)
    return found


def scene_settings(config: GenerateConfig, index: int) -> GenerateConfig:
    """The settings of one scene.

    Raises:
        ConfigError: a level is none of its setting.
    """
    factors = factors_of(config)
    if not factors:
        return config
    return at_levels(config, factors, _levels(config, factors, index))


def at_levels(
    config: GenerateConfig, factors: tuple[Factor, ...], levels: tuple[int, ...]
) -> GenerateConfig:
    """The settings with one level of each factor, given by its place among them.

    Raises:
        ConfigError: a level is none of its setting.
    """
    return _with(config, [(f.name, f.levels[k]) for f, k in zip(factors, levels, strict=True)])


def conditions_of(config: GenerateConfig) -> tuple[Any, ...]:
    """The conditions that some image may show."""
    own = [f.levels for f in factors_of(config) if f.name == "condition"]
    return own[0] if own else config.conditions


def conditions_a_scene(config: GenerateConfig) -> int:
    """Conditions of each scene: one where they are a factor, else all, as twins."""
    named = config.factors if isinstance(config.factors, Mapping) else {}
    return 1 if "condition" in named else len(config.conditions)


def check_levels(config: GenerateConfig) -> list[GenerateConfig]:
    """The settings with each level of each factor by itself, so that all are looked at.

    Raises:
        ConfigError: a level is none of its setting.
    """
    return [_with(config, [(f.name, v)]) for f in factors_of(config) for v in f.levels]


def described(config: GenerateConfig, scenes: int) -> dict[str, Any] | None:
    """What dataset.json says of the design: levels with their scenes, and what was covered."""
    factors = factors_of(config)
    if not factors:
        return None
    rows = collections.Counter(_levels(config, factors, i) for i in range(scenes))
    sizes = [len(f.levels) for f in factors]
    return {
        "kind": config.design,
        "factors": {
            f.name: [
                {"level": v, "scenes": sum(n for row, n in rows.items() if row[k] == i)}
                for i, v in enumerate(f.levels)
            ]
            for k, f in enumerate(factors)
        },
        "coverage": {
            f"{t}-way": round(coverage(rows, sizes, t), 6)
            for t in (1, 2, 3)
            if t <= len(factors)
        },
    }  # fmt: skip


def _factor(name: Any, levels: Any) -> Factor:
    section, dot, field = str(name).partition(".")
    if name not in WORDS and name != "plate_scale" and not (section in SECTIONS and dot and field):
        said = ", ".join((*WORDS, "plate_scale", *(f"{s}.NAME" for s in SECTIONS)))
        raise ConfigError(f"{name!r:.60} cannot be a factor", mend=f"There are: {said}")
    weights = levels.values() if isinstance(levels, Mapping) else None
    if not isinstance(levels, Mapping | list | tuple) or not 1 <= len(levels) <= MOST_LEVELS:
        raise ConfigError(f"factor {name} needs 1 to {MOST_LEVELS} levels", mend=MEND)
    values = tuple(weights) if weights is not None else (1.0,) * len(levels)
    fine = all(
        isinstance(w, int | float) and not isinstance(w, bool) and 0 < w < 1e9 for w in values
    )
    if not fine:
        raise ConfigError(f"factor {name} has a weight that is no number above 0", mend=MEND)
    told = [json.dumps(plain(v), sort_keys=True, default=str) for v in levels]
    if len(set(told)) < len(told):
        raise ConfigError(f"factor {name} has one level twice", mend=MEND)
    return Factor(str(name), tuple(levels), tuple(float(w) for w in values))


def _levels(config: GenerateConfig, factors: tuple[Factor, ...], index: int) -> tuple[int, ...]:
    """Which level of each factor a scene has."""
    if config.design != "drawn":
        rows = _rows(config.design, tuple(len(f.levels) for f in factors))
        return rows[index % len(rows)]
    return tuple(_drawn(config, f, index) for f in factors)


def _drawn(config: GenerateConfig, factor: Factor, index: int) -> int:
    share = stream(config.seed, index, f"{config.split}/factor/{factor.name}").random()
    left = share * sum(factor.weights)
    for level, weight in enumerate(factor.weights):
        left -= weight
        if left < 0:
            return level
    return len(factor.weights) - 1


@functools.cache
def _rows(design: str, sizes: tuple[int, ...]) -> list[tuple[int, ...]]:
    if design in STRENGTHS:
        return covering_rows(sizes, STRENGTHS[design])
    try:
        return full_rows(sizes)
    except ValueError as error:
        raise ConfigError(f"{error} is too many", mend="Take design=pairwise or 3way") from None


def _with(config: GenerateConfig, levels: list[tuple[str, Any]]) -> GenerateConfig:
    values = plain(config)
    for name, level in levels:
        section, dot, field = name.partition(".")
        if dot:
            values[section][field] = level
        elif name in WORDS:
            values[WORDS[name]] = [level]
        else:
            values[name] = level
    try:
        return build(GenerateConfig, values)
    except FairweatherError as error:
        said = ", ".join(f"{name}={level}" for name, level in levels)
        raise ConfigError(str(error), place=f"factors with {said}"[:200]) from None
