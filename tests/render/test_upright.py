"""Upright plates: as they stand, seen where they face the camera, and labelled only there."""

from __future__ import annotations

import dataclasses
import functools
import json
import math

import numpy as np
import pytest

from render import exposure, picture
from render.frame import CLASSES, Frame
from render.record import geometry_hash
from render.upright import SIGN_LOW_M
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.arrays import same
from simulator.camera import Camera, projection
from simulator.conditions import Conditions
from simulator.errors import ConfigError
from simulator.scene import Scene
from simulator.scene_io import dump_scene, load_scene
from simulator.seeding import stream
from simulator.sign import look
from simulator.signs import SIGNS
from tests.render.drawn import SHARP

STOP, RED = CLASSES.index("stop_sign"), CLASSES.index("light_red")


@functools.cache
def scene_of(layout: str, index: int = 0) -> Scene:
    camera = CameraConfig(kind="pinhole", tilt_rad=0.5, altitude_m=40.0, m_per_px=0.06)
    return sample_scene(SceneConfig(layouts=(layout,), camera=camera, plates="upright"), 3, index)


def before(scene: Scene, place, tilt_rad: float = 0.5, turn_rad: float = 0.0) -> Scene:
    """The scene with a camera that flies along with who reads a plate, or turned from that way."""
    heading = place.heading_rad + turn_rad
    camera = Camera(
        x_m=place.x_m, y_m=place.y_m, heading_rad=heading - math.pi / 2, kind="pinhole",
        tilt_rad=tilt_rad, altitude_m=40.0, m_per_px=0.03,
    )  # fmt: skip
    return dataclasses.replace(scene, camera=camera)


def shot(scene: Scene, conditions: Conditions | None = None) -> Frame:
    ground = picture.prepare(scene)
    state = engine.rollout(scene, [scene.warm_up_s])[0]
    weather = exposure.light_up(
        ground, conditions or Conditions(sun_elevation_rad=0.9), camera_sensor=SHARP
    )
    return exposure.expose(ground, picture.draw(ground, state), weather, stream(1, 0, "upright"))


def stop_of(scene: Scene):
    return next(s for s in scene.signs if s.type == "stop" and not s.overgrown)


def of_class(frame: Frame, category: int) -> np.ndarray:
    return np.flatnonzero(frame.annotations.category == category)


def test_a_stop_sign_is_where_its_corners_are_projected():
    scene = before(scene_of("crossroads_stop"), stop_of(scene_of("crossroads_stop")))
    sign = dataclasses.replace(stop_of(scene), tilt_rad=0.0)
    scene = dataclasses.replace(scene, signs=(sign,))
    face = look(SIGNS["stop"], scene.convention).patches[0].polygon_m
    right = np.array([math.sin(sign.heading_rad), -math.cos(sign.heading_rad)])
    ground = np.array([sign.x_m, sign.y_m]) + face[:, :1] * right
    height = SIGN_LOW_M + face[:, 1] - face[:, 1].min()
    corners = np.column_stack([ground, height, np.ones(len(face))])
    u, v, w = projection(scene.camera) @ corners.T
    frame = shot(scene)
    (row,) = of_class(frame, STOP)
    box = frame.annotations.box_px[row]
    expected = [(u / w).min(), (v / w).min(), (u / w).max(), (v / w).max()]
    assert np.abs(box - expected).max() <= 1.0
    assert frame.annotations.occlusion[row] < 0.05
    assert frame.annotations.visible_px[row] > 50
    cx, cy, width, height_px, _ = frame.annotations.oriented_px[row]
    assert abs(cx - box[[0, 2]].mean()) < 1.5
    assert abs(cy - box[[1, 3]].mean()) < 1.5
    assert width * height_px < 1.3 * np.prod(box[2:] - box[:2])


@pytest.mark.parametrize(("tilt_rad", "turn_rad"), [(0.5, math.pi), (0.0, 0.0)])
def test_from_behind_and_from_straight_above_there_is_no_label(tilt_rad, turn_rad):
    scene = scene_of("crossroads_stop")
    seen = before(scene, stop_of(scene), tilt_rad, turn_rad)
    frame = shot(dataclasses.replace(seen, signs=(stop_of(scene),)))
    assert not len(of_class(frame, STOP))


def test_a_lamp_that_is_lit_shines_by_night_and_the_label_says_so():
    base, found = scene_of("crossroads_signals", 1), 0
    for signal in base.signals:
        scene = before(base, signal)
        frame = shot(scene, Conditions(sun_elevation_rad=-0.3, street_lamps=True))
        for row in of_class(frame, RED):
            x0, y0, x1, y1 = frame.annotations.box_px[row]
            b, g, r = frame.bgr[y0:y1, x0:x1].reshape(-1, 3).astype(int).T
            assert ((r > 150) & (r > g + 60) & (r > b + 60)).any()
            found += 1
    assert found


def test_no_dark_heads_are_left_beside_those_that_are_lit():
    """An arm keeps the name of the street, a gantry its signs."""
    config = SceneConfig(
        layouts=("crossroads_signals",), camera=CameraConfig(kind="pinhole"), plates="upright"
    )
    symbolic = dataclasses.replace(config, plates="symbolic")
    heads = 0
    for index in range(6):
        upright, usual = (sample_scene(c, 5, index) for c in (config, symbolic))
        left = [p for s in upright.surroundings.supports for p in s.panels]
        heads += sum(len(s.panels) for s in usual.surroundings.supports) - len(left)
        assert all(p.lettered or p.face != (0, 0, 0) for p in left)
        around = (dataclasses.replace(s.surroundings, supports=()) for s in (upright, usual))
        assert same(*around)
    assert heads >= 12


def test_an_orthographic_camera_is_refused_with_a_way_out():
    with pytest.raises(ConfigError, match=r"straight above.*pinhole"):
        SceneConfig(plates="upright")


def test_scene_files_tell_upright_plates_and_are_silent_about_symbolic_ones():
    upright = scene_of("crossroads_stop")
    usual = dataclasses.replace(upright, plates="symbolic")
    told, silent = (json.loads(dump_scene(s)) for s in (upright, usual))
    assert told["plates"] == "upright"
    assert "plates" not in silent
    assert load_scene(dump_scene(upright)).plates == "upright"
    names = "network", "agents", "signs", "signals", "camera", "surroundings", "plate_scale"
    parts = dict.fromkeys(names, b"")
    assert geometry_hash({**parts, "plates": b'"upright"'}, ()) != geometry_hash(parts, ())
