"""Lane changes: when they pay, when they must be, and how they look from outside."""

import itertools

import numpy as np
import pytest

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import AgentTable, Lamp
from simulator.convention import Convention
from simulator.lane import Lane, Turn
from simulator.network import Network
from simulator.scene import Scene
from simulator.seeding import stream
from tests.cast import DRY, ICY, SNOWY, drivers, scene
from tests.simulator import observer


def tenths(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * 10) + 1) * 0.1


def two_lanes(agents: AgentTable, closed: bool = False, **more: object) -> Scene:
    """Lane 0 left, lane 1 right, due east; route 0 and 1. Closed: lane 1 ends at 300 m."""
    end = 300.0 if closed else 900.0
    lanes = [Lane(k, np.array([[0.0, y], [end, y]]), 3.5, 14.0) for k, y in ((0, 0.0), (1, -3.5))]
    follow: tuple[tuple[int, ...], ...] = ((), ())
    routes: tuple[tuple[int, ...], ...] = ((0,), (1,))
    left, right = [-1, 0], [1, -1]
    if closed:
        lanes.append(Lane(2, np.array([[end, 0.0], [900.0, 0.0]]), 3.5, 14.0))
        follow, routes = ((2,), (), ()), ((0, 2), (1,))
        left, right = [-1, 0, -1], [1, -1, -1]
    network = Network(
        tuple(lanes), follow, np.array(left), np.array(right), np.zeros((0, 2)), (), (), (),
        (0.0, -20.0, 900.0, 20.0),
    )  # fmt: skip
    return scene(network, routes, agents, **more)


def changes(states) -> list[tuple[int, int]]:
    """(step, vehicle) of every beginning of a lane change."""
    route = np.stack([s.route for s in states])
    return [(int(k), int(i)) for k, i in np.argwhere(np.diff(route, axis=0) != 0)]


