"""A tilted pinhole against projections that are worked out by hand."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
import shapely

from render import picture
from render.annotation_json import pose_and_intrinsics
from render.config import GenerateConfig, VerifyConfig
from render.faces import lay_plates
from render.generate import generate
from render.surface import Kind
from render.verify import verify_deep
from scenarios.config import CameraConfig
from simulator import engine
from simulator.agents import Kind as Vehicle
from simulator.camera import Camera, to_ground, to_px
from simulator.errors import ConfigError
from simulator.seeding import stream
from simulator.surroundings import Block, Surroundings
from tests import cast
from tests.render.drawn import moment

TILTED = Camera(
    kind="pinhole", x_m=50.0, y_m=12.0, heading_rad=0.7, tilt_rad=math.radians(27),
    altitude_m=70.0, m_per_px=0.09,
)  # fmt: skip
NORTH_UP = dataclasses.replace(TILTED, heading_rad=0.0, tilt_rad=math.radians(30))


def by_hand(camera: Camera, points: np.ndarray) -> np.ndarray:
    """World points f64[N, 3] -> px: two turns about axes, a shift, and a division."""
    back = camera.altitude_m * math.tan(camera.tilt_rad)
    h, t = camera.heading_rad, camera.tilt_rad
    eye = np.array([camera.x_m + back * math.sin(h), camera.y_m - back * math.cos(h), 0.0])
    eye[2] = camera.altitude_m
    flat = np.array([[math.cos(h), math.sin(h), 0], [-math.sin(h), math.cos(h), 0], [0, 0, 1]])
    nod = np.array([[1, 0, 0], [0, math.cos(t), math.sin(t)], [0, -math.sin(t), math.cos(t)]])
    x, y, z = nod @ flat @ (points - eye).T  # x right, y up in the image, z towards the eye
    focal = camera.altitude_m / math.cos(t) / camera.m_per_px
    return np.stack([camera.width_px / 2 - focal * x / z, camera.height_px / 2 + focal * y / z], 1)


def parked(camera: Camera, kinds: list[int], x_m: list[float], y_m: list[float], **columns):
    """What is seen of vehicles parked heading east; instance ids from 1 on."""
    agents = cast.drivers(
        [0.0] * len(kinds), [-1] * len(kinds), kind=kinds, parked_x_m=x_m, parked_y_m=y_m, **columns
    )
    scene = cast.open_road(agents, 300.0, camera=camera)
    drawing = picture.draw(picture.prepare(scene), engine.rollout(scene, [0.0])[0])
    return drawing.geometry


def test_points_at_any_height_are_where_a_pinhole_sees_them() -> None:
    rng = stream(3, 0, "test/points")
    points = np.column_stack([rng.uniform(30, 70, 300), rng.uniform(-8, 32, 300)])
    z = rng.uniform(0, 20, 300)
    there = by_hand(TILTED, np.column_stack([points, z]))
    assert np.abs(to_px(TILTED, points, z) - there).max() < 1e-6
    assert np.abs(to_ground(TILTED, to_px(TILTED, points)) - points).max() < 1e-6
    told = np.array(pose_and_intrinsics(TILTED)["projection"])
    seen = np.column_stack([points, z, np.ones(300)]) @ told.T
    assert np.abs(seen[:, :2] / seen[:, 2:] - to_px(TILTED, points, z)).max() < 1e-3


def test_pixels_of_a_roof_are_where_a_pinhole_sees_it() -> None:
    block = Block(55.0, 18.0, 0.4, 9.0, 5.0, 6.0, (200, 40, 40))
    around = Surroundings(cast.GROUND, blocks=(block,))
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=TILTED, surroundings=around)
    rows, columns = np.nonzero(picture.prepare(scene).canvas.kind == Kind.ROOF)
    c, s = math.cos(0.4), math.sin(0.4)
    local = np.array([[4.5, 2.5], [-4.5, 2.5], [-4.5, -2.5], [4.5, -2.5]])
    corners = local @ np.array([[c, s], [-s, c]]) + [55.0, 18.0]
    roof = shapely.Polygon(by_hand(TILTED, np.column_stack([corners, np.full(4, 6.0)])))
    assert abs(columns.mean() + 0.5 - roof.centroid.x) < 0.2
    assert abs(rows.mean() + 0.5 - roof.centroid.y) < 0.2
    assert len(rows) == pytest.approx(roof.area, rel=0.01)


def test_a_tall_thing_hides_what_is_behind_it_and_nothing_before_it() -> None:
    seen = parked(
        NORTH_UP, [Vehicle.TRUCK, Vehicle.CAR, Vehicle.CAR], [50.0] * 3, [12.0, 8.9, 15.1],
        length_m=[9.0, 4.5, 4.5], width_m=[2.5, 1.8, 1.8], height_m=[3.8, 1.5, 1.5],
    )  # fmt: skip
    assert seen.instance.tolist() == [1, 2, 3]
    left = seen.visible_px / seen.inside_px
    assert left[1] == 1.0
    # the line of sight over the truck's far edge, 3.8 m up and 69 m away, comes down 3 m behind it
    assert left[2] < 0.6


def test_oriented_boxes_from_straight_above_are_those_of_a_tilt_that_nobody_sees() -> None:
    scene, state = moment("crossroads_stop", 1, "pinhole")
    low = dataclasses.replace(scene.camera, altitude_m=25.0)
    plain, tilted = (
        picture.draw(picture.prepare(scene, dataclasses.replace(low, tilt_rad=t)), state).geometry
        for t in (0.0, 1e-5)
    )
    assert plain.instance.tolist() == tilted.instance.tolist()
    assert min(plain.instance) <= len(scene.agents) < 1000 < max(plain.instance)
    assert np.abs(plain.oriented_px - tilted.oriented_px)[:, :4].max() < 0.05


def test_the_oriented_box_of_a_signal_is_the_least_however_askew_it_is_seen() -> None:
    scene, _ = moment("crossroads_signals", 0, "pinhole")
    tilted = dataclasses.replace(scene.camera, altitude_m=40.0, tilt_rad=0.5)
    plates = lay_plates(scene, tilted)
    signals = np.flatnonzero(plates.signal_row >= 0)
    assert len(signals) >= 4
    for k in signals:
        least = shapely.Polygon(plates.outline_px[k]).minimum_rotated_rectangle
        assert np.prod(plates.size_px[k]) < 1.05 * least.area
        # across the face, from left to right of those who read it
        right = plates.outline_px[k][[0, 3]].mean(axis=0) - plates.centre_px[k]
        towards = [math.cos(plates.angle_rad[k]), math.sin(plates.angle_rad[k])]
        assert right @ towards > 0.5 * math.hypot(*right)
        assert plates.size_px[k][0] < plates.size_px[k][1]


def test_the_way_through_the_air_is_that_of_each_line_of_sight() -> None:
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=TILTED)
    slant = picture.prepare(scene).slant
    back = TILTED.altitude_m * math.tan(TILTED.tilt_rad)
    eye = np.array([TILTED.x_m, TILTED.y_m]) + back * np.array([math.sin(0.7), -math.cos(0.7)])
    for row, column in ((0, 0), (0, 639), (320, 100), (639, 5)):
        ground = to_ground(TILTED, np.array([[column + 0.5, row + 0.5]]))[0]
        way = math.hypot(*(ground - eye), TILTED.altitude_m)
        assert slant[row, column] == pytest.approx(way / TILTED.altitude_m, rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kind": "pinhole", "tilt_rad": 0.5, "altitude_m": 20.0}, "too near to the horizon"),
        (
            {"kind": "pinhole", "tilt_rad_high": 0.5, "m_per_px_high": 0.6},
            "too near to the horizon",
        ),
        ({"tilt_rad": 0.2}, "orthographic cannot be tilted"),
    ],
)
def test_a_camera_that_cannot_be_is_refused_in_one_line(settings, said) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        CameraConfig(**settings)
    assert "\n" not in str(error.value)


def test_a_tilted_dataset_says_how_it_was_seen_and_is_drawn_again(tmp_path) -> None:
    camera = CameraConfig(
        kind="pinhole", tilt_rad=0.2, tilt_rad_high=0.5, width_px=192, height_px=192, m_per_px=0.3
    )
    folder = generate(
        GenerateConfig(
            out=str(tmp_path / "d"), seed=4, scenes=2, frames_per_scene=1, workers=1, camera=camera,
            conditions=("clear", "night_rain"),
        )
    )  # fmt: skip
    assert verify_deep(VerifyConfig(str(folder), sample=4, seed=0)).problems == ()
    told = json.loads((folder / "annotations/train.json").read_text())
    tilts = {image["attributes"]["camera"]["tilt_rad"] for image in told["images"]}
    assert len(tilts) == 2
    assert all(0.2 <= tilt <= 0.5 for tilt in tilts)
