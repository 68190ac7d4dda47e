"""Lamps by night in thick air: they outlast what stands beside them, and droplets glow."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render import exposure, lens
from render.canvas import ONE
from render.frame import CLASSES
from render.picture import draw
from simulator.conditions import Conditions
from simulator.seeding import stream
from tests.render.drawn import SHARP, backdrop, moment

NIGHT = Conditions(sun_elevation_rad=-0.3, cloud=1.0, street_lamps=True)
PLACES = [(layout, k) for layout in ("crossroads_signals", "crossroads_stop") for k in range(3)]
LIT = [CLASSES.index(f"light_{colour}") for colour in ("red", "yellow", "green")]

SIGNS = [CLASSES.index("stop_sign")]


def shot(place, **changes):
    ground = backdrop(*place)
    drawing = draw(ground, moment(*place)[1])
    weather = exposure.light_up(ground, dataclasses.replace(NIGHT, **changes), camera_sensor=SHARP)
    return exposure.expose(ground, drawing, weather, stream(0, 0, "test/halo"))


def stands_out(classes, **changes):
    """How much brighter the brightest pixel of each object is than the picture's median, levels."""
    found = []
    for place in PLACES:
        frame = shot(place, **changes)
        a = frame.annotations
        for k in np.flatnonzero(np.isin(a.category, classes) & (a.occlusion == 0)):
            mine = frame.bgr[frame.ids == a.instance[k]].max(axis=1)
            found.append(int(mine.max()) - int(np.median(frame.bgr.max(axis=2))))
    return np.array(found)


def test_fog_by_night_takes_the_signs_and_leaves_the_lamps():
    lit, signs = (stands_out(classes, visibility_m=60.0) for classes in (LIT, SIGNS))
    assert len(lit) > 5
    assert len(signs) > 2
    assert lit.min() > 80
    assert signs.max() < 40


def test_by_day_a_lamp_fades_in_fog_as_all_else_does():
    day = {"sun_elevation_rad": 0.8, "street_lamps": False}
    assert np.median(stands_out(LIT, visibility_m=60.0, **day)) < 40
    assert np.median(stands_out(LIT, **day)) > 80


def spot():
    light = np.zeros((3, 160, 160), np.uint16)
    light[0, 76:84, 76:84] = 1.9 * ONE  # too dull for a glare of the lens
    return light, np.array([[70, 70, 90, 90]], np.int32)


def test_a_halo_is_wide_even_and_grows_with_the_depth_of_the_air():
    light, places = spot()
    assert lens.glare(light, places, depth=0.01, halo_px=16.0) is None
    thin, thick = (lens.glare(light, places, depth=depth, halo_px=16.0) for depth in (0.3, 0.9))
    assert thin is not None
    assert thick is not None
    assert thick.sum() == pytest.approx(3 * thin.sum(), rel=1e-4)
    assert thin[1].max() == thin[2].max() == 0
    # all that leaves the lamp's way comes down round it
    excess = 64 * 0.9
    assert thin[0].sum() * 16 == pytest.approx(0.5 * 0.3 * excess, rel=0.1)
    at = np.array([20, 24, 28])  # 0, 16 and 32 px from the middle of the lamp
    fall = thin[0, 20, at] / thin[0, 20, 20]
    assert fall[1] == pytest.approx(np.exp(-0.5), abs=0.15)
    assert fall[2] < 0.3


def test_where_nothing_shines_there_is_no_halo():
    light, places = spot()
    assert lens.glare(light // 10, places, depth=1.0, halo_px=16.0) is None
