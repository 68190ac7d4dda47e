"""Fixed-time programmes for a crossroads, with yellow and all-red times from the ITE formulas."""

from __future__ import annotations

import dataclasses

import numpy as np

from simulator.signals import Aspect, Phase, SignalPlan, all_red_s, yellow_s

_CAR_M = 5.0


@dataclasses.dataclass(frozen=True)
class Approach:
    """Groups of an approach's lanes, left to right; protected: the first turns left alone."""

    groups: tuple[int, ...]
    protected: bool


def four_phases(
    approaches: list[Approach], speed_mps: float, crossing_m: float, rng: np.random.Generator
) -> SignalPlan:
    """Four greens a cycle, each followed by yellow and all-red.

    An axis with protected lefts has its through and right traffic first and both lefts next; an
    axis whose lanes share movements opens one approach after the other.

    Args:
        approaches: of the four arms, counter-clockwise.
        speed_mps: speed limit. crossing_m: way through the junction.
        rng: for the green times (minimum green 5-15 s) and the offset.
    """
    count = 1 + max(g for a in approaches for g in a.groups)
    yellow = round(yellow_s(speed_mps), 1)
    red = round(all_red_s(crossing_m, _CAR_M, speed_mps), 1)
    phases = []
    for axis in (0, 1):
        one, two = approaches[axis], approaches[axis + 2]
        if one.protected:
            through = round(float(rng.uniform(10.0, 20.0)), 1)
            greens = [((one.groups[-1], two.groups[-1]), through)]
            left = round(float(rng.uniform(5.0, 9.0)), 1)
            greens += [((one.groups[0], two.groups[0]), left)]
        else:
            times = np.round(rng.uniform(8.0, 14.0, 2), 1)
            greens = [(a.groups, float(t)) for a, t in zip((one, two), times, strict=True)]
        for groups, seconds in greens:
            phases.append(Phase(seconds, _aspects(count, groups, Aspect.GREEN)))
            phases.append(Phase(yellow, _aspects(count, groups, Aspect.YELLOW)))
            phases.append(Phase(red, _aspects(count, (), Aspect.RED)))
    cycle = sum(p.duration_s for p in phases)
    return SignalPlan(tuple(phases), round(float(rng.uniform(0.0, cycle)), 1))


def _aspects(count: int, groups: tuple[int, ...], aspect: Aspect) -> tuple[Aspect, ...]:
    return tuple(aspect if g in groups else Aspect.RED for g in range(count))
