"""Weather that changes, as a config says it: {clear: {to: rain, starts_s: 5, lasts_s: 20}}."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from simulator.conditions import Conditions
from simulator.course import Course
from simulator.errors import ConfigError
from simulator.settings import build, plain, quantities, quantity


@dataclasses.dataclass(frozen=True)
class Change:
    """What may stand beside a condition's quantities: what it becomes, and how it lies."""

    to: Any = quantity(None, help="the condition that it becomes, written like any other")
    starts_s: float = quantity(0.0, "s", 0, 600, "when that begins, after the first frame")
    lasts_s: float = quantity(20.0, "s", 0.5, 3600, "until it is there")
    pace: float = quantity(1.0, "", 0.1, 60, "how much faster than in truth roads dry and freeze")
    front_mps: float = quantity(
        0.0, "m/s", 0, 60, "speed of its edge over the map, with the wind; 0 is all at once"
    )
    uneven: bool = quantity(
        False, help="water, snow and ice lie in patches and wheel tracks, not evenly"
    )


NAMES = tuple(quantities(Change))


def read_change(values: Mapping[str, Any], place: str) -> Change | None:
    """The change among what a config says of a condition, None where there is none.

    Raises:
        ConfigError: a wrong type or a value out of bounds; a change that leads nowhere.
    """
    given = {k: v for k, v in values.items() if k in NAMES}
    if not given:
        return None
    change = build(Change, given, place)
    idle = [k for k in given if k not in ("to", "uneven")]
    if change.to is None and idle:
        raise ConfigError(
            f"{place}.{idle[0]} is of no use without {place}.to",
            mend="Name what the weather becomes",
        )
    if change.to is None and not change.uneven:
        return None
    return change


def told(change: Change) -> dict[str, Any]:
    """What of a change is not as usual, as plain data."""
    usual = plain(Change())
    return {k: v for k, v in plain(change).items() if v != usual[k]}


def course_of(change: Change, begin: Conditions, end: Conditions, first_s: float) -> Course:
    """The course of a change.

    Args:
        change: what the config says. begin, end: the weather before and after.
        first_s: time of the first frame, s since the scene's beginning.
    """
    if change.to is None:
        return Course((first_s,), (begin,), uneven=change.uneven)
    starts = first_s + change.starts_s
    wind = math.hypot(end.wind_x_mps, end.wind_y_mps)
    along = (end.wind_x_mps / wind, end.wind_y_mps / wind) if wind > 0 else (1.0, 0.0)
    return Course(
        (starts, starts + change.lasts_s), (begin, end), change.pace,
        change.front_mps * along[0], change.front_mps * along[1], change.uneven,
    )  # fmt: skip
