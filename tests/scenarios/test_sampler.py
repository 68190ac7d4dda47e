"""Scenes from seeds: sound, reproducible, independent in their parts, and safe to read back."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from shapely import LineString, Point, Polygon
from shapely.ops import unary_union

from scenarios import sampler, surroundings
from scenarios.check import check_scene
from scenarios.config import CameraConfig, RoadConfig, SceneConfig, TrafficConfig
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind
from simulator.arrays import same
from simulator.errors import DataError, FairweatherError
from simulator.network import Control
from simulator.scene_io import dump_scene, load_scene
from simulator.seeding import stream
from simulator.settings import build, plain
from simulator.world import bends_per_m
from tests.simulator import observer

EVERY = [SceneConfig(layouts=(name,)) for name in LAYOUTS]
BASIC = [
    SceneConfig(layouts=(name,)) for name in ("crossroads_signals", "crossroads_stop", "straight")
]


def some_scenes(count=None):
    seeds = range(count or 2 * len(EVERY))
    return [sample_scene(EVERY[seed % len(EVERY)], seed, seed) for seed in seeds]


def test_scenes_of_every_layout_are_sound():
    for seed in range(3 * len(EVERY)):
        assert check_scene(sample_scene(EVERY[seed % len(EVERY)], seed, 0)) == []


def test_a_scene_goes_through_json_without_loss():
    for scene in some_scenes(6):
        text = dump_scene(scene)
        again = load_scene(text)
        assert same(again, scene)
        assert dump_scene(again) == text


def test_the_same_seed_gives_the_same_bytes_in_another_process():
    code = (
        "import hashlib\nfrom scenarios.config import SceneConfig\n"
        "from scenarios.sampler import sample_scene\nfrom simulator.scene_io import dump_scene\n"
        "text = ''.join(dump_scene(sample_scene(SceneConfig(), 5, i)) for i in range(3))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    project = Path(__file__).parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=project, capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("1", "77")
    }  # fmt: skip
    text = "".join(dump_scene(sample_scene(SceneConfig(), 5, i)) for i in range(3))
    assert found == {hashlib.sha256(text.encode()).hexdigest()}


def test_seed_index_and_split_each_make_another_scene():
    config = BASIC[0]
    texts = {
        dump_scene(dataclasses.replace(sample_scene(config, *name), seed=0, index=0))
        for name in [(1, 0, "train"), (2, 0, "train"), (1, 1, "train"), (1, 0, "test")]
    }
    assert len(texts) == 4


def test_more_draws_for_trees_change_nothing_else(monkeypatch):
    before = sample_scene(BASIC[0], 4, 2)
    garden = surroundings._garden

    def greedy(rng, roads, edges):
        rng.random(1000)
        return garden(rng, roads, edges)

    monkeypatch.setattr(surroundings, "_garden", greedy)
    after = sample_scene(BASIC[0], 4, 2)
    assert not same(after.surroundings.trees, before.surroundings.trees)
    trees = before.surroundings.trees
    replaced = dataclasses.replace(after.surroundings, trees=trees)
    assert same(dataclasses.replace(after, surroundings=replaced), before)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"conditions": ("snow",)}, ("agents", "surroundings", "camera", "network", "sensor")),
        ({"camera": CameraConfig(m_per_px=0.2)}, ("agents", "surroundings", "network")),
        ({"traffic": TrafficConfig(parked_low=0.0, parked_high=0.1)}, ("surroundings", "network")),
    ],
)
def test_a_changed_setting_changes_only_what_it_is_about(change, kept):
    before = sample_scene(BASIC[1], 8, 1)
    after = sample_scene(dataclasses.replace(BASIC[1], **change), 8, 1)
    assert not same(after, before)
    for name in kept:
        assert same(getattr(after, name), getattr(before, name)), name


def test_fewer_parked_cars_leave_the_moving_traffic_as_it_is():
    few = dataclasses.replace(BASIC[0], traffic=TrafficConfig(parked_low=0.0, parked_high=0.05))
    a, b = sample_scene(BASIC[0], 3, 0).agents, sample_scene(few, 3, 0).agents
    moving = a.route >= 0
    assert np.array_equal(a.start_s_m[moving], b.start_s_m[b.route >= 0])
    assert (a.route < 0).sum() > (b.route < 0).sum()


def test_parked_cars_stand_clear_of_every_lane_and_on_the_pavement_of_the_road():
    for scene in some_scenes():
        lines = [(LineString(k.centre_m), k.width_m / 2) for k in scene.network.lanes]
        lanes = unary_union([line.buffer(half, cap_style="flat") for line, half in lines])
        paved = unary_union([Polygon(k).buffer(0.01) for k in scene.network.kerbs_m])
        state = engine.initial_state(scene)
        agents = scene.agents
        for i in np.flatnonzero(agents.route < 0):
            body = box_polygon(state, agents, i)
            assert body.intersection(lanes).area < 0.25
            assert body.difference(paved).area < 0.6


def box_polygon(state, agents, i):
    from simulator.geometry import box_corners

    pose = (state.x_m[i], state.y_m[i], state.heading_rad[i])
    return Polygon(box_corners(*pose, agents.length_m[i], agents.width_m[i]))


def test_nothing_stands_on_the_road_and_houses_keep_apart():
    for scene in some_scenes():
        net = scene.network
        paved = unary_union([Polygon(p).buffer(0.01) for p in (*net.kerbs_m, *net.junctions_m)])
        things = scene.surroundings
        houses = [Polygon(h.footprint_m) for h in things.buildings]
        assert houses
        assert things.trees
        assert not any(h.buffer(2.0).intersects(paved) for h in houses)
        assert all(h.exterior.is_ccw for h in houses)
        for i, house in enumerate(houses):
            assert not any(house.buffer(1.0).intersects(other) for other in houses[:i])
        for tree in things.trees:
            trunk = Point(tree.x_m, tree.y_m)
            assert trunk.distance(paved) >= tree.radius_m - 0.75
            assert all(trunk.distance(h) > 0.5 * tree.radius_m - 0.01 for h in houses)
        for pole in things.poles:
            assert Point(pole.x_m, pole.y_m).distance(paved) > 0.5


def test_street_lamps_hang_over_the_edge_of_the_road_on_arms_to_their_road():
    for scene in some_scenes(6):
        for pole in scene.surroundings.poles:
            arm = np.hypot(pole.lamp_x_m - pole.x_m, pole.lamp_y_m - pole.y_m)
            assert 1.4 < arm < 2.6


def test_signs_and_heads_stand_right_of_the_carriageway_and_no_tree_hides_them():
    for scene in some_scenes():
        net = scene.network
        paved = unary_union([Polygon(p).buffer(0.01) for p in (*net.kerbs_m, *net.junctions_m)])
        for thing in (*scene.signs, *scene.signals):
            spot = Point(thing.x_m, thing.y_m)
            assert 0.5 < spot.distance(paved) < 3.7
            for tree in () if getattr(thing, "overgrown", False) else scene.surroundings.trees:
                assert spot.distance(Point(tree.x_m, tree.y_m)) > tree.radius_m + 2.0
        ruling = [s.type for s in scene.signs if s.stop_line_id >= 0]
        if scene.layout == "crossroads_stop":
            assert ruling == ["stop"] * 4
            assert not scene.signals
        if scene.layout == "crossroads_signals":
            assert len(scene.signals) >= 4
            assert not ruling


def test_every_stop_line_lies_before_the_junction_and_belongs_to_a_sign_or_a_head():
    for scene in some_scenes():
        heads = {s.group for s in scene.signals}
        for line in scene.network.stop_lines:
            lane = scene.network.lanes[line.lane_id]
            assert 0.25 < lane.length_m - line.s_m < 6.0
            assert line.control != Control.SIGNAL or line.group in heads


def test_turns_are_wide_enough_for_a_car_and_trucks_only_go_straight():
    for scene in some_scenes():
        lanes = scene.network.lanes
        assert bends_per_m(lanes).max() <= 1 / 5.9
        for kind, route in zip(scene.agents.kind, scene.agents.route, strict=True):
            if kind in (Kind.TRUCK, Kind.BUS) and route >= 0:
                assert all(lanes[i].turn <= 1 for i in scene.routes[route])


def test_conflicting_ways_never_have_green_together_unless_they_part_or_yield():
    for seed in range(12):
        scene = sample_scene(BASIC[0], seed, 0)
        net = scene.network
        group = {}
        for line in net.stop_lines:
            for way in net.successors[line.lane_id]:
                group[way] = line.group
        for phase in scene.plan.phases:
            for a, b in net.conflicts.tolist():
                both = phase.aspects[group[a]] == phase.aspects[group[b]] == 3
                turns = {net.lanes[a].turn, net.lanes[b].turn}
                bike = net.lanes[a].kind == 1 or net.lanes[b].kind == 1  # cars turn across them
                assert not both or bike or turns == {2}, "only opposed lefts have to give way"


def test_traffic_lasts_for_a_minute_after_the_warm_up():
    for seed in range(6):
        scene = sample_scene(BASIC[seed % 3], seed, 0)
        moving = scene.agents.driven
        counts = [int((s.active & moving).sum()) for s in engine.rollout(scene, [30, 60, 90])]
        assert min(counts) >= 5
        assert max(counts) <= 3 * min(counts)


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_an_empty_world_and_a_crowded_one_of_trucks_and_buses_can_be_driven(layout):
    none = TrafficConfig(
        vehicles_low=0, vehicles_high=0, parked_low=0, parked_high=0, people_low=0, people_high=0
    )
    empty = sample_scene(SceneConfig(layouts=(layout,), traffic=none), 1, 0)
    assert len(engine.rollout(empty, [5.0])[0].x_m) == len(empty.agents) == 0
    crowd = TrafficConfig(vehicles_low=100, vehicles_high=120, truck_share=0.5, bus_share=0.4)
    full = sample_scene(SceneConfig(layouts=(layout,), traffic=crowd), 1, 0)
    assert observer.overlapping(full, engine.rollout(full, np.arange(0, 600, 5) * 0.1)) == []


def test_gaps_are_near_those_measured_on_lankershim():
    """Medians 1.63 s (time gap above 2 m/s) and 2.82 m (standstill), NGSIM."""
    moving_gaps, standing_gaps = [], []
    for seed in range(16):
        config = dataclasses.replace(BASIC[seed % 3], roads=RoadConfig(lanes_high=3))
        scene = sample_scene(config, seed, 0)
        for state in engine.rollout(scene, [30.0, 40.0, 50.0, 60.0]):
            route = np.where(scene.agents.driven, state.route, -1)
            places = zip(route, state.leg, strict=True)
            lane = np.array([scene.routes[r][g] if r >= 0 else -1 for r, g in places])
            for k in set(lane[state.active].tolist()) - {-1}:
                on = np.flatnonzero((lane == k) & state.active)
                on = on[np.argsort(-state.s_m[on])]
                gap = state.s_m[on[:-1]] - scene.agents.length_m[on[:-1]] - state.s_m[on[1:]]
                v = state.speed_mps[on[1:]]
                moving_gaps += (gap / np.maximum(v, 0.1))[(v > 2) & (gap < 50)].tolist()
                still = (v == 0) & (state.speed_mps[on[:-1]] == 0)
                standing_gaps += gap[still].tolist()
    assert 1.3 < np.median(moving_gaps) < 2.3
    assert 2.2 < np.median(standing_gaps) < 3.4


def test_an_impossible_scene_is_given_up_with_its_reason(monkeypatch):
    monkeypatch.setattr(sampler, "check_scene", lambda scene: ["vehicles 1 and 2 overlap"])
    with pytest.raises(FairweatherError, match="vehicles 1 and 2 overlap") as caught:
        sample_scene(BASIC[0], 1, 0)
    assert "seed 1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_second_try_draws_anew(monkeypatch):
    findings = iter([["a fault"], []])
    first = sample_scene(BASIC[0], 1, 0)
    monkeypatch.setattr(sampler, "check_scene", lambda scene: next(findings))
    second = sample_scene(BASIC[0], 1, 0)
    assert not same(first.network, second.network)
    assert second.layout == first.layout


def test_the_config_goes_through_plain_data():
    config = SceneConfig(conditions=("clear", {"fog": {"visibility_m": 160}}), roads=RoadConfig())
    assert build(SceneConfig, plain(config)) == dataclasses.replace(config)


def _broken(change):
    data = json.loads(dump_scene(sample_scene(BASIC[0], 2, 0)))
    change(data)
    return json.dumps(data)


HOSTILE = {
    "NaN": lambda d: d["camera"].update(x_m=float("nan")),
    "infinite lane": lambda d: d["network"]["lanes"][0]["centre_m"].__setitem__(0, [1e999, 0]),
    "missing lane": lambda d: d["network"]["lanes"].pop(0),
    "unknown lane": lambda d: d["network"]["stop_lines"][0].update(lane_id=999),
    "route to nowhere": lambda d: d["routes"].__setitem__(0, [0, 0]),
    "agent without route": lambda d: d["agents"]["route"].__setitem__(0, 10**6),
    "short column": lambda d: d["agents"]["length_m"].pop(),
    "words for numbers": lambda d: d["agents"].update(length_m=["a"] * len(d["agents"]["route"])),
    "list for object": lambda d: d.update(camera=[1, 2]),
    "other version": lambda d: d.update(version=99),
    "unknown key": lambda d: d.update(extra_key=1),
    "missing key": lambda d: d.pop("plan"),
    "huge list": lambda d: d.update(routes=[[0]] * 30_000),
    "huge number": lambda d: d["agents"]["route"].__setitem__(0, 10**40),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_scene_file_is_refused_in_one_line(change):
    with pytest.raises((DataError, FairweatherError)) as caught:
        load_scene(_broken(change), "scene.json")
    assert "\n" not in str(caught.value)


WILD = (None, True, "x", [], {}, -1, 0, 1e308, -1e308, 10**25, [[0.0]], "\u0000", 0.5)


def _leaves(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node[:3])
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from _leaves(value, (*path, key))


def test_whatever_stands_in_a_scene_file_it_is_refused_in_one_line_or_can_be_driven():
    text = dump_scene(sample_scene(BASIC[0], 2, 0))
    rng = stream(1, 0, "hostile scenes")
    paths = list(_leaves(json.loads(text)))
    refused = []
    for _ in range(300):
        data = json.loads(text)
        *way, last = paths[int(rng.integers(len(paths)))]
        node = data
        for key in way:
            node = node[key]
        node[last] = WILD[int(rng.integers(len(WILD)))]
        try:
            scene = load_scene(json.dumps(data), "scene.json")
        except FairweatherError as error:
            refused.append(str(error))
            continue
        assert len(engine.rollout(scene, [scene.step_s * 5])) == 1
    assert len(refused) > 100
    assert not any("\n" in line for line in refused)


def test_streams_of_the_sampler_carry_the_split(monkeypatch):
    seen = []

    def spy(seed, index, purpose):
        seen.append(purpose)
        return stream(seed, index, purpose)

    monkeypatch.setattr(sampler, "stream", spy)
    sample_scene(BASIC[0], 1, 0, split="test")
    assert len(seen) == len(set(seen)) >= 9
    assert all(purpose.startswith("test/") for purpose in seen)
