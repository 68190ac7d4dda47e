"""Detections at full resolution: one picture, or all images of a truth."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from render.progress import progress
from render.store import Truth, load_bgr
from training.augment import GREY
from training.checkpoint import Model
from training.detector import STRIDE_PX, Detections
from training.nms import thin_out

OVERLAP = 0.55
"""IoU above which two boxes of one class are taken for one object."""

MOST = 300
"""Detections that are kept of one image (COCO's measure takes 100 of each class)."""

TILE_PX = 1536
TILE_OVERLAP_PX = 192
"""Larger pictures are read in tiles; the overlap holds the largest object (a bus of 160 px)."""


def predict(
    model: Model, truth: Truth, scale: float = 1.0, score: float = 0.02, batch: int = 4
) -> Detections:
    """Detections in all images of a truth, one image in memory at a time a batch.

    Args:
        model: the detector. truth: its images are read, its boxes are not. scale: enlargement of
            each image before detection; boxes are mapped back. score: lowest score kept.

    Raises:
        DataError: an image is broken or has another size than its record says.
    """
    parts: list[tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]] = []
    order = sorted(range(len(truth)), key=lambda i: (tuple(truth.size_px[i]), i))
    with progress("detecting", len(order), "images") as advance:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            pictures = [
                load_bgr(truth.path[i], (int(truth.size_px[i, 0]), int(truth.size_px[i, 1])))
                for i in chosen
            ]
            parts += zip(chosen, _detect_many(model, pictures, scale, score), strict=True)
            advance(start + len(chosen), "")
    return _gathered(sorted(parts, key=lambda p: p[0]), model.card.classes)


def detect(model: Model, bgr: np.ndarray, scale: float = 1.0, score: float = 0.4) -> Detections:
    """Detections in one picture u8[H, W, 3], blue first."""
    found = _detect_many(model, [bgr], scale, score)
    return _gathered([(0, found[0])], model.card.classes)


def _gathered(
    parts: list[tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]], classes: tuple[str, ...]
) -> Detections:
    images = [np.full(len(found[1]), i) for i, found in parts]
    return Detections(
        image=np.concatenate([np.zeros(0), *images]),
        category=np.concatenate([np.zeros(0), *[f[1] for _, f in parts]]),
        score=np.concatenate([np.zeros(0), *[f[2] for _, f in parts]]),
        box_px=np.concatenate([np.zeros((0, 4)), *[f[0] for _, f in parts]]),
        classes=classes,
    )


def _detect_many(
    model: Model, pictures: list[np.ndarray], scale: float, score: float
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    scaled = [_resized(p, scale) for p in pictures]
    small = all(max(p.shape[:2]) <= TILE_PX for p in scaled)
    if small and len({p.shape for p in scaled}) == 1:
        raw = _forward(model, scaled)
    else:
        raw = [_tiled(model, p) for p in scaled]
    return [
        _finished(found, p.shape, s.shape, score)
        for found, p, s in zip(raw, pictures, scaled, strict=True)
    ]


def _resized(picture: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1.0:
        return picture
    height, width = picture.shape[:2]
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return cv2.resize(
        picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )


def _finished(
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
    shape: tuple[int, ...],
    scaled: tuple[int, ...],
    score: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thinned out, above the score, in px of the picture and inside it."""
    boxes, labels, scores = found
    good = scores >= score
    boxes, labels, scores = boxes[good], labels[good], scores[good]
    kept = thin_out(boxes, labels, OVERLAP, MOST)
    height, width = shape[:2]
    boxes = boxes[kept] * np.tile([width / scaled[1], height / scaled[0]], 2)
    boxes = np.clip(boxes, 0, [width, height, width, height])
    return boxes.astype(np.float32), labels[kept], scores[kept]


def _tiled(model: Model, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Candidates of a picture of any size, read tile by tile, best first."""
    parts = []
    for y in _starts(picture.shape[0]):
        for x in _starts(picture.shape[1]):
            tile = picture[y : y + TILE_PX, x : x + TILE_PX]
            boxes, labels, scores = _forward(model, [tile])[0]
            parts.append((boxes + np.array([x, y, x, y], dtype=np.float32), labels, scores))
    boxes, labels, scores = (np.concatenate([p[k] for p in parts]) for k in range(3))
    order = np.argsort(-scores, kind="stable")
    return boxes[order], labels[order], scores[order]


def _starts(length: int) -> list[int]:
    if length <= TILE_PX:
        return [0]
    step = TILE_PX - TILE_OVERLAP_PX
    return [*range(0, length - TILE_PX, step), length - TILE_PX]


@torch.inference_mode()
def _forward(
    model: Model, pictures: list[np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Candidates of pictures of one size, best first."""
    height, width = pictures[0].shape[:2]
    rows, columns = (-(-n // STRIDE_PX) * STRIDE_PX for n in (height, width))
    stack = np.full((len(pictures), rows, columns, 3), GREY, dtype=np.uint8)
    for slot, picture in zip(stack, pictures, strict=True):
        slot[:height, :width] = picture[:, :, ::-1]
    images = torch.from_numpy(stack).permute(0, 3, 1, 2)
    return [
        (b.numpy(), c.numpy(), s.numpy()) for b, c, s in model.detector.decode(model.module, images)
    ]
