"""AP against pycocotools, on random sets with crowds, ignored boxes and classes without objects."""

from __future__ import annotations

import contextlib
import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from render.store import Truth
from simulator.seeding import stream
from training.bands import BANDS, outside
from training.detector import Detections
from training.error_kinds import error_kinds
from training.matching import match
from training.metrics import ap_samples, ap_table, mean_over

CLASSES = ("a", "b", "c", "never")


def random_set(seed: int, images: int = 12) -> tuple[Truth, Detections]:
    """A truth and detections around it, with ties, duplicates, misses and more than 100 in one."""
    rng = stream(seed, 0, "test/metrics")
    boxes, labels, image, crowd = [], [], [], []
    found, taken_for, place, score = [], [], [], []
    for i in range(images):
        for _ in range(int(rng.integers(0, 9))):
            x, y, w, h = *rng.uniform(0, 80, 2), *rng.uniform(5, 30, 2)
            boxes.append([x, y, x + w, y + h])
            labels.append(int(rng.integers(3)))
            image.append(i)
            crowd.append(bool(rng.random() < 0.15))
            for _ in range(int(rng.integers(0, 4))):
                shift = np.sort(rng.normal(0, 2, (2, 2)), axis=0)  # never inside out
                found.append(np.array(boxes[-1]) + shift.ravel())
                taken_for.append(labels[-1] if rng.random() < 0.8 else int(rng.integers(4)))
                place.append(i)
                score.append(round(float(rng.random()), 1))
        for _ in range(150 if i == 3 else 5):
            x, y = rng.uniform(0, 80, 2)
            found.append(np.array([x, y, x + 15, y + 12]))
            taken_for.append(int(rng.integers(3)))
            place.append(i)
            score.append(float(rng.random()) * 0.6)
    count = len(boxes)
    truth = Truth(
        name="random", classes=CLASSES, category_id=(1, 2, 3, 4),
        image_id=np.arange(images)[::-1] + 5, path=(Path("x"),) * images,
        size_px=np.full((images, 2), 128), scene=tuple(f"s{i // 2}" for i in range(images)),
        frame=np.zeros(images), condition=("",) * images, layout=("",) * images,
        geometry=("",) * images, severity=(), optical_depth=np.zeros(images),
        box_px=np.array(boxes).reshape(-1, 4), category=np.array(labels), image=np.array(image),
        crowd=np.array(crowd, dtype=bool), visible_area_px=np.full(count, 100.0),
        occlusion=np.zeros(count), truncation=np.zeros(count), contrast_left=np.ones(count),
    )  # fmt: skip
    detections = Detections(
        image=np.array(place), category=np.array(taken_for), score=np.array(score),
        box_px=np.array(found).reshape(-1, 4), classes=CLASSES,
    )  # fmt: skip
    return truth, detections


def theirs(truth: Truth, detections: Detections, size: int = 0) -> np.ndarray:
    """Precision by pycocotools: f64[C, T], NaN for a class without objects; of all, small, ..."""
    coco = COCO()
    boxes = truth.box_px.astype(np.float64)
    coco.dataset = {
        "info": {}, "images": [{"id": int(i)} for i in truth.image_id],
        "categories": [{"id": i + 1, "name": n} for i, n in enumerate(CLASSES)],
        "annotations": [
            {
                "id": k + 1, "image_id": int(truth.image_id[truth.image[k]]),
                "category_id": int(truth.category[k]) + 1, "iscrowd": int(truth.crowd[k]),
                "area": float(truth.visible_area_px[k]),
                "bbox": [b[0], b[1], b[2] - b[0], b[3] - b[1]],
            }
            for k, b in enumerate(boxes)
        ],
    }  # fmt: skip
    found = [
        {
            "image_id": int(truth.image_id[i]), "category_id": int(c) + 1, "score": float(s),
            "bbox": [b[0], b[1], b[2] - b[0], b[3] - b[1]],
        }
        for i, c, s, b in zip(
            detections.image, detections.category, detections.score,
            detections.box_px.astype(np.float64), strict=True,
        )
    ]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(found), "bbox")
        run.evaluate()
        run.accumulate()
    precision = run.eval["precision"][:, :, :, size, 2]
    return np.where((precision > -1).all(axis=1), precision.mean(axis=1), np.nan).T


