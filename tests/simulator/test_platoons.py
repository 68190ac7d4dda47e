"""Rows of cars: how a queue starts at green, and what becomes of a disturbance on its way back."""

import numpy as np

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind
from simulator.signals import Aspect
from tests.cast import drivers, open_road, red_light

DRIVER = ("desired_speed_mps", "headway_s", "min_gap_m", "accel_mps2", "decel_mps2")


def test_a_queue_of_sampled_drivers_discharges_at_the_measured_saturation_headway():
    """About 2 s on average from the fifth car on; the first four lose a second or more."""
    headways, lost = [], []
    for seed in range(12):
        config = SceneConfig(
            layouts=("straight",), traffic=TrafficConfig(vehicles_low=80, vehicles_high=80)
        )
        table = sample_scene(config, seed, 0).agents
        cars = np.flatnonzero((table.kind == Kind.CAR) & (table.route >= 0))[:20]
        # as close as they are let in: a length, its own gap and a little more behind each other
        behind = 4.5 + table.min_gap_m[cars] + 2.1
        starts = (298.0 + behind[0] - np.cumsum(behind)).tolist()
        queue = drivers(starts, **{name: getattr(table, name)[cars] for name in DRIVER})
        scene = red_light(queue, ((30.0, Aspect.RED), (120.0, Aspect.GREEN)))
        states = engine.rollout(scene, np.arange(1100) * 0.1)
        passed = [next(s.time_s for s in states if s.s_m[i] > 300.0) for i in range(len(cars))]
        gaps = np.diff([30.0, *passed])
        headways.append(gaps[4:].mean())
        lost.append(gaps[:4].sum() - 4 * gaps[4:].mean())
    assert 1.9 <= np.mean(headways) <= 2.1
    assert 1.0 <= np.mean(lost) <= 3.5


def test_a_disturbance_dies_out_along_a_platoon():
    """String stability: the first car slows from 12 to 9 m/s; the last one hardly notices."""
    count = 30
    starts = [1500.0 - 28.0 * k for k in range(count)]
    speeds = [12.0] + [15.0] * (count - 1)
    road = open_road(drivers(starts, desired_speed_mps=speeds))
    calm = engine.rollout(road, [120.0])[0]
    slow = open_road(drivers(starts, desired_speed_mps=[9.0, *speeds[1:]]))
    state = calm
    dips = np.full(count, 99.0)
    for k in range(1500):
        state = engine.step(slow if k < 60 else road, state)
        dips = np.minimum(dips, state.speed_mps)
    amplitude = calm.speed_mps - dips
    assert amplitude[0] > 2.0
    assert amplitude[-1] < 0.9 * amplitude[0]
    assert (np.diff(amplitude[1:]) < 0.05).all()
