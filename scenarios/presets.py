"""Named conditions: ``conf/condition/<name>.yaml`` and what a config makes of them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any

import yaml

from scenarios.change import NAMES, Change, read_change
from simulator.conditions import Conditions
from simulator.errors import ConfigError, unknown_name
from simulator.settings import check, quantities

Range = tuple[float, float]


LONGEST_LABEL = 120
"""Letters; a label of more is shortened to a hash of them."""


@dataclasses.dataclass(frozen=True)
class ConditionSpec:
    """A condition to draw.

    Attributes:
        name: the preset. label: name with its overrides, safe as part of a file name.
        ranges: (low, high) of each numeric quantity that the preset or an override names.
        street_lamps: whether they are on, None where nothing says so.
        extra: ranges of quantities outside the physics.
        change: what it becomes and how it lies, None where it stays and lies evenly.
        to: the condition that it becomes, where it does.
    """

    name: str
    label: str
    ranges: Mapping[str, Range]
    street_lamps: bool | None = None
    extra: Mapping[str, Range] = dataclasses.field(default_factory=dict)
    change: Change | None = None
    to: ConditionSpec | None = None


def condition_names() -> tuple[str, ...]:
    """Names of all presets, sorted."""
    files = importlib.resources.files("conf").joinpath("condition").iterdir()
    return tuple(sorted(f.name[:-5] for f in files if f.name.endswith(".yaml")))


def read_condition(spec: Any, place: str = "conditions") -> ConditionSpec:
    """A condition from a config: a name, or {name: {quantity: value or [low, high]}}.

    Beside the quantities may stand the fields of ``Change``.

    Raises:
        ConfigError: unknown preset or quantity (nearest offered), value out of bounds.
    """
    try:
        text = json.dumps(spec)
    except TypeError:  # of something else than plain data
        return _read(spec, place)
    return _read_text(text, place)


@functools.lru_cache(maxsize=64)  # every scene asks for the same ones
def _read_text(text: str, place: str) -> ConditionSpec:
    return _read(json.loads(text), place)


def _read(spec: Any, place: str) -> ConditionSpec:
    if isinstance(spec, Mapping) and len(spec) == 1:
        name, changes = next(iter(spec.items()))
        changes = {} if changes is None else changes
    else:
        name, changes = spec, {}
    if not isinstance(name, str) or not isinstance(changes, Mapping):
        raise ConfigError(f"{place} has {spec!r}", mend="Write a name or {name: {quantity: value}}")
    base = _preset(name, place)
    change = read_change(changes, f"{place}.{name}")
    to = _becomes(change, f"{place}.{name}.to")
    changed = _spec(name, {k: v for k, v in changes.items() if k not in NAMES}, f"{place}.{name}")
    lamps = changed.street_lamps if changed.street_lamps is not None else base.street_lamps
    label = "-".join([name, *(_word(k, v) for k, v in changes.items())])
    if len(label) > LONGEST_LABEL:  # of a weather set by hand: a file name must hold it
        label = f"{name}-{hashlib.sha256(label.encode()).hexdigest()[:12]}"
    return ConditionSpec(
        name, label, {**base.ranges, **changed.ranges}, lamps, {**base.extra, **changed.extra},
        change, to,
    )  # fmt: skip


def _becomes(change: Change | None, place: str) -> ConditionSpec | None:
    if change is None or change.to is None:
        return None
    found = read_condition(change.to, place)
    if found.change is not None:
        raise ConfigError(f"{place} changes again: {change.to!r}", mend="One change a condition")
    return found


@functools.lru_cache(maxsize=64)
def _preset(name: str, place: str) -> ConditionSpec:
    names = condition_names()
    if name not in names:
        raise unknown_name("condition", name, names, place=place)
    file = importlib.resources.files("conf").joinpath("condition", f"{name}.yaml")
    values = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return _spec(name, values, f"condition/{name}.yaml")


def _spec(name: str, values: Mapping[str, Any], place: str) -> ConditionSpec:
    known = quantities(Conditions)
    ranges: dict[str, Range] = {}
    extra: dict[str, Range] = {}
    lamps = None
    for key, value in values.items():
        if key == "street_lamps":
            if not isinstance(value, bool):
                raise ConfigError(f"{place}.{key} must be true or false, got {value!r}")
            lamps = value
        elif key == "extra":
            if not isinstance(value, Mapping):
                raise ConfigError(f"{place}.extra must be a mapping, got {value!r}")
            extra = {str(k): _range(v, f"{place}.extra.{k}") for k, v in value.items()}
        elif key in known:
            ranges[key] = _range(value, f"{place}.{key}")
            for end in ranges[key]:
                check(end, known[key], f"{place}.{key}")
        else:
            raise unknown_name(
                "quantity", key, [*known, "street_lamps", "extra", *NAMES], place=place
            )
    return ConditionSpec(name, name, ranges, lamps, extra)


def _range(value: Any, key: str) -> Range:
    ends = value if isinstance(value, list | tuple) else [value, value]
    if len(ends) != 2 or any(isinstance(v, bool) or not isinstance(v, int | float) for v in ends):
        raise ConfigError(f"{key} must be a number or [low, high], got {value!r}")
    low, high = float(ends[0]), float(ends[1])
    if low > high:
        raise ConfigError(f"{key} has a lower end {low:g} above its upper end {high:g}")
    return low, high


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(key: str, value: Any) -> str:
    """An override as part of a label: quantity-value, a range as low_high."""
    if isinstance(value, Mapping):
        return "-".join(_word(str(k), v) for k, v in value.items())
    ends = value if isinstance(value, list | tuple) else [value]
    text = "_".join(f"{v:g}" if _is_number(v) else str(v).lower() for v in ends)
    return f"{key}-{text}"
