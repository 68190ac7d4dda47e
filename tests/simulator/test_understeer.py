"""What the tyres cannot give: who leaves its arc, how far, and who does not."""

import dataclasses
import itertools
import math
import subprocess
import sys

import numpy as np
import pytest

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.collision import overlaps
from simulator.conditions import Conditions
from simulator.grip import GRAVITY_MPS2, ICE
from simulator.lane import Lane
from simulator.network import Network
from simulator.scene_io import dump_scene
from simulator.surroundings import Building, Pole, Surroundings, Tree
from tests.cast import DRY, GROUND, ICY, drivers, scene

GRIP_MPS2 = ICE * GRAVITY_MPS2


def bend(radius_m: float, conditions: Conditions = ICY, **columns: object):
    """A car that comes east along y = 0 and from x = 0 turns left by a quarter of a circle."""
    turn = np.linspace(0.0, math.pi / 2, math.ceil(radius_m * math.pi))
    arc = radius_m * np.stack([np.sin(turn), 1.0 - np.cos(turn)], axis=1)
    before = np.stack([np.arange(-200.0, 0.5, 5.0), np.zeros(41)], axis=1)
    after = np.array([[radius_m, radius_m], [radius_m, radius_m + 300.0]])
    lanes = tuple(Lane(k, line, 3.5, 60.0) for k, line in enumerate((before, arc, after)))
    none, box = np.full(3, -1), (-300.0, -300.0, 600.0, 600.0)
    pairs = np.zeros((0, 2), np.int32)
    network = Network(lanes, ((1,), (2,), ()), none, none, pairs, (), (), (), box)
    return scene(network, ((0, 1, 2),), drivers([20.0], **columns), conditions=conditions)


def driven(road, seconds: float, **more: object):
    states = engine.rollout(road, np.arange(round(10 * seconds)) * 0.1, **more)
    return [s for s in states if s.active[0]]


@pytest.mark.parametrize(("radius_m", "speed_mps"), [(60.0, 11.0), (30.0, 8.0)])
def test_on_ice_who_does_not_adapt_goes_wide_by_what_its_tyres_cannot_give(radius_m, speed_mps):
    states = driven(bend(radius_m, desired_speed_mps=speed_mps, adapts=False), 60.0)
    wide = [s for s in states if s.drift_m is not None]
    # while all of it is in the bend, what is missing grows by time squared
    early = [s for s in wide if s.leg[0] == 1 and s.s_m[0] > 5.0 and abs(s.drift_m[0]) < 0.5]
    v = float(np.mean([s.speed_mps[0] for s in early]))
    aside = np.polyfit([s.time_s for s in early], [s.drift_m[0] for s in early], 2)
    assert -2.0 * aside[0] == pytest.approx(v**2 / radius_m - GRIP_MPS2, rel=0.1)
    # later, the path of a mass whose tyres give mu g in all, braking first
    away, x, y, angle = 0.0, wide[0].x_m[0], wide[0].y_m[0], wide[0].heading_rad[0]
    for before, after in itertools.pairwise(wide):
        if after.leg[0] != 1:
            break
        v = 0.5 * (before.speed_mps[0] + after.speed_mps[0])
        across = math.sqrt(max(GRIP_MPS2**2 - min(after.accel_mps2[0], 0.0) ** 2, 0.0))
        angle += 0.1 * across / v
        x, y = x + 0.1 * v * math.cos(angle), y + 0.1 * v * math.sin(angle)
        away = math.hypot(after.x_m[0], after.y_m[0] - radius_m) - radius_m
        expected = math.hypot(x, y - radius_m) - radius_m
        assert away == pytest.approx(expected, rel=0.1, abs=0.05)
    assert away > 2.0
    assert states[-1].drift_m is None or abs(states[-1].drift_m[0]) < 1.0  # it found back


@pytest.mark.parametrize("radius_m", [12.0, 30.0, 60.0])
def test_who_adapts_keeps_its_arc_on_ice_and_everybody_does_on_a_dry_road(radius_m):
    for weather, adapts in ((ICY, True), (DRY, False), (DRY, True)):
        road = bend(radius_m, weather, desired_speed_mps=14.0, adapts=adapts)
        assert all(s.drift_m is None for s in driven(road, 60.0))


def test_braking_to_a_stand_on_ice_in_a_bend_leads_straight_on():
    road = bend(30.0, desired_speed_mps=10.0, adapts=True)
    states = driven(road, 60.0)
    begun = next(k for k, s in enumerate(states) if s.leg[0] == 1 and s.s_m[0] > 8.0)
    assert states[begun].drift_m is None
    states = driven(road, 60.0, emergency_s=states[begun].time_s - 1.5)
    start, end = states[begun], states[-1]
    assert end.speed_mps[0] == 0.0
    went = np.array([end.x_m[0] - start.x_m[0], end.y_m[0] - start.y_m[0]])
    assert math.atan2(went[1], went[0]) == pytest.approx(start.heading_rad[0], abs=0.02)
    assert end.heading_rad[0] == pytest.approx(start.heading_rad[0], abs=0.02)
    assert np.hypot(*went) == pytest.approx(start.speed_mps[0] ** 2 / (2 * GRIP_MPS2), rel=0.05)


