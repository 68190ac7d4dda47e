"""Detections at full resolution: one picture, or all images of a truth."""

from __future__ import annotations

import contextlib

import cv2
import numpy as np
import torch

from render.progress import progress
from render.store import Truth, load_bgr
from training.augment import GREY
from training.checkpoint import Model
from training.detector import STRIDE_PX, Detections
from training.device import computing, home_of
from training.nms import thin_out

OVERLAP = 0.55
"""IoU above which two boxes of one class are taken for one object."""

MOST = 300
"""Detections that are kept of one image (COCO's measure takes 100 of each class)."""

TILE_PX = 1536
TILE_OVERLAP_PX = 192
"""Larger pictures are read in tiles; the overlap holds the largest object (a bus of 160 px)."""


Columns = dict[str, np.ndarray]
"""Candidates or detections of one image, by column of ``detector.Detections``."""


def predict(
    model: Model,
    truth: Truth,
    scale: float = 1.0,
    score: float = 0.02,
    batch: int = 4,
    *,
    shown: bool = True,
) -> Detections:
    """Detections in all images of a truth, one image in memory at a time a batch.

    Args:
        model: the detector. truth: its images are read, its boxes are not. scale: enlargement of
            each image before detection; boxes are mapped back. score: lowest score kept.
            shown: whether its progress is, which within another's would be in the way.

    Raises:
        DataError: an image is broken or has another size than its record says.
    """
    parts: list[tuple[int, Columns]] = []
    order = sorted(range(len(truth)), key=lambda i: (tuple(truth.size_px[i]), i))
    telling = progress("detecting", len(order), "images")
    with telling if shown else contextlib.nullcontext(lambda _done, _note: None) as advance:
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


def _gathered(parts: list[tuple[int, Columns]], classes: tuple[str, ...]) -> Detections:
    image = np.concatenate([np.zeros(0), *(np.full(len(f["score"]), i) for i, f in parts)])
    none: Columns = {
        "category": np.zeros(0), "score": np.zeros(0), "box_px": np.zeros((0, 4)),
    }  # fmt: skip
    columns = _joined([f for _, f in parts]) if parts else none
    return Detections(image=image, classes=classes, **columns)


def _joined(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _rows(columns: Columns, index: np.ndarray) -> Columns:
    return {name: column[index] for name, column in columns.items()}


def _detect_many(
    model: Model, pictures: list[np.ndarray], scale: float, score: float
) -> list[Columns]:
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
    found: Columns, shape: tuple[int, ...], scaled: tuple[int, ...], score: float
) -> Columns:
    """Thinned out, above the score, in px of the picture and inside it."""
    found = _rows(found, found["score"] >= score)
    found = _rows(found, thin_out(found["box_px"], found["category"], OVERLAP, MOST))
    height, width = shape[:2]
    factor = np.array([width / scaled[1], height / scaled[0]])
    boxes = np.clip(found["box_px"] * np.tile(factor, 2), 0, [width, height, width, height])
    found["box_px"] = boxes.astype(np.float32)
    if "oriented_px" in found:
        # The two factors differ by the rounding of the size at most.
        both = np.array([*factor, *[float(np.sqrt(factor.prod()))] * 2, 1.0])
        found["oriented_px"] = (found["oriented_px"] * both).astype(np.float32)
    return found


def _tiled(model: Model, picture: np.ndarray) -> Columns:
    """Candidates of a picture of any size, read tile by tile, best first."""
    parts = []
    for y in _starts(picture.shape[0]):
        for x in _starts(picture.shape[1]):
            tile = picture[y : y + TILE_PX, x : x + TILE_PX]
            parts.append(_shifted(_forward(model, [tile])[0], x, y))
    columns = _joined(parts)
    return _rows(columns, np.argsort(-columns["score"], kind="stable"))


def _shifted(found: Columns, x: int, y: int) -> Columns:
    moved = {"box_px": (x, y, x, y), "oriented_px": (x, y, 0, 0, 0)}
    return {n: c + np.array(moved[n], np.float32) if n in moved else c for n, c in found.items()}


def _starts(length: int) -> list[int]:
    if length <= TILE_PX:
        return [0]
    step = TILE_PX - TILE_OVERLAP_PX
    return [*range(0, length - TILE_PX, step), length - TILE_PX]


@torch.inference_mode()
def _forward(model: Model, pictures: list[np.ndarray]) -> list[Columns]:
    """Candidates of pictures of one size, best first."""
    height, width = pictures[0].shape[:2]
    rows, columns = (-(-n // STRIDE_PX) * STRIDE_PX for n in (height, width))
    stack = np.full((len(pictures), rows, columns, 3), GREY, dtype=np.uint8)
    for slot, picture in zip(stack, pictures, strict=True):
        slot[:height, :width] = picture[:, :, ::-1]
    device = home_of(model.module)
    images = torch.from_numpy(stack).permute(0, 3, 1, 2).to(device)
    with computing(device):
        found = model.detector.decode(model.module, images)
    return [{name: column.cpu().numpy() for name, column in f.items()} for f in found]
