"""The ground and its light behind a lens that bends lines."""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np
import pytest

from render import exposure, picture
from render.effect import FIELD_STEP, field_shape
from render.light import light_of
from render.motion_blur import streaks
from render.texture import hollows_seen
from render.weather import EFFECTS
from render.weather.night import LAMP_CD, LAMP_REACH_M
from scenarios.presets import read_condition
from scenarios.sky import sample_conditions
from simulator import engine
from simulator.camera import to_ground
from simulator.grip import CELL_M
from simulator.seeding import stream
from simulator.surroundings import Pole, Surroundings
from simulator.unevenness import uneven
from tests import cast
from tests.render.drawn import SHARP
from tests.render.lenses import (
    EVERY,
    MIXED,
    STRAIGHT,
    TILTED,
    by_opencv,
    town,
)


@EVERY
def test_a_frame_by_itself_is_the_same_as_after_others(camera) -> None:
    scene = town(camera)
    backdrop = picture.prepare(scene)
    wet = sample_conditions(read_condition("night_rain"), 1, "train", 0)
    for conditions in (cast.DRY, wet):
        weather = exposure.light_up(backdrop, conditions)
        states = engine.rollout(scene, [1.0, 1.4, 1.8, 2.4])
        drawing = picture.draw(backdrop, states[0])
        frame = exposure.expose(backdrop, drawing, weather, stream(1, 1, "test"))
        for state in states[1:]:
            drawing = picture.draw(backdrop, state, drawing)
            frame = exposure.expose(backdrop, drawing, weather, stream(1, 1, "test"))
        alone = picture.draw(backdrop, states[-1])
        other = exposure.expose(
            backdrop, alone, exposure.light_up(backdrop, conditions), stream(1, 1, "test")
        )
        for name in ("albedo", "ids", "kind", "height"):
            assert np.array_equal(getattr(alone.canvas, name), getattr(drawing.canvas, name))
        assert np.array_equal(frame.bgr, other.bgr)
        for column in dataclasses.fields(frame.annotations):
            one, two = (getattr(f.annotations, column.name) for f in (frame, other))
            assert np.array_equal(one, two), column.name


@pytest.mark.parametrize("tilt_rad", [0.0, 0.45])
def test_a_lens_that_hardly_bends_makes_the_picture_of_one_that_does_not(tilt_rad) -> None:
    straight = dataclasses.replace(MIXED, **STRAIGHT, tilt_rad=tilt_rad)
    scene = town(straight)
    state = engine.rollout(scene, [2.0])[0]
    snowy = sample_conditions(read_condition("snow"), 1, "train", 0)
    wet = sample_conditions(read_condition("night_rain"), 1, "train", 0)
    patchy = sample_conditions(read_condition("patchy_fog"), 1, "train", 0)
    for conditions in (cast.DRY, snowy, wet, patchy):
        one, two = (
            exposure.expose(
                backdrop := picture.prepare(
                    dataclasses.replace(scene, camera=dataclasses.replace(scene.camera, k1=k1))
                ),
                picture.draw(backdrop, state),
                exposure.light_up(backdrop, conditions),
                stream(1, 1, "test"),
            )
            for k1 in (0.0, 1e-9)
        )
        assert (one.ids == two.ids).mean() > 0.9999
        off = np.abs(one.bgr.astype(int) - two.bgr)
        assert off.mean() < 0.6
        smooth = [cv2.GaussianBlur(f.bgr.astype(np.float32), (0, 0), 5) for f in (one, two)]
        assert np.abs(smooth[0] - smooth[1]).max() < 3