def test_a_drifting_state_that_is_taken_up_again_goes_on_to_the_bit_in_any_process():
    road = bend(30.0, desired_speed_mps=9.0, adapts=False)
    wide = next(s for s in driven(road, 60.0) if s.drift_m is not None and s.drift_m[0] < -1.0)
    later = engine.rollout(road, [wide.time_s + 3.0])[0]
    state = wide
    for _ in range(30):
        state = engine.step(road, state)
    for name in ("x_m", "y_m", "heading_rad", "s_m", "drift_m", "drift_rad"):
        assert getattr(state, name).tobytes() == getattr(later, name).tobytes()
    code = (
        "import sys; from simulator import engine; from simulator.scene_io import load_scene; "
        f"s = engine.rollout(load_scene(sys.stdin.read()), [{later.time_s!r}])[0]; "
        "print((s.x_m.tobytes() + s.heading_rad.tobytes() + s.drift_m.tobytes()).hex())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], input=dump_scene(road), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    mine = later.x_m.tobytes() + later.heading_rad.tobytes() + later.drift_m.tobytes()
    assert told.stdout.strip() == mine.hex()


def test_who_goes_wide_hits_what_stands_beside_the_road():
    road = bend(30.0, desired_speed_mps=9.0, adapts=False)
    wide = next(s for s in driven(road, 60.0) if s.drift_m is not None and s.drift_m[0] < -3.0)
    columns = {
        "parked_x_m": wide.x_m, "parked_y_m": wide.y_m, "parked_heading_rad": wide.heading_rad,
    }  # fmt: skip
    stands = drivers([20.0, 0.0], [0, -1], desired_speed_mps=9.0, adapts=False, **columns)
    road = dataclasses.replace(road, agents=stands)
    hit = engine.rollout(road, [wide.time_s])[0]
    pairs = overlaps(hit.x_m, hit.y_m, hit.heading_rad, stands.length_m, stands.width_m, hit.active)
    assert pairs.tolist() == [[0, 1]]


@pytest.mark.parametrize("layout", ["town", "curve", "roundabout"])
def test_in_clear_and_dry_weather_nobody_leaves_its_lane(layout):
    traffic = TrafficConfig(vehicles_low=30, vehicles_high=30, horizon_s=90.0, adapt=0.5)
    for seed in range(2):
        town = sample_scene(SceneConfig(layouts=(layout,), traffic=traffic), seed, 0)
        town = dataclasses.replace(town, conditions=DRY, course=None)
        states = engine.rollout(town, np.arange(0, 1200, 2) * 0.1)
        drifts = [s.drift_m for s in states if s.drift_m is not None]
        # some decimetres, while somebody brakes with all the grip
        assert max((float(np.abs(d).max()) for d in drifts), default=0.0) < 0.3


GREY = (90, 90, 90)
WALL_M = np.array([[14.0, -30.0], [40.0, -30.0], [40.0, 60.0], [14.0, 60.0]])
TREES = tuple(Tree(14.0, float(y), 2.0, 6.0, GREY, 1) for y in range(-9, 30))
POLES = tuple(Pole(14.0, float(y), 8.0, 14.0, float(y)) for y in range(-9, 30))
IN_THE_WAY = {
    "a building": Surroundings(GROUND, buildings=(Building(WALL_M, 8.0, GREY, GREY),)),
    "a tree": Surroundings(GROUND, trees=TREES),
    "a post": Surroundings(GROUND, poles=POLES),
}


@pytest.mark.parametrize("thing", IN_THE_WAY)
def test_a_body_that_comes_off_the_road_stops_at_what_stands_there_and_stays(thing):
    """The bend has a radius of 10 m, so the car is well off its arc at x = 14 m."""
    icy = bend(10.0, desired_speed_mps=15.0, adapts=False)
    road = dataclasses.replace(icy, surroundings=IN_THE_WAY[thing])
    states = driven(road, 60.0)
    first = next(k for k, s in enumerate(states) if s.struck is not None)
    assert engine.why(road, states[first], 0) == f"has run into {thing}"
    assert states[first - 1].speed_mps[0] > 5.0
    for s in states[first:]:
        assert s.speed_mps[0] == 0.0
        assert (s.x_m[0], s.y_m[0]) == (states[first].x_m[0], states[first].y_m[0])
    nose = states[first].x_m[0] + 2.25 * math.cos(states[first].heading_rad[0])
    assert 11.0 < nose < 14.0
    later = engine.step(road, states[first])
    assert later.struck is not None
    assert later.x_m.tobytes() == states[first + 1].x_m.tobytes()


def test_a_body_that_keeps_its_lane_touches_nothing_beside_it():
    close = Surroundings(GROUND, poles=(Pole(-50.0, 0.5, 8.0, -50.0, 0.5),))
    road = dataclasses.replace(bend(60.0, DRY), surroundings=close)
    assert all(s.struck is None for s in driven(road, 60.0))
