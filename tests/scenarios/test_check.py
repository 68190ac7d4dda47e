"""The check finds what is wrong with a scene, in words."""

import dataclasses
import math

import numpy as np
import pytest

from scenarios.__main__ import main
from scenarios.check import check_scene
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from scenarios.viewpoint import sample_camera
from simulator.errors import ConfigError
from simulator.scene_io import load_scene
from simulator.seeding import stream
from simulator.settings import build


def scene(layout):
    return sample_scene(SceneConfig(layouts=(layout,)), 6, 0)


def test_a_sign_that_faces_away_or_stands_on_the_wrong_side_is_found():
    good = scene("crossroads_stop")
    sign = good.signs[0]
    turned = dataclasses.replace(sign, heading_rad=sign.heading_rad + math.pi)
    found = check_scene(dataclasses.replace(good, signs=(turned,)))
    assert found == ["sign 0 faces away from its traffic"]
    astray = dataclasses.replace(sign, x_m=0.0, y_m=0.0)
    assert "sign 0 does not stand right of its lane" in check_scene(
        dataclasses.replace(good, signs=(astray,))
    )
    lost = dataclasses.replace(sign, stop_line_id=99)
    assert check_scene(dataclasses.replace(good, signs=(lost,))) == ["sign 0 has no stop line"]


def test_a_signalled_line_without_head_or_aspect_is_found():
    good = scene("crossroads_signals")
    blind = check_scene(dataclasses.replace(good, signals=()))
    assert len(blind) == len(good.network.stop_lines)
    phases = tuple(dataclasses.replace(p, aspects=p.aspects[:1]) for p in good.plan.phases)
    short = dataclasses.replace(good, plan=dataclasses.replace(good.plan, phases=phases))
    assert any("no aspect in the plan" in f for f in check_scene(short))


def test_overlapping_vehicles_and_unused_lanes_are_found():
    good = scene("straight")
    agents = good.agents
    parked = np.full(len(agents), -1)
    heap = dataclasses.replace(good, agents=dataclasses.replace(agents, route=parked))
    assert any("overlap at the beginning" in f for f in check_scene(heap))
    first = dataclasses.replace(agents, route=np.minimum(agents.route, 0))
    few = dataclasses.replace(good, routes=good.routes[:1], agents=first)
    assert any("no route uses lane" in f for f in check_scene(few))


def test_the_scale_of_the_camera_is_drawn_evenly_in_its_logarithm():
    from scenarios.layouts import LAYOUTS

    config = CameraConfig(m_per_px=0.05, m_per_px_high=0.2)
    roads = LAYOUTS["straight"].build(stream(1, 0, "roads"), SceneConfig().roads)
    scales = [sample_camera(stream(1, i, "camera"), roads, config).m_per_px for i in range(200)]
    assert min(scales) >= 0.05
    assert max(scales) <= 0.2
    assert np.mean(np.array(scales) < 0.1) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"layouts": []}, "at least one"),
        ({"sensor": {"blur_px": [2, 1]}}, "sensor.blur_px"),
        ({"sensor": {"blur_px": 1.0}}, "must be a list"),
        ({"traffic": {"truck_share": 0.8, "bus_share": 0.4}}, "more than 1"),
        ({"camera": {"m_per_px": 9}}, "0.01 to 2 m/px"),
        ({"camera": {"m_per_pixel": 0.1}}, "Did you mean 'camera.m_per_px'"),
        ({"roads": {"lane_width_low_m": 3.5, "lane_width_high_m": 3.1}}, "roads.lane_width"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_one_line(values, said):
    with pytest.raises(ConfigError) as caught:
        build(SceneConfig, values)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_lists_and_prints_scenes_and_refuses_nonsense(capsys):
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert "crossroads_stop" in listed
    assert "dense_fog" in listed
    assert main(["seed=3", "layout=straight", "condition=rain"]) == 0
    assert load_scene(capsys.readouterr().out).layout == "straight"
    for word in ("sede=3", "layout=strait", "seed=-1", "seed=x", "condition=rian"):
        assert main([word]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert error.startswith("error: ")
