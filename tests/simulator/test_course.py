"""Weather that changes over time and over the map, and what it does to roads and drivers."""

import dataclasses
import hashlib
import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.conditions import Conditions
from simulator.course import STEP_S, Course, conditions_at, mixed
from simulator.driving import friction_at
from simulator.errors import DataError
from simulator.friction import DRY, GRAVITY_MPS2, ICE, friction
from simulator.road_state import road_after
from simulator.scene_io import dump_scene, load_scene
from simulator.sight import REACTION_S
from tests.cast import drivers, open_road
from tests.simulator import observer

CLEAR, RAIN = Conditions(), Conditions(rain_mm_h=60.0, visibility_m=500.0, wind_x_mps=10.0)
PASSING = Course((5.0, 15.0), (CLEAR, RAIN))


def test_fog_comes_by_equal_shares_of_its_extinction():
    half = mixed(Conditions(visibility_m=1000.0), Conditions(visibility_m=100.0), 0.5)
    assert 1 / half.visibility_m == pytest.approx((1 / 1000 + 1 / 100) / 2)
    assert mixed(CLEAR, RAIN, 0.25).rain_mm_h == pytest.approx(15.0)


def test_the_sun_goes_the_short_way_round():
    a, b = Conditions(sun_azimuth_rad=3.0), Conditions(sun_azimuth_rad=-3.0)
    assert abs(np.cos(mixed(a, b, 0.5).sun_azimuth_rad) + 1.0) < 1e-6


def test_before_its_first_knot_a_course_is_that_knot_itself():
    assert conditions_at(PASSING, 0.0) is CLEAR
    assert conditions_at(PASSING, 5.0) is CLEAR
    assert conditions_at(PASSING, 5.0 + STEP_S).rain_mm_h > 0


def test_steady_rain_leaves_the_film_that_drains_as_fast_as_it_falls():
    road = Conditions(rain_mm_h=25.0)
    for _ in range(60):
        road = dataclasses.replace(road, **road_after(road, road, 60.0))
    assert road.water_film_mm == pytest.approx(0.1755 * 25**0.59, rel=0.03)


def test_a_road_dries_without_ever_getting_wetter_and_faster_in_the_sun():
    films = {}
    for name, cloud in (("sun", 0.0), ("cloud", 1.0)):
        air = Conditions(cloud=cloud)
        road, films[name] = Conditions(water_film_mm=1.0), [1.0]
        for _ in range(120):
            road = dataclasses.replace(road, **road_after(road, air, 60.0))
            films[name].append(road.water_film_mm)
        assert all(b <= a for a, b in itertools.pairwise(films[name]))
    assert films["sun"][10] < films["cloud"][10]
    assert films["sun"][-1] == 0.0


def test_water_freezes_below_zero_and_thaws_again_and_none_gets_lost():
    wet = Conditions(water_film_mm=0.2, air_c=-5.0, wind_x_mps=0.0, sun_elevation_rad=-1.0)
    frozen = dataclasses.replace(wet, **road_after(wet, wet, 1800.0))
    assert frozen.water_film_mm == 0.0
    assert 0.25 < frozen.ice <= 0.4
    thaw = dataclasses.replace(frozen, air_c=5.0)
    assert road_after(thaw, thaw, 3600.0)["ice"] == 0.0


def test_snow_lies_deeper_the_longer_it_falls_and_not_at_all_on_a_warm_road():
    cold, warm = Conditions(snow_mm_h=2.0, air_c=-3.0), Conditions(snow_mm_h=2.0, air_c=3.0)
    covers = [road_after(cold, cold, 600.0 * k)["snow_cover"] for k in range(1, 12)]
    assert all(b > a for a, b in itertools.pairwise(covers))
    assert covers[-1] > 0.8
    assert road_after(warm, warm, 3600.0)["snow_cover"] == 0.0


@pytest.mark.parametrize("pace", [1.0, 30.0])
def test_a_cloudburst_wets_the_road_and_faster_at_a_faster_pace(pace):
    course = dataclasses.replace(PASSING, pace=pace)
    films = [conditions_at(course, t).water_film_mm for t in (5.0, 15.0, 30.0, 60.0)]
    assert films[0] == 0.0
    assert all(b > 0.99 * a for a, b in itertools.pairwise(films))
    assert films[-1] == pytest.approx(1.96 if pace > 1 else 0.8, rel=0.15)


