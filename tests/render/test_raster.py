"""Filled polygons against shapely's areas; encoded masks against other readers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from render import encode
from render.canvas import DECAL, HEIGHT_UNIT_M, KEEP, ONE, WINDOWED, blank
from render.id_edges import edges_of
from render.polygon_list import PolygonList
from render.raster import fill, silhouette
from render.raster_kernels import SOLID_PX
from simulator.arrays import same

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
    assert within[0] == (canvas.ids == 9).sum()
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


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_outlines_of_any_shape_are_filled_as_one_pixel_after_the_other_is(seed):
    rng = np.random.default_rng(seed)  # noqa: TID251 - random shapes, not the project's randomness
    canvas, expected, shapes = blank(80, 37), blank(80, 37), PolygonList()
    hidden = np.zeros(8, np.bool_)
    for ident in range(1, 6):
        outline = rng.uniform(-20, 100, (rng.integers(3, 9), 2)) * (0.5, 1.0)
        colour = rng.integers(0, ONE, 3).astype(np.uint16)
        alpha, kind = (
            float(rng.choice([1.0, 0.3])),
            int(rng.choice([5, DECAL + WINDOWED + 5, KEEP])),
        )
        height_m = float(rng.integers(0, 3))
        shapes.add(outline, colour, kind, height_m, ident=ident, alpha=alpha)
        _reference(
            expected, outline.astype(np.float32), colour, np.float32(alpha), ident, kind,
            int(height_m / HEIGHT_UNIT_M), hidden,
        )  # fmt: skip
    met = np.zeros(8, np.bool_)
    fill(canvas, shapes.batch(), met)
    assert same(canvas, expected)
    assert np.array_equal(met, hidden)


def _reference(canvas, outline, colour, alpha, ident, kind, height, hidden):
    """A polygon drawn pixel by pixel, in the same single precision."""
    rows, width = canvas.kind.shape
    first = max(int(np.floor(outline[:, 1].min())), 0)
    ends = [_crossings(outline, first, k) for k in range(4 * (rows - first))]
    for y in range(first, rows):
        pairs = [sub.reshape(-1, 2).clip(0, width) for sub in ends[4 * (y - first) :][:4]]
        plain = all(len(sub) == 1 and sub[0, 0] < sub[0, 1] for sub in pairs)
        begin, end = (
            (max(int(s[0, 0]) for s in pairs) + 1, min(int(s[0, 1]) for s in pairs))
            if plain
            else (0, 0)
        )
        for x in range(width):
            inside = end - begin >= SOLID_PX and begin <= x < end
            share = np.float32(0.0)
            for left, right in np.concatenate(pairs):
                share += max(min(right, np.float32(x + 1)) - max(left, np.float32(x)), 0) / 4
            share = min(share, np.float32(1.0))
            most = share >= 0.5
            if share == 0:
                continue
            if canvas.height[y, x] > height:
                hidden[ident] |= most and canvas.ids[y, x] != ident
                continue
            old, own = canvas.albedo[:, y, x].astype(np.float32), colour.astype(np.float32)
            mixed = (
                old * (1 - alpha) + (own * alpha + np.float32(0.5))
                if inside
                else old + share * alpha * (own - old) + np.float32(0.5)
            )
            canvas.albedo[:, y, x] = mixed.astype(np.uint16)
            if most and canvas.kind[y, x] == kind - DECAL - WINDOWED:
                canvas.kind[y, x] = kind - DECAL
            elif most and kind < DECAL:
                hidden[canvas.ids[y, x]] |= canvas.ids[y, x] != ident
                canvas.ids[y, x], canvas.kind[y, x] = ident, kind
                canvas.height[y, x] = height


def _crossings(outline, first, k):
    """Where an outline crosses the middle of sub-row k from pixel row ``first`` on, in order."""
    half, found = np.float32(0.5), []
    ys = outline[:, 1] * np.float32(4) - np.float32(4 * first)
    for i in range(len(outline)):
        (ax, ay), (bx, by) = (outline[i - 1, 0], ys[i - 1]), (outline[i, 0], ys[i])
        if np.ceil(min(ay, by) - half) <= k < np.ceil(max(ay, by) - half):
            (px, py), (qx, qy) = sorted([(ax, ay), (bx, by)], key=lambda end: end[1])
            found.append(px + (np.float32(k) + half - py) * ((qx - px) / (qy - py)))
    return np.sort(np.array(found, np.float32))


@given(st.integers(0, 2**32 - 1))
def test_run_length_masks_are_those_of_the_reference_reader(seed):
    rng = np.random.default_rng(seed)  # noqa: TID251 - random shapes, not the project's randomness
    ids = np.zeros((48, 60), np.uint16)
    for k in range(1, 7):
        y, x = rng.integers(-8, 46), rng.integers(-8, 56)
        patch = ids[max(y, 0) : y + 20, max(x, 0) : x + 25]
        patch[rng.random(patch.shape) > 0.2] = 300 * k
    instances = np.unique(ids)[1:]
    for k, text in zip(instances, encode.rle(edges_of(ids), instances), strict=True):
        expected = coco_mask.encode(np.asfortranarray((ids == k).astype(np.uint8)))["counts"]
        assert text == expected.decode()


def test_a_png_holds_exactly_what_was_written():
    rng = np.random.default_rng(1)  # noqa: TID251 - random pixels, not the project's randomness
    bgr = rng.integers(0, 256, (37, 51, 3)).astype(np.uint8)
    back = cv2.imdecode(np.frombuffer(encode.png_bgr(bgr), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(back, bgr)
