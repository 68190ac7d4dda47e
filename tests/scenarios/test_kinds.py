"""Kinds of vehicles: their sizes, where they drive, and what they are labelled as."""

import numpy as np

from render.frame import CLASSES, VEHICLE_CLASS
from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from scenarios.traffic import draw_sizes
from simulator import engine
from simulator.agents import Kind
from simulator.geometry import heading_at, point_at
from simulator.lane import Turn
from simulator.seeding import stream
from tests.simulator import observer

MIXED = TrafficConfig(
    vehicles_low=40, vehicles_high=40, van_share=0.2, motorcycle_share=0.2, bicycle_share=0.2
)


def test_two_wheelers_have_the_sizes_that_were_measured():
    """Medians of SinD: motorcycle 1.70 x 0.78 m, bicycle 1.63 x 0.67 m."""
    for kind, length, width in ((Kind.MOTORCYCLE, 1.70, 0.78), (Kind.BICYCLE, 1.63, 0.67)):
        size = draw_sizes(stream(1, 0, "sizes"), np.full(400, int(kind), np.uint8))
        assert abs(np.median(size["length_m"]) - length) < 0.08
        assert abs(np.median(size["width_m"]) - width) < 0.04


def test_bicycles_ride_at_the_right_of_the_rightmost_lane_and_turn_no_left():
    seen = 0
    for seed in range(6):
        config = SceneConfig(layouts=("straight", "crossroads_signals"), traffic=MIXED)
        scene = sample_scene(config, seed, 0)
        cyclists = np.flatnonzero(scene.agents.kind == Kind.BICYCLE)
        state = engine.rollout(scene, [20.0])[0]
        for i in cyclists:
            route = scene.routes[state.route[i]]
            assert max(scene.network.lanes[k].turn for k in route) != Turn.LEFT
            lane = scene.network.lanes[route[state.leg[i]]]
            if not state.active[i] or len(lane.s_m) > 2 or state.s_m[i] < 3.0:
                continue
            at = np.array([state.s_m[i] - scene.agents.length_m[i] / 2])
            x, y = point_at(lane.centre_m, lane.s_m, at)[0]
            along = heading_at(lane.centre_m, lane.s_m, at)[0]
            right = (state.x_m[i] - x) * np.sin(along) - (state.y_m[i] - y) * np.cos(along)
            assert 0.8 < right < lane.width_m / 2
            seen += 1
    assert seen > 10


def test_a_mix_of_all_kinds_drives_without_a_touch():
    for layout in ("straight", "crossroads_signals", "crossroads_stop"):
        for seed in range(5):
            scene = sample_scene(SceneConfig(layouts=(layout,), traffic=MIXED), seed, 1)
            assert set(scene.agents.kind.tolist()) >= {Kind.CAR, Kind.VAN, Kind.MOTORCYCLE}
            states = engine.rollout(scene, np.arange(300, 600) * 0.1)
            assert observer.overlapping(scene, states) == []


def test_every_kind_has_a_label_and_a_van_counts_as_a_car():
    names = [CLASSES[c] for c in VEHICLE_CLASS]
    assert names == ["car", "truck", "bus", "car", "motorcycle", "bicycle", "pedestrian"]
    assert len(names) == len(Kind)
