"""The pieces that layouts are made of: bends, ways, mouths, tapers, programmes."""

import math

import numpy as np
import pytest

from scenarios.alignment import alignment, bend, cut, thinned
from scenarios.config import RoadConfig
from scenarios.draw import least_radius_m
from scenarios.junction import lane_turns, mouths_m
from scenarios.layouts.work_zone import taper_m
from scenarios.plan import Node
from scenarios.signal_plan import Approach, Walk, joined, programme
from scenarios.ways import line_between
from simulator.geometry import arc_lengths_m
from simulator.lane import Turn
from simulator.seeding import stream


def turned(line):
    d = np.diff(line, axis=0)
    return np.unwrap(np.arctan2(d[:, 1], d[:, 0]))


@pytest.mark.parametrize("angle", [-1.2, -0.3, 0.5, 1.4])
def test_a_bend_turns_by_its_angle_and_is_nowhere_tighter_than_its_radius(angle):
    line = alignment([(30.0, 0.0, 0.0), *bend(60.0, angle, 25.0), (30.0, 0.0, 0.0)])
    heading = turned(line)
    assert heading[-1] - heading[0] == pytest.approx(angle, abs=1e-6)
    step = np.hypot(*np.diff(line, axis=0).T)
    assert np.abs(np.diff(heading) / step[:-1]).max() <= 1 / 60 + 1e-3
    assert np.abs(np.diff(heading, n=2)).max() < 0.012, "the curvature jumps"


def test_the_tightest_bend_asks_a_quarter_of_the_weight_at_the_limit():
    radius = least_radius_m(13.4, RoadConfig())
    assert 13.4**2 / radius / 9.81 == pytest.approx(RoadConfig().side_friction)


def test_a_piece_and_a_thinned_line_keep_to_the_line():
    line = alignment([(20.0, 0.0, 0.02), (60.0, 0.02, 0.02)])
    s = arc_lengths_m(line)
    piece = cut(line, 7.0, 51.0)
    assert arc_lengths_m(piece)[-1] == pytest.approx(44.0, abs=0.02)
    thin = thinned(line, 0.2)
    assert len(thin) < len(line) / 2
    assert arc_lengths_m(thin)[-1] == pytest.approx(s[-1], rel=0.01)


@pytest.mark.parametrize("turn_deg", [-120, -90, -60, -30, 30, 75, 90, 120])
def test_a_way_begins_and_ends_in_the_directions_of_its_lanes(turn_deg):
    turn = math.radians(turn_deg)
    a, b = np.zeros(2), 12.0 * np.array([1 + math.cos(turn), math.sin(turn)])
    line = line_between(a, 0.0, b, turn)
    heading = turned(line)
    assert np.allclose(line[[0, -1]], [a, b])
    assert heading[0] == pytest.approx(0.0, abs=0.09)
    assert heading[-1] == pytest.approx(turn, abs=0.09)
    assert np.abs(np.diff(heading)).max() < 0.2


def test_a_shift_to_the_next_lane_is_smooth_at_both_ends():
    line = line_between(np.zeros(2), 0.0, np.array([25.0, 3.3]), 0.0)
    heading = turned(line)
    assert abs(heading[0]) < 0.02
    assert abs(heading[-1]) < 0.02
    assert np.abs(np.diff(heading)).max() < 0.1


def test_a_way_is_no_wider_than_the_corner_that_it_must_not_cut():
    b = np.array([20.0, -20.0])
    free = line_between(np.zeros(2), 0.0, b, -math.pi / 2)
    along = line_between(np.zeros(2), 0.0, b, -math.pi / 2, widest_m=8.0)
    corner = np.array([20.0, 0.0])
    assert np.hypot(*(free - corner).T).min() == pytest.approx(20 * (math.sqrt(2) - 1), abs=0.1)
    assert np.hypot(*(along - corner).T).min() == pytest.approx(8 * (math.sqrt(2) - 1), abs=0.1)


def test_mouths_of_a_square_junction_are_half_the_other_road_and_the_corner_away():
    node = Node(corner_m=6.0)
    headings = [k * math.pi / 2 for k in range(4)]
    halves = [3.0, 7.0, 3.0, 7.0]
    assert mouths_m(node, headings, halves, halves) == pytest.approx([13.0, 9.0, 13.0, 9.0])


def test_a_slanted_junction_has_mouths_further_out():
    node = Node(corner_m=6.0)
    square = mouths_m(node, [0.0, math.pi / 2, math.pi, 1.5 * math.pi], [3.0] * 4, [3.0] * 4)
    slant = math.radians(60)
    slanted = mouths_m(node, [0.0, slant, math.pi, math.pi + slant], [3.0] * 4, [3.0] * 4)
    assert min(slanted) > max(square) + 3.0


def test_lanes_of_an_approach_share_the_movements_from_left_to_right():
    all_ways = {Turn.LEFT, Turn.STRAIGHT, Turn.RIGHT}
    assert set(lane_turns(1, all_ways, own_left=False)[0]) == all_ways
    shared = lane_turns(2, all_ways, own_left=False)
    assert Turn.LEFT in shared[0]
    assert Turn.LEFT not in shared[1]
    assert Turn.RIGHT in shared[1]
    assert lane_turns(3, all_ways, own_left=True)[0] == [Turn.LEFT]
    assert lane_turns(2, {Turn.LEFT, Turn.RIGHT}, own_left=False) == [[Turn.LEFT], [Turn.RIGHT]]


def test_a_taper_is_as_long_as_the_manual_says():
    """MUTCD table 6B-4 for a lane of 12 ft: 125 ft at 25 mph, 245 ft at 35 mph, 540 ft at 45."""
    for mph, feet in ((25, 125), (35, 245), (45, 540)):
        assert taper_m(12 * 0.3048, mph * 0.44704) / 0.3048 == pytest.approx(feet, rel=0.01)


def test_people_have_time_to_cross_and_junctions_of_one_plan_share_its_cycle():
    rng = stream(1, 0, "programmes")
    four = [Approach(k * math.pi / 2, (k,), False) for k in range(4)]
    walks = [Walk(4 + k, 14.0) for k in range(4)]
    first = programme(four, walks, 13.4, 20.0, rng)
    other = [Approach(k * math.pi / 2, (8 + k,), False) for k in range(3)]
    second = programme(other, [None] * 3, 13.4, 20.0, rng)
    plan = joined([first, second], 11, rng)
    seconds = np.array([p.duration_s for p in plan.phases])
    shown = np.array([[int(a) for a in p.aspects] for p in plan.phases])
    assert seconds.sum() == pytest.approx(max(first.cycle_s, second.cycle_s), abs=0.11)
    for group in range(11):
        assert (seconds * (shown[:, group] == 3)).sum() >= 3.9, group
    for walk in walks:
        clearing = (seconds * (shown[:, walk.group] == 2)).sum()
        assert clearing == pytest.approx(14.0 / 1.07, abs=0.3)
    green = shown == 3
    assert (green[:, :4].sum(axis=1) <= 1).all()
    assert (green[:, 8:].sum(axis=1) <= 1).all()
