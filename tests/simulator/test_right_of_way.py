"""Stop lines, signals and junctions, judged from the recorded poses (see ``observer``)."""

import dataclasses

import numpy as np
import pytest

from scenarios.config import SceneConfig
from scenarios.sampler import sample_scene
from simulator import engine, right_of_way
from simulator.agents import Lamp
from simulator.network import Control
from simulator.signals import Aspect, aspect_at
from tests.cast import DRY, ICY, SNOWY, WET, drivers, four_way_stop, open_road, red_light
from tests.simulator import observer

RED = ((900.0, Aspect.RED),)
LAYOUTS = ("straight", "crossroads_signals", "crossroads_stop")


def tenths(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * 10) + 1) * 0.1


@pytest.mark.parametrize("weather", [DRY, WET, SNOWY, ICY], ids=["dry", "wet", "snow", "ice"])
def test_a_driver_stands_within_a_metre_and_a_half_before_a_red_light(weather):
    cars = drivers([40.0], min_gap_m=2.9, desired_speed_mps=15.0)
    states = engine.rollout(red_light(cars, RED, conditions=weather), tenths(90))
    assert max(s.s_m[0] for s in states) < 300.0
    assert states[-1].speed_mps[0] == 0.0
    assert 0.3 <= 300.0 - states[-1].s_m[0] <= 1.5
    assert states[-1].lamps[0] & Lamp.BRAKE


@pytest.mark.parametrize("onset_s", [10.0, 14.0, 17.0, 18.0, 18.6, 19.2, 19.8, 21.0])
def test_at_yellow_those_who_can_stop_do_and_the_others_pass_before_red(onset_s):
    phases = ((onset_s, Aspect.GREEN), (3.2, Aspect.YELLOW), (600.0, Aspect.RED))
    scene = red_light(drivers([40.0]), phases)
    states = engine.rollout(scene, tenths(60))
    onset = states[round(onset_s * 10)]
    left = 300.0 - onset.s_m[0]
    passed = states[-1].s_m[0] > 300.0 or not states[-1].active[0]
    assert passed == (left <= observer.dilemma_m(float(onset.speed_mps[0]), DRY))
    if passed and left > 0:
        crossing = next(s for s in states if s.s_m[0] > 300.0)
        assert aspect_at(scene.plan, 0, crossing.time_s - 0.1) == Aspect.YELLOW


def test_a_queue_starts_at_green_with_the_first_vehicle():
    phases = ((30.0, Aspect.RED), (60.0, Aspect.GREEN))
    scene = red_light(drivers([290.0, 280.0, 270.0, 260.0]), phases)
    states = engine.rollout(scene, tenths(60))
    late = [s for s in states if s.time_s > 29]
    starts = [next(s.time_s for s in late if s.speed_mps[i] > 0.5) for i in range(4)]
    assert starts == sorted(starts)
    assert starts[0] > 30.0
    assert len({round(t, 1) for t in starts}) == 4


def test_a_stop_line_is_passed_one_after_another_in_the_order_of_arrival():
    cars = drivers([30.0, 60.0, 45.0, 15.0], routes=[0, 1, 2, 3])
    scene = four_way_stop(cars)
    states = engine.rollout(scene, tenths(60))
    passing = observer.passages(scene, states)
    order = [p.vehicle for p in sorted(passing, key=lambda p: p.step)]
    # 0 and 2 face each other: their ways do not meet, and they go together.
    assert order[0] == 1
    assert {*order[1:3]} == {0, 2}
    assert order[3] == 3
    assert not any(observer.passed_without_stop(scene, p) for p in passing)
    for p in passing:
        stood = (p.speed_mps[: p.step] == 0.0).sum() * 0.1
        assert stood >= 1.0


@pytest.mark.parametrize(("pair", "first"), [((0, 1), 1), ((1, 0), 1), ((0, 3), 0), ((2, 3), 3)])
def test_a_tie_at_a_stop_goes_to_the_one_on_the_right(pair, first):
    """Route k heads k quarter turns from east; route k + 1 comes from the right of route k."""
    scene = four_way_stop(drivers([60.0, 60.0], routes=list(pair)))
    passing = sorted(
        observer.passages(scene, engine.rollout(scene, tenths(40))), key=lambda p: p.step
    )
    assert pair[passing[0].vehicle] == first
    assert passing[0].step < passing[1].step


def test_four_that_arrive_together_all_get_through():
    scene = four_way_stop(drivers([60.0] * 4, routes=[0, 1, 2, 3]))
    states = engine.rollout(scene, tenths(60))
    assert len(observer.passages(scene, states)) == 4
    assert not observer.overlapping(scene, states)


def test_a_dark_signal_is_driven_as_an_all_way_stop():
    scene = four_way_stop(drivers([30.0, 60.0], routes=[0, 1]), Control.SIGNAL)
    assert engine.aspects(scene, 5.0).tolist() == [Aspect.OFF] * 4
    states = engine.rollout(scene, tenths(60))
    passing = observer.passages(scene, states)
    assert len(passing) == 2
    assert not any(observer.passed_without_stop(scene, p) for p in passing)


