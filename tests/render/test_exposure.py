"""What is kept from frame to frame must never show."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from render import exposure, picture
from render.frame import Frame
from render.record import SHARED, SceneRecord, render_stored
from simulator import engine
from simulator.conditions import Conditions
from simulator.seeding import stream
from tests.render.drawn import CLEAR, OVERCAST, backdrop, moment, replace

WEATHERS = {
    "clear": CLEAR,
    "overcast": OVERCAST,
    "fog": replace(OVERCAST, visibility_m=160),
    "wet and snowy": replace(CLEAR, water_film_mm=1.0, snow_cover=0.5),
    "patches of fog through a wet and dirty lens": replace(
        CLEAR, visibility_m=200, fog_patches=0.6, lens_drops=0.7, lens_dirt=0.5
    ),
    "night with rain": replace(
        CLEAR,
        sun_elevation_rad=-0.3,
        street_lamps=True,
        rain_mm_h=20,
        visibility_m=400,
        lens_drops=0.3,
    ),
}
EVERY_WEATHER = pytest.mark.parametrize("conditions", WEATHERS.values(), ids=WEATHERS)


def frame(ground: picture.Backdrop, drawing: picture.Drawing, weather: exposure.Weather) -> Frame:
    return exposure.expose(ground, drawing, weather, stream(1, 2, "test/exposure"))


def assert_same(a: Frame, b: Frame) -> None:
    assert np.array_equal(a.ids, b.ids)
    assert np.array_equal(a.bgr, b.bgr)
    for field in dataclasses.fields(a.annotations):
        first, second = (getattr(f.annotations, field.name) for f in (a, b))
        assert np.array_equal(np.asarray(first), np.asarray(second)), field.name


@EVERY_WEATHER
@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_a_frame_on_used_planes_equals_one_made_afresh(conditions: Conditions, kind: str):
    scene, _ = moment("crossroads_signals", 1, kind)
    ground = backdrop("crossroads_signals", 1, kind)
    weather = exposure.light_up(ground, conditions)
    drawing = None
    for state in engine.rollout(scene, [20.0, 21.0, 24.5, 33.0]):
        drawing = picture.draw(ground, state, drawing)
        again = frame(ground, drawing, weather)
        afresh = frame(ground, picture.draw(ground, state), exposure.light_up(ground, conditions))
        assert_same(again, afresh)


@EVERY_WEATHER
def test_a_moment_that_stays_looks_the_same(conditions: Conditions):
    _, state = moment("crossroads_stop", 1)
    ground = backdrop("crossroads_stop", 1)
    drawing = picture.draw(ground, state)
    weather = exposure.light_up(ground, conditions)
    once = frame(ground, drawing, weather)
    assert_same(once, frame(ground, drawing, weather))
    again = picture.draw(ground, state, drawing)
    assert len(again.changed) == 0
    assert not again.stirred.any()
    assert_same(once, frame(ground, again, weather))


def test_light_is_not_kept_over_a_drawing_that_it_missed():
    scene, _ = moment("crossroads_signals", 1)
    ground = backdrop("crossroads_signals", 1)
    weather = exposure.light_up(ground, CLEAR)
    states = engine.rollout(scene, [20.0, 22.0, 24.0])
    drawing = picture.draw(ground, states[0])
    frame(ground, drawing, weather)
    for state in states[1:]:
        drawing = picture.draw(ground, state, drawing)
    afresh = frame(ground, picture.draw(ground, states[2]), exposure.light_up(ground, CLEAR))
    assert_same(frame(ground, drawing, weather), afresh)


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
@pytest.mark.parametrize("layout", ["crossroads_signals", "town", "straight"])
def test_a_drawing_differs_from_the_one_before_only_where_it_says(layout: str, kind: str):
    scene, _ = moment(layout, 1, kind)
    ground = backdrop(layout, 1, kind)
    before, drawing, moved = ground.canvas, None, 0
    for state in engine.rollout(scene, [20.0, 20.1, 20.2, 23.0]):
        drawing = picture.draw(ground, state, drawing)
        afresh = picture.draw(ground, state)
        inside = np.zeros(drawing.canvas.kind.shape, bool)
        for x0, y0, x1, y1 in drawing.changed.tolist():
            inside[y0:y1, x0:x1] = True
        for name in ("albedo", "ids", "kind", "height"):
            now = getattr(drawing.canvas, name)
            assert np.array_equal(now, getattr(afresh.canvas, name)), name
            changed = now != getattr(before, name)
            assert not (changed & ~inside).any(), name
        moved += inside.any()
        before = drawing.canvas.copy()
    assert moved >= 2


def test_the_noise_of_a_calm_frame_is_its_own_and_asks_for_no_other_frame():
    scene, state = moment("crossroads_signals", 1)
    ground = backdrop("crossroads_signals", 1)
    record = SceneRecord(scene, "train", {"clear": CLEAR}, {SHARED: (state,)})
    drawing = picture.draw(ground, state)

    def shown(number: int) -> np.ndarray:
        weather = exposure.light_up(ground, CLEAR)
        return render_stored(record, ground, drawing, weather, "clear", number).bgr

    some = [shown(number) for number in (0, 1, 2, 64, 65)]
    assert not any(np.array_equal(a, b) for a, b in itertools.combinations(some, 2))
    assert np.array_equal(shown(2), some[2])
