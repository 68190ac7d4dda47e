"""Drivers behind each other: the car-following model as the engine runs it."""

import math

import numpy as np
import pytest

from simulator import engine, motion
from simulator.agents import Lamp
from simulator.collision import overlaps
from simulator.conditions import Conditions
from simulator.friction import friction, stopping_distance_m
from simulator.sight import REACTION_S
from tests.cast import DRY, ICY, SNOWY, WET, drivers, open_road, under


def test_a_follower_settles_at_the_equilibrium_gap_of_the_formula():
    cars = drivers([100.0, 60.0], desired_speed_mps=[10.0, 14.0])
    state = engine.rollout(open_road(cars), [200.0])[0]
    gap = state.s_m[0] - cars.length_m[0] - state.s_m[1]
    v = state.speed_mps[1]
    expected = (2.5 + v * 1.2) / math.sqrt(1 - (v / 14.0) ** 4)
    assert v == pytest.approx(10.0, abs=0.01)
    assert gap == pytest.approx(expected, rel=0.01)


def test_the_ballistic_update_stops_at_the_exact_moment_within_a_step():
    speed, way = motion.ballistic.py_func(0.5, -10.0, 0.1)
    assert speed == 0.0
    assert way == pytest.approx(0.5**2 / (2 * 10.0))
    assert motion.ballistic.py_func(10.0, -2.0, 0.1) == pytest.approx((9.8, 0.99))
    assert motion.ballistic.py_func(0.0, 0.0, 0.1) == (0.0, 0.0)


@pytest.mark.parametrize("weather", [DRY, WET, SNOWY, ICY], ids=["dry", "wet", "snow", "ice"])
@pytest.mark.parametrize("speed_mps", [8.0, 14.0, 25.0])
def test_emergency_braking_takes_the_distance_that_the_surface_allows(weather, speed_mps):
    car = drivers([10.0], desired_speed_mps=speed_mps)
    road = open_road(car, conditions=weather)
    before, after = engine.rollout(road, [5.0, 120.0], emergency_s=5.0)
    assert after.speed_mps[0] == 0.0
    formula = stopping_distance_m(float(before.speed_mps[0]), friction(weather), REACTION_S)
    assert after.s_m[0] - before.s_m[0] == pytest.approx(formula, rel=0.1)


def test_nobody_brakes_or_starts_harder_than_the_road_grips():
    cars = drivers([200.0, 150.0, 120.0], desired_speed_mps=[3.0, 16.0, 16.0])
    for weather in (DRY, SNOWY, ICY):
        states = engine.rollout(open_road(cars, conditions=weather), np.arange(400) * 0.1)
        hardest = max(float(np.abs(s.accel_mps2).max()) for s in states)
        assert hardest <= friction(weather) * 9.81 + 1e-9


def test_a_queue_runs_up_to_a_standing_car_without_touching_it_on_any_surface():
    cars = drivers([900.0, 300.0, 260.0, 200.0], desired_speed_mps=[0.01, 20.0, 18.0, 22.0])
    for weather in (DRY, WET, SNOWY, ICY, Conditions(visibility_m=60)):
        states = engine.rollout(open_road(cars, conditions=weather), np.arange(0, 2000, 5) * 0.1)
        for state in states:
            pairs = overlaps(
                state.x_m, state.y_m, state.heading_rad, cars.length_m, cars.width_m, state.active
            )
            assert len(pairs) == 0
        assert 1.0 < states[-1].s_m[0] - 4.5 - states[-1].s_m[1] < 6.0


def test_a_vehicle_beyond_sight_is_not_reacted_to():
    cars = drivers([400.0, 300.0], desired_speed_mps=[0.01, 15.0])
    clear, fog = (
        engine.rollout(open_road(cars, conditions=c), [2.0])[0]
        for c in (DRY, Conditions(visibility_m=40))
    )
    alone = engine.rollout(
        open_road(drivers([300.0], desired_speed_mps=15.0), conditions=Conditions(visibility_m=40)),
        [2.0],
    )[0]
    assert fog.speed_mps[1] == alone.speed_mps[0]
    assert clear.s_m[1] != fog.s_m[1]