@EVERY
def test_the_light_of_a_lamp_falls_where_its_ground_is_seen(camera) -> None:
    poles = tuple(
        Pole(x, y, 9.0, x, y)
        for x, y in to_ground(camera, np.array([[200.0, 150.0], [700.0, 540.0]])).tolist()
    )
    around = Surroundings(cast.GROUND, poles=poles)
    scene = cast.open_road(cast.drivers([0.0]), 3.0, camera=camera, surroundings=around)
    backdrop = picture.prepare(scene)
    dark = sample_conditions(read_condition("night"), 1, "train", 0)
    weather = exposure.light_up(backdrop, dark)
    view = exposure._view(backdrop, weather.light, backdrop.canvas, SHARP)
    night = EFFECTS["night"]
    assert night.still_lamps is not None
    field = night.still_lamps(dark, view, night.prepare(dark, view))
    assert field.shape == field_shape((camera.height_px, camera.width_px))
    inside = field[:-2, :-2]
    rows, columns = np.indices(inside.shape) * FIELD_STEP
    ground = to_ground(camera, np.stack([columns.ravel(), rows.ravel()], axis=1))
    lux = np.zeros(len(ground))
    for pole in poles:
        flat = np.sum((ground - [pole.x_m, pole.y_m]) ** 2, axis=1)
        fade = np.maximum(1 - (flat / LAMP_REACH_M**2) ** 2, 0)
        lux += LAMP_CD * 9.0 / (flat + 81) ** 1.5 * fade
    assert np.abs(inside.ravel() - lux).max() < 0.03 * lux.max()


@EVERY
def test_puddles_lie_in_the_picture_where_tyres_meet_them(camera) -> None:
    scene = town(camera)
    backdrop = picture.prepare(scene)
    view = exposure._view(backdrop, light_of(cast.DRY), backdrop.canvas, SHARP)
    low = hollows_seen(scene, view.px_to_m, view.kind.shape, view.lens)
    rows, columns = np.indices(low.shape)
    ground = to_ground(scene.camera, np.stack([columns.ravel(), rows.ravel()], axis=1))
    tile = uneven(scene).tile  # the rank of each place from the lowest on
    cells = np.floor(ground / CELL_M).astype(int) % len(tile)
    order = np.argsort(-tile[cells[:, 1], cells[:, 0]])
    assert np.corrcoef(np.sort(low.ravel()), low.ravel()[order])[0, 1] > 0.997


@EVERY
def test_a_smear_is_the_way_that_opencv_sees(camera) -> None:
    scene = town(camera)
    state = engine.rollout(scene, [2.0])[0]
    found = streaks(picture.draw(picture.prepare(scene), state), scene.camera, 0.05)
    assert len(found.ident)
    rows = found.ident.astype(int) - 1
    ahead = np.column_stack([np.cos(state.heading_rad), np.sin(state.heading_rad)])[rows]
    way = ahead * 0.05 * state.speed_mps[rows, None] / 2
    place = np.column_stack([state.x_m, state.y_m])[rows]
    ends = [
        by_opencv(scene.camera, np.column_stack([place + s * way, np.zeros(len(rows))]))
        for s in (1, -1)
    ]
    middle = (ends[0] + ends[1]) / 2
    inside = np.all((middle > 0) & (middle < [camera.width_px, camera.height_px]), axis=1)
    assert np.abs(ends[0] - ends[1] - found.way_px)[inside].max() < 1e-3


def test_the_way_through_the_air_is_that_of_each_bent_line_of_sight() -> None:
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=TILTED)
    slant = picture.prepare(scene).slant
    back = TILTED.altitude_m * math.tan(TILTED.tilt_rad)
    eye = np.array([TILTED.x_m, TILTED.y_m]) + back * np.array([math.sin(0.7), -math.cos(0.7)])
    for row, column in ((0, 0), (0, 719), (280, 100), (559, 5)):
        ground = to_ground(TILTED, np.array([[column + 0.5, row + 0.5]]))[0]
        way = math.hypot(*(ground - eye), TILTED.altitude_m)
        assert slant[row, column] == pytest.approx(way / TILTED.altitude_m, rel=1e-5)


@EVERY
def test_the_exposure_meter_sees_the_fog_of_the_picture(camera) -> None:
    backdrop = picture.prepare(town(camera))
    foggy = sample_conditions(read_condition("patchy_fog"), 1, "train", 0)
    glance = exposure._glance(backdrop)
    view = exposure._view(backdrop, light_of(foggy), backdrop.canvas, SHARP)
    small = dataclasses.replace(
        view, camera=glance.camera, px_to_m=glance.px_to_m, kind=glance.canvas.kind,
        height=glance.canvas.height, slant=glance.slant, lens=glance.lens,
    )  # fmt: skip
    thickness = EFFECTS["fog"].thickness
    assert thickness is not None
    whole, metered = (thickness(foggy, v, None) for v in (view, small))
    assert whole is not None
    assert metered is not None
    assert np.abs(np.log(whole[4::8, 4::8] / metered)).mean() < 0.002
