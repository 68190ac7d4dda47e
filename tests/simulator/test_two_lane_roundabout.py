"""Traffic in roundabouts of two lanes, judged from poses: who yields, and that it flows."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from scenarios.config import RoadConfig, SceneConfig, TrafficConfig
from scenarios.layouts import LAYOUTS
from scenarios.mirror import mirrored_network
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.convention import Convention
from simulator.lane import Turn
from simulator.network import Control, Network
from simulator.seeding import stream
from tests.cast import drivers, scene
from tests.simulator import observer
from tests.simulator.flows import passed_per_h, poisson
from tests.simulator.test_every_layout import off_road, stuck

TWO = RoadConfig(roundabout_two_lane_share=1.0)
OUTER, INNER = 0, 1
"""Lanes of an approach by the ring that they lead to."""


def two_lanes(network: Network) -> bool:
    """Whether the roundabout of a network has two lanes."""
    return sum(line.control == Control.YIELD for line in network.stop_lines) == 8


@functools.cache
def circle(side: str) -> tuple[Network, tuple, dict[tuple[int, int, int], int]]:
    """A network whose traffic keeps to a side, its routes, and of each (arm, lane, exit) the route.

    Arms are counted in the direction of travel from any one of them; exit 1 is the first.
    """
    seed = 1
    while not two_lanes((roads := built(seed)).network):
        seed += 1
    net = mirrored_network(roads.network) if side == "left" else roads.network
    outwards = net.left_of if side == "left" else net.right_of
    round_ = -1.0 if side == "left" else 1.0
    ways = [
        (r, route) for r, route in enumerate(roads.routes) if roads.weights[r] > 0
    ]  # fmt: skip
    edges = {route[0] for _, route in ways if outwards[route[0]] < 0}
    angle = {
        i: round_ * math.atan2(net.lanes[i].centre_m[0, 1], net.lanes[i].centre_m[0, 0])
        for i in edges
    }  # fmt: skip
    arms = sorted(edges, key=lambda i: angle[i])
    names = {}
    for r, route in ways:
        edge, lane = route[0], OUTER
        if edge not in edges:
            edge, lane = int(outwards[edge]), INNER
        exits = sum(net.lanes[i].turn == Turn.STRAIGHT for i in route)  # one way past each arm
        names[arms.index(edge), lane, exits] = r
    return net, roads.routes, names


def built(seed):
    return LAYOUTS["roundabout"].build(stream(seed, 0, "test/two lanes"), TWO)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("lane", [OUTER, INNER])
@pytest.mark.parametrize("ring", [OUTER, INNER])
def test_who_comes_in_yields_to_both_rings(side, lane, ring):
    """Eight cars come round 2.7 s apart: nobody gets in among them, and then without delay.

    Those on the inner ring are in nobody's way who comes in on the outer lane, until they leave by
    the next exit.
    """
    net, routes, names = circle(side)
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
    exp(-0.00092 v) on the left, v being what does go round; at 1,200 an hour a third less."""
    net, routes, names = circle("right")
    enters = names[1, lane, 2]
    flows = {names[0, ring, 2]: flow / 2 for ring in (OUTER, INNER)} | {enters: 1500}
    run = scene(net, routes, poisson(flows, 1200.0))
    states = engine.rollout(run, np.arange(1200, 12000, 20) * 0.1)
    most, slope = ((1420, 0.00085), (1350, 0.00092))[lane]
    round_ = sum(passed_per_h(run, states, names[0, ring, 2]) for ring in (OUTER, INNER) if flow)
    share = passed_per_h(run, states, enters) / (most * math.exp(-slope * round_))
    assert (0.65 if flow == 1200 else 0.75) < share < 1.15
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
    assert two_lanes(run.network)
    states = engine.rollout(run, np.arange(1501) * 0.1)
    assert observer.overlapping(run, states[::2]) == []
    assert off_road(run, states[::20]) == []
    assert stuck(run, states, 110.0) == []
    on = np.stack([s.active & run.agents.driven for s in states])
    assert (on[:-1] & ~on[1:]).sum() > 90


def test_nobody_changes_rings_and_the_lane_says_where_one_leaves():
    """The right lane for the first two exits, the left one for the second and those beyond."""
    net, routes, names = circle("right")
    assert {(lane, exits) for _, lane, exits in names} == {
        (OUTER, 1), (OUTER, 2), (INNER, 2), (INNER, 3), (INNER, 4),
    }  # fmt: skip
    assert len(names) == 4 * 5
    for (arm, lane, exits), r in names.items():
        goal = net.lanes[routes[r][-1]].centre_m[-1]
        home = net.lanes[routes[names[(arm + exits) % 4, lane, 2]][0]].centre_m[0]
        assert np.hypot(*(goal - home)) < 16.0  # the lanes of one arm, side by side
        assert (net.right_of[routes[r][-1]] < 0) == (lane == OUTER)