def crowd(seed: int, count: int = 24) -> AgentTable:
    rng = stream(seed, 0, "crowd")
    starts = [10.0 + 22.0 * (count // 2 - k // 2) for k in range(count)]
    speeds = rng.uniform(7.0, 14.0, count)
    headway = rng.uniform(0.8, 1.8, count)
    routes = [k % 2 for k in range(count)]
    return drivers(starts, routes=routes, desired_speed_mps=speeds, headway_s=headway)


def test_a_fast_driver_overtakes_a_slow_one_on_the_other_lane():
    cars = drivers([200.0, 100.0], routes=[1, 1], desired_speed_mps=[6.0, 13.5])
    states = engine.rollout(two_lanes(cars), tenths(45))
    ((step, who),) = changes(states)[:1]
    assert who == 1
    assert states[-1].s_m[1] > states[-1].s_m[0] + 50
    moving = [s for s in states[step + 1 :] if s.shift_done[1] < 1]
    assert 3.0 <= 0.1 * len(moving) <= 5.1
    assert all(s.lamps[1] & Lamp.LEFT for s in moving)
    assert not observer.overlapping(two_lanes(cars), states)


def bends(agents: AgentTable) -> Scene:
    """Two lanes as in ``two_lanes`` that bend by 60 degrees to the left, and then back."""
    turn = np.concatenate([np.linspace(0.0, 1.05, 60), np.full(10, 1.05), np.linspace(1.05, 0, 60)])
    heading = np.concatenate([np.zeros(20), turn, np.zeros(40)])
    middle = np.cumsum(3.0 * np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
    left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    lanes = tuple(Lane(k, middle - 3.5 * k * left, 3.5, 14.0) for k in (0, 1))
    network = Network(
        lanes, ((), ()), np.array([-1, 0]), np.array([1, -1]), np.zeros((0, 2)), (), (), (),
        (-20.0, -20.0, 600.0, 400.0),
    )  # fmt: skip
    return scene(network, ((0,), (1,)), agents)


def test_in_a_bend_a_change_begins_where_the_body_is():
    turned = []
    for seed in range(4):
        states = engine.rollout(bends(crowd(seed)), tenths(40))
        for before, after in itertools.pairwise(states):
            there = before.active & after.active
            moved = np.hypot(after.x_m - before.x_m, after.y_m - before.y_m)[there]
            driven = 0.05 * (before.speed_mps + after.speed_mps)[there]
            # across it goes a little, and an arc further out is longer than that of the path
            assert np.all(np.abs(moved - driven) < 0.03 + 0.1 * driven)
        turned += [abs(states[k].heading_rad[i]) for k, i in changes(states)]
    assert sum(angle > 0.5 for angle in turned) >= 3


def test_the_body_moves_over_smoothly_from_lane_to_lane():
    cars = drivers([200.0, 100.0], routes=[1, 1], desired_speed_mps=[6.0, 13.5])
    states = engine.rollout(two_lanes(cars), tenths(45))
    step, _ = changes(states)[0]
    y = np.array([s.y_m[1] for s in states[step - 5 : step + 60]])
    assert y[0] == pytest.approx(-3.5)
    assert y[-1] == pytest.approx(0.0, abs=1e-6)
    assert (np.diff(y) >= -1e-9).all()
    assert np.abs(np.diff(y, 2)).max() / 0.01 < 2.0  # lateral acceleration, m/s2


def test_nobody_leaves_a_free_lane_for_nothing():
    states = engine.rollout(two_lanes(drivers([100.0, 50.0], routes=[1, 0])), tenths(40))
    assert changes(states) == []


@pytest.mark.parametrize("side", ["right", "left"])
def test_where_the_slow_lane_is_kept_to_who_has_overtaken_goes_back(side):
    """On the other side of the road the slow lane is the other one; elsewhere none is preferred."""
    slow, fast = (1, 0) if side == "right" else (0, 1)
    cars = drivers([200.0, 100.0], routes=[slow, slow], desired_speed_mps=[6.0, 13.5])
    for lanes, ends in (("slow", [slow, slow]), ("any", [slow, fast])):
        road = two_lanes(cars, convention=Convention(side=side, lanes=lanes))
        states = engine.rollout(road, tenths(55))
        assert [int(state_route) for state_route in states[-1].route] == ends
        assert any(s.route[1] == fast for s in states)
        assert not observer.overlapping(road, states)


def test_in_a_queue_every_lane_is_as_good():
    cars = drivers([100.0, 60.0], routes=[0, 0], desired_speed_mps=[5.0, 5.0])
    road = two_lanes(cars, convention=Convention(lanes="slow"))
    assert changes(engine.rollout(road, tenths(40))) == []


def test_light_traffic_goes_to_the_slow_lane_and_stays_there():
    cars = drivers([390.0 - 120.0 * k for k in range(4)], routes=[0, 1, 0, 1])
    for lanes, ends in (("any", [0, 1] * 2), ("slow", [1] * 4)):
        road = two_lanes(cars, convention=Convention(lanes=lanes))
        states = engine.rollout(road, tenths(30))
        assert states[-1].route.tolist() == ends
        assert len(changes(states)) == sum(a != k % 2 for k, a in enumerate(ends))
        assert observer.overlapping(road, states) == []


@pytest.mark.parametrize("weather", [DRY, SNOWY, ICY], ids=["dry", "snow", "ice"])
def test_a_change_never_makes_the_new_follower_brake_hard_and_nobody_touches(weather):
    begun = 0
    for seed in range(6):
        road = two_lanes(crowd(seed), conditions=weather)
        states = engine.rollout(road, tenths(60))
        assert observer.overlapping(road, states) == []
        for step, who in changes(states):
            after = states[step + 1]
            same = (after.route == after.route[who]) & after.active & (after.s_m < after.s_m[who])
            if same.any():
                behind = int(np.argmax(np.where(same, after.s_m, -1.0)))
                assert states[min(step + 2, 600)].accel_mps2[behind] > -3.5
            begun += 1
    assert begun >= 3


def test_a_lane_that_ends_is_left_by_all_before_its_end():
    rng = stream(3, 0, "works")
    enter = np.sort(rng.uniform(0.0, 120.0, 50)).round(1)
    cars = drivers([0.0] * 50, routes=[k % 2 for k in range(50)], enter_time_s=enter)
    road = two_lanes(cars, closed=True)
    states = engine.rollout(road, tenths(300))
    assert observer.overlapping(road, states) == []
    assert max(float(s.s_m[s.route == 1].max(initial=0.0)) for s in states) < 300.0
    assert (states[-1].route == 0).all()
    assert not states[-1].active.any()
    waits = [s for s in states if ((s.route == 1) & s.active & (s.speed_mps > 0)).any()]
    assert any(s.lamps[i] & Lamp.LEFT for s in waits for i in np.flatnonzero(s.route == 1))


def test_changes_begin_and_end_outside_junctions():
    seen = 0
    for seed in range(12):
        config = SceneConfig(
            layouts=("crossroads_stop", "crossroads_signals"),
            traffic=TrafficConfig(vehicles_low=60, vehicles_high=60),
        )
        sampled = sample_scene(config, seed, 0)
        for state in engine.rollout(sampled, tenths(40)):
            for i in np.flatnonzero((state.shift_done < 1) & state.active):
                lane = sampled.network.lanes[sampled.routes[state.route[i]][state.leg[i]]]
                assert lane.turn == Turn.NONE
                assert state.s_m[i] > sampled.agents.length_m[i]
                seen += 1
    assert seen > 20


def test_a_state_within_a_change_is_taken_up_again_bit_for_bit():
    road = two_lanes(crowd(1), conditions=DRY)
    world = engine.compile_world(road)
    states = engine.rollout(road, tenths(40), world=world)
    state = states[0]
    for at_once in states[1:]:
        state = engine.step(road, state, world=world)
        for name in ("x_m", "y_m", "heading_rad", "s_m", "route", "shift_done", "lamps"):
            assert np.array_equal(getattr(state, name), getattr(at_once, name)), name
    assert changes(states)