def test_aspects_of_the_engine_are_those_of_the_plan():
    scene = sample_scene(SceneConfig(layouts=("crossroads_signals",)), 3, 1)
    assert scene.plan.phases
    world = engine.compile_world(scene)
    for time in (0.0, 7.3, 31.4, 59.9, 200.0):
        groups = range(len(scene.plan.phases[0].aspects))
        expected = [aspect_at(scene.plan, g, time) for g in groups]
        assert engine.aspects(scene, time).tolist() == expected
        in_the_loop = np.zeros(len(expected), np.int8)
        right_of_way.aspects_at.py_func(world.roads, time, in_the_loop)
        assert in_the_loop.tolist() == expected


def test_the_observer_sees_a_red_light_run_and_a_missing_stop():
    """The judge of the next test is judged: the same record under another plan is a violation."""
    green = red_light(drivers([40.0]), ((900.0, Aspect.GREEN),))
    states = engine.rollout(green, tenths(40))
    (passage,) = observer.passages(green, states)
    red = dataclasses.replace(green, plan=red_light(drivers([40.0]), RED).plan)
    dark = dataclasses.replace(green, plan=dataclasses.replace(green.plan, phases=()))
    assert not observer.ran_red(green, states, passage)
    assert observer.ran_red(red, states, passage)
    assert observer.passed_without_stop(dark, passage)


def test_the_observer_sees_an_overlap():
    scene = open_road(drivers([100.0, 60.0]))
    state = engine.rollout(scene, [0.0])[0]
    crashed = dataclasses.replace(state, x_m=np.array([50.0, 53.0]))
    assert observer.overlapping(scene, [state, crashed]) == [(0.0, 0, 1)]


def judge(seed: int, layout: str) -> int:
    """Drive one sampled scene and check all rules; returns how many fronts passed a line."""
    scene = sample_scene(SceneConfig(layouts=(layout,)), seed, seed % 5)
    states = engine.rollout(scene, tenths(50))
    assert observer.overlapping(scene, states[300:]) == [], f"seed {seed} {layout}"
    passing = observer.passages(scene, states)
    for passage in passing:
        assert not observer.ran_red(scene, states, passage), f"seed {seed} {layout}"
        assert not observer.passed_without_stop(scene, passage), f"seed {seed} {layout}"
    longer = engine.rollout(scene, np.arange(151.0))
    assert observer.longest_stand_s(scene, longer) <= 60.0, f"seed {seed} {layout}"
    return len(passing)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_overlap_no_red_light_no_missed_stop_no_deadlock_in_two_hundred_scenes(layout):
    passed = sum(judge(seed, layout) for seed in range(67))
    assert layout == "straight" or passed > 600


@pytest.mark.parametrize("condition", ["snow", "heavy_rain", "dense_fog", "night"])
def test_the_rules_hold_in_bad_weather(condition):
    for seed in range(4):
        config = SceneConfig(layouts=("crossroads_signals",), conditions=(condition,))
        scene = sample_scene(config, seed, 0)
        states = engine.rollout(scene, tenths(50))
        assert observer.overlapping(scene, states[300:]) == []
        passing = observer.passages(scene, states)
        assert not any(observer.ran_red(scene, states, p) for p in passing)
        assert not any(observer.passed_without_stop(scene, p) for p in passing)


def test_more_weather_makes_a_whole_street_slower():
    speeds = []
    for condition in ("clear", "rain", "snow"):
        total = []
        for seed in range(4):
            config = SceneConfig(layouts=("straight",), conditions=(condition,))
            scene = sample_scene(config, seed, 0)
            for state in engine.rollout(scene, [20.0, 30.0, 40.0]):
                moving = state.active & scene.agents.driven
                total += state.speed_mps[moving].tolist()
        speeds.append(np.mean(total))
    assert speeds[0] > speeds[1] > speeds[2]


def test_indicators_are_on_before_and_in_a_turn_and_nowhere_else():
    scene = sample_scene(SceneConfig(layouts=("crossroads_stop",)), 3, 1)
    lanes, routes = scene.network.lanes, scene.routes
    seen = set()
    for state in engine.rollout(scene, tenths(40)):
        for i in np.flatnonzero(state.active & scene.agents.driven):
            route = routes[state.route[i]]
            turn = int(max(lanes[lane].turn for lane in route))
            lit = int(state.lamps[i]) & (Lamp.LEFT | Lamp.RIGHT)
            if state.shift_done[i] < 1:
                continue  # a lane change has an indicator of its own
            if turn < 2:
                assert not lit
            elif state.leg[i] == 1:
                assert lit == (Lamp.LEFT if turn == 2 else Lamp.RIGHT)
                seen.add(lit)
    assert len(seen) == 2
