"""A tractor with a semitrailer: two bodies that move, touch and are stored as one vehicle."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from scenarios.config import RoadConfig, SceneConfig, TrafficConfig
from scenarios.haulage import SIZE_M, keeps_its_lanes
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import KINGPIN_M, Kind
from simulator.articulation import around, overlaps, tow_m, trailers
from simulator.geometry import box_corners
from simulator.lane import Lane, Turn
from simulator.network import Network
from simulator.scene_io import dump_scene, load_scene
from simulator.towing import AXLE_SHARE
from tests.cast import drivers, open_road, scene
from tests.simulator.circles import entries

TRUCK = {
    "kind": int(Kind.TRUCK), "length_m": 16.5, "width_m": 2.55, "height_m": 4.0,
    "trailer_m": 13.6, "desired_speed_mps": 8.0,
}  # fmt: skip


def roundabout(radius_m: float):
    """A truck that drives three quarters of a circle after a straight."""
    turn = np.linspace(0.0, 1.5 * math.pi, 400)
    arc = radius_m * np.stack([np.sin(turn), 1.0 - np.cos(turn)], axis=1)
    line = np.concatenate([[[-60.0, 0.0]], arc])
    lanes = (Lane(0, line, 3.5, 60.0),)
    none, box = np.array([-1]), (-99.0, -99.0, 99.0, 99.0)
    network = Network(lanes, ((),), none, none, np.zeros((0, 2), np.int32), (), (), (), box)
    return scene(network, ((0,),), drivers([20.0], **TRUCK))


@pytest.mark.parametrize("radius_m", [20.0, 60.0])
def test_in_a_long_bend_the_trailer_settles_where_its_axles_roll_about_the_same_centre(radius_m):
    circle = roundabout(radius_m)
    length = circle.network.lanes[0].length_m
    states = engine.rollout(circle, np.arange(0, 400) * 0.1)
    state = [s for s in states if s.active[0] and s.s_m[0] < length - 1.0][-1]
    body = circle.agents.body_m[0]
    pin = [
        state.x_m[0] - 0.3 * body * math.cos(state.heading_rad[0]),
        state.y_m[0] - 0.3 * body * math.sin(state.heading_rad[0]),
    ]
    tow = tow_m(circle.agents)[0]
    assert np.hypot(pin[0], pin[1] - radius_m) == pytest.approx(radius_m, abs=0.1)
    axle = pin - tow * np.array([math.cos(state.trailer_rad[0]), math.sin(state.trailer_rad[0])])
    away = np.hypot(axle[0], axle[1] - radius_m)
    assert away == pytest.approx(math.sqrt(radius_m**2 - tow**2), rel=0.02)


def test_a_state_with_a_trailer_that_is_taken_up_again_goes_on_to_the_bit():
    circle = roundabout(25.0)
    states = engine.rollout(circle, [6.0, 6.1, 9.0])
    state = engine.step(circle, states[0])
    assert state.trailer_rad.tobytes() == states[1].trailer_rad.tobytes()
    for _ in range(29):
        state = engine.step(circle, state)
    assert state.trailer_rad.tobytes() == states[2].trailer_rad.tobytes()
    assert abs(state.trailer_rad[0] - state.heading_rad[0]) > 0.1


def test_who_touches_only_the_trailer_touches_the_truck():
    columns = {k: [v, {"kind": 0, "trailer_m": 0.0}.get(k, 1.8)] for k, v in TRUCK.items()}
    columns["length_m"], columns["desired_speed_mps"] = [16.5, 4.5], [8.0, 8.0]
    road = open_road(drivers([60.0, 54.0], **columns))
    state = engine.initial_state(road)
    beside = {"x_m": [state.x_m[0], 48.0], "y_m": [0.0, 1.5], "active": [True, True]}
    state = dataclasses.replace(state, **{k: np.array(v) for k, v in beside.items()})
    assert overlaps(road.agents, state).tolist() == [[0, 1]]
    rows, boxes = trailers(road.agents, state)
    assert rows.tolist() == [0]
    assert boxes[0, 0] + boxes[0, 3] / 2 < 60.0 - 2.0  # in front of it there is the cab
    rear = boxes[0, 0] - boxes[0, 3] / 2
    assert rear == pytest.approx(60.0 - 16.5, abs=1e-9)


def test_the_box_about_both_bodies_holds_all_corners_and_none_is_smaller():
    circle = roundabout(20.0)
    state = engine.rollout(circle, [11.0])[0]
    table = circle.agents
    box = around(table, state)[0]
    own = (state.x_m[0], state.y_m[0], state.heading_rad[0], table.body_m[0], table.width_m[0])
    corners = np.concatenate([box_corners(*own), box_corners(*trailers(table, state)[1][0])])
    c, s = math.cos(box[2]), math.sin(box[2])
    local = (corners - box[:2]) @ np.array([[c, -s], [s, c]])
    assert np.abs(local).max(axis=0) == pytest.approx(box[3:] / 2, abs=1e-6)
    turns = np.linspace(0.0, math.pi, 721)
    spans = [np.ptp(corners @ [[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]], axis=0)
             for t in turns]  # fmt: skip
    assert box[3] * box[4] <= min(a * b for a, b in spans) + 1e-6
    assert abs(math.remainder(box[2] - state.heading_rad[0], 2 * math.pi)) <= math.pi / 4 + 1e-9


def test_a_scene_names_trailers_only_where_there_are_some():
    with_one = roundabout(30.0)
    assert (load_scene(dump_scene(with_one)).agents.trailer_m == [13.6]).all()
    assert "trailer" not in dump_scene(open_road(drivers([50.0])))
    assert engine.initial_state(open_road(drivers([50.0]))).trailer_rad is None


def sampled(share: float, layout: str, seed: int, roads: RoadConfig | None = None):
    traffic = TrafficConfig(vehicles_low=40, vehicles_high=40, truck_share=0.6)
    traffic = dict(vars(traffic)) | {"articulated_share": share}
    config = SceneConfig(
        layouts=(layout,), traffic=TrafficConfig(**traffic), roads=roads or RoadConfig()
    )
    return sample_scene(config, seed, 0)


@pytest.mark.parametrize("layout", ["town", "curve", "crossroads_signals", "roundabout"])
def test_articulated_trucks_are_some_of_the_trucks_and_stay_within_their_lanes(layout):
    for seed in range(3):
        rigid, drawn = sampled(0.0, layout, seed), sampled(1.0, layout, seed)
        assert rigid.agents.trailer_m is None
        count = len(drawn.agents)
        if len(rigid.agents) == count:  # the long ones may find no place
            assert (rigid.agents.kind == drawn.agents.kind).all()
        long = np.flatnonzero(drawn.agents.towed_m > 0)
        assert (drawn.agents.kind[long] == Kind.TRUCK).all()
        tow = tow_m(drawn.agents)
        for i in long[:6].tolist():
            route = drawn.routes[drawn.agents.route[i]]
            assert keeps_its_lanes([drawn.network.lanes[k] for k in route], tow[i])
        if layout in ("crossroads_signals", "town"):
            assert len(long)


@pytest.mark.parametrize("rings", [1, 2])
def test_articulated_trucks_keep_out_of_roundabouts(rings):
    """They leave one at the start of a scene; no way through one keeps a trailer in its lanes."""
    tows = [AXLE_SHARE * (trailer - KINGPIN_M) for _, trailer in SIZE_M.values()]
    found = ways = 0
    for seed in range(4):
        drawn = sampled(1.0, "roundabout", seed, RoadConfig(roundabout_two_lane_share=rings - 1.0))
        lanes = drawn.network.lanes
        if entries(drawn.network) != 4 * rings:
            continue
        through = [any(lanes[k].turn != Turn.NONE for k in route) for route in drawn.routes]
        for route in itertools.compress(drawn.routes, through):
            ways += 1
            assert not any(keeps_its_lanes([lanes[k] for k in route], tow) for tow in tows)
        long = np.flatnonzero(drawn.agents.towed_m > 0)
        found += len(long)
        assert not np.array(through)[drawn.agents.route[long]].any()
    assert found > 5
    assert ways >= 2 * 12 * rings
