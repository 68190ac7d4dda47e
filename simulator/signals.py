"""Traffic signals: heads, fixed-time plans, and the aspect that a group shows at a time."""

from __future__ import annotations

import dataclasses
import enum

SIGNAL_BRAKE_MPS2 = 3.05
"""Braking that the yellow time is laid out for, in comfort on a dry road (ITE, 10 ft/s2)."""


class Aspect(enum.IntEnum):
    """What a signal shows. OFF is a dark signal: its junction is driven as an all-way stop."""

    OFF = 0
    RED = 1
    YELLOW = 2
    GREEN = 3


@dataclasses.dataclass(frozen=True)
class Signal:
    """One signal head beside its stop line.

    ``x_m, y_m`` is the legal place of the head; ``heading_rad`` the direction of the traffic that
    it faces; ``group`` indexes the plan; ``stop_line_id`` the line that it rules.
    """

    id: int
    x_m: float
    y_m: float
    heading_rad: float
    group: int
    stop_line_id: int


@dataclasses.dataclass(frozen=True)
class Phase:
    """A span of the cycle: how long, and what each group shows."""

    duration_s: float
    aspects: tuple[Aspect, ...]


@dataclasses.dataclass(frozen=True)
class SignalPlan:
    """A fixed-time programme. No phases: the signals are dark."""

    phases: tuple[Phase, ...] = ()
    offset_s: float = 0.0

    def __post_init__(self) -> None:
        if len({len(p.aspects) for p in self.phases}) > 1:
            raise ValueError("every phase must name the same groups")
        if any(not 0 < p.duration_s < 1000 for p in self.phases):
            raise ValueError("a phase must last between 0 and 1000 s")


def aspect_at(plan: SignalPlan, group: int, time_s: float) -> Aspect:
    """What a group shows at a time."""
    if not plan.phases:
        return Aspect.OFF
    cycle = sum(p.duration_s for p in plan.phases)
    t = (time_s + plan.offset_s) % cycle
    for phase in plan.phases:
        if t < phase.duration_s:
            return phase.aspects[group]
        t -= phase.duration_s
    return plan.phases[-1].aspects[group]


def yellow_s(
    speed_mps: float, reaction_s: float = 1.0, decel_mps2: float = SIGNAL_BRAKE_MPS2
) -> float:
    """Yellow time of the ITE formula on level road, s: t_r + v / (2 a)."""
    return reaction_s + speed_mps / (2.0 * decel_mps2)


def all_red_s(width_m: float, length_m: float, speed_mps: float) -> float:
    """All-red time of the ITE formula, s: (w + l) / v."""
    return (width_m + length_m) / speed_mps
