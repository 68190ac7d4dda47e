"""Driving on the left, and under the Vienna convention: sound maps, sound traffic, legal signs."""

import dataclasses
import json
import math

import numpy as np
import pytest
import shapely
from shapely import Point, Polygon

from scenarios.config import RoadConfig, SceneConfig, TrafficConfig
from scenarios.layouts import LAYOUTS
from scenarios.mirror import mirrored, mirrored_network
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind, Lamp
from simulator.arrays import same
from simulator.convention import Convention
from simulator.geometry import heading_at, point_at, wrap_rad
from simulator.lane import Marking, Turn
from simulator.network import Control
from simulator.scene_io import dump_scene, load_scene
from simulator.seeding import stream
from simulator.sign import is_known, look
from simulator.signs import SIGNS
from tests.scenarios import test_layouts as held
from tests.simulator import observer

LEFT, VIENNA = Convention("left"), Convention(signs="vienna")
SIDELESS = (
    held.test_lanes_go_on_where_and_as_the_one_before_them_ends,
    held.test_no_line_is_bent_more_than_a_car_can_steer_nor_has_a_kink,
    held.test_lanes_outside_junctions_do_not_overlap,
    held.test_every_lane_lies_on_pavement_and_off_the_islands,
    held.test_every_lane_is_used_and_every_route_leads_out_of_the_world,
    held.test_kerbs_are_simple_outlines_and_the_covering_boxes_hold_all_pavement,
    held.test_ways_that_meet_are_conflicts_and_ways_that_stay_apart_are_not,
    held.test_crosswalks_reach_from_edge_to_edge_clear_of_stop_lines,
)
"""Checks of maps that know no side of the road."""


def scene_of(layout, convention=LEFT, seed=3, **more):
    return sample_scene(SceneConfig(layouts=(layout,), convention=convention, **more), seed, 0)


def left_roads(layout, seed):
    """The roads of a scene as they are in its mirror."""
    roads = LAYOUTS[layout].build(stream(seed, 0, f"train/layout/{layout}"), RoadConfig())
    boxes = roads.boxes * [1.0, -1.0, -1.0, 1.0, 1.0]
    return dataclasses.replace(roads, network=mirrored_network(roads.network), boxes=boxes)


def misplaced(scene) -> list[str]:
    """Signs and heads that do not stand on the side that traffic keeps to, at the legal distance,
    facing it; and those who may turn across oncoming traffic without giving way.
    """
    net, found = scene.network, []
    paved = held.union([Polygon(p).buffer(0.01) for p in (*net.kerbs_m, *net.junctions_m)])
    out = 1.0 if scene.convention.side == "left" else -1.0
    for thing in (*scene.signs, *scene.signals):
        place = Point(thing.x_m, thing.y_m)
        lane, along = held._lane_left_of(net, thing)
        line = shapely.LineString(lane.centre_m)
        x, y = (c[0] for c in line.interpolate(line.project(place)).xy)
        left = -(thing.x_m - x) * math.sin(along) + (thing.y_m - y) * math.cos(along)
        away = abs(wrap_rad(along - thing.heading_rad))
        against = getattr(thing, "type", "") == "no_entry" and away > 2.8
        if not against and (away > 0.3 or out * left < lane.width_m / 2):
            found.append(f"{thing} stands on the wrong side or faces away")
        if not 0.55 <= place.distance(paved) <= 3.7:
            found.append(f"{thing} stands {place.distance(paved):.1f} m from the road")
    control = {line.lane_id: line.control for line in net.stop_lines}
    into = {j: i for i, follow in enumerate(net.successors) for j in follow}
    across = Turn.RIGHT if scene.convention.side == "left" else Turn.LEFT
    for a, b in net.conflicts.tolist():
        both = control.get(into[a]), control.get(into[b])
        turns = {net.lanes[a].turn, net.lanes[b].turn}
        apart = into[a] != into[b] and not held.abreast(net, into[a], into[b])
        if apart and set(both) == {Control.PRIORITY} and across not in turns:
            found.append(f"ways {a} and {b} both go on with priority")
    return found


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_every_map_is_sound_where_traffic_keeps_left(layout):
    some = [left_roads(layout, seed) for seed in range(2)]
    for check in SIDELESS:
        check(some)
    for seed in range(2):
        assert misplaced(scene_of(layout, Convention("left", "vienna"), seed)) == []


