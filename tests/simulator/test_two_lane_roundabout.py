"""Traffic in roundabouts of two lanes, judged from poses: who yields, and that it flows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.config import RoadConfig, SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.convention import Convention
from simulator.lane import Turn
from simulator.network import Control
from tests.cast import drivers, scene
from tests.simulator import observer
from tests.simulator.circles import INNER, OUTER, circle, entries
from tests.simulator.flows import passed_per_h, poisson
from tests.simulator.test_every_layout import off_road, stuck

TWO = RoadConfig(roundabout_two_lane_share=1.0)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("lane", [OUTER, INNER])
@pytest.mark.parametrize("ring", [OUTER, INNER])
def test_who_comes_in_yields_to_both_rings(side, lane, ring):
    """Eight cars come round 2.7 s apart: nobody gets in among them, and then without delay.

    Those on the inner ring are in nobody's way who comes in on the outer lane, until they leave by
    the next exit.
    """
    net, routes, names = circle(side, 2)
    rounds, enters = names[0, ring, 2], names[1, lane, 2]
    times = [20.0 + 2.6 * k for k in range(8)] + [30.0]
    agents = drivers(
        [0.0] * 9, [rounds] * 8 + [enters], enter_time_s=times, headway_s=0.9, min_gap_m=2.0
    )
    run = scene(net, routes, agents, convention=Convention(side))
    states = engine.rollout(run, np.arange(900) * 0.1)
    middle = [lane.centre_m.mean(axis=0) for lane in net.lanes if lane.turn == Turn.STRAIGHT]
    arm = net.lanes[routes[enters][0]].centre_m[0] - np.mean(middle, axis=0)
    past = [comes_past_s(states, i, np.mean(middle, axis=0), arm) for i in range(8)]
    came = next(s.time_s for s in states if s.active[8] and s.speed_mps[8] == 0.0)
    entered = next(
        states[p.step].time_s
        for p in observer.passages(run, states)
        if p.vehicle == 8 and p.line.control == Control.YIELD
    )
    assert came < past[4]
    assert past[-1] - 1.0 < entered < past[-1] + 4.0  # as soon as it can be followed
    assert observer.overlapping(run, states) == []


def comes_past_s(states, vehicle, centre, arm) -> float:
    """When a vehicle in the circle comes past the axis of an arm, s."""
    across = np.array([-arm[1], arm[0]])
    off = np.stack([[s.x_m[vehicle], s.y_m[vehicle]] - centre for s in states])
    there = (np.hypot(*off.T) < 34.0) & (off @ arm > 0) & [s.active[vehicle] for s in states]
    over = there[1:] & there[:-1] & (np.diff(np.sign(off @ across)) != 0)
    return states[int(np.flatnonzero(over)[0]) + 1].time_s


@pytest.mark.parametrize("flow", [0, 300, 600, 900, 1200])
@pytest.mark.parametrize("lane", [OUTER, INNER])
def test_a_lane_lets_in_what_the_manual_says_less_a_fourth_at_most(lane, flow):
    """HCM 7, exhibit 22-19, two lanes in and two round: 1420 exp(-0.00085 v) on the right, 1350
    exp(-0.00092 v) on the left, v being what does go round."""
    net, routes, names = circle("right", 2)
    enters = names[1, lane, 2]
    flows = {names[0, ring, 2]: flow / 2 for ring in (OUTER, INNER)} | {enters: 1500}
    run = scene(net, routes, poisson(flows, 1200.0))
    states = engine.rollout(run, np.arange(1200, 12000, 20) * 0.1)
    most, slope = ((1420, 0.00085), (1350, 0.00092))[lane]
    round_ = sum(passed_per_h(run, states, names[0, ring, 2]) for ring in (OUTER, INNER) if flow)
    share = passed_per_h(run, states, enters) / (most * math.exp(-slope * round_))
    assert 0.75 < share < 1.15
    assert observer.overlapping(run, states) == []
    for ring in (OUTER, INNER) if flow else ():
        assert passed_per_h(run, states, names[0, ring, 2]) >= 0.85 * flow / 2


@pytest.mark.parametrize(("side", "seed"), [("right", 0), ("right", 2), ("left", 1)])
def test_a_full_circle_of_two_lanes_flows_without_a_touch(side, seed):
    """More come than it can serve: on each of eight lanes one gets in now and then."""
    traffic = TrafficConfig(vehicles_low=40, vehicles_high=40, horizon_s=120.0)
    config = SceneConfig(
        layouts=("roundabout",), roads=TWO, traffic=traffic, convention=Convention(side)
    )
    run = sample_scene(config, seed, 0)
    assert entries(run.network) == 8
    states = engine.rollout(run, np.arange(1501) * 0.1)
    assert observer.overlapping(run, states[::2]) == []
    assert off_road(run, states[::20]) == []
    assert stuck(run, states, 110.0) == []
    on = np.stack([s.active & run.agents.driven for s in states])
    assert (on[:-1] & ~on[1:]).sum() > 90


def test_nobody_changes_rings_and_the_lane_says_where_one_leaves():
    """The right lane for the first two exits, the left one for the second and those beyond."""
    net, routes, names = circle("right", 2)
    assert {(lane, exits) for _, lane, exits in names} == {
        (OUTER, 1), (OUTER, 2), (INNER, 2), (INNER, 3), (INNER, 4),
    }  # fmt: skip
    assert len(names) == 4 * 5
    for (arm, lane, exits), r in names.items():
        goal = net.lanes[routes[r][-1]].centre_m[-1]
        home = net.lanes[routes[names[(arm + exits) % 4, lane, 2]][0]].centre_m[0]
        assert np.hypot(*(goal - home)) < 16.0  # the lanes of one arm, side by side
        assert (net.right_of[routes[r][-1]] < 0) == (lane == OUTER)
