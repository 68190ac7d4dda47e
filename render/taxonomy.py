"""Class mappings: the classes of ours under the names and ids that another world expects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

VEHICLES = ("car", "truck", "bus", "motorcycle")
"""Classes of ours that ``taxonomy=vehicle`` counts as one."""

COCO_NAMES: Mapping[str, str] = {
    "car": "car", "truck": "truck", "bus": "bus", "motorcycle": "motorcycle",
    "bicycle": "bicycle", "pedestrian": "person", "stop_sign": "stop sign",
    "light_red": "traffic light", "light_yellow": "traffic light",
    "light_green": "traffic light", "light_off": "traffic light",
}  # fmt: skip
"""Our class -> the class of COCO 2017 that means it."""

COCO_CLASSES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""The 80 classes of COCO 2017 in their order, which networks trained on it number 0 to 79."""

COCO_GAPS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
"""Ids up to 90 that COCO 2017 gives to no class of detection."""


@dataclasses.dataclass(frozen=True)
class Mapped:
    """Classes of a dataset under a taxonomy.

    Attributes:
        names: the new classes in order. ids: their COCO ids.
        position: own class -> index in ``names``; a class that is not in it is left out.
    """

    names: tuple[str, ...]
    ids: tuple[int, ...]
    position: Mapping[str, int]

    def left_out(self, classes: Sequence[str]) -> tuple[str, ...]:
        """The classes that have no place under the taxonomy."""
        return tuple(name for name in classes if name not in self.position)


def _driving(classes: Sequence[str]) -> Mapped:
    places = {name: i for i, name in enumerate(classes)}
    return Mapped(tuple(classes), tuple(range(1, len(classes) + 1)), places)


def _vehicle(classes: Sequence[str]) -> Mapped:
    return Mapped(("vehicle",), (1,), {name: 0 for name in classes if name in VEHICLES})


def _coco(classes: Sequence[str]) -> Mapped:
    ids = tuple(i for i in range(1, 91) if i not in COCO_GAPS)
    places = {c: COCO_CLASSES.index(COCO_NAMES[c]) for c in classes if c in COCO_NAMES}
    return Mapped(COCO_CLASSES, ids, places)


TAXONOMIES: Mapping[str, Callable[[Sequence[str]], Mapped]] = {
    "driving": _driving,  # as they are
    "vehicle": _vehicle,  # one class
    "coco": _coco,  # the 80 classes of COCO 2017, so that a network trained there can be measured
}
"""Name -> function from a dataset's classes to the mapping."""
