import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from simulator import geometry

METRES = st.floats(-1000, 1000)
ANGLES = st.floats(-20, 20)
CORNER = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]])


@given(ANGLES)
def test_a_wrapped_angle_points_the_same_way_within_half_a_turn(angle):
    wrapped = geometry.wrap_rad(angle)
    assert -math.pi < wrapped <= math.pi
    assert math.isclose(math.cos(wrapped), math.cos(angle), abs_tol=1e-9)
    assert math.isclose(math.sin(wrapped), math.sin(angle), abs_tol=1e-9)


def test_a_half_turn_keeps_its_positive_name():
    assert geometry.wrap_rad(-math.pi) == math.pi


def test_distances_along_a_line_add_up_its_steps():
    assert geometry.arc_lengths_m(CORNER).tolist() == [0, 3, 7]


@given(st.floats(0, 7))
def test_a_point_on_a_line_is_where_shapely_finds_it(s):
    lengths = geometry.arc_lengths_m(CORNER)
    expected = shapely.LineString(CORNER).interpolate(s)
    found = geometry.point_at(CORNER, lengths, np.array([s]))[0]
    assert np.allclose(found, [expected.x, expected.y], atol=1e-9)


def test_beyond_its_ends_a_line_goes_straight_on():
    lengths = geometry.arc_lengths_m(CORNER)
    points = geometry.point_at(CORNER, lengths, np.array([-2.0, 9.0]))
    assert points.tolist() == [[-2, 0], [3, 6]]


def test_the_heading_is_that_of_the_piece_it_lies_on():
    lengths = geometry.arc_lengths_m(CORNER)
    headings = geometry.heading_at(CORNER, lengths, np.array([1.0, 5.0, 9.0]))
    assert np.allclose(headings, [0, math.pi / 2, math.pi / 2])


@given(st.floats(-3, 12))
def test_one_place_and_its_direction_are_those_among_many(s):
    lengths = geometry.arc_lengths_m(CORNER)
    points, headings = geometry.pose_at(CORNER, lengths, np.array([0.5, s]))
    assert geometry.place_at(CORNER, lengths, s) == tuple(points[1])
    assert geometry.direction_at(CORNER, lengths, s) == headings[1]


@pytest.mark.parametrize("line", [CORNER[:1], CORNER[[0, 1, 1]]])
def test_a_line_that_does_not_get_on_is_refused_by_name(line):
    assert geometry.rising_lengths_m(CORNER, "a lane").tolist() == [0, 3, 7]
    with pytest.raises(ValueError, match="a lane needs two or more different points"):
        geometry.rising_lengths_m(line, "a lane")


def test_an_offset_to_the_left_of_east_is_to_the_north():
    line = np.array([[0.0, 0.0], [5.0, 0.0], [10.0, 0.0]])
    assert geometry.offset_line(line, 2.0).tolist() == [[0, 2], [5, 2], [10, 2]]


@given(METRES, METRES, ANGLES, st.floats(0.5, 20), st.floats(0.5, 5))
def test_a_box_has_its_area_its_centre_and_turns_counter_clockwise(x, y, heading, length, width):
    corners = geometry.box_corners(x, y, heading, length, width)
    ring = shapely.LinearRing(corners)
    assert ring.is_ccw
    assert math.isclose(shapely.Polygon(ring).area, length * width, rel_tol=1e-6)
    assert np.allclose(corners.mean(axis=0), [x, y], atol=1e-9)


def test_the_first_corner_of_a_box_is_front_left():
    assert np.allclose(geometry.box_corners(0, 0, math.pi / 2, 4, 2)[0], [-1, 2])


@given(METRES, METRES, ANGLES)
def test_a_body_frame_keeps_distances_and_points_forward_along_the_heading(x, y, heading):
    local = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    world = geometry.to_world(local, x, y, heading)
    assert np.allclose(world[1] - world[0], [math.cos(heading), math.sin(heading)], atol=1e-9)
    assert math.isclose(math.dist(world[2], world[0]), 2.0, rel_tol=1e-6)


def test_normals_of_many_lines_are_those_of_each():
    lines = [CORNER, CORNER[:2], CORNER[::-1], np.array([[9.0, 1.0], [8.0, -1.0]])]
    together = geometry.left_normals_each(lines)
    assert [n.tolist() for n in together] == [geometry.left_normals(k).tolist() for k in lines]
    assert geometry.left_normals_each([]) == []


def test_points_laid_evenly_begin_and_end_with_the_line():
    lengths = geometry.arc_lengths_m(CORNER)
    points = geometry.evenly(CORNER, lengths, 15)
    assert np.allclose(geometry.arc_lengths_m(points), np.linspace(0, 7, 15))
    assert points[[0, -1]].tolist() == [[0, 0], [3, 4]]


def test_a_pose_is_the_point_and_the_direction_there():
    lengths, s = geometry.arc_lengths_m(CORNER), np.array([-1.0, 0.0, 3.0, 5.5, 9.0])
    points, headings = geometry.pose_at(CORNER, lengths, s)
    assert points.tolist() == geometry.point_at(CORNER, lengths, s).tolist()
    assert headings.tolist() == geometry.heading_at(CORNER, lengths, s).tolist()


def test_lines_backwards_and_read_only_are_measured_as_any_other():
    fixed = CORNER.copy()
    fixed.flags.writeable = False
    assert geometry.arc_lengths_m(fixed).tolist() == [0, 3, 7]
    assert geometry.arc_lengths_m(fixed[::-1]).tolist() == [0, 4, 7]
    ahead = geometry.left_normals(fixed[::-1])
    assert np.array_equal(ahead, -geometry.left_normals(CORNER)[::-1])


@given(st.floats(0.01, 1000), st.integers(2, 90))
def test_numbers_from_nought_are_those_of_numpy(end, count):
    assert np.array_equal(geometry.spaced(end, count), np.linspace(0.0, end, count))
