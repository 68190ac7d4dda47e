"""Conditions of a scene, drawn quantity by quantity so that twins share all they do not name."""

from __future__ import annotations

import functools
from typing import Any

from scenarios.change import course_of
from scenarios.presets import ConditionSpec, read_condition
from simulator.conditions import Conditions
from simulator.course import Course
from simulator.seeding import stream
from simulator.settings import quantities


def sample_conditions(spec: Any, seed: int, split: str, index: int) -> Conditions:
    """Draw the conditions of one scene.

    Every quantity has a stream of its own, so the conditions of one scene share quantiles: one
    sun, one wind for all twins that do not say otherwise. Quantities that the preset does not
    name come from ``clear``.

    Args:
        spec: a ``ConditionSpec`` or what ``read_condition`` takes.
        seed, split, index: the names of the scene.
    """
    spec = spec if isinstance(spec, ConditionSpec) else read_condition(spec)
    clear = read_condition("clear")
    values: dict[str, Any] = {}
    for name in quantities(Conditions):
        ends = spec.ranges.get(name, clear.ranges.get(name))
        if ends is not None:
            values[name] = _draw(ends, seed, split, index, name)
    lamps = spec.street_lamps if spec.street_lamps is not None else bool(clear.street_lamps)
    extra = {k: _draw(v, seed, split, index, f"extra/{k}") for k, v in spec.extra.items()}
    return Conditions(**values, street_lamps=lamps, extra=extra)


def sample_course(spec: Any, seed: int, split: str, index: int, first_s: float) -> Course | None:
    """How the conditions of :func:`sample_conditions` go on; None where they stay and lie evenly.

    Args:
        spec, seed, split, index: as there. first_s: time of the first frame.
    """
    spec = spec if isinstance(spec, ConditionSpec) else read_condition(spec)
    if spec.change is None:
        return None
    begin = sample_conditions(spec, seed, split, index)
    end = sample_conditions(spec.to, seed, split, index) if spec.to else begin
    return course_of(spec.change, begin, end, first_s)


def _draw(ends: tuple[float, float], seed: int, split: str, index: int, name: str) -> float:
    low, high = ends
    if low == high:
        return low
    return low + _quantile(seed, split, index, name) * (high - low)


@functools.lru_cache(maxsize=64)  # all the twins of a scene ask for the same ones
def _quantile(seed: int, split: str, index: int, name: str) -> float:
    return float(stream(seed, index, f"{split}/condition/{name}").random())
