"""Edges of id planes of every shape, also hostile ones; masks of them as three readers see them."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco_mask

from render.encode import PNG_SIGNATURE, rle
from render.id_edges import edges_of
from render.id_png import LONGEST_RUN, png_ids
from render.labels import scan

KINDS = ("nothing", "one id", "the highest id", "noise", "bits", "rectangles", "slanted", "few")
SHAPES = st.tuples(st.integers(1, 70), st.integers(1, 70))


def plane(kind: str, shape: tuple[int, int], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)  # noqa: TID251 - random shapes, not the project's randomness
    ids = np.zeros(shape, np.uint16)
    if kind == "one id":
        ids[:] = rng.integers(1, 65536)
    elif kind == "the highest id":
        ids[:] = 65535
    elif kind == "noise":
        ids[:] = rng.integers(0, 65536, shape)
    elif kind == "bits":
        ids[:] = rng.integers(0, 2, shape) << rng.integers(0, 16)
    elif kind == "rectangles":
        for _ in range(9):
            y, x = rng.integers(0, shape[0]), rng.integers(0, shape[1])
            ids[y : y + 20, x : x + 30] = rng.integers(0, 2100)
    elif kind == "slanted":
        ids[:] = (np.add.outer(np.arange(shape[0]), 3 * np.arange(shape[1])) // 40) % 500
    elif kind == "few":
        ids[rng.random(shape) < 0.01] = 300
    return ids


def rows_of(data: bytes) -> bytes:
    """The filtered rows in a PNG of one IDAT; zlib checks their Adler-32."""
    at, found = len(PNG_SIGNATURE), b""
    while at < len(data):
        size, tag = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        (crc,) = struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        assert zlib.crc32(tag + body) == crc
        found += body if tag == b"IDAT" else b""
        at += 12 + size
    return zlib.decompress(found)


@given(st.sampled_from(KINDS), SHAPES, st.integers(0, 2**32 - 1))
@example("nothing", (3, LONGEST_RUN // 2), 0)
@example("nothing", (3, LONGEST_RUN // 2 + 1), 0)
@example("nothing", (2, 5 * LONGEST_RUN), 0)
@example("rectangles", (3, 6000), 1)
@example("nothing", (9000, 1), 0)
@example("noise", (700, 640), 0)
def test_every_reader_finds_the_ids_in_a_mask(kind, shape, seed):
    ids = plane(kind, shape, seed)
    data = png_ids(edges_of(ids))
    assert data == png_ids(edges_of(np.asfortranarray(ids)))
    assert np.array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED), ids)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), ids)
    rows = np.frombuffer(rows_of(data), np.uint8).reshape(shape[0], -1)
    assert (rows[:, 0] == 2).all()
    values = np.add.accumulate(rows[:, 1:], axis=0, dtype=np.uint8)
    assert np.array_equal(values.view(">u2"), ids)
    assert len(data) < 1.25 * rows.size + 200


@pytest.mark.parametrize("kind", ["nothing", "rectangles"])
def test_a_mask_of_things_is_smaller_than_a_general_coder_makes_it(kind):
    data = png_ids(edges_of(plane(kind, (480, 640), 3)))
    assert len(data) < len(zlib.compress(rows_of(data), 1))


@given(st.sampled_from(KINDS), SHAPES, st.integers(0, 2**32 - 1))
def test_areas_and_boxes_are_those_of_the_pixels(kind, shape, seed):
    ids = plane(kind, shape, seed)
    seen = scan(edges_of(ids), 65536)
    assert np.array_equal(seen.area[1:], np.bincount(ids.ravel(), minlength=65536)[1:])
    for ident in np.unique(ids[ids > 0])[:20]:
        v, u = np.nonzero(ids == ident)
        assert seen.box[ident].tolist() == [u.min(), v.min(), u.max() + 1, v.max() + 1]
    assert not seen.area[0]
    assert not seen.box[seen.area == 0].any()


@given(st.sampled_from(KINDS), SHAPES, st.integers(0, 2**32 - 1))
def test_run_length_masks_are_those_of_the_reference_reader(kind, shape, seed):
    ids = plane(kind, shape, seed)
    instances = np.unique(ids[ids > 0])[:20]
    for ident, text in zip(instances, rle(edges_of(ids), instances), strict=True):
        expected = coco_mask.encode(np.asfortranarray((ids == ident).astype(np.uint8)))["counts"]
        assert text == expected.decode()
