"""What detections say beyond class and box, as plain data, and how right it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from render.store import Truth
from render.truth import ASPECT_NAMES, SIGN_NAMES, UNKNOWN, known_of
from training.bootstrap import interval, scene_weights, scenes_of
from training.breakdown import takes
from training.detector import Detections
from training.heads import COLUMN
from training.taxonomy import ignored

_CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])


def attributes_of(found: Detections) -> list[dict[str, Any]]:
    """Of each detection what its detector's heads say: obb [cx, cy, w, h, rad], aspect, sign."""
    made: list[dict[str, Any]] = []
    for box, aspect, sign in zip(found.oriented_px, found.aspect, found.sign, strict=True):
        told: dict[str, Any] = {}
        if box[2] > 0:
            told["obb"] = [*(round(float(v), 3) for v in box[:4]), round(float(box[4]), 4)]
        if aspect != UNKNOWN:
            told["aspect"] = ASPECT_NAMES[aspect]
        if sign != UNKNOWN:
            told["sign"] = SIGN_NAMES[sign]
        made.append(told)
    return made


def attribute_figures(
    truth: Truth, found: Detections, replicates: int, seed: int
) -> dict[str, Any]:
    """How right oriented boxes, lamp aspects and types of signs are, with intervals by scene.

    An object is measured where the detection that takes it (IoU 0.5 of the plain boxes, best first,
    any class and score) tells of it. Beside each figure stands what one would get without the head:
    the overlap of the plain box, and the share of the commonest answer.

    Returns:
        Figures by name, of each head with ``_objects`` (counted objects that have its truth) and
        ``_measured``; angle errors are medians, rad, modulo half a turn. Only what both sides tell.
    """
    counts, known, said = ~ignored(truth), known_of(truth), known_of(found)
    heads = {n: c for n, c in COLUMN.items() if (known[c] & counts).any() and said[c].any()}
    if not heads:
        return {}
    objects, detections = _pairs(truth, found)
    scene_of, scenes = scenes_of(truth)
    weights = scene_weights(scenes, replicates, seed)
    result: dict[str, Any] = {}
    for name, column in heads.items():
        told = known[column] & counts
        both = told[objects] & said[column][detections]
        o, d = objects[both], detections[both]
        scene = scene_of[truth.image[o]]
        result |= {f"{name}_objects": int(told.sum()), f"{name}_measured": len(o)}
        if name == "obb":
            wanted, made = truth.oriented_px[o], found.oriented_px[d]
            error = np.abs(_wrapped(made[:, 4] - wanted[:, 4].astype(np.float64)))
            plain = shapely.box(*found.box_px[d].astype(np.float64).T)
            result |= _bounded("obb_angle_error_rad", error, scene, weights, _median)
            result |= _bounded(
                "obb_iou", overlaps(polygons(made), polygons(wanted)), scene, weights
            )
            result["obb_iou_of_plain_box"] = _mean_of(overlaps(plain, polygons(wanted)))
        else:
            wanted, made = getattr(truth, column)[o], getattr(found, column)[d]
            right = (wanted == made).astype(np.float64)
            result |= _bounded(f"{name}_accuracy", right, scene, weights)
            most = np.bincount(wanted).max() / len(o) if len(o) else np.nan
            result[f"{name}_accuracy_of_commonest"] = float(most)
    return result


def polygons(oriented: np.ndarray) -> np.ndarray:
    """Oriented boxes f[n, 5] px as shapely polygons, object[n]."""
    box = oriented.astype(np.float64)
    c, s = np.cos(box[:, 4]), np.sin(box[:, 4])
    turn = np.stack([np.stack([c, s], axis=1), np.stack([-s, c], axis=1)], axis=1)
    corners = np.einsum("nki,nij->nkj", _CORNERS * box[:, None, 2:4], turn) + box[:, None, :2]
    return np.asarray(shapely.polygons(corners))


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of polygons in pairs: f64[n]."""
    shared = shapely.area(shapely.intersection(a, b))
    return np.asarray(shared / np.maximum(shapely.area(a) + shapely.area(b) - shared, 1e-9))


def _pairs(truth: Truth, found: Detections) -> tuple[np.ndarray, np.ndarray]:
    """Objects that are found, i64[P], and the detection that takes each, i64[P]."""
    boxes_of, found_of = (
        np.searchsorted(side.image, np.arange(len(truth) + 1)) for side in (truth, found)
    )
    objects, detections = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for i in range(len(truth)):
        rows = np.arange(found_of[i], found_of[i + 1])
        rows = rows[np.argsort(-found.score[rows], kind="stable")]
        taken = takes(found.box_px[rows], truth.box_px[boxes_of[i] : boxes_of[i + 1]])
        objects.append(boxes_of[i] + taken[taken >= 0])
        detections.append(rows[taken >= 0])
    return np.concatenate(objects), np.concatenate(detections)


def _wrapped(angle: np.ndarray) -> np.ndarray:
    """Angles modulo half a turn, in [-pi / 2, pi / 2)."""
    return (angle + np.pi / 2) % np.pi - np.pi / 2


def _mean_of(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else float("nan")


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    if not len(values) or reached[-1] <= 0:
        return float("nan")
    return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])


def _bounded(
    key: str, values: np.ndarray, scene: np.ndarray, weights: np.ndarray, measure: Any = _mean
) -> dict[str, Any]:
    """A figure of values f64[P] in scenes i32[P], with its interval under weights f64[R, S]."""
    samples = np.array([measure(values, row[scene]) for row in weights])
    bounds = interval(measure(values, np.ones(len(values))), samples)
    return {key: bounds.value, f"{key}_interval": [bounds.low, bounds.high]}
