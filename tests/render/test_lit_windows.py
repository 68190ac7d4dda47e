"""Windows that are lit by night, and by day are nothing but glass."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import pytest

from render import exposure, picture
from render.canvas import DECAL, KEEP
from render.lens import BRIGHT
from render.light import WINDOW_RGB, light_of
from render.maps import classes_of
from render.polygon_list import PolygonList
from render.roofs import draw_building
from render.surface import WINDOWS, Kind, fixed, walled_up
from simulator import engine
from simulator.camera import Camera
from simulator.conditions import Conditions
from simulator.seeding import stream
from simulator.surroundings import Building, Surroundings
from tests import cast
from tests.render.drawn import CLEAR, SHARP, replace

TILTED = Camera(
    kind="pinhole", x_m=50.0, y_m=20.0, heading_rad=0.3, tilt_rad=0.45, width_px=320, height_px=320
)
NIGHT = replace(CLEAR, sun_elevation_rad=-0.3, street_lamps=True)


def house(x_m: float, y_m: float, height_m: float) -> Building:
    corners = np.array([[0.0, 0.0], [14.0, 0.0], [14.0, 9.0], [0.0, 9.0]])
    return Building(corners + np.array([x_m, y_m]), height_m, (120, 60, 50), (200, 190, 170))


@functools.cache
def drawn() -> tuple[picture.Backdrop, picture.Drawing]:
    houses = (house(44.5, 10.0, 8.0), house(45.0, 24.0, 13.0), house(62.0, 8.0, 6.0))
    around = Surroundings(cast.GROUND, buildings=houses)
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=TILTED, surroundings=around)
    ground = picture.prepare(scene)
    return ground, picture.draw(ground, engine.rollout(scene, [0.0])[0])


def shot(conditions: Conditions, walled: bool = False, exposure_ev: float = 0.0) -> np.ndarray:
    """A picture i[H, W, 3]; ``walled``: as if no window were a thing of its own."""
    ground, drawing = drawn()
    if walled:
        ground, drawing = (
            dataclasses.replace(
                some, canvas=dataclasses.replace(some.canvas, kind=walled_up(some.canvas.kind))
            )
            for some in (ground, drawing)
        )
    sensor = dataclasses.replace(SHARP, exposure_ev=exposure_ev)
    weather = exposure.light_up(ground, conditions, camera_sensor=sensor)
    return exposure.expose(ground, drawing, weather, stream(1, 0, "test")).bgr.astype(int)


def test_by_night_windows_shine_warm_and_brighter_than_their_walls():
    kind, bgr = (
        drawn()[0].canvas.kind,
        shot(NIGHT, exposure_ev=-3.0),
    )  # no lamp stands near: else all burns out
    assert {*np.unique(kind).tolist()} >= {*WINDOWS}
    glass = np.isin(kind, WINDOWS)
    assert bgr[glass].mean() > 2.5 * bgr[kind == Kind.WALL].mean()
    assert (bgr[glass][:, 2] > bgr[glass][:, 0] + 20).mean() > 0.9


@pytest.mark.parametrize(
    "conditions",
    [
        CLEAR, replace(CLEAR, sun_elevation_rad=0.2, snow_cover=0.8), replace(CLEAR, frost=1.0),
        replace(CLEAR, water_film_mm=2.0, rain_mm_h=5.0),
    ],
)  # fmt: skip
def test_by_day_nothing_tells_them_from_the_others(conditions):
    assert np.array_equal(shot(conditions), shot(conditions, walled=True))
    assert not np.array_equal(shot(NIGHT), shot(NIGHT, walled=True))


def test_a_window_is_a_part_of_its_building_in_maps():
    ground, _ = drawn()
    still = classes_of(ground).still
    walls = np.isin(walled_up(ground.canvas.kind), (Kind.WALL, Kind.ROOF))
    assert len(np.unique(still[walls])) == 1


def test_lights_go_on_with_dusk_and_no_window_leaves_a_glare():
    lux = [
        light_of(Conditions(sun_elevation_rad=float(e), street_lamps=lamps)).emission
        for lamps in (True, False)
        for e in np.linspace(0.1, -0.3, 60)
    ]
    lit = np.array([e[Kind.WINDOW] for e in lux]).reshape(2, -1)
    assert np.all(lit[:, 0] == 0)
    assert np.all(np.diff(lit[0]) >= 0)
    assert lit[0, -1] > 0.8
    assert lit.max() * WINDOW_RGB.max() < BRIGHT


def test_a_third_of_the_windows_is_lit_and_from_everywhere_the_same():
    lit, every = 0, 0
    for k in range(40):
        building = house(3.7 * k, 11.3 * k, 8.0 + k % 3)
        found = []
        for turn in (0.3, 0.31):  # the same walls, seen from elsewhere
            there = dataclasses.replace(TILTED, heading_rad=turn, x_m=3.7 * k, y_m=11.3 * k)
            shapes = PolygonList(there)
            draw_building(shapes, building, there, 0.0)
            batch = shapes.batch()
            panes = batch.kind[np.isclose(batch.alpha, 0.75) & (batch.colour[:, 2] == _PANE_BLUE)]
            found.append(panes)
        assert np.array_equal(found[0], found[1])
        lit += int((found[0] == DECAL + Kind.WINDOW).sum())
        every += len(found[0])
        assert {*found[0].tolist()} <= {KEEP, DECAL + Kind.WINDOW}
    assert every > 300
    assert math.isclose(lit / every, 1 / 3, abs_tol=0.06)


_PANE_BLUE = fixed((52, 60, 70))[2]
