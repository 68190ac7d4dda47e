"""Filled polygons against shapely's areas; encoded masks against other readers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from render import encode
from render.canvas import ONE, blank
from render.polygon_list import PolygonList
from render.raster import fill, silhouette

WHITE = np.full(3, ONE, np.uint16)


@given(st.lists(st.tuples(st.floats(-20, 84), st.floats(-20, 84)), min_size=3, max_size=9))
def test_a_filled_hull_has_the_area_of_the_hull_within_the_image(points):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < max(4, 0.6 * hull.length):
        return  # a sliver thinner than a pixel may have no pixel of its own
    canvas, shapes = blank(64, 64), PolygonList()
    shapes.add(np.asarray(hull.exterior.coords)[:-1], WHITE, 1, ident=9)
    fill(canvas, shapes.batch())
    inside = hull.intersection(shapely.box(0, 0, 64, 64))
    assert canvas.albedo[0].sum() / ONE == pytest.approx(
        inside.area, abs=0.2 + 0.13 * inside.length
    )
    assert (canvas.ids == 9).sum() == pytest.approx(inside.area, abs=2 + 0.55 * inside.length)
    vertices = np.asarray(hull.exterior.coords, np.float32)[:-1]
    starts = np.array([0, len(vertices)], np.int32)
    full, within, box = silhouette(
        vertices, starts, np.zeros(1, np.int32), np.ones(1, bool), 64, 64, np.ones(1, bool)
    )
    assert abs(within[0] - (canvas.ids == 9).sum()) <= 2
    assert full[0] == pytest.approx(hull.area, abs=2 + 0.55 * hull.length)
    if full[0]:
        assert np.all(box[0, :2] >= np.array(hull.bounds[:2]) - 1)
        assert np.all(box[0, 2:] <= np.array(hull.bounds[2:]) + 1)
        # a sharp corner has no pixel: of a spike as thin as is let pass, less than a third
        gap = np.abs(box[0] - np.array(hull.bounds)).max()
        assert gap <= 4 + 0.17 * hull.length


def test_a_low_thing_does_not_cover_a_tall_one():
    canvas, shapes = blank(64, 64), PolygonList()
    square = np.array([[8, 8], [40, 8], [40, 40], [8, 40]])
    shapes.add(square, WHITE, 5, 8.0, ident=1)
    shapes.add(square + 16, WHITE, 8, 1.5, ident=2)
    fill(canvas, shapes.batch())
    assert (canvas.ids == 1).sum() == 32 * 32
    assert (canvas.ids == 2).sum() == 32 * 32 - 16 * 16


@given(st.integers(0, 2**32 - 1))
def test_run_length_masks_are_those_of_the_reference_reader(seed):
    rng = np.random.default_rng(seed)  # noqa: TID251 - random shapes, not the project's randomness
    ids = np.zeros((48, 60), np.uint16)
    for k in range(1, 7):
        y, x = rng.integers(-8, 46), rng.integers(-8, 56)
        patch = ids[max(y, 0) : y + 20, max(x, 0) : x + 25]
        patch[rng.random(patch.shape) > 0.2] = 300 * k
    instances = np.unique(ids)[1:]
    boxes = []
    for k in instances:
        v, u = np.nonzero(ids == k)
        boxes.append([u.min(), v.min(), u.max() + 1, v.max() + 1])
    for k, text in zip(
        instances, encode.rle(ids, instances, np.array(boxes).reshape(-1, 4)), strict=True
    ):
        expected = coco_mask.encode(np.asfortranarray((ids == k).astype(np.uint8)))["counts"]
        assert text == expected.decode()


def test_png_files_hold_exactly_what_was_written():
    rng = np.random.default_rng(1)  # noqa: TID251 - random pixels, not the project's randomness
    ids = rng.integers(0, 65536, (37, 51)).astype(np.uint16)
    bgr = rng.integers(0, 256, (37, 51, 3)).astype(np.uint8)
    for data, array in ((encode.png_ids(ids), ids), (encode.png_bgr(bgr), bgr)):
        back = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(back, array)