def test_a_mirror_of_a_mirror_is_the_scene_itself():
    for layout in ("town", "bus_stop", "roundabout"):
        right = scene_of(layout, Convention())
        assert same(mirrored(right), scene_of(layout))
        assert same(mirrored(mirrored(right)), right)
        assert "-0.0," not in dump_scene(mirrored(right))


@pytest.mark.parametrize("layout", ["roundabout", "t_junction", "town", "work_zone", "diverge"])
def test_where_nobody_comes_at_the_same_time_left_hand_traffic_moves_as_in_a_mirror(layout):
    """Turning across oncoming traffic, gaps, cyclists, lane changes, lamps: all change sides."""
    right, left = scene_of(layout, Convention()), scene_of(layout)
    times = np.arange(61.0)
    for a, b in zip(engine.rollout(right, times), engine.rollout(left, times), strict=True):
        assert np.allclose(a.x_m[a.active], b.x_m[a.active], atol=1e-3)
        assert np.allclose(a.y_m[a.active], -b.y_m[a.active], atol=1e-3)
        for lamp, other in ((Lamp.LEFT, Lamp.RIGHT), (Lamp.RIGHT, Lamp.LEFT)):
            assert np.array_equal((a.lamps & lamp) > 0, (b.lamps & other) > 0)


def test_who_comes_towards_one_is_on_the_right_of_the_road():
    met = 0
    for seed in (1, 2, 3):
        scene = scene_of("straight", seed=seed)
        for state in engine.rollout(scene, np.arange(30.0, 60.0)):
            # who changes lanes looks across the road
            rows = np.flatnonzero(state.active & scene.agents.driven & (state.shift_done == 1.0))
            x, y, heading = (getattr(state, n)[rows] for n in ("x_m", "y_m", "heading_rad"))
            dx, dy = x - x[:, None], y - y[:, None]
            oncoming = np.cos(heading - heading[:, None]) < -0.9
            oncoming &= np.hypot(dx, dy) < 30
            left = dy * np.cos(heading)[:, None] - dx * np.sin(heading)[:, None]
            assert (left[oncoming] < -1.5).all()
            met += int(oncoming.sum())
    assert met > 50


@pytest.mark.parametrize(("convention", "turn"), [(Convention(), 1.0), (LEFT, -1.0)])
def test_the_roundabout_turns_clockwise_where_traffic_keeps_left(convention, turn):
    scene = scene_of("roundabout", convention)
    island = max((Polygon(p) for p in scene.network.islands_m), key=lambda p: p.area)
    (x,), (y,) = island.centroid.xy
    radius = math.sqrt(island.area / math.pi)
    seen = 0
    for state in engine.rollout(scene, np.arange(30.0, 50.0)):
        dx, dy = state.x_m - x, state.y_m - y
        ring = state.active & scene.agents.driven & (np.hypot(dx, dy) < radius + 4.0)
        around = dx * np.sin(state.heading_rad) - dy * np.cos(state.heading_rad)
        assert (turn * around[ring] > 0).all()
        seen += int(ring.sum())
    assert seen > 10


def on_lanes(scene, times):
    """The lane that each vehicle is on, and its lamps, at some times."""
    for state in engine.rollout(scene, times):
        for i in np.flatnonzero(state.active & scene.agents.driven):
            lane = scene.routes[state.route[i]][state.leg[i]]
            yield scene.network.lanes[lane], int(state.lamps[i])


def test_indicators_say_the_side_that_bodies_turn_to():
    seen = {Lamp.LEFT: 0, Lamp.RIGHT: 0}
    for scene in [scene_of("crossroads_signals", seed=k) for k in range(3)]:
        for lane, lamps in on_lanes(scene, np.arange(30.0, 70.0)):
            ends = heading_at(lane.centre_m, lane.s_m, np.array([0.0, lane.length_m - 0.01]))
            turned = float(wrap_rad(ends[1] - ends[0]))
            if lane.turn in (Turn.LEFT, Turn.RIGHT) and abs(turned) > 1.0:
                lamp, other = (Lamp.LEFT, Lamp.RIGHT)[:: 1 if turned > 0 else -1]
                assert lamps & lamp
                assert not lamps & other
                seen[lamp] += 1
    assert min(seen.values()) > 2


