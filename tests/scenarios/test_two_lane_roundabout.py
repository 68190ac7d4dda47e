"""Maps of roundabouts with two lanes: sound on both sides of the road, marked as driven."""

import dataclasses

import numpy as np
import pytest
import shapely
from shapely import Polygon

from scenarios.config import RoadConfig, SceneConfig
from scenarios.furniture import place_signs
from scenarios.layouts import LAYOUTS
from scenarios.mirror import mirrored_network
from scenarios.sampler import sample_scene
from simulator.convention import Convention
from simulator.lane import Marking, Turn
from simulator.network import Control
from simulator.seeding import stream
from tests.scenarios import test_convention as on_the_left
from tests.scenarios import test_layouts as held

TWO = RoadConfig(roundabout_two_lane_share=1.0)


CHECKS = (
    *on_the_left.SIDELESS,
    held.test_whoever_could_meet_another_has_a_line_and_not_all_have_priority,
    held.test_signs_face_their_traffic_at_the_legal_place_and_do_not_contradict_each_other,
)


def built(seed, config=TWO):
    return LAYOUTS["roundabout"].build(stream(seed, 0, "test/roundabout"), config)


def entries(roads):
    return [line for line in roads.network.stop_lines if line.control == Control.YIELD]


@pytest.fixture(scope="module")
def wide():
    """The roundabouts of two lanes among those of 72 seeds."""
    return [roads for roads in map(built, range(72)) if len(entries(roads)) == 8]


def test_four_arms_in_ten_seeds_have_two_lanes_by_default(wide):
    by_default = [len(entries(built(seed, RoadConfig()))) for seed in range(150)]
    assert 0.3 < by_default.count(8) / 150 < 0.5
    assert set(by_default) == {3, 4, 8}
    assert len(wide) >= 30
    never = RoadConfig(roundabout_two_lane_share=0.0)
    assert all(len(entries(built(seed, never))) < 8 for seed in range(20))


@pytest.mark.parametrize("check", CHECKS)
def test_every_map_is_sound(wide, check):
    check(wide)


@pytest.mark.parametrize("check", on_the_left.SIDELESS)
def test_every_mirrored_map_is_sound(wide, check):
    check(
        [
            dataclasses.replace(
                roads,
                network=mirrored_network(roads.network),
                boxes=roads.boxes * [1, -1, -1, 1, 1],
            )
            for roads in wide[:8]
        ]
    )


@pytest.mark.parametrize("side", ["right", "left"])
def test_scenes_are_consistent_on_both_sides(side):
    for seed in range(30):
        config = SceneConfig(("roundabout",), roads=TWO, convention=Convention(side, "vienna"))
        scene = sample_scene(config, seed, 0)
        if side == "left":
            assert on_the_left.misplaced(scene) == []


def test_ways_across_meet_and_those_side_by_side_do_not(wide):
    """Four pairs an arm: into the outer ring, across it into the inner one, and out across it."""
    for roads in wide:
        lanes = roads.network.lanes
        out = [Turn.RIGHT in (lanes[a].turn, lanes[b].turn) for a, b in roads.network.conflicts]
        assert (len(out), sum(out)) == (16, 4)


def test_two_yield_lines_one_sign_and_arrows_on_every_arm(wide):
    for roads in wide:
        signs = [sign for sign in place_signs(roads) if sign.type == "yield"]
        assert len(signs) == 4
        net = roads.network
        pieces = {line.lane_id for line in entries(roads)}
        approaches = [i for i, follow in enumerate(net.successors) if pieces & set(follow)]
        assert len(approaches) == 8
        paint = shapely.union_all([Polygon(p).buffer(0.01) for p in net.paint_m])
        for i in approaches:
            arrows = [p for p in shapely.get_parts(paint) if p.within(held.strip(net.lanes[i]))]
            left = [_left_m(net.lanes[i].centre_m, arrow.centroid) for arrow in arrows]
            assert len(left) == 2
            assert all((side < 0) == (net.right_of[i] < 0) for side in left)


def _left_m(line_m, point) -> float:
    """How far left of a straight line a point lies, m."""
    ahead, off = line_m[-1] - line_m[0], np.array([point.x, point.y]) - line_m[0]
    return float(ahead[0] * off[1] - ahead[1] * off[0]) / float(np.hypot(*ahead))


def test_a_lane_line_parts_the_rings_between_the_arms(wide):
    for roads in wide[:6]:
        net = roads.network
        rings = [line.lane_id for line in net.stop_lines if line.control == Control.PRIORITY]
        outer = [i for i in rings if net.left_of[i] >= 0]
        assert len(outer) == 4
        for i in outer:
            assert net.lanes[i].left == Marking.BROKEN_WHITE
            assert net.lanes[i].right == Marking.SOLID_WHITE
            inner = net.lanes[int(net.left_of[i])]
            assert (inner.left, inner.right) == (Marking.SOLID_YELLOW, Marking.NONE)
