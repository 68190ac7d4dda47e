import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.camera import Camera, ground_to_px, height_scale, to_ground, to_px
from simulator.errors import ConfigError
from simulator.settings import build

CAMERAS = st.builds(
    Camera,
    kind=st.sampled_from(["orthographic", "pinhole"]),
    x_m=st.floats(-500, 500),
    y_m=st.floats(-500, 500),
    heading_rad=st.floats(-6, 6),
    m_per_px=st.floats(0.02, 1),
    altitude_m=st.floats(20, 300),
)
POINT = np.array([[12.0, -7.0]])


@given(CAMERAS, st.floats(-50, 50), st.floats(-50, 50))
def test_a_ground_point_comes_back_from_the_image(camera, x, y):
    point = np.array([[x, y]])
    assert np.allclose(to_ground(camera, to_px(camera, point)), point, atol=1e-6)


@given(CAMERAS)
def test_the_camera_looks_at_the_middle_of_its_image(camera):
    centre = to_px(camera, np.array([[camera.x_m, camera.y_m]]))
    assert np.allclose(centre, [[camera.width_px / 2, camera.height_px / 2]], atol=1e-6)


def test_north_is_up_and_east_is_right_at_heading_zero():
    camera = Camera(m_per_px=0.5)
    east, north = to_px(camera, np.array([[10.0, 0.0], [0.0, 10.0]]))
    assert east.tolist() == [340, 320]
    assert north.tolist() == [320, 300]


def test_the_heading_is_the_world_direction_of_the_images_right():
    camera = Camera(m_per_px=1.0, heading_rad=math.pi / 2)
    assert np.allclose(to_px(camera, np.array([[0.0, 10.0]])), [[330, 320]])


@given(CAMERAS)
def test_the_scale_is_the_same_in_every_direction(camera):
    linear = ground_to_px(camera)[:, :2]
    assert np.allclose(linear @ linear.T, np.eye(2) / camera.m_per_px**2, rtol=1e-9)


def test_height_does_not_move_a_point_in_an_orthographic_image():
    camera = Camera()
    assert np.array_equal(to_px(camera, POINT, 30.0), to_px(camera, POINT))
    assert height_scale(camera, np.array([0.0, 5.0])).tolist() == [1, 1]


def test_a_pinhole_moves_the_top_of_a_tall_thing_away_from_the_centre():
    camera = Camera(kind="pinhole", altitude_m=80.0, m_per_px=0.1)
    centre = np.array([320, 320])
    foot, top = to_px(camera, np.repeat(POINT, 2, axis=0), np.array([0.0, 16.0]))
    # Similar triangles: h / (h - z) = 80 / 64.
    assert np.allclose(top - centre, (foot - centre) * 1.25)
    assert np.allclose(to_px(camera, POINT, 16.0)[0], top)


def test_a_thing_as_high_as_the_camera_stays_finite():
    camera = Camera(kind="pinhole", altitude_m=20.0)
    assert np.isfinite(to_px(camera, POINT, 25.0)).all()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"altitude_m": 5}, "altitude_m must be 20 to 1000 m, got 5"),
        ({"kind": "pinole"}, "Did you mean 'pinhole'"),
        ({"width_px": 1e9}, "width_px must be 64 to 4096 px"),
    ],
)
def test_an_impossible_camera_is_refused(data, message):
    with pytest.raises(ConfigError, match=message):
        build(Camera, data)
