import dataclasses
import json

import numpy as np
import pytest

from simulator import scene_io
from simulator.agents import AgentTable
from simulator.arrays import same
from simulator.camera import Camera, Sensor
from simulator.conditions import Conditions
from simulator.errors import DataError, FairweatherError
from simulator.lane import Lane, Marking
from simulator.network import Control, Network, StopLine
from simulator.scene import Scene
from simulator.scene_io import dump_scene, load_scene
from simulator.sign import Sign
from simulator.signals import Aspect, Phase, Signal, SignalPlan
from simulator.surroundings import Building, Ground, Pole, Surroundings, Tree


def agents(count):
    row = dict.fromkeys((f.name for f in dataclasses.fields(AgentTable)), np.full(count, 1.0 / 3))
    row |= {"kind": [0] * count, "style": [3] * count, "colour": [[1, 2, 3]] * count}
    row |= {"route": [0] + [-1] * (count - 1), "length_m": [4.5] * count}
    return AgentTable(**row)


@pytest.fixture
def scene():
    lanes = (
        Lane(0, [[0, 0], [50, 0]], 3.5, 13.9, Marking.DOUBLE_YELLOW, Marking.SOLID_WHITE),
        Lane(1, [[50, 0], [90, 0.1]], 3.5, 13.9),
    )
    network = Network(
        lanes=lanes,
        successors=((1,), ()),
        left_of=[-1, -1],
        right_of=[-1, -1],
        conflicts=np.zeros((0, 2)),
        stop_lines=(StopLine(0, 0, 48.0, Control.SIGNAL, 0),),
        junctions_m=(),
        kerbs_m=([[0, -2], [90, -2], [90, 2], [0, 2]],),
        bounds_m=(-10.0, -10.0, 100.0, 10.0),
    )
    surroundings = Surroundings(
        Ground(0.12, (1.0, 1.0, 0.98), 0.8, (60, 90, 40), 0.3, 0.4, 9),
        (Building([[0, 5], [5, 5], [5, 9]], 12.0, (90, 80, 70), (120, 110, 100)),),
        (Tree(3.0, -6.0, 2.0, 7.0, (20, 60, 20), 5),),
        (Pole(8.0, 3.0, 9.0, 8.0, 1.5),),
    )
    return Scene(
        seed=2**62,
        index=3,
        layout="straight",
        network=network,
        routes=((0, 1),),
        agents=agents(2),
        signs=(Sign(0, "stop", 47.0, -3.0, 0.1, 0),),
        signals=(Signal(0, 48.0, -3.0, 0.1, 0, 0),),
        plan=SignalPlan((Phase(20.0, (Aspect.GREEN,)), Phase(3.5, (Aspect.YELLOW,))), 1.25),
        surroundings=surroundings,
        conditions=Conditions(rain_mm_h=0.1 + 0.2, extra={"lens_dirt": 0.3}),
        camera=Camera(kind="pinhole", x_m=1 / 3),
        sensor=Sensor(jpeg_quality=71),
    )


@pytest.fixture
def data(scene):
    return json.loads(dump_scene(scene))


def put(data, path, value):
    *folders, last = path
    for key in folders:
        data = data[key]
    data[last] = value


def test_a_scene_comes_back_from_its_json_bit_for_bit(scene):
    again = load_scene(dump_scene(scene))
    assert same(again, scene)
    assert dump_scene(again) == dump_scene(scene)


def test_a_change_in_one_number_is_a_change_of_the_scene(scene, data):
    put(data, ["agents", "length_m", 1], 4.5 + 1e-9)
    assert not same(load_scene(json.dumps(data)), scene)


def test_the_json_holds_nothing_derived_and_is_plain_ascii(scene, data):
    assert "s_m" not in data["network"]["lanes"][0]
    assert dump_scene(scene).isascii()


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"x"', "[" * 100_000, "{}", "\x00"])
def test_what_is_no_scene_is_refused_in_one_line(text):
    with pytest.raises(DataError) as caught:
        load_scene(text, "scenes/000001.json")
    assert str(caught.value).startswith("scenes/000001.json")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["seed"], "x"),
        (["seed"], True),
        (["seed"], 1.5),
        (["version"], 99),
        (["layout"], ["straight"]),
        (["layout"], "x" * 1000),
        (["warm_up_s"], float("nan")),
        (["warm_up_s"], float("inf")),
        (["warm_up_s"], 1e9),
        (["step_s"], 0),
        (["routes"], [[1, 0]]),
        (["routes"], [[7]]),
        (["routes"], "abc"),
        (["agents", "route"], [5, -1]),
        (["agents", "length_m"], [4.5]),
        (["agents", "length_m"], [4.5, -1.0]),
        (["agents", "length_m"], [4.5, float("nan")]),
        (["agents", "length_m"], [4.5, 1e10]),
        (["agents", "length_m"], [4.5, 1e200]),
        (["agents", "length_m"], [4.5, "x"]),
        (["agents", "length_m"], {"0": 1}),
        (["agents", "kind"], [0, 9]),
        (["network", "lanes", 0, "centre_m"], [[0, 0]]),
        (["network", "lanes", 0, "centre_m"], [[0, 0], [1]]),
        (["network", "lanes", 0, "centre_m"], [[0, 0], [0, 0]]),
        (["network", "lanes", 0, "left"], 77),
        (["network", "lanes", 0, "id"], 1),
        (["network", "successors"], [[9], []]),
        (["network", "conflicts"], [[0, 9]]),
        (["network", "stop_lines", 0, "lane_id"], -3),
        (["network", "left_of"], [5, 5]),
        (["network", "bounds_m"], [0, 0, 1]),
        (["plan", "phases", 0, "duration_s"], -1),
        (["plan", "phases", 0, "aspects"], []),
        (["camera", "altitude_m"], 1),
        (["camera", "kind"], "fisheye"),
        (["sensor", "jpeg_quality"], 1000),
        (["conditions", "rain_mm_h"], -1),
        (["conditions", "rain"], 1),
        (["surroundings", "ground"], None),
        (["surroundings", "trees"], [1]),
        (["python/object"], "os.system"),
        (["seed"], -1),
        (["plate_scale"], 1e5),
        (["signals", 0, "id"], 10**12),
        (["signals", 0, "group"], 7),
        (["agents", "width_m"], [1.8, 1e6]),
        (["surroundings", "ground", "road"], 1e5),
        (["surroundings", "ground", "verge"], [60, 30_000, 40]),
        (["surroundings", "ground", "texture_seed"], -1),
        (["surroundings", "trees", 0, "radius_m"], 1e6),
        (["surroundings", "buildings", 0, "roof"], [90, -1, 70]),
        (["surroundings", "poles", 0, "x_m"], 1e6),
    ],
)
def test_a_hostile_scene_is_refused_in_one_line(data, path, value):
    put(data, path, value)
    with pytest.raises(FairweatherError) as caught:
        load_scene(json.dumps(data))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["seed", "network", "agents", "camera"])
def test_a_missing_part_is_named(data, key):
    del data[key]
    with pytest.raises(DataError, match=f"no '{key}'"):
        load_scene(json.dumps(data))


def test_lists_without_end_are_refused_before_they_are_read(data, monkeypatch):
    monkeypatch.setattr(scene_io, "MAX_ITEMS", 10)
    put(data, ["surroundings", "trees"], [None] * 11)
    with pytest.raises(DataError, match="at most 10"):
        load_scene(json.dumps(data))


def test_a_file_too_large_for_a_scene_is_not_parsed(monkeypatch):
    monkeypatch.setattr(scene_io, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="11 bytes is too large"):
        load_scene("x" * 11)
