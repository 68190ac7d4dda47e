"""One simulated hour of dense town traffic in clear weather: collisions, kerbs, lines, standstill.

Twelve towns of five minutes each, with 90 vehicles wanted at a time; what the entries of a town can
serve keeps most at 20 to 45, and leaves some with all 90. Judged from
poses and speeds alone. Takes minutes. Usage:
python -m tests.benchmarks.town_hour [TOWNS, 12]
"""

from __future__ import annotations

import dataclasses
import sys

import numpy as np

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.drivers import LATE_TEMPER
from simulator.network import Control
from simulator.signals import Aspect, aspect_at
from tests.simulator import observer
from tests.simulator.test_every_layout import off_road, stuck

SECONDS, STEP_S = 300.0, 0.1
GRIDLOCK_S = 150.0
"""Longer than any queue of these towns takes for the two cycles of its signal."""
VEHICLES = 90.0


@dataclasses.dataclass(frozen=True)
class Count:
    """What was seen in one town.

    Attributes:
        km: driven. moving: vehicles on the road at a time, in the mean. left: who left the map.
        collisions: pairs of bodies that overlap. off: bodies off the pavement.
        lines: passings of stop lines and signals. reds: of those, at red; late: by the few whom the
            model lets run late yellows. wrong: at red or without a stand and without right.
        longest_s: in which nobody moved. stuck: who stood for GRIDLOCK_S, other than at a signal.
    """

    km: float
    moving: float
    left: int
    collisions: int
    off: int
    lines: int
    reds: int
    late: int
    wrong: int
    longest_s: float
    stuck: tuple[str, ...]


def driven(seed: int) -> Count:
    """Drive one town."""
    traffic = TrafficConfig(vehicles_low=VEHICLES, vehicles_high=VEHICLES, horizon_s=SECONDS)
    scene = sample_scene(SceneConfig(layouts=("town",), traffic=traffic), seed, 0)
    states = engine.rollout(scene, np.arange(round(SECONDS / STEP_S) + 1) * STEP_S)
    rows = scene.agents.driven
    passing = observer.passages(scene, states)
    red = [p for p in passing if _at_red(scene, states, p)]
    stops = [p for p in passing if p.line.control in (Control.STOP, Control.SIGNAL)]
    wrong = [p for p in stops if observer.passed_without_stop(scene, p)]
    wrong += [p for p in red if observer.ran_red(scene, states, p)]
    on = np.stack([s.active & rows for s in states])
    return Count(
        STEP_S * sum(s.speed_mps[rows & s.active].sum() for s in states) / 1000.0,
        float(on.sum(axis=1).mean()),
        int((on[:-1] & ~on[1:]).sum()),
        len({(i, j) for _, i, j in observer.overlapping(scene, states[::2])}),
        len({i for _, i in off_road(scene, states[::20])}),
        len(stops),
        len(red),
        sum(bool(scene.agents.temper[p.vehicle] > LATE_TEMPER) for p in red),
        len(wrong),
        observer.longest_stand_s(scene, states),
        tuple(f"{i} {why}" for i, why in stuck(scene, states, GRIDLOCK_S)),
    )


def _at_red(scene, states, passage) -> bool:
    if passage.line.group < 0 or not scene.plan.phases:
        return False
    shows = aspect_at(scene.plan, passage.line.group, states[passage.step].time_s)
    return shows == Aspect.RED


def main() -> None:
    """Print a line a town, then the sums."""
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    counts = []
    for seed in range(towns):
        c = driven(seed)
        counts.append(c)
        print(
            f"town {seed}: {c.km:.0f} km, {c.moving:.0f} at a time, {c.left} left, "
            f"{c.collisions} collisions, {c.off} off the road, {c.lines} passings, {c.reds} at red "
            f"({c.late} late yellows), {c.wrong} without right, {c.longest_s:.0f} s with nobody "
            f"moving, {len(c.stuck)} stood {GRIDLOCK_S:.0f} s {list(c.stuck[:3])}",
            flush=True,
        )
    total = [sum(getattr(c, f.name) for c in counts) for f in dataclasses.fields(Count)[:-2]]
    names = [f.name for f in dataclasses.fields(Count)[:-2]]
    print(", ".join(f"{n} {v:.0f}" for n, v in zip(names, total, strict=True)))


if __name__ == "__main__":
    main()