@pytest.mark.parametrize("seed", range(20))
def test_average_precision_equals_pycocotools(seed: int) -> None:
    truth, detections = random_set(seed)
    matched = match(truth, truth.crowd, detections, np.arange(len(truth)))
    ours = ap_table(matched)
    np.testing.assert_allclose(ours, theirs(truth, detections), atol=1e-9)
    assert np.isnan(ours[3]).all()
    assert 0.05 < mean_over(ours, (0, 1)) < 0.95


@pytest.mark.parametrize("seed", range(6))
def test_average_precision_in_bands_of_size_equals_pycocotools(seed: int) -> None:
    """Four times as large, so that there are small, medium and large ones."""
    small, found = random_set(seed)
    boxes = 4 * small.box_px.astype(np.float64)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    truth = dataclasses.replace(
        small, box_px=boxes, visible_area_px=area, size_px=4 * small.size_px
    )
    larger = Detections(
        image=found.image, category=found.category, score=found.score, box_px=4 * found.box_px,
        classes=CLASSES,
    )  # fmt: skip
    filled = []
    for place, band in enumerate(BANDS[:3], 1):
        skip = truth.crowd | outside(truth, band)
        scenes = np.arange(len(truth))
        matched = match(truth, skip, larger, scenes, truth.crowd, band.area)
        np.testing.assert_allclose(ap_table(matched), theirs(truth, larger, place), atol=1e-9)
        filled.append(any(m.counted.any() for m in matched))
    assert sum(filled) >= 2


@pytest.mark.slow
def test_average_precision_equals_pycocotools_on_200_sets() -> None:
    for seed in range(1000, 1200):
        truth, detections = random_set(seed)
        matched = match(truth, truth.crowd, detections, np.arange(len(truth)))
        np.testing.assert_allclose(ap_table(matched), theirs(truth, detections), atol=1e-9)


def test_average_precision_does_not_depend_on_the_order_of_detections() -> None:
    truth, found = random_set(3)
    scores = 0.9 * found.score + 1e-5 * np.arange(len(found))  # ties are broken by the order
    order = np.argsort(found.image + 0.5 * stream(0, 0, "test/order").random(len(found)))
    both = [
        Detections(
            image=found.image[o], category=found.category[o], score=scores[o],
            box_px=found.box_px[o], classes=CLASSES,
        )
        for o in (np.arange(len(found)), order)
    ]  # fmt: skip
    assert (both[0].score != both[1].score).any()
    first, second = (ap_table(match(truth, truth.crowd, d, np.zeros(12, int))) for d in both)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("seed", range(3))
def test_a_detection_of_an_object_not_found_before_never_lowers_average_precision(
    seed: int,
) -> None:
    truth, found = random_set(seed)
    scenes = np.zeros(len(truth), dtype=int)
    before = ap_table(match(truth, truth.crowd, found, scenes))[:, 0]
    lost = ~truth.crowd & ~error_kinds(truth, truth.crowd, found).found
    assert lost.any()
    for k in np.flatnonzero(lost):
        place = int(np.searchsorted(found.image, truth.image[k]))
        arrays = (
            np.insert(a, place, v, axis=0)
            for a, v in (
                (found.image, truth.image[k]), (found.category, truth.category[k]),
                (found.score, 1.0), (found.box_px, truth.box_px[k]),
            )
        )  # fmt: skip
        more = Detections(*arrays, CLASSES)
        after = ap_table(match(truth, truth.crowd, more, scenes))[:, 0]
        assert (np.nan_to_num(after) >= np.nan_to_num(before) - 1e-12).all()


def test_a_repeated_scene_weighs_as_much_as_its_copy() -> None:
    truth, detections = random_set(1)
    scenes = np.arange(len(truth)) // 2
    matched = match(truth, truth.crowd, detections, scenes)
    weights = np.ones((2, 6))
    weights[1] = 2.0
    samples = ap_samples(matched, weights)
    np.testing.assert_allclose(samples[0], samples[1], atol=1e-12)
    weights[1] = [1, 0, 0, 0, 0, 0]
    assert not np.allclose(ap_samples(matched, weights)[1], samples[0], equal_nan=True)


def test_an_ignored_region_makes_a_detection_neither_right_nor_wrong() -> None:
    truth, detections = random_set(2)
    everything = np.ones(len(truth.category), dtype=bool)
    matched = match(truth, everything, detections, np.zeros(len(truth), dtype=int))
    assert all(not m.hit.any() for m in matched)
    assert any(m.void.any() for m in matched)
    assert all(m.counted.sum() == 0 for m in matched)
