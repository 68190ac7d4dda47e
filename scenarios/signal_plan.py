"""Fixed-time programmes of junctions, with yellow and all-red times from the ITE formulas."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np

from simulator.geometry import wrap_rad
from simulator.seeding import uniform
from simulator.signals import Aspect, Phase, SignalPlan, all_red_s, yellow_s

_CAR_M = 5.0
WALK_S = 4.0
"""Least time of the walking person (MUTCD: 7 s, 4 s where few people cross)."""

WALKING_MPS = 1.07
"""Speed for which the clearance is laid out (MUTCD: 3.5 ft/s)."""

_OPPOSITE_RAD = math.radians(40.0)


@dataclasses.dataclass(frozen=True)
class Approach:
    """An approach with its signal groups, left to right; ``own_left``: the first turns left alone.

    ``heading_rad`` points away from the junction.
    """

    heading_rad: float
    groups: tuple[int, ...]
    own_left: bool


@dataclasses.dataclass(frozen=True)
class Walk:
    """The group of the people who cross an approach, and how far it is."""

    group: int
    length_m: float


@dataclasses.dataclass(frozen=True)
class Stage:
    """A green: vehicle groups, seconds, and (group, seconds of walk) of people beside them."""

    groups: tuple[int, ...]
    green_s: float
    walks: tuple[tuple[int, float], ...] = ()


@dataclasses.dataclass(frozen=True)
class Programme:
    """The stages of one junction in turn, each followed by yellow and all-red."""

    stages: tuple[Stage, ...]
    yellow_s: float
    red_s: float

    @property
    def cycle_s(self) -> float:
        """Length of the cycle."""
        return sum(s.green_s + self.yellow_s + self.red_s for s in self.stages)


def programme(
    approaches: list[Approach], walks: list[Walk | None], speed_mps: float, crossing_m: float,
    rng: np.random.Generator,
) -> Programme:  # fmt: skip
    """The stages of a junction.

    Two opposite approaches with lanes of their own for the left turn have their through and right
    traffic first and both lefts next; any other approach is open alone. People cross an approach
    while neither it nor the opposite one is open: beside the first stage that is no left turn, or
    alone.

    Args:
        approaches, walks: of the arms with signals, counter-clockwise.
        speed_mps: speed limit. crossing_m: way through the junction.
        rng: for the green times (minimum green 5-15 s).
    """
    stages: list[Stage] = []
    members: list[set[int]] = []  # the approaches that a stage opens; empty for left turns
    for k, one in enumerate(approaches):
        pair = _opposite(approaches, k)
        if pair is not None and one.own_left and approaches[pair].own_left:
            if pair < k:
                continue
            two = approaches[pair]
            through, left = uniform(rng, 10.0, 20.0), uniform(rng, 5.0, 9.0)
            stages.append(Stage((one.groups[-1], two.groups[-1]), through))
            stages.append(Stage((one.groups[0], two.groups[0]), left))
            members += [{k, pair}, set()]
        else:
            stages.append(Stage(tuple(sorted(set(one.groups))), uniform(rng, 8.0, 14.0)))
            members.append({k})
    for k, walk in enumerate(walks):
        if walk is None:
            continue
        shut = {k, _opposite(approaches, k)}
        for i, opened in enumerate(members):
            if opened and not opened & shut:
                stages[i] = _with_walk(stages[i], walk)
                break
        else:  # no traffic leaves them time: they have a stage of their own
            stages.append(_with_walk(Stage((), WALK_S), walk))
            members.append(set())
    return Programme(
        tuple(stages), round(yellow_s(speed_mps), 1),
        round(all_red_s(crossing_m, _CAR_M, speed_mps), 1),
    )  # fmt: skip


def _opposite(approaches: list[Approach], k: int) -> int | None:
    for i, other in enumerate(approaches):
        turn = wrap_rad(other.heading_rad - approaches[k].heading_rad - math.pi)
        if i != k and abs(turn) < _OPPOSITE_RAD:
            return i
    return None


def _with_walk(stage: Stage, walk: Walk) -> Stage:
    clearance = walk.length_m / WALKING_MPS
    green = max(stage.green_s, WALK_S + clearance)
    return dataclasses.replace(
        stage, green_s=green, walks=(*stage.walks, (walk.group, green - clearance))
    )


def joined(programmes: list[Programme], groups: int, rng: np.random.Generator) -> SignalPlan:
    """One plan for all junctions: the cycle of the longest, each with an offset of its own.

    Args:
        programmes: of the junctions; shorter ones get longer greens.
        groups: how many signal groups there are.
        rng: for the offsets.
    """
    if not programmes:
        return SignalPlan()
    cycle = round(10 * max(p.cycle_s for p in programmes))
    shown = np.full((cycle, groups), int(Aspect.RED), np.int8)  # one row a tenth of a second
    for p in programmes:
        _write(shown, p, int(rng.integers(cycle)))
    changes = np.flatnonzero((shown[1:] != shown[:-1]).any(axis=1)) + 1
    cuts, every = [0, *changes.tolist(), cycle], tuple(Aspect)
    phases = tuple(
        Phase((b - a) / 10, tuple([every[v] for v in shown[a].tolist()]))
        for a, b in itertools.pairwise(cuts)
    )
    return SignalPlan(phases, round(uniform(rng, 0.0, cycle / 10), 1))


def _write(shown: np.ndarray, p: Programme, offset: int) -> None:
    """Write what a programme shows into i8[tenths of a second, groups]."""
    cycle, at = len(shown), 0
    more = (cycle / 10 - p.cycle_s) / len(p.stages)
    between = round(10 * (p.yellow_s + p.red_s))
    for k, stage in enumerate(p.stages):
        end = round(10 * sum(s.green_s + more for s in p.stages[: k + 1])) + between * k
        yellow = end + round(10 * p.yellow_s)
        for rows, aspect in ((range(at, end), Aspect.GREEN), (range(end, yellow), Aspect.YELLOW)):
            span = (np.array(rows) + offset) % cycle
            shown[span[:, None], list(stage.groups)] = int(aspect)
        for group, walk_s in stage.walks:
            walk = at + round(10 * (walk_s + more))
            shown[(np.arange(at, walk) + offset) % cycle, group] = int(Aspect.GREEN)
            shown[(np.arange(walk, end) + offset) % cycle, group] = int(Aspect.YELLOW)
        at = end + between
