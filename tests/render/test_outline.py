"""Outlines are those of OpenCV's contours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_masks

from render.label_columns import columns_of
from render.outline import FAR_PX, ROOM, SHIFT_PX, outlines_px
from simulator.errors import DataError


def _labels(masks: list[np.ndarray]):
    """Labels of one image that have these masks."""
    return columns_of([_record(i, _counts(mask), mask.shape) for i, mask in enumerate(masks, 1)])


def _record(number: int, counts: str, size: tuple[int, ...]) -> dict:
    runs = {"size": list(size), "counts": counts}
    return {"id": number, "bbox": [0, 0, 1, 1], "segmentation": runs}


def _counts(mask: np.ndarray) -> str:
    return coco_masks.encode(np.asfortranarray(mask))["counts"].decode()


def _oracle(mask: np.ndarray) -> np.ndarray:
    """The same polygon by OpenCV's tracing, and numpy for the ways between the parts."""
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    polygons = sorted((_thickened(p[:, 0]) for p in found), key=lambda p: -len(p))
    whole = polygons[0]
    for part in polygons[1:]:
        gaps = np.abs(whole[:, None] - part[None]).sum(axis=2)
        here, there = np.unravel_index(int(gaps.argmin()), gaps.shape)
        turned = np.roll(part, -there, axis=0)
        whole = np.concatenate([whole[: here + 1], turned, turned[:1], whole[here:]])
    return whole


def _thickened(contour: np.ndarray) -> np.ndarray:
    if len(contour) >= 3:
        return contour + SHIFT_PX
    (x0, y0), (x1, y1) = contour.min(axis=0), contour.max(axis=0)
    near, far = SHIFT_PX, FAR_PX
    if x1 > x0 and y1 > y0:
        return np.array([contour[0] + near, contour[-1] + near, contour[-1] + far])
    left, top, right, bottom = x0 + near, y0 + near, x1 + far, y1 + far
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _random(random: np.random.Generator, kind: int, height: int, width: int) -> np.ndarray:
    """Noise, thick noise, or a few blobs with holes; never empty."""
    if kind == 0:
        mask = random.random((height, width)) < random.choice([0.02, 0.1, 0.3, 0.5, 0.8, 0.97, 1])
    elif kind == 1:
        mask = cv2.blur(random.random((height, width)), (3, 3)) < random.choice([0.4, 0.5, 0.6])
    else:
        drawn = np.zeros((height, width), np.uint8)
        for value in (1, 1, 1, 0, 0):
            at = tuple(random.integers(0, (width, height)).tolist())
            axes = tuple(random.integers(0, (width // 3 + 1, height // 3 + 1)).tolist())
            cv2.ellipse(drawn, at, axes, float(random.integers(180)), 0, 360, value, -1)
        mask = drawn > 0
    mask = mask.astype(np.uint8)
    mask[random.integers(height), random.integers(width)] = 1
    return mask


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_outlines_are_those_of_opencv_to_the_last_bit(kind) -> None:
    random = np.random.Generator(np.random.PCG64(kind))
    for size in ([1, 1], [1, 9], [7, 1], *random.integers(1, 40, (120, 2)).tolist()):
        masks = [_random(random, kind, *size) for _ in range(12)]
        points, counts = outlines_px(_labels(masks), (size[1], size[0]))
        found = np.split(points, counts.cumsum()[:-1])
        for outline, mask in zip(found, masks, strict=True):
            assert np.array_equal(outline, _oracle(mask)), mask


def test_there_is_room_for_outlines_of_any_length() -> None:
    random = np.random.Generator(np.random.PCG64(0))
    masks = [_random(random, 0, 150, 150) for _ in range(6)]
    points, counts = outlines_px(_labels(masks), (150, 150))
    assert counts.max() > ROOM
    assert np.array_equal(points, np.concatenate([_oracle(mask) for mask in masks]))


def test_no_labels_have_no_outlines() -> None:
    points, counts = outlines_px(columns_of([]), (9, 7))
    assert points.shape == (0, 2)
    assert counts.shape == (0,)


@pytest.mark.parametrize(
    ("counts", "size", "said"),
    [
        ("", (5, 1), "annotation 2 has a broken mask"),
        ("5", (5, 1), "annotation 2 has an empty mask"),
        ("500", (5, 1), "annotation 2 has an empty mask"),
        ("14", (5, 2), "annotation 2 has no run-length mask of its image's size"),
        ("13", (5, 1), "annotation 2 has a broken mask"),
        ("17", (5, 1), "annotation 2 has a broken mask"),
        ("1O5", (5, 1), "annotation 2 has a broken mask"),  # -1
        ("1T", (5, 1), "annotation 2 has a broken mask"),  # its last number goes on
        ("1" + "P" * 12 + "0", (5, 1), "annotation 2 has a broken mask"),  # and far too long
        ("Ã¼", (5, 1), "annotation 2 has a broken mask"),
        ("\\", (5, 1), "annotation 2 has a broken mask"),
    ],
)
def test_a_mask_that_is_none_is_named(counts, size, said) -> None:
    labels = columns_of([
        _record(1, "14", (5, 1)), _record(2, counts, size), _record(3, "", (5, 1)),
    ])  # fmt: skip
    with pytest.raises(DataError, match=said):
        outlines_px(labels, (1, 5))
