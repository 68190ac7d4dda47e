"""What hangs over a road: pixels, labels and shadows against prisms that are projected by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import shapely

from render import picture
from render.sunlight import sunlight
from simulator import engine
from simulator.camera import Camera
from simulator.support import Panel, Support
from simulator.surroundings import Surroundings
from tests import cast

FLAT = Camera(x_m=47.0, y_m=4.0, heading_rad=0.4, m_per_px=0.06, altitude_m=60.0)
PINHOLE = dataclasses.replace(FLAT, kind="pinhole")
TILTED = dataclasses.replace(PINHOLE, tilt_rad=0.45)
CAMERAS = (FLAT, PINHOLE, TILTED)

SIGN = Panel(8.0, 0.0, 5.0, 0.2, 5.5, 7.5, (0, 98, 66), (130, 130, 130))
GANTRY = Support(50.0, -7.0, 50.0, 9.0, 7.0, 0.6, (150, 150, 150), (SIGN,), two_posts=True)
BOXES = (
    ((49.7, 50.3), (-7.0, 9.0), (6.4, 7.0)), ((49.5, 49.7), (-1.5, 3.5), (5.5, 7.5)),
    ((49.55, 50.45), (-7.45, -6.55), (0.0, 7.0)), ((49.55, 50.45), (8.55, 9.45), (0.0, 7.0)),
)  # fmt: skip
"""Beam, sign and posts of that gantry: spans in x, y and z, m."""


def by_hand(camera: Camera, points: np.ndarray) -> np.ndarray:
    """World points f64[N, 3] -> px."""
    h = camera.heading_rad
    turn = np.array([[math.cos(h), math.sin(h)], [-math.sin(h), math.cos(h)]])
    x, y = turn @ (points[:, :2] - [camera.x_m, camera.y_m]).T
    z = points[:, 2]
    middle = np.array([camera.width_px, camera.height_px]) / 2
    if camera.kind == "orthographic":
        return middle + np.stack([x, -y], axis=1) / camera.m_per_px
    c, s = math.cos(camera.tilt_rad), math.sin(camera.tilt_rad)
    y = y + camera.altitude_m * math.tan(camera.tilt_rad)
    down = camera.altitude_m - z
    depth, up = down * c + y * s, y * c - down * s
    focal = camera.altitude_m / c / camera.m_per_px
    return middle + focal * np.stack([x, -up], axis=1) / depth[:, None]


def hidden(camera: Camera) -> np.ndarray:
    """Pixels whose middle the gantry covers, bool[H, W]."""
    shapes = []
    for spans in BOXES:
        corners = np.stack(np.meshgrid(*spans), axis=-1).reshape(-1, 3)
        shapes.append(shapely.MultiPoint(by_hand(camera, corners)).convex_hull)
    rows, columns = np.mgrid[: camera.height_px, : camera.width_px] + 0.5
    return shapely.contains_xy(shapely.union_all(shapes), columns, rows)


def drawn(camera: Camera, *supports: Support):
    """Parked cars along a road, a truck among them, with something over it."""
    x = [44.5, 47.5, 52.0, 50.0]
    agents = cast.drivers(
        [0.0] * 4, [-1] * 4, kind=[0, 0, 0, 1], parked_x_m=x, parked_y_m=[0.0, 2.2, 0.0, 5.5],
        length_m=[4.5, 4.5, 4.5, 8.0], height_m=[1.5, 1.5, 1.5, 3.5],
    )  # fmt: skip
    around = Surroundings(cast.GROUND, supports=supports)
    scene = cast.open_road(agents, 100.0, camera=camera, surroundings=around)
    backdrop = picture.prepare(scene)
    return backdrop, picture.draw(backdrop, engine.rollout(scene, [0.0])[0])


@pytest.mark.parametrize("camera", CAMERAS, ids=["orthographic", "pinhole", "tilted"])
def test_it_hides_the_pixels_that_a_projection_says_and_labels_follow(camera):
    (_, bare), (_, covered) = drawn(camera), drawn(camera, GANTRY)
    shade = hidden(camera)
    touched = 0
    for k, ident in enumerate(bare.geometry.instance.tolist()):
        before, after = bare.canvas.ids == ident, covered.canvas.ids == ident
        left = before & ~shade
        assert not (after & ~before).any()
        assert abs(int(after.sum()) - int(left.sum())) <= 0.012 * before.sum()
        assert (after != left).sum() <= 0.04 * before.sum()
        (j,) = np.flatnonzero(covered.geometry.instance == ident)
        assert covered.geometry.visible_px[j] == after.sum()
        assert covered.geometry.full_px[j] == bare.geometry.full_px[k]
        touched += left.sum() < 0.97 * before.sum()
    assert touched >= 2


@pytest.mark.parametrize("camera", CAMERAS, ids=["orthographic", "pinhole", "tilted"])
def test_its_shadow_falls_where_the_sun_says(camera):
    sun = np.array([-0.9, 0.5])
    (bare, _), (backdrop, _) = drawn(camera), drawn(camera, GANTRY)
    dark = (sunlight(backdrop, sun).still < 128) & (sunlight(bare, sun).still > 128)
    shapes = []
    for (x0, x1), (y0, y1), heights in BOXES:
        corners = [(x, y) for x in (x0, x1) for y in (y0, y1)]
        fallen = np.concatenate([np.array(corners) + z * sun for z in heights])
        on_ground = np.column_stack([fallen, np.zeros(len(fallen))])
        shapes.append(shapely.MultiPoint(by_hand(camera, on_ground)).convex_hull)
    rows, columns = np.mgrid[: camera.height_px, : camera.width_px] + 0.5
    expected = shapely.contains_xy(shapely.union_all(shapes), columns, rows)
    free = (backdrop.canvas.height == 0) & (sunlight(bare, sun).still > 128)
    assert (dark & free).sum() > 1000
    assert (dark != expected)[free].sum() < 0.03 * (dark & free).sum()


def test_a_sign_shows_its_face_to_those_before_it_and_its_back_to_others():
    green = []
    for heading in (0.0, math.pi):
        turned = dataclasses.replace(
            GANTRY, panels=(dataclasses.replace(SIGN, heading_rad=heading),)
        )
        albedo = drawn(dataclasses.replace(TILTED, heading_rad=-math.pi / 2), turned)[
            0
        ].canvas.albedo.astype(float)
        green.append(int((albedo[1] > 2.0 * albedo[0] + 100).sum()))
    assert green[0] > 800
    assert green[1] < 50


def test_between_the_bars_of_a_truss_the_road_is_seen():
    truss = dataclasses.replace(GANTRY, truss=True, width_m=1.2)
    solid = dataclasses.replace(GANTRY, width_m=1.2)
    tall = [int((drawn(FLAT, s)[0].canvas.height > 20).sum()) for s in (truss, solid)]
    assert 0.15 < tall[0] / tall[1] < 0.7
