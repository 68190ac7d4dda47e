"""Spray behind vehicles: where it is, what makes it denser, and what it costs the labels."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from render import exposure, picture
from render.driven import throwing
from render.rigs import rigs_of
from render.weather import spray
from simulator import engine
from simulator.agents import AgentState
from simulator.articulation import own_bodies, trailers
from simulator.camera import to_px
from simulator.conditions import Conditions
from simulator.seeding import stream
from tests import cast
from tests.render.drawn import CLEAR, OVERCAST, SHARP, moment, replace

WET = replace(OVERCAST, water_film_mm=1.0)
CAMERAS = [("orthographic", 0.0), ("pinhole", 0.0), ("pinhole", 0.4)]


def driving(speed_mps: float, kind: str = "orthographic", tilt: float = 0.0):
    """A scene with one lone vehicle in the middle of the picture, and its moment."""
    scene, state = moment("straight", 2)
    row = int(np.flatnonzero(scene.agents.driven & state.active)[0])
    speed, active = state.speed_mps.copy(), np.zeros_like(state.active)
    speed[row], active[row] = speed_mps, True
    x, y = float(state.x_m[row]), float(state.y_m[row])
    camera = dataclasses.replace(scene.camera, kind=kind, tilt_rad=tilt, x_m=x, y_m=y)
    scene = dataclasses.replace(scene, camera=camera)
    return scene, dataclasses.replace(state, speed_mps=speed, active=active), row


def field(scene, state: AgentState, conditions: Conditions) -> np.ndarray:
    ground = picture.prepare(scene)
    weather = exposure.light_up(ground, conditions, camera_sensor=SHARP)
    drawing = picture.draw(ground, state)
    view = exposure._view(ground, weather.light, drawing.canvas, SHARP)
    return exposure._plumes(ground, drawing, weather, view).field


def picture_of(scene, state: AgentState, conditions: Conditions):
    ground = picture.prepare(scene)
    weather = exposure.light_up(ground, conditions, camera_sensor=SHARP)
    return exposure.expose(ground, picture.draw(ground, state), weather, stream(1, 1, "test/spray"))


@pytest.mark.parametrize(("kind", "tilt"), CAMERAS)
def test_the_veil_lies_behind_the_moving_vehicle_and_not_before_it(kind: str, tilt: float):
    scene, state, row = driving(20.0, kind, tilt)
    plume, heading = field(scene, state, WET), float(state.heading_rad[row])
    assert plume.max() > 0.2

    def at(behind_m: float) -> float:
        way = np.array([np.cos(heading), np.sin(heading)])
        place = np.array([state.x_m[row], state.y_m[row]]) - behind_m * way
        u, v = np.rint(to_px(scene.camera, place[None])[0] / 4).astype(int)
        return float(plume[v, u])

    length = float(scene.agents.length_m[row])
    near, far = at(length / 2 + 2.0), at(length / 2 + 12.0)
    assert near > 0.2
    assert near > far
    assert at(-length / 2 - 1.0) == at(length / 2 + 25.0) == 0.0


def test_more_water_more_speed_and_a_larger_body_make_more_of_it():
    def grow(of):
        assert all(b > a for a, b in itertools.pairwise(of)), of

    depth = spray._depth.py_func  # pyright: ignore[reportFunctionMemberAccess]
    speeds = (8.0, 13.0, 20.0, 30.0)
    grow([depth(film, 20.0, 2.7) for film in (0.05, 0.2, 0.5, 2.0, 5.0)])
    grow([depth(1.0, v, 2.7) for v in speeds])
    grow([depth(1.0, 20.0, m2) for m2 in (1.2, 2.7, 10.0)])
    grow([field(*driving(v)[:2], WET).sum() for v in speeds])
    assert depth(1.0, 3.0, 2.7) == 0.0


def test_a_dry_road_and_a_vehicle_that_stands_have_none():
    assert not field(*driving(25.0)[:2], OVERCAST).size
    assert not field(*driving(0.0)[:2], WET).size


def test_of_a_truck_it_comes_from_the_semitrailer_and_a_car_behind_has_its_own():
    kinds = {"trailer_m": [13.6, 0.0], "length_m": [16.5, 4.5]}
    road = cast.open_road(cast.drivers([90.0, 30.0], **kinds))
    turned = {"heading_rad": [0.3, 0.1], "speed_mps": [20.0, 9.0], "trailer_rad": [-0.4, 0.0]}
    state = dataclasses.replace(
        engine.initial_state(road), active=np.ones(2, np.bool_),
        **{name: np.array(values) for name, values in turned.items()},
    )  # fmt: skip
    truck, car = throwing(road.agents, rigs_of(road.agents), state)
    np.testing.assert_allclose(truck[:5], trailers(road.agents, state)[1][0], atol=1e-12)
    np.testing.assert_array_equal(car[:5], own_bodies(road.agents, state)[1])
    assert (truck[6], car[6]) == (20.0, 9.0)


def test_it_takes_contrast_from_a_bright_car_that_follows_and_changes_no_label_of_place():
    scene, state, leader = driving(25.0)
    cars = np.flatnonzero(scene.agents.driven & ~scene.agents.on_foot)
    follower = int(cars[cars != leader][0])
    colour = scene.agents.colour.copy()
    colour[follower] = 230
    scene = dataclasses.replace(scene, agents=dataclasses.replace(scene.agents, colour=colour))
    apart = scene.agents.length_m[[leader, follower]].sum() / 2 + 4.0
    x, y, heading, active = (
        c.copy() for c in (state.x_m, state.y_m, state.heading_rad, state.active)
    )
    heading[follower], active[follower] = heading[leader], True
    x[follower] = x[leader] - apart * np.cos(heading[leader])
    y[follower] = y[leader] - apart * np.sin(heading[leader])

    def left(speed_mps: float):
        speed = np.zeros(len(x))
        speed[leader] = speed_mps
        now = dataclasses.replace(
            state, x_m=x, y_m=y, heading_rad=heading, active=active, speed_mps=speed
        )
        frame = picture_of(scene, now, WET)
        whose = frame.annotations.instance == follower + 1
        return frame, float(frame.annotations.contrast_left[whose][0])

    (bare, full), (veiled, less) = left(0.0), left(25.0)
    assert np.array_equal(bare.ids, veiled.ids)
    assert np.array_equal(bare.annotations.box_px, veiled.annotations.box_px)
    assert less < full - 0.1


def test_it_is_dark_at_night_where_no_lamp_reaches():
    night = replace(CLEAR, sun_elevation_rad=-0.3, water_film_mm=1.0)
    day, dark = (picture_of(*driving(25.0)[:2], c).bgr.mean() for c in (WET, night))
    still = picture_of(*driving(0.0)[:2], night).bgr.mean()
    assert dark < 0.5 * day
    assert abs(dark - still) < 3.0
