"""What the camera cannot see is not drawn, and the picture is that of drawing everything."""

from __future__ import annotations

import numpy as np
import pytest

from render import faces, ground, obstacles
from render.picture import prepare
from scenarios.config import CameraConfig, SceneConfig
from scenarios.sampler import sample_scene
from simulator.arrays import same


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
    assert same(seen.bare, everything.bare)
    assert same(seen.canvas, everything.canvas)


def _everything(_camera, points_m, _reach_m, _height_m=0.0):
    return np.ones(len(points_m), np.bool_)