def test_a_moving_front_comes_later_downwind_and_brings_the_same():
    moving = dataclasses.replace(PASSING, front_x_mps=10.0)
    assert conditions_at(moving, 20.0, x_m=-100.0).rain_mm_h == 60.0
    assert conditions_at(moving, 20.0, x_m=150.0) is CLEAR
    assert conditions_at(moving, 25.0, x_m=100.0) == conditions_at(moving, 15.0)


def test_a_course_that_stays_drives_like_its_conditions_to_the_last_bit():
    road = open_road(drivers([200.0, 150.0, 100.0], desired_speed_mps=[9.0, 13.0, 14.0]))
    weather = Conditions(water_film_mm=0.4, ice=0.3, snow_cover=0.2)
    once = engine.rollout(road, [20.0], conditions=weather)[0]
    again = engine.rollout(road, [20.0], conditions=Course((3.0,), (weather,)))[0]
    assert np.array_equal(once.x_m, again.x_m)
    place = np.linspace(-50, 400, 7)
    exact = friction_at(road, Course((3.0,), (weather,)), place, place, 8.0)
    assert np.array_equal(exact, np.full(7, friction(weather)))


def test_steps_and_rollouts_of_changing_weather_are_the_same_to_the_last_bit():
    road = open_road(drivers([200.0, 150.0]))
    course = dataclasses.replace(PASSING, front_x_mps=10.0, uneven=True)
    state = engine.initial_state(road, conditions=course)
    for _ in range(120):
        state = engine.step(road, state, conditions=course)
    (whole,) = engine.rollout(road, [12.0], conditions=course)
    assert np.array_equal(state.x_m, whole.x_m)
    assert np.array_equal(state.speed_mps, whole.speed_mps)


def test_drivers_behind_the_edge_of_a_front_are_slower_than_those_ahead_of_it():
    starts = [100.0 * k for k in range(1, 30)]
    road = open_road(drivers(starts, desired_speed_mps=15.0))
    fog = Conditions(rain_mm_h=60.0, visibility_m=80.0)
    course = Course((0.0, 5.0), (CLEAR, fog), front_x_mps=50.0)  # faster than all who drive
    (state,) = engine.rollout(road, [30.0], conditions=course)
    behind, ahead = state.x_m < 30.0 * 50.0 - 500.0, state.x_m > 30.0 * 50.0
    assert behind.sum() >= 5
    assert ahead.sum() > 5
    assert state.speed_mps[behind].max() < state.speed_mps[ahead].min() - 0.5
    assert (state.lamps[behind] & 8 > 0).all()
    assert (state.lamps[ahead] & 8 == 0).all()


@pytest.mark.parametrize("ice", [0.3, 0.6])
def test_braking_on_a_patchy_road_takes_what_the_patches_under_the_wheels_allow(ice):
    course = Course((0.0,), (Conditions(ice=ice),), uneven=True)
    wheels = [(a, s) for a in (-0.3 * 4.5, 0.3 * 4.5) for s in (-0.78, 0.78)]
    taken, even = [], []
    for start in np.arange(100.0, 2130.0, 203.0):
        road = open_road(drivers([start], desired_speed_mps=20.0, adapts=False))
        states = engine.rollout(road, np.arange(300) * 0.1, course, emergency_s=6.0)
        begun = states[round((6.0 + REACTION_S) * 10)]
        begin, speed = float(begun.x_m[0]), float(begun.speed_mps[0])
        way = next(float(s.x_m[0]) for s in states if s.speed_mps[0] == 0.0) - begin
        x = np.arange(begin, begin + speed**2 / (2 * ICE * GRAVITY_MPS2), 0.05)
        mu = np.mean([friction_at(road, course, x + a, 0 * x + s, 10.0) for a, s in wheels], 0)
        work = np.cumsum(mu) * 0.05 * GRAVITY_MPS2
        assert way == pytest.approx(x[np.searchsorted(work, speed**2 / 2)] - begin, rel=0.1)
        dry, icy = (speed**2 / (2 * m * GRAVITY_MPS2) for m in (DRY, ICE))
        assert dry * 0.99 <= way <= icy * 1.01
        taken.append(way)
        even.append(speed**2 / (2 * friction(course.knots[0]) * GRAVITY_MPS2))
    assert max(taken) - min(taken) > 5.0  # m: it depends on the place
    assert 0.8 * np.mean(even) < np.mean(taken) < 1.5 * np.mean(even)


