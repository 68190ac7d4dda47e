"""Hazards hold in the scenes that are drawn for them, judged with polygons and from the replay."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np
import pytest
from shapely import LineString, Point, Polygon

import conf
from conf.composition import compose
from render.config import GenerateConfig, scene_config
from scenarios.hazard_config import HazardConfig, RelationConfig, ThingConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind
from simulator.articulation import overlaps
from simulator.errors import ConfigError, FairweatherError
from simulator.geometry import box_corners, point_at
from simulator.network import Control
from simulator.scene_io import compact
from simulator.settings import build
from simulator.sign import plate_centre_m
from simulator.signals import Aspect, aspect_at

NAMES = conf.groups()["hazard"]
SEEDS = (1, 2)


@functools.cache
def shown(name: str, seed: int):
    """A scene of a hazard and its first frame."""
    scene = sample_scene(settings(name), seed, 0)
    return scene, engine.rollout(scene, [scene.warm_up_s])[0]


def settings(name: str):
    return scene_config(build(GenerateConfig, compose("generate", ["out=d", f"hazard={name}"])))


def body(scene, state, i) -> Polygon:
    pose = (state.x_m[i], state.y_m[i], state.heading_rad[i])
    return Polygon(box_corners(*pose, scene.agents.length_m[i], scene.agents.width_m[i]))


def of_kinds(scene, state, *kinds):
    return np.flatnonzero(state.active & np.isin(scene.agents.kind, kinds)).tolist()


def in_view(scene, x, y) -> bool:
    camera = scene.camera
    reach = camera.m_per_px * max(camera.width_px, camera.height_px) / 2
    return max(abs(x - camera.x_m), abs(y - camera.y_m)) <= 1.42 * reach


def hidden_pairs(scene, state, hidden, hiding):
    """Whoever lies between a driver and somebody in view."""
    drivers = np.flatnonzero(state.active & scene.agents.driven).tolist()
    bodies = {k: body(scene, state, k) for k in hiding}
    found = []
    for i, j in itertools.product(hidden, drivers):
        sight = LineString([(state.x_m[j], state.y_m[j]), (state.x_m[i], state.y_m[i])])
        if i != j and sight.length < 50 and in_view(scene, state.x_m[i], state.y_m[i]):
            found += [k for k in hiding if k not in (i, j) and bodies[k].crosses(sight)]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_scenes_of_a_hazard_are_sound_the_same_each_time_and_nobody_touches(name):
    for seed in SEEDS:
        scene, state = shown(name, seed)
        agents = scene.agents
        later = [state, *engine.rollout(scene, scene.warm_up_s + np.arange(1, 21) * 0.2)]
        for s in later:
            pairs = overlaps(agents, s)
            assert agents.on_foot[pairs].all(axis=1).all()
    assert compact(sample_scene(settings(name), SEEDS[0], 0)) == compact(shown(name, SEEDS[0])[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parked_van_hides_somebody_near_a_crosswalk(seed):
    scene, state = shown("pedestrian_behind_van", seed)
    vans = [k for k in of_kinds(scene, state, Kind.VAN) if scene.agents.route[k] < 0]
    people = [
        i for i in of_kinds(scene, state, Kind.PEDESTRIAN)
        if any(
            Point(state.x_m[i], state.y_m[i]).distance(LineString([c.a_m, c.b_m])) < 8
            for c in scene.network.crosswalks
        )
    ]  # fmt: skip
    assert hidden_pairs(scene, state, people, vans)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bus_hides_a_cyclist_at_dusk(seed):
    scene, state = shown("cyclist_behind_bus", seed)
    bicycles, buses = (of_kinds(scene, state, k) for k in (Kind.BICYCLE, Kind.BUS))
    assert hidden_pairs(scene, state, bicycles, buses)
    assert scene.conditions.sun_elevation_rad < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_drives_towards_a_stop_sign_in_snow(seed):
    scene, state = shown("stop_sign_in_snow", seed)
    assert scene.conditions.snow_cover >= 0.8
    stops = {
        s.stop_line_id for s in scene.signs if s.type == "stop" and in_view(scene, s.x_m, s.y_m)
    }
    lanes = {scene.network.stop_lines[i].lane_id for i in stops}
    coming = [
        i for i in np.flatnonzero(state.active & scene.agents.driven).tolist()
        if scene.routes[state.route[i]][state.leg[i]] in lanes and state.speed_mps[i] > 2
    ]  # fmt: skip
    assert coming


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_passes_a_signal_that_has_long_been_yellow(seed):
    scene, _ = shown("late_yellow", seed)
    times = scene.warm_up_s + np.round(np.arange(-20, 1) * 0.1, 1)
    states = engine.rollout(scene, times.tolist())
    late = []
    for line in scene.network.stop_lines:
        lane = scene.network.lanes[line.lane_id]
        at = point_at(lane.centre_m, lane.s_m, np.array([line.s_m]))[0]
        for a, b in itertools.pairwise(states):
            same = (a.leg == b.leg) & a.active & b.active & scene.agents.driven
            on = [
                i for i in np.flatnonzero(same).tolist()
                if scene.routes[a.route[i]][a.leg[i]] == line.lane_id
            ]  # fmt: skip
            passed = [i for i in on if a.s_m[i] <= line.s_m < b.s_m[i]]
            shows = aspect_at(scene.plan, line.group, b.time_s + 2.4)  # 8 m on, turning slowly
            late += [i for i in passed if shows == Aspect.RED and in_view(scene, *at)]
    assert late


@pytest.mark.parametrize("seed", SEEDS)
def test_a_vehicle_stands_where_only_a_bend_leads_to_and_somebody_comes(seed):
    scene, state = shown("stopped_after_bend", seed)
    stands = np.flatnonzero(state.active & scene.agents.driven & (state.speed_mps < 0.3))
    comes = np.flatnonzero(state.active & scene.agents.driven & (state.speed_mps > 2))
    turn = np.cos(state.heading_rad[stands][:, None] - state.heading_rad[comes])
    assert (turn < np.cos(np.radians(24))).any()
    assert any(in_view(scene, state.x_m[i], state.y_m[i]) for i in stands)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_lanes_merge_somebody_ends_up_close_before_another_who_was_beside_it(seed):
    scene, state = shown("cut_in", seed)
    assert scene.layout in ("merge", "work_zone")
    rows = np.flatnonzero(state.active & scene.agents.driven)
    after = engine.rollout(scene, [round(scene.warm_up_s + 3.0, 6)])[0]
    found = 0
    for i in rows:
        for j in rows[rows != i]:
            before, then = (
                np.array([s.x_m[i] - s.x_m[j], s.y_m[i] - s.y_m[j]]) @ _to(s.heading_rad[j])
                for s in (state, after)
            )
            closes = abs(then[1]) < abs(before[1]) and 0.5 < abs(before[1]) < 3.6
            found += bool(closes and 0 < before[0] < 22 and after.active[[i, j]].all())
    assert found


def _to(heading: float) -> np.ndarray:
    c, s = np.cos(heading), np.sin(heading)
    return np.array([[c, -s], [s, c]])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_truck_is_parked_the_wrong_way_and_reaches_into_the_lane(seed):
    scene, state = shown("wrong_side_truck", seed)
    agents = scene.agents
    (truck,) = np.flatnonzero((agents.route < 0) & (agents.kind == Kind.TRUCK)).tolist()
    own = body(scene, state, truck)
    others = np.flatnonzero((agents.route < 0) & (agents.kind == Kind.CAR))
    wrong = np.cos(state.heading_rad[others] - state.heading_rad[truck])
    assert (wrong < -0.9).any()
    lanes = [
        LineString(lane.centre_m).buffer(lane.width_m / 2, cap_style="flat")
        for lane in scene.network.lanes
    ]
    assert max(own.intersection(lane).area for lane in lanes) > 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_drives_into_the_low_sun_towards_a_signal(seed):
    scene, state = shown("glare_at_signal", seed)
    sky = scene.conditions
    assert 0 < sky.sun_elevation_rad < np.radians(15)
    sun = np.array([np.cos(sky.sun_azimuth_rad), np.sin(sky.sun_azimuth_rad)])
    signals = {k.lane_id for k in scene.network.stop_lines if k.control == Control.SIGNAL}
    into = [
        i for i in np.flatnonzero(state.active & scene.agents.driven).tolist()
        if scene.routes[state.route[i]][state.leg[i]] in signals
        and np.cos(state.heading_rad[i]) * sun[0] + np.sin(state.heading_rad[i]) * sun[1] > 0.9
    ]  # fmt: skip
    assert into


def test_what_cannot_be_found_is_given_up_with_what_was_lacking():
    config = settings("cyclist_behind_bus")
    hazard = dataclasses.replace(config.hazard, tries=2)
    nobody = dataclasses.replace(config.traffic, bicycle_share=0.0)
    with pytest.raises(FairweatherError, match="in 2 tries: there is no cyclist"):
        sample_scene(dataclasses.replace(config, hazard=hazard, traffic=nobody), 1, 0)
    far = RelationConfig("cyclist", "near", "bus", low_m=450, high_m=500)
    hazard = dataclasses.replace(hazard, relations=(far,))
    with pytest.raises(FairweatherError, match="never 'cyclist near bus'"):
        sample_scene(dataclasses.replace(config, hazard=hazard), 1, 0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ThingConfig("x", ("cra",)), "Did you mean 'car'"),
        (lambda: ThingConfig("x", ("car", "stop")), "not both"),
        (lambda: ThingConfig("x", ("car",), becomes="van"), "only where it is parked"),
        (lambda: RelationConfig("a", "hidden", "b"), "too many or too few"),
        (lambda: RelationConfig("a", "near", "b", low_m=9, high_m=3), "low_m above high_m"),
        (
            lambda: HazardConfig(
                (ThingConfig("a", ("car",)),), (RelationConfig("a", "near", "c"),)
            ),
            "no hazard thing 'c'",
        ),
    ],
)
def test_a_mistake_in_a_hazard_is_named(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_crown_hangs_over_a_stop_sign_that_somebody_drives_towards(seed):
    scene, _ = shown("stop_sign_behind_leaves", seed)
    hidden = [
        s for s in scene.signs
        if s.type == "stop" and s.overgrown and in_view(scene, s.x_m, s.y_m)
    ]  # fmt: skip
    for sign in hidden:
        plate = Point(plate_centre_m(sign, scene.convention.side))
        crowns = [Point(t.x_m, t.y_m).buffer(t.radius_m) for t in scene.surroundings.trees]
        assert any(crown.contains(plate) for crown in crowns)
    assert hidden
