import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon

from simulator.collision import fitting, hit, near_any, overlaps
from simulator.geometry import box_corners

boxes = st.tuples(
    st.floats(-6, 6), st.floats(-6, 6), st.floats(-math.pi, math.pi),
    st.floats(0.5, 12), st.floats(0.5, 4),
)  # fmt: skip


@given(boxes, boxes)
def test_boxes_overlap_exactly_where_their_polygons_share_area(a, b):
    shared = Polygon(box_corners(*a)).intersection(Polygon(box_corners(*b))).area
    found = len(overlaps(*np.array([a, b]).T, np.ones(2, bool))) == 1
    assert found == bool(hit(np.array([a]), np.array([b]))[0])
    if shared > 1e-6:
        assert found
    elif not Polygon(box_corners(*a)).buffer(1e-6).intersects(Polygon(box_corners(*b))):
        assert not found


def test_inactive_boxes_are_passed_over_and_pairs_come_in_order():
    same = np.zeros(3)
    size = np.ones(3)
    active = np.array([True, False, True])
    assert overlaps(same, same, same, size, size, active).tolist() == [[0, 2]]
    assert overlaps(same[:0], same[:0], same[:0], size[:0], size[:0], active[:0]).shape == (0, 2)


def test_houses_are_set_down_one_after_another_with_a_gap():
    row = np.array([[x, 0.0, 0.0, 4.0, 4.0] for x in (0.0, 5.0, 6.0, 12.0)])
    road = np.array([[12.0, 3.0, 0.0, 50.0, 1.0]])
    assert fitting(row, road, 1.5).tolist() == [True, False, True, True]
    assert fitting(row, np.array([[12.0, 0.0, 0.0, 3.0, 3.0]]), 1.5).tolist()[3] is False


def test_a_place_is_near_what_lies_within_its_own_reach():
    places = np.array([[0.0, 0.0], [0.0, 0.0], [9.0, 9.0]])
    points = np.array([[20.0, 0.0], [3.0, 4.0]])
    assert near_any(places, np.array([5.1, 4.9, 4.0]), points).tolist() == [True, False, False]
    assert not near_any(places, np.full(3, 9.0), points[:0]).any()
