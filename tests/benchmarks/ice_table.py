"""Collisions on ice by the share of drivers who adapt to it, per 1,000 vehicle-kilometres.

About an hour of traffic: seven layouts, two seeds each, five minutes. A collision is a pair of
bodies that overlap, other than two people on foot; each pair counts once. Bodies go on after a
touch, so one crash in a queue counts as often as it has pairs. Usage:
python -m tests.benchmarks.ice_table
"""

from __future__ import annotations

import dataclasses

import numpy as np

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.conditions import Conditions
from tests.simulator import observer

LAYOUTS = (
    "crossroads_signals", "crossroads_stop", "mid_block_crosswalk", "town", "straight", "curve",
    "roundabout",
)  # fmt: skip
SEEDS, SECONDS, STEP_S, SETTLED_S = 2, 300.0, 0.2, 5.0
ICE, DRY = Conditions(ice=1.0), Conditions()


def driven(adapt: float, conditions: Conditions) -> tuple[float, int]:
    """(vehicle-kilometres, collisions) of all scenes with a share of drivers who adapt."""
    metres, collisions = 0.0, 0
    traffic = TrafficConfig(
        horizon_s=SECONDS - 30.0, adapt=adapt, vehicles_low=24, vehicles_high=24
    )
    for layout in LAYOUTS:
        for seed in range(SEEDS):
            scene = sample_scene(SceneConfig(layouts=(layout,), traffic=traffic), seed, 0)
            scene = dataclasses.replace(scene, conditions=conditions)
            states = engine.rollout(scene, np.round(np.arange(0.0, SECONDS, STEP_S), 1))
            rows = scene.agents.driven
            metres += STEP_S * sum(s.speed_mps[rows & s.active].sum() for s in states)
            settled = [s for s in states if s.time_s >= SETTLED_S]
            collisions += len({(i, j) for _, i, j in observer.overlapping(scene, settled)})
    return metres / 1000.0, collisions


def main() -> None:
    """Print the table."""
    for name, conditions in (("ice", ICE), ("dry", DRY)):
        for adapt in (0.0, 0.5, 1.0):
            km, collisions = driven(adapt, conditions)
            rate = 1000.0 * collisions / km
            print(
                f"{name}  adapt {adapt:3.1f}  {km:6.0f} km  {collisions:4d}  {rate:6.0f} / 1,000 km"
            )


if __name__ == "__main__":
    main()
