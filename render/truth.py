"""What is true of a set of images: boxes and what is known of each, as arrays."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.holdout import Lineage
from simulator.arrays import frozen
from simulator.settings import quantity
from simulator.signs import SIGNS

ASPECT_NAMES = ("off", "red", "yellow", "green")
"""What a lamp shows, in words; a truth holds the index."""

SIGN_NAMES = tuple(sorted(SIGNS))
"""The types of signs in words; a truth holds the index."""

UNKNOWN = -1
"""Index of an aspect or of a type of sign that nobody told, or that there is none of."""


@dataclasses.dataclass(frozen=True)
class Counting:
    """Which objects count in a measurement; the others are regions where a detection is neither
    right nor wrong.
    """

    min_visible_px: float = quantity(
        16.0, "px", 0, 1e9, "least visible area of an object that counts"
    )
    max_occlusion: float = quantity(0.8, "", 0, 1, "largest hidden share of one that counts")
    min_contrast: float = quantity(
        0.05, "", 0, 1, "least contrast_left of one that counts as visible, the second way to count"
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Truth:
    """The images of a split and every box in them: N images, K boxes, image frame in px.

    Attributes:
        name: what to call it in messages (the folder or the file).
        classes: class names; ``category`` indexes them. category_id: their ids in the file, -1
            for a class that the file does not have.
        image_id: i64[N], id in the file it came from.
        path: absolute path of each image.
        size_px: i32[N, 2], width and height.
        scene: key of each image's scene; twins and frames of one scene share it. Native keys are
            ``seed/split/index``, so that they hold across datasets.
        frame: i32[N]. condition, layout: words, "" where unknown.
        geometry: SHA-256 of what is where, equal for open-loop twins; of the image's file where
            the data is foreign; "" where unknown.
        severity: the quantities of each condition in words, by its name.
        optical_depth: f32[N], -1 where unknown.
        box_px: f32[K, 4], x0, y0, x1, y1 of the visible pixels.
        category: i16[K]. image: i32[K], index of the box's image, ascending.
        crowd: bool[K], a region to be ignored rather than one object.
        visible_area_px: f32[K]. occlusion, truncation, contrast_left: f32[K], 0..1.
        lineage: where the scenes come from; empty for foreign data.
        root_hash: SHA-256 of the manifest, or of all labels and images where the data is foreign;
            "" where unknown.
        oriented_px: f32[K, 5], cx, cy, w, h, rad (from +u towards +v) of the oriented box about the
            whole object; w is 0 where unknown.
        aspect, sign: i8[K] into ASPECT_NAMES, i16[K] into SIGN_NAMES; UNKNOWN where unknown.
        counting: which of the objects count in what is measured on them.
    """

    name: str
    classes: tuple[str, ...]
    category_id: tuple[int, ...]
    image_id: np.ndarray
    path: tuple[Path, ...]
    size_px: np.ndarray
    scene: tuple[str, ...]
    frame: np.ndarray
    condition: tuple[str, ...]
    layout: tuple[str, ...]
    geometry: tuple[str, ...]
    severity: tuple[tuple[str, str], ...]
    optical_depth: np.ndarray
    box_px: np.ndarray
    category: np.ndarray
    image: np.ndarray
    crowd: np.ndarray
    visible_area_px: np.ndarray
    occlusion: np.ndarray
    truncation: np.ndarray
    contrast_left: np.ndarray
    lineage: tuple[Lineage, ...] = ()
    root_hash: str = ""
    oriented_px: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((0, 5)))
    aspect: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    sign: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    counting: Counting = Counting()

    def __post_init__(self) -> None:
        images, boxes = len(self.path), len(self.category)
        fill_unknown(self, boxes)
        if len(self.classes) != len(self.category_id):
            raise ValueError("classes and category_id differ in length")
        for name, dtype, shape in (
            ("image_id", np.int64, (images,)), ("size_px", np.int32, (images, 2)),
            ("frame", np.int32, (images,)), ("optical_depth", np.float32, (images,)),
            ("box_px", np.float32, (boxes, 4)), ("category", np.int16, (boxes,)),
            ("image", np.int32, (boxes,)), ("crowd", np.bool_, (boxes,)),
            ("visible_area_px", np.float32, (boxes,)), ("occlusion", np.float32, (boxes,)),
            ("truncation", np.float32, (boxes,)), ("contrast_left", np.float32, (boxes,)),
            ("oriented_px", np.float32, (boxes, 5)), ("aspect", np.int8, (boxes,)),
            ("sign", np.int16, (boxes,)),
        ):  # fmt: skip
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape, name))
        if (np.diff(self.image) < 0).any():
            raise ValueError("boxes must be in the order of their images")

    def __len__(self) -> int:
        return len(self.path)


IMAGE_FIELDS = (
    "image_id", "path", "size_px", "scene", "frame", "condition", "layout", "geometry",
    "optical_depth",
)  # fmt: skip
"""Fields of a Truth with one entry an image."""

BOX_FIELDS = (
    "box_px", "category", "image", "crowd", "visible_area_px", "occlusion", "truncation",
    "contrast_left", "oriented_px", "aspect", "sign",
)  # fmt: skip
"""Fields of a Truth with one entry a box."""


def unknown(count: int) -> dict[str, np.ndarray]:
    """The columns of so many boxes that nobody told more of than where they are."""
    return {
        "oriented_px": np.zeros((count, 5), dtype=np.float32),
        "aspect": np.full(count, UNKNOWN, dtype=np.int8),
        "sign": np.full(count, UNKNOWN, dtype=np.int16),
    }


def fill_unknown(made: Any, count: int) -> None:
    """Fill the columns of ``unknown`` that a dataclass of so many boxes was made without."""
    for name, value in unknown(count).items():
        if not len(getattr(made, name)):
            object.__setattr__(made, name, value)


def known_of(boxes: Any) -> dict[str, np.ndarray]:
    """Where each column of ``unknown`` is told, bool[K], of a Truth or of detections."""
    return {
        "oriented_px": boxes.oriented_px[:, 2] > 0,
        "aspect": boxes.aspect != UNKNOWN,
        "sign": boxes.sign != UNKNOWN,
    }


def select_boxes(truth: Truth, keep: np.ndarray) -> Truth:
    """The same images with only the boxes where ``keep``, bool[K]."""
    kept = {name: getattr(truth, name)[keep] for name in BOX_FIELDS}
    return dataclasses.replace(truth, **kept)


def select_images(truth: Truth, keep: np.ndarray) -> Truth:
    """Only the images where ``keep``, bool[N], and their boxes."""
    index = np.flatnonzero(keep)
    new = np.full(len(truth), -1, dtype=np.int32)
    new[index] = np.arange(len(index))
    fields: dict[str, Any] = {n: _take(getattr(truth, n), index) for n in IMAGE_FIELDS}
    inside = keep[truth.image] if len(truth.image) else np.zeros(0, dtype=bool)
    fields |= {name: getattr(truth, name)[inside] for name in BOX_FIELDS}
    fields["image"] = new[fields["image"]]
    return dataclasses.replace(truth, **fields)


def join(truths: list[Truth]) -> Truth:
    """Several truths with equal classes as one; image ids are numbered anew when there are many."""
    if len(truths) == 1:
        return truths[0]
    if len({t.classes for t in truths}) != 1:
        raise ValueError("only truths with equal classes can be joined")
    if len({t.counting for t in truths}) != 1:
        raise ValueError("only truths that are counted alike can be joined")
    fields: dict[str, Any] = {
        n: _concatenate([getattr(t, n) for t in truths]) for n in IMAGE_FIELDS + BOX_FIELDS
    }
    starts = np.cumsum([0, *[len(t) for t in truths[:-1]]])
    shifted = [t.image + s for t, s in zip(truths, starts, strict=True)]
    fields["image"] = np.concatenate(shifted)
    fields["image_id"] = np.arange(1, len(fields["path"]) + 1)
    return Truth(
        name=" + ".join(t.name for t in truths),
        classes=truths[0].classes,
        category_id=truths[0].category_id,
        severity=tuple(sorted({pair for t in truths for pair in t.severity})),
        lineage=tuple(line for t in truths for line in t.lineage),
        root_hash=" ".join(t.root_hash for t in truths).strip(),
        counting=truths[0].counting,
        **fields,
    )


def _take(values: np.ndarray | tuple, index: np.ndarray) -> np.ndarray | tuple:
    return values[index] if isinstance(values, np.ndarray) else tuple(values[i] for i in index)


def _concatenate(parts: list) -> np.ndarray | tuple:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return tuple(value for part in parts for value in part)
