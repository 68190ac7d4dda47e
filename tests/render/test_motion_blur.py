"""What moves while the shutter is open is smeared, and nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render import exposure, picture
from render.motion_blur import streaks
from simulator import engine
from simulator.seeding import stream
from tests.render.drawn import CLEAR, SHARP, backdrop, moment

SLOW = dataclasses.replace(SHARP, exposure_s=0.05, full_well_e=200_000.0, read_noise_e=0.0)
QUICK = dataclasses.replace(SLOW, exposure_s=0.0)


def _moving(layout: str, index: int) -> tuple[int, float]:
    """Row of the fastest vehicle that nothing hides or cuts, and its speed, m/s."""
    _, state = moment(layout, index)
    geometry = picture.draw(backdrop(layout, index), state).geometry
    whole = (geometry.visible_px == geometry.full_px) & (geometry.visible_px > 100)
    best = int(np.argmax(np.where(whole, geometry.speed_mps, -1)))
    return int(geometry.instance[best]) - 1, float(geometry.speed_mps[best])


def _frame(layout, index, sensor, state=None, drawing=None, weather=None):
    ground = backdrop(layout, index)
    state = state or moment(layout, index)[1]
    drawing = picture.draw(ground, state, drawing)
    weather = weather or exposure.light_up(ground, CLEAR, camera_sensor=sensor)
    return exposure.expose(ground, drawing, weather, stream(1, 0, "test")), drawing, weather


def test_a_smear_is_as_long_as_the_way_during_the_exposure_and_standing_things_stay_sharp():
    row, speed = _moving("straight", 2)
    assert speed > 5
    sharp, drawing, _ = _frame("straight", 2, QUICK)
    smeared, _, _ = _frame("straight", 2, SLOW)
    camera = moment("straight", 2)[0].camera
    found = streaks(drawing, camera, SLOW.exposure_s)
    k = found.ident.tolist().index(row + 1)
    way = np.hypot(*found.way_px[k])
    assert way == pytest.approx(speed * SLOW.exposure_s / camera.m_per_px, rel=1e-6)
    changed = np.any(sharp.bgr != smeared.bgr, axis=2)
    everywhere = np.zeros_like(changed)
    for x0, y0, x1, y1 in found.places.tolist():
        everywhere[y0:y1, x0:x1] = True
    assert not (changed & ~everywhere).any()
    v, u = np.nonzero(changed)
    along = found.way_px[k] / way
    own = np.stack([u, v], axis=1) @ along
    x0, y0, x1, y1 = found.places[k].tolist()
    own = own[(u >= x0) & (u < x1) & (v >= y0) & (v < y1)]
    v, u = np.nonzero(sharp.ids == row + 1)
    body = np.stack([u, v], axis=1) @ along
    assert np.ptp(own) == pytest.approx(np.ptp(body) + way, abs=4)
    assert np.array_equal(sharp.ids, smeared.ids)


def test_light_is_spread_and_none_is_lost():
    sharp, drawing, _ = _frame("straight", 2, QUICK)
    smeared, _, _ = _frame("straight", 2, SLOW)
    for x0, y0, x1, y1 in streaks(drawing, moment("straight", 2)[0].camera, 0.05).places.tolist():
        before, after = (f.bgr[y0:y1, x0:x1].astype(float).mean() for f in (sharp, smeared))
        assert after == pytest.approx(before, rel=0.06)


def test_a_frame_of_a_video_is_smeared_as_one_alone():
    scene, state = moment("straight", 2)
    later = engine.rollout(scene, [30.0, 30.1, 30.2])
    drawing = weather = None
    for one in later:
        frame, drawing, weather = _frame("straight", 2, SLOW, one, drawing, weather)
        alone, _, _ = _frame("straight", 2, SLOW, one)
        assert np.array_equal(frame.bgr, alone.bgr)
    assert state.time_s == later[0].time_s