@pytest.mark.parametrize(
    "worse",
    [
        [Conditions(), Conditions(rain_mm_h=5), Conditions(rain_mm_h=25, water_film_mm=1)],
        [Conditions(), Conditions(visibility_m=250), Conditions(visibility_m=80)],
        [Conditions(), Conditions(snow_cover=0.3), Conditions(snow_mm_h=2.5, snow_cover=0.9)],
        [Conditions(), Conditions(ice=0.3), Conditions(ice=0.9)],
    ],
    ids=["rain", "fog", "snow", "ice"],
)  # fmt: skip
def test_worse_weather_makes_a_platoon_slower_and_its_time_gaps_longer(worse):
    starts = [400.0 - 25.0 * k for k in range(10)]
    speeds, gaps = [], []
    for weather in worse:
        road = open_road(drivers(starts, desired_speed_mps=14.0), conditions=weather)
        state = engine.rollout(road, [120.0])[0]
        speeds.append(float(state.speed_mps.mean()))
        headway = (state.s_m[:-1] - 4.5 - state.s_m[1:]) / state.speed_mps[1:]
        gaps.append(float(headway.mean()))
    assert speeds == sorted(speeds, reverse=True)
    assert len(set(speeds)) == 3
    assert gaps == sorted(gaps)
    assert len(set(gaps)) == 3


def test_single_steps_and_one_rollout_give_the_same_bits():
    road = open_road(drivers([100.0, 70.0, 20.0], enter_time_s=[0.0, 0.0, 3.0]))
    world = engine.compile_world(road)
    state = engine.initial_state(road)
    states = engine.rollout(road, np.arange(1, 101) * 0.1)
    for at_once in states:
        state = engine.step(road, state, world=world)
        for name in ("x_m", "s_m", "speed_mps", "accel_mps2", "active", "lamps", "leg"):
            assert np.array_equal(getattr(state, name), getattr(at_once, name)), name


def test_the_weather_can_change_between_two_steps():
    road = open_road(drivers([100.0]))
    state = engine.rollout(road, [30.0])[0]
    for _ in range(300):
        state = engine.step(road, state, conditions=ICY)
    assert state.speed_mps[0] < 0.6 * 13.0


def test_lamps_show_braking_and_the_weather():
    cars = drivers([300.0, 100.0], desired_speed_mps=[0.01, 15.0])
    states = engine.rollout(open_road(cars), np.arange(1, 300) * 0.1)
    braking = [s for s in states if s.accel_mps2[1] < -0.5]
    assert braking
    assert all(s.lamps[1] & Lamp.BRAKE for s in braking)
    easy = [s for s in states if s.accel_mps2[1] > -0.3 and s.speed_mps[1] > 0]
    assert easy
    assert not any(s.lamps[1] & (Lamp.BRAKE | Lamp.HEAD) for s in easy)
    rain = engine.rollout(under(open_road(cars), Conditions(rain_mm_h=5)), [0.1])[0]
    assert rain.lamps[1] & Lamp.HEAD


def test_a_vehicle_enters_when_there_is_room_and_leaves_at_the_end():
    cars = drivers([6.0, 0.0], desired_speed_mps=[4.0, 10.0])
    states = engine.rollout(open_road(cars, length_m=150.0), np.arange(0, 600) * 0.1)
    assert not states[0].active[1]
    entry = next(s for s in states if s.active[1])
    assert entry.s_m[0] - 4.5 - entry.s_m[1] >= 2.5
    assert not states[-1].active.any()


def test_times_that_are_no_steps_are_refused():
    road = open_road(drivers([100.0]))
    for times in ([0.05], [1.0, 0.5], [-0.1]):
        with pytest.raises(ValueError, match="no multiple"):
            engine.rollout(road, times)