@pytest.mark.parametrize("layout", ["town", "crossroads_signals"])
def test_drivers_who_adapt_reckon_with_patches_of_ice_and_those_who_do_not_crash(layout):
    course = Course((0.0,), (Conditions(ice=0.3),), uneven=True)
    crashes = {}
    for adapt in (1.0, 0.0):
        traffic = TrafficConfig(vehicles_low=30, vehicles_high=30, adapt=adapt, horizon_s=90.0)
        scene = sample_scene(SceneConfig(layouts=(layout,), traffic=traffic), 1, 0)
        states = engine.rollout(scene, np.arange(50, 1200, 3) * 0.1, course)
        crashes[adapt] = len({(i, j) for _, i, j in observer.overlapping(scene, states)})
    assert crashes[1.0] == 0
    assert crashes[0.0] > 0


def test_ice_lies_on_just_the_share_of_the_road_that_it_should():
    road = open_road(drivers([100.0]))
    x, y = np.meshgrid(np.arange(0.0, 128.0, 0.5) + 0.1, np.arange(40.0, 168.0, 0.5) + 0.1)
    mu = friction_at(road, Course((0.0,), (Conditions(ice=0.25),), uneven=True), x, y, 0.0)
    assert (mu == ICE).mean() == pytest.approx(0.25, abs=1e-3)


def test_wheels_have_cleared_their_tracks_of_snow_and_stand_in_water_there():
    road = open_road(drivers([100.0]))
    x = np.arange(0.0, 1000.0, 0.5)
    for weather, better in ((Conditions(snow_cover=0.8), 1), (Conditions(water_film_mm=0.3), -1)):
        course = Course((0.0,), (weather,), uneven=True)
        track = friction_at(road, course, x, 0 * x + 0.78, 0.0).mean()
        middle = friction_at(road, course, x, 0 * x, 0.0).mean()
        assert better * (track - middle) > 0.02


def test_a_scene_keeps_its_course_and_comes_to_the_same_in_another_process():
    course = dataclasses.replace(PASSING, front_x_mps=8.0, uneven=True, pace=10.0)
    road = open_road(drivers([300.0, 200.0, 100.0]), conditions=CLEAR, course=course)
    text = dump_scene(road)
    assert load_scene(text).course == course
    code = (
        "import sys, hashlib; from simulator import engine; from simulator.scene_io import "
        "load_scene; s = engine.rollout(load_scene(sys.stdin.read()), [30.0])[0]; "
        "print(hashlib.sha256(s.x_m.tobytes() + s.speed_mps.tobytes()).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True
    )
    (state,) = engine.rollout(road, [30.0])
    mine = hashlib.sha256(state.x_m.tobytes() + state.speed_mps.tobytes()).hexdigest()
    assert told.stdout.strip() == mine


def test_a_scene_without_a_course_does_not_mention_one():
    road = open_road(drivers([100.0]))
    assert "course" not in json.loads(dump_scene(road))
    assert load_scene(dump_scene(road)).course is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"times_s": [5.0, 1.0]}, "must increase"), ({"times_s": []}, "1 to 100 times"),
        ({"pace": 1e9}, "pace must be"), ({"front_x_mps": 400.0}, "at most 60 m/s"),
        ({"times_s": [5.0, 1e9]}, "10,000 s"), ({"knots": 3}, "must be a list"),
    ],
)  # fmt: skip
def test_a_broken_course_in_a_file_is_refused_in_one_line(change, said):
    plain = json.loads(dump_scene(open_road(drivers([100.0]), course=PASSING)))
    plain["course"] |= change
    with pytest.raises(DataError, match=said):
        load_scene(json.dumps(plain))


def test_a_slow_front_over_an_endless_map_costs_no_more_than_one_over_a_street():
    bounds = (-1e9, -1e9, 1e9, 1e9)
    road = open_road(drivers([100.0]))
    wide = dataclasses.replace(road, network=dataclasses.replace(road.network, bounds_m=bounds))
    course = dataclasses.replace(PASSING, front_x_mps=1.0, uneven=True)
    (state,) = engine.rollout(wide, [5.0], course)
    assert state.x_m[0] > 150.0
