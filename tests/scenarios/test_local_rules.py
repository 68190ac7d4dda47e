"""Signs that forbid turns and parking, and school zones: what they say is what traffic does."""

import dataclasses
import itertools

import numpy as np
import pytest

from scenarios.check import check_scene
from scenarios.config import RoadConfig, SceneConfig, TrafficConfig
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind
from simulator.arrays import same
from simulator.convention import Convention
from simulator.seeding import beside, stream

STRICT = RoadConfig(
    turn_ban_share=1.0, school_share=1.0, no_parking_share=1.0, parking_share=1.0,
    crosswalk_share=1.0,
)  # fmt: skip
PLAIN = RoadConfig(turn_ban_share=0.0, school_share=0.0, no_parking_share=0.0)
LEFT = Convention("left", "vienna")
RULES = {"no_left_turn", "no_right_turn", "no_u_turn", "school_zone", "no_parking"}


def scene_of(layout, seed=1, roads=STRICT, convention=None, **more):
    kept = convention or Convention()
    config = SceneConfig(layouts=(layout,), roads=roads, convention=kept, **more)
    return sample_scene(config, seed, 0)


def of(scene, *types):
    return [s for s in scene.signs if s.type in types]


def without(scene, types):
    return dataclasses.replace(scene, signs=tuple(s for s in scene.signs if s.type not in types))


@pytest.mark.parametrize("convention", [Convention(), LEFT])
@pytest.mark.parametrize("layout", ["crossroads_stop", "crossroads_signals", "town", "t_junction"])
def test_a_turn_that_a_sign_forbids_is_missing_from_the_ways_and_nobody_is_cut_off(
    layout, convention
):
    banned = 0
    for seed in range(3):
        scene = scene_of(layout, seed, convention=convention)
        banned += len(of(scene, "no_left_turn", "no_right_turn"))
        assert check_scene(scene) == []
        used = {lane for route in scene.routes for lane in route}
        assert used == {lane.id for lane in scene.network.lanes}
    assert banned > 2


def test_a_forbidden_left_turn_is_a_forbidden_right_turn_in_the_mirror():
    right, left = scene_of("crossroads_stop"), scene_of("crossroads_stop", convention=LEFT)
    count = [len(of(right, "no_left_turn")), len(of(right, "no_right_turn"))]
    assert count == [len(of(left, "no_right_turn")), len(of(left, "no_left_turn"))]
    assert count[0] > 0


@pytest.mark.parametrize("turn", ["left", "right"])
def test_a_sign_against_a_turn_that_traffic_makes_is_found(turn):
    scene = scene_of("crossroads_stop", roads=PLAIN)
    stop = of(scene, "stop")[0]
    planted = dataclasses.replace(stop, id=99, type=f"no_{turn}_turn", stop_line_id=-1)
    found = check_scene(dataclasses.replace(scene, signs=(*scene.signs, planted)))
    assert found == [f"sign 99 (no_{turn}_turn) forbids a turn that traffic makes"]
    away = dataclasses.replace(planted, heading_rad=stop.heading_rad + np.pi)
    assert check_scene(dataclasses.replace(scene, signs=(away,))) != []


def test_drivers_slow_down_in_a_school_zone_and_its_signs_say_how_much():
    usual, slow = scene_of("mid_block_crosswalk", roads=PLAIN), scene_of("mid_block_crosswalk")
    zone = of(slow, "school_zone")
    assert {s.number for s in zone} == {20}
    assert len(zone) == 2
    assert not of(slow, "speed_limit")
    assert {lane.speed_limit_mps for lane in slow.network.lanes} == {STRICT.school_limit_mps}
    fastest = []
    for scene in (usual, slow):
        states = engine.rollout(scene, [20.0, 30.0, 40.0])
        driven = scene.agents.driven
        fastest.append(max(float(s.speed_mps[s.active & driven].max()) for s in states))
    assert fastest[1] < STRICT.school_limit_mps + 1.5 < fastest[0]


def test_a_school_zone_whose_sign_shows_another_limit_is_found():
    scene = scene_of("straight", seed=2)
    zone = of(scene, "school_zone") or of(scene, "speed_limit")
    wrong = dataclasses.replace(zone[0], number=zone[0].number + 15)
    signs = tuple(wrong if s is zone[0] else s for s in scene.signs)
    (found,) = check_scene(dataclasses.replace(scene, signs=signs))
    assert f"shows {wrong.number} where {zone[0].number} is the limit" in found


def test_some_who_walk_past_a_school_are_children():
    traffic = TrafficConfig(people_low=20, people_high=24)
    scene = scene_of("mid_block_crosswalk", traffic=traffic)
    usual = scene_of("mid_block_crosswalk", roads=PLAIN, traffic=traffic)
    height = [s.agents.height_m[s.agents.kind == Kind.PEDESTRIAN] for s in (scene, usual)]
    assert (height[0] < 1.4).mean() > 0.2
    assert not (height[1] < 1.4).any()


@pytest.mark.parametrize("convention", [Convention(), LEFT])
def test_nobody_parks_along_a_kerb_with_a_no_parking_sign_and_who_does_is_found(convention):
    parked = TrafficConfig(parked_low=1.0, parked_high=1.0)
    half = dataclasses.replace(STRICT, no_parking_share=0.5)
    drawn = (scene_of("straight", seed, half, convention, traffic=parked) for seed in range(8))
    scene = next(
        s for s in drawn
        if len({k.heading_rad for k in of(s, "no_parking")}) == 1 and (s.agents.route < 0).any()
    )  # fmt: skip
    kept, rows = of(scene, "no_parking"), np.flatnonzero(scene.agents.route < 0)
    sign, agents = kept[0], scene.agents
    across = np.array([-np.sin(sign.heading_rad), np.cos(sign.heading_rad)])
    side = np.sign(across @ [sign.x_m, sign.y_m])
    places = np.stack([agents.parked_x_m[rows], agents.parked_y_m[rows]])
    assert (np.sign(across @ places) == -side).all()
    assert check_scene(scene) == []
    turned = dataclasses.replace(
        sign, heading_rad=sign.heading_rad + np.pi, x_m=-sign.x_m, y_m=-sign.y_m
    )
    (found,) = check_scene(dataclasses.replace(scene, signs=(turned,)))
    assert "stands where vehicle" in found


def test_without_local_rules_a_map_is_what_it_was_and_no_other_draw_changes():
    rng = stream(1, 0, "test")
    first = beside(rng, "a").random(3)
    drawn = rng.random()
    assert drawn == stream(1, 0, "test").random()
    assert np.array_equal(beside(rng, "a").random(3), first)
    assert not np.array_equal(beside(rng, "b").random(3), first)
    kerb = dataclasses.replace(PLAIN, no_parking_share=1.0)
    for layout in ("straight", "parking_street"):
        a, b = (LAYOUTS[layout].build(stream(1, 0, "x"), c) for c in (PLAIN, kerb))
        assert same(a.network, b.network)


def test_signs_of_local_rules_keep_apart_from_all_others():
    for layout, seed in itertools.product(LAYOUTS, range(2)):
        scene = scene_of(layout, seed)
        for a, b in itertools.combinations(scene.signs, 2):
            if {a.type, b.type} & RULES:
                assert np.hypot(a.x_m - b.x_m, a.y_m - b.y_m) > 2.9, (layout, a, b)
