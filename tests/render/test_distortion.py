"""A lens that bends lines, against OpenCV and against the frame of a lens that does not."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from render import picture
from render.annotation_json import frame_row, pose_and_intrinsics
from render.canvas import Canvas, blank
from render.config import GenerateConfig, VerifyConfig
from render.faces import lay_plates
from render.generate import generate
from render.polygon_list import PolygonList
from render.raster import fill
from render.sunlight import follow, sunlight
from render.surface import Kind
from render.verify import verify_deep
from render.viewer.look import (
    Framed,
    Look,
    framed,
    grounds_at,
    in_window,
    line_in_window,
    outline_in_window,
)
from scenarios.config import CameraConfig
from simulator import engine
from simulator.agents import AgentState
from simulator.agents import Kind as Vehicle
from simulator.camera import Camera, focal_px, projection, to_ground, to_px
from simulator.distortion import NAMES
from simulator.errors import ConfigError
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.surroundings import Block, Cone, Surroundings
from tests import cast
from tests.render.lenses import (
    BARREL,
    EVERY,
    STRAIGHT,
    TILTED,
    by_opencv,
    coefficients,
    intrinsics,
    seen_points,
    town,
)


def parked(camera: Camera, kinds: list[int], at_m: np.ndarray, **columns: object):
    """The drawing of vehicles parked heading east; instance ids from 1 on."""
    agents = cast.drivers(
        [0.0] * len(kinds), [-1] * len(kinds), kind=kinds, parked_x_m=at_m[:, 0],
        parked_y_m=at_m[:, 1], **columns,
    )  # fmt: skip
    scene = cast.open_road(agents, 300.0, camera=camera)
    return picture.draw(picture.prepare(scene), engine.rollout(scene, [0.0])[0])


@EVERY
def test_points_at_any_height_are_where_opencv_sees_them(camera) -> None:
    points = seen_points(camera, 500)
    there = by_opencv(camera, points)
    seen = np.all((there > 0) & (there < [camera.width_px, camera.height_px]), axis=1)
    assert seen.sum() > 300
    assert np.abs(to_px(camera, points[:, :2], points[:, 2]) - there)[seen].max() < 1e-6
    flat = points * [1, 1, 0]
    back = to_ground(camera, by_opencv(camera, flat))
    assert np.abs(back - flat[:, :2]).max() < 1e-6


@EVERY
def test_what_lies_far_outside_of_the_image_does_not_come_back_into_it(camera) -> None:
    rng = stream(4, 0, "test/points")
    far = np.array([camera.x_m, camera.y_m]) + rng.uniform(-400, 400, (20_000, 2))
    ahead = to_px(dataclasses.replace(camera, **STRAIGHT), far)
    width, height = camera.width_px, camera.height_px
    middle = np.array([width, height]) / 2
    outside = np.any(np.abs(ahead - middle) > 1.5 * middle, axis=1)
    px = to_px(camera, far[outside])
    assert np.any((px < 0) | (px > [width, height]), axis=1).all()


@EVERY
def test_a_frame_is_that_of_a_straight_lens_bent_as_opencv_bends_it(camera) -> None:
    scene = town(camera)
    wide = dataclasses.replace(scene.camera, **STRAIGHT, width_px=1000, height_px=860)
    state = engine.rollout(scene, [2.0])[0]
    (bent, shade), (straight, straight_shade) = (
        _drawn(dataclasses.replace(scene, camera=c), state) for c in (scene.camera, wide)
    )
    half = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])  # to OpenCV's whole numbers
    map_x, map_y = cv2.initUndistortRectifyMap(
        half @ intrinsics(scene.camera), coefficients(camera), np.eye(3), half @ intrinsics(wide),
        (wide.width_px, wide.height_px), cv2.CV_32FC1,
    )  # fmt: skip
    rows, columns = bent.ids.shape
    seen = (map_x > 1) & (map_x < columns - 2) & (map_y > 1) & (map_y < rows - 2)
    # the polynomials come back into the image from far outside
    away = np.hypot(*(np.indices(seen.shape)[::-1] - np.array(seen.shape[::-1])[:, None, None] / 2))
    seen &= away < 1.3 * np.hypot(rows, columns) / 2
    assert seen.sum() > 0.7 * rows * columns
    assert 0.05 < shade.mean() < 0.9
    for name, there, own, most in (
        ("ids", straight.ids, bent.ids, 0.0),
        ("kind", straight.kind, bent.kind, 3e-4),
        ("height", straight.height, bent.height, 3e-4),
        ("shade", straight_shade, shade, 3e-4),
    ):
        shown = cv2.remap(own, map_x, map_y, cv2.INTER_NEAREST)
        around = [np.roll(there, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        near = np.any([shown == other for other in around], axis=0)
        assert (~near & seen).sum() <= most * seen.sum(), name
    assert len(np.unique(bent.ids)) > 8


def _drawn(scene: Scene, state: AgentState) -> tuple[Canvas, np.ndarray]:
    """A scene as it is drawn, and where no sun reaches, u8[H, W]."""
    backdrop = picture.prepare(scene)
    drawing = picture.draw(backdrop, state)
    sun = sunlight(backdrop, np.array([-0.9, 0.7]))
    follow(sun, backdrop, drawing)
    return drawing.canvas, (sun.lit < 128).astype(np.uint8)


@EVERY
def test_boxes_are_the_bounds_of_masks(camera) -> None:
    scene = town(camera)
    drawing = picture.draw(picture.prepare(scene), engine.rollout(scene, [2.0])[0])
    found = drawing.geometry
    assert len(found.instance) > 5
    for k, ident in enumerate(found.instance.tolist()):
        rows, columns = np.nonzero(drawing.canvas.ids == ident)
        bounds = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert found.box_px[k].tolist() == bounds
        assert found.visible_px[k] == len(rows) <= found.inside_px[k] <= found.full_px[k]
        if found.visible_px[k] == found.full_px[k]:
            assert found.full_box_px[k].tolist() == bounds


@EVERY
def test_a_straight_strip_becomes_the_curve_that_opencv_says(camera) -> None:
    heading, off = camera.heading_rad + 0.1, 14.0
    along = np.array([math.cos(heading), math.sin(heading)])
    aside = np.array([-along[1], along[0]])
    middle = np.array([camera.x_m, camera.y_m]) + off * aside
    strip = Block(*middle.tolist(), heading, 90.0, 0.8, 0.0, (200, 200, 200))
    around = Surroundings(cast.GROUND, blocks=(strip,))
    scene = cast.open_road(cast.drivers([0.0]), 3.0, camera=camera, surroundings=around)
    kind = picture.prepare(scene).canvas.kind
    line = np.column_stack([middle + np.linspace(-44, 44, 2000)[:, None] * along, np.zeros(2000)])
    px = by_opencv(camera, line)
    inside = np.all((px > 3) & (px < [camera.width_px - 3, camera.height_px - 3]), axis=1)
    px = px[inside]
    own = np.flatnonzero((kind == Kind.PAVEMENT).any(axis=0))[3:-3]
    rows = [np.flatnonzero(kind[:, x] == Kind.PAVEMENT).mean() + 0.5 for x in own.tolist()]
    there = np.interp(own + 0.5, px[:, 0], px[:, 1])
    chord = np.interp(own + 0.5, px[[0, -1], 0], px[[0, -1], 1])
    assert len(own) > 400
    assert np.abs(rows - there).max() < 0.8
    assert np.abs(np.mean(rows - there)) < 0.1
    assert np.abs(there - chord).max() > 5


@EVERY
def test_what_stands_side_by_side_leaves_no_crack_to_the_corners(camera) -> None:
    rng = stream(5, 0, "test/tiles")
    edges = np.linspace(-120, 120, 25)
    x, y = np.meshgrid(edges, edges)
    corners = np.stack([x, y], axis=2) + rng.uniform(-4, 4, (25, 25, 2))
    corners += [camera.x_m, camera.y_m]
    quads = np.stack(
        [corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]], axis=2
    ).reshape(-1, 4, 2)
    canvas = blank(camera.height_px, camera.width_px)
    shapes = PolygonList(camera)
    shapes.add_all(quads, np.full(3, 4000, np.uint16), Kind.ROAD)
    fill(canvas, shapes.batch())
    # a pixel where three or four meet may belong to none
    meets = by_opencv(camera, np.column_stack([corners.reshape(-1, 2), np.zeros(625)]))
    for u, v in np.maximum(meets, -9).astype(int).tolist():
        near = slice(max(v - 2, 0), max(v + 3, 0)), slice(max(u - 2, 0), max(u + 3, 0))
        canvas.kind[near], canvas.albedo[:, *near] = Kind.ROAD, 4000
    assert np.all(canvas.kind == Kind.ROAD)
    # where two meet the ground below shines through by half of a half, and nowhere more
    assert canvas.albedo.min() > 0.7 * 4000


@EVERY
def test_cars_in_the_corners_of_the_image_are_there(camera) -> None:
    width, height = camera.width_px, camera.height_px
    corners = np.array([[5, 5], [width - 5, 5], [5, height - 5], [width - 5, height - 5]])
    found = parked(camera, [Vehicle.CAR] * 4, to_ground(camera, corners)).geometry
    assert found.instance.tolist() == [1, 2, 3, 4]


@EVERY
def test_the_oriented_box_of_a_plate_is_the_least_about_it(camera) -> None:
    scene = town(camera)
    plates = lay_plates(scene, scene.camera)
    assert len(plates.ident) > 3
    for k, outline in enumerate(plates.outline_px):
        angle = plates.angle_rad[k]
        axes = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        spread = (outline - plates.centre_px[k]) @ axes.T
        reach = np.stack([spread.max(axis=0), -spread.min(axis=0)])
        assert (reach < plates.size_px[k] / 2 + 0.05).all()
        if plates.signal_row[k] >= 0:  # a rectangle
            assert np.abs(reach - plates.size_px[k] / 2).max() < 0.05


@EVERY
def test_what_stands_in_the_corners_of_the_image_is_there(camera) -> None:
    width, height = camera.width_px, camera.height_px
    corners = np.array([[5, 5], [width - 5, 5], [5, height - 5], [width - 5, height - 5]])
    places = to_ground(camera, corners.astype(float))
    cones = tuple(Cone(x, y) for x, y in places.tolist())
    around = Surroundings(cast.GROUND, cones=cones)
    scene = cast.open_road(cast.drivers([0.0]), 3.0, camera=camera, surroundings=around)
    kind = picture.prepare(scene).canvas.kind
    seen = (kind == Kind.ROOF)[:20, :20], (kind == Kind.ROOF)[:20, -20:]
    seen += (kind == Kind.ROOF)[-20:, :20], (kind == Kind.ROOF)[-20:, -20:]
    assert all(corner.any() for corner in seen)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kind": "pinhole", "k1": -0.6, "width_px": 1280}, "k1=-0.6 .* folds over itself"),
        ({"kind": "pinhole", "k1": -0.2, "altitude_m": 40.0}, "k1=-0.2 .* greater altitude"),
        ({"kind": "pinhole", "k1": -0.3, "m_per_px_high": 0.2}, "of 0.2 m .* folds over itself"),
        ({"kind": "pinhole", "p1": 0.1, "p2": 0.1, "k1": -0.5}, "p1=0.1 p2=0.1 .* folds"),
        ({"k1": -0.2}, "orthographic has no lens that k1=-0.2 .* camera.kind=pinhole has one"),
        (
            {"kind": "pinhole", "k1": -0.1, "tilt_rad": 0.52, "altitude_m": 35.0},
            "too near to the horizon",
        ),
    ],
)
def test_a_lens_that_cannot_be_is_refused_in_one_line(settings, said) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        CameraConfig(**settings)
    assert "\n" not in str(error.value)


def test_a_scene_with_a_lens_that_folds_is_refused() -> None:
    with pytest.raises(ValueError, match="folds over itself"):
        cast.open_road(cast.drivers([0.0]), camera=dataclasses.replace(BARREL, k1=-1.0))


def test_a_bent_dataset_says_how_it_was_seen_and_is_drawn_again(tmp_path) -> None:
    camera = CameraConfig(
        kind="pinhole", width_px=192, height_px=192, m_per_px=0.3, altitude_m=60.0, k1=-0.25,
        p1=0.01,
    )  # fmt: skip
    folder = generate(
        GenerateConfig(
            out=str(tmp_path / "d"), seed=4, scenes=2, frames_per_scene=2, workers=1, camera=camera,
            conditions=("clear", "night_rain"), image="png",
        )
    )  # fmt: skip
    assert verify_deep(VerifyConfig(str(folder), sample=8, seed=0)).problems == ()
    told = json.loads((folder / "annotations/train.json").read_text())
    for image in told["images"]:
        assert image["attributes"]["camera"]["distortion"] == [-0.25, 0.0, 0.01, 0.0]
    rows = pq.read_table(folder / "frames.parquet").to_pylist()
    for image, row in zip(told["images"], rows, strict=True):
        known = image["attributes"]["camera"]
        assert [row[name] for name in NAMES] == known["distortion"]
        assert_equal_projections(projection_of(row), np.array(known["projection"]))
    settings = json.loads((folder / "dataset.json").read_text())["config"]["camera"]
    assert (settings["k1"], settings["p1"]) == (-0.25, 0.01)
    assert "k2" not in settings


def projection_of(row) -> np.ndarray:
    """From the world (m) to the image (px), of nothing but a row of the table of frames."""
    place = np.array([row["place_x_m"], row["place_y_m"], row["altitude_m"]])
    ahead = np.array([row["looks_at_x_m"], row["looks_at_y_m"], 0.0]) - place
    ahead /= np.linalg.norm(ahead)
    right = np.array([np.cos(row["heading_rad"]), np.sin(row["heading_rad"]), 0.0])
    turn = np.stack([right, np.cross(ahead, right), ahead])
    u, v, focal = row["principal_x_px"], row["principal_y_px"], row["focal_px"]
    inner = np.array([[focal, 0, u], [0, focal, v], [0, 0, 1]])
    return inner @ np.column_stack([turn, -turn @ place])


def assert_equal_projections(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(a / a[2, 3], b / b[2, 3], rtol=1e-4, atol=1e-6)


def test_the_table_of_frames_tells_a_tilted_pose_and_nothing_of_a_camera_from_above() -> None:
    told = {"camera": pose_and_intrinsics(TILTED), "altitude_m": TILTED.altitude_m}
    row = frame_row({"id": 1, "attributes": told})
    assert_equal_projections(projection_of(row), projection(TILTED))
    above = frame_row({"id": 1, "attributes": {"altitude_m": 60.0}})
    assert [above[name] for name in ("tilt_rad", *NAMES)] == [0.0] * 5
    assert not {"focal_px", "heading_rad", "place_x_m"} & above.keys()


def test_the_labels_tell_all_that_opencv_needs() -> None:
    told = pose_and_intrinsics(TILTED)
    points = seen_points(TILTED, 100)
    matrix, turn, place, *_ = cv2.decomposeProjectionMatrix(np.array(told["projection"]))
    shift = -turn @ (place[:3] / place[3])
    px, _ = cv2.projectPoints(
        points, cv2.Rodrigues(turn)[0], shift, matrix / matrix[2, 2], np.array(told["distortion"])
    )
    there = to_px(TILTED, points[:, :2], points[:, 2])
    inside = np.all((there > 0) & (there < [TILTED.width_px, TILTED.height_px]), axis=1)
    assert np.abs(px[:, 0] - there)[inside].max() < 0.01
    assert told["focal_px"] == pytest.approx(focal_px(TILTED))
    assert "distortion" not in pose_and_intrinsics(dataclasses.replace(TILTED, **STRAIGHT))


def test_the_window_shows_a_bent_scene_as_its_camera_sees_it_and_moves_a_straight_one() -> None:
    from pygame import Rect

    area, state = Rect(0, 0, 800, 600), engine.rollout(town(BARREL), [0.0])[0]
    assert framed(BARREL, "pinhole", None, -1, state, area).camera == BARREL
    for kind, look in (("pinhole", Look(0.0, 0.0, 0.1)), ("orthographic", None)):
        moved = framed(BARREL, kind, look, -1, state, area).camera
        assert (moved.k1, moved.k2, moved.p1, moved.p2) == (0, 0, 0, 0)


@EVERY
def test_what_the_window_draws_over_a_bent_picture_is_bent_as_the_ground_under_it(camera) -> None:
    from pygame import Rect

    now = Framed(camera, Rect(40, 30, camera.width_px * 2, camera.height_px * 2))
    corners = np.array([[20.0, 30], [700, 60], [660, 520], [50, 500]])
    shape_m = to_ground(camera, corners)
    share = np.linspace(0, 1, 200)[:, None]
    for drawn, around in (line_in_window, shape_m), (outline_in_window, [*shape_m, shape_m[0]]):
        seen = drawn(now, shape_m)
        ground = np.concatenate([a + share * (b - a) for a, b in itertools.pairwise(around)])
        line = shapely.LineString([*seen, seen[0]] if drawn is outline_in_window else seen)
        assert shapely.distance(line, shapely.points(in_window(now, ground))).max() < 0.2
        assert shapely.LineString(in_window(now, around)).hausdorff_distance(line) > 5
        np.testing.assert_allclose(grounds_at(now, in_window(now, ground)), ground, atol=1e-6)
