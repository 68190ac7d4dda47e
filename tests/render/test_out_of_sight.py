"""What the camera cannot see is not drawn, and the picture is that of drawing everything."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render import faces, ground, obstacles, rects
from render.canvas import blank
from render.picture import prepare
from render.sunlight import sunlight
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator.arrays import same
from simulator.camera import Camera


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
@pytest.mark.parametrize("layout", ["crossroads_signals", "town"])
def test_leaving_out_what_is_out_of_sight_changes_no_pixel(layout, kind, monkeypatch):
    scene = sample_scene(SceneConfig(layouts=(layout,), camera=CameraConfig(kind=kind)), 5, 2)
    seen = prepare(scene)
    for module in (faces, obstacles):
        monkeypatch.setattr(module, "near_view", _everything)
    monkeypatch.setattr(ground, "lanes_near", lambda _, lanes: np.ones(len(lanes), np.bool_))
    everything = prepare(scene)
    assert len(everything.plates.ident) >= len(seen.plates.ident)
    assert same(*(_under(seen.plates.rects, drawn.bare) for drawn in (seen, everything)))
    assert same(seen.canvas, everything.canvas)


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_leaving_out_shadows_that_fall_elsewhere_changes_no_light(kind, monkeypatch):
    scene = sample_scene(SceneConfig(layouts=("town",), camera=CameraConfig(kind=kind)), 5, 2)
    for sun_m in (np.array([9.0, 0.0]), np.array([-0.8, -1.1])):
        seen = sunlight(prepare(scene), sun_m)
        with monkeypatch.context() as patch:
            patch.setattr(obstacles, "near_view", _everything)
            everything = sunlight(prepare(scene), sun_m)
        assert same(seen.still, everything.still)


def _under(plates, bare):
    """What lies under plates, on black."""
    canvas = blank(*bare.kind.shape)
    rects.copy_canvas(bare, canvas, plates)
    return canvas


def _everything(_camera, points_m, _reach_m, _height_m=0.0):
    return np.ones(len(points_m), np.bool_)


def test_a_parked_car_beside_the_picture_throws_its_shadow_into_it():
    scene = sample_scene(SceneConfig(layouts=("parking_street",)), 5, 2)
    table, sun_m = scene.agents, np.array([3.0, 0.0])  # low in the west
    lit = []
    for row in np.flatnonzero(table.route < 0).tolist():
        x, y = float(table.parked_x_m[row]), float(table.parked_y_m[row])
        # the left edge is 1.5 m beyond the car, its shadow twice as long
        east = x + table.length_m[row] / 2 + 1.5 + 3.2
        camera = Camera(x_m=east, y_m=y, m_per_px=0.1, width_px=64, height_px=64)
        away = np.array(table.parked_y_m)
        away[row] += 500.0
        without = dataclasses.replace(
            scene, agents=dataclasses.replace(table, parked_y_m=away)
        )  # fmt: skip
        pair = [sunlight(prepare(s, camera), sun_m).still[:, :6] for s in (scene, without)]
        assert not (pair[0] > pair[1]).any()
        lit.append((pair[1].astype(int) - pair[0]).sum())
    assert np.median(lit) > 255 * 6 * 5