def test_bicycles_are_ridden_at_the_left_edge():
    traffic = TrafficConfig(bicycle_share=0.4)
    scene = scene_of("curve", traffic=traffic)
    (state,) = engine.rollout(scene, [30.0])
    riders = np.flatnonzero(state.active & (scene.agents.kind == Kind.BICYCLE))
    assert len(riders)
    for i in riders:
        lane = scene.network.lanes[scene.routes[state.route[i]][state.leg[i]]]
        s = np.array([max(state.s_m[i] - scene.agents.length_m[i] / 2, 0.0)])
        (x, y), along = point_at(lane.centre_m, lane.s_m, s)[0], state.heading_rad[i]
        aside = -(state.x_m[i] - x) * math.sin(along) + (state.y_m[i] - y) * math.cos(along)
        assert 0.5 < aside < lane.width_m / 2


@pytest.mark.parametrize(
    "layout", ["crossroads_signals", "crossroads_stop", "skewed_junction", "merge", "town"]
)
def test_left_hand_traffic_keeps_to_the_rules(layout):
    for seed in (5, 6):
        scene = scene_of(layout, Convention("left", "vienna"), seed)
        states = engine.rollout(scene, np.arange(501) * 0.1)
        assert observer.overlapping(scene, states[300:]) == []
        passing = observer.passages(scene, states)
        assert not any(observer.ran_red(scene, states, p) for p in passing)


def test_limits_on_vienna_signs_are_those_of_the_lanes_to_the_kilometre_an_hour():
    numbers = set()
    for seed in range(6):
        scene = scene_of("straight", VIENNA, seed)
        limits = {round(3.6 * lane.speed_limit_mps, 6) for lane in scene.network.lanes}
        shown = {s.number for s in scene.signs if s.type == "speed_limit"}
        assert shown == limits
        numbers |= shown
    assert numbers <= {40, 50, 60}
    assert len(numbers) > 1


def test_lines_are_white_under_the_vienna_convention_and_part_directions_as_before():
    yellow = {Marking.DOUBLE_YELLOW, Marking.SOLID_YELLOW}
    for layout in ("straight", "roundabout", "town"):
        usual, vienna = scene_of(layout, Convention()), scene_of(layout, VIENNA)
        for a, b in zip(usual.network.lanes, vienna.network.lanes, strict=True):
            assert not {b.left, b.right} & yellow
            for before, after in ((a.left, b.left), (a.right, b.right)):
                assert (before == Marking.DOUBLE_YELLOW) == (after == Marking.DOUBLE_WHITE)
                assert (before == Marking.NONE) == (after == Marking.NONE)


def test_signs_stand_at_the_same_places_and_mean_the_same_under_either_convention():
    for layout in ("crossroads_stop", "work_zone", "roundabout"):
        usual, vienna = scene_of(layout, Convention()), scene_of(layout, VIENNA)
        known = [s for s in vienna.signs if is_known(SIGNS[s.type], usual.convention)]
        for k, (a, b) in enumerate(zip(usual.signs, known, strict=True)):
            b = dataclasses.replace(b, id=k)
            assert dataclasses.replace(a, number=0) == dataclasses.replace(b, number=0)


def test_priority_roads_have_their_diamond_before_the_junction_under_the_convention_only():
    priority = 0
    for layout in ("t_junction", "skewed_junction", "parking_lot", "town", "roundabout"):
        scene = scene_of(layout, VIENNA, seed=2)
        signs = [s for s in scene.signs if s.type == "priority_road"]
        usual = scene_of(layout, Convention(), seed=2)
        assert not any(s.type == "priority_road" for s in usual.signs)
        assert misplaced(scene) == []
        assert layout != "roundabout" or not signs
        priority += len(signs)
    assert priority > 6


def test_a_default_scene_is_written_without_its_convention_and_read_as_one():
    text = dump_scene(scene_of("straight", Convention()))
    assert "convention" not in json.loads(text)
    assert load_scene(text).convention == Convention()
    other = scene_of("straight", Convention("left", "vienna"))
    assert load_scene(dump_scene(other)).convention == other.convention


def test_every_sign_has_a_source_for_either_look():
    for kind in SIGNS.values():
        assert not is_known(kind, Convention()) or "MUTCD" in look(kind, Convention()).source
        assert "Vienna 1968" in look(kind, VIENNA).source
