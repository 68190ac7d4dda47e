"""Quantities of the weather that the physics lacks: what the effects themselves declare."""

from __future__ import annotations

import functools

from render.weather import EFFECTS
from scenarios.presets import ConditionSpec
from simulator.errors import unknown_name
from simulator.settings import Quantity, check


@functools.cache
def extras() -> dict[str, Quantity]:
    """Unit, bounds and help of each."""
    return {name: q for effect in EFFECTS.values() for name, q in effect.extra.items()}


def check_extras(spec: ConditionSpec, place: str = "conditions") -> None:
    """Refuse what no effect knows.

    Raises:
        ConfigError: an unknown name (nearest offered), or a value out of bounds.
    """
    known = extras()
    if spec.to is not None:
        check_extras(spec.to, f"{place}.{spec.name}.to")
    for name, ends in spec.extra.items():
        if name not in known:
            raise unknown_name("extra quantity", name, list(known), place=f"{place}.{spec.name}")
        for end in ends:
            check(end, known[name], f"{place}.{spec.name}.extra.{name}")
