"""The quick look at labels lets nothing pass that the close one would refuse."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from render.coco_reader import annotation_fields
from render.label_scan import scan
from render.sound_labels import all_sound
from simulator.errors import DataError

LABEL: dict[str, Any] = {
    "id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 20, 30, 40], "area": 900, "iscrowd": 0,
    "segmentation": {"size": [90, 100], "counts": "YhY25j\\c0"},
    "attributes": {
        "instance_id": 7, "track_id": 7, "full_bbox": [10, 20, 30, 40],
        "obb": [25.0, 40.0, 30.0, 20.0, -0.3], "visible_area": 900, "full_area": 900,
        "occlusion": 0.1, "truncation": 0.0, "contrast_left": 1.0, "contrast_abs": 0.5,
        "heading_rad": -1.25, "speed_mps": 12.486, "aspect": None, "sign": "stop",
        "ego_lane": False,
    },
}  # fmt: skip
PLACES = (
    *((name,) for name in ("category_id", "bbox", "iscrowd", "attributes")),
    *(("attributes", name) for name in LABEL["attributes"]),
    *(("bbox", i) for i in range(4)), *(("attributes", "obb", i) for i in range(5)),
)  # fmt: skip
VALUES = (
    None, True, False, "1", "", [], {}, [1], [1, 2, 3, 4], [1, 2, 3, 4, 5], -1, -0.5, 0, 0.5, 1, 2,
    1.5, 7, 99, 101, 1e7, 2**63, 10**400, float("nan"), float("inf"), "a\nb", "x" * 600,
)  # fmt: skip


def changed(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    label = copy.deepcopy(LABEL)
    target: Any = label
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    return label


def closely(label: dict[str, Any]) -> bool:
    try:
        return annotation_fields(label, "here", {1: 0}, {2: 0}, [[100, 90]]) is not None
    except DataError:
        return False


def written(*labels: dict[str, Any]) -> bytes:
    return ",".join(json.dumps(label, separators=(",", ":")) for label in labels).encode()


def quickly(*labels: dict[str, Any], size_px: Any = (100, 90)) -> bool:
    numbers = scan(written(*labels)).numbers
    sizes = np.broadcast_to(size_px, (len(labels), 2))
    return len(numbers) == len(labels) and all_sound(numbers, sizes, {2: 0})


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_passes_quickly_passes_closely(place) -> None:
    for value in VALUES:
        label = changed(place, value)
        assert not quickly(LABEL, label) or closely(label), value


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_a_number_of_an_image_that_only_equals_one_is_looked_at_closely(value) -> None:
    assert not quickly(LABEL, changed(("image_id",), value))


@pytest.mark.parametrize("place", PLACES[:4], ids=str)
def test_a_label_that_lacks_a_field_is_looked_at_closely(place) -> None:
    label = {name: value for name, value in LABEL.items() if name != place[0]}
    assert not quickly(LABEL, label)


def test_sound_labels_pass_at_once_and_so_do_none() -> None:
    assert quickly()
    assert quickly(LABEL, changed(("attributes", "sign"), None), changed(("bbox", 0), 0))


def test_a_box_is_held_against_its_own_image() -> None:
    wide = changed(("bbox",), [0, 0, 180, 40])
    assert quickly(LABEL, wide, size_px=[[100, 90], [200, 90]])
    assert not quickly(wide, LABEL, size_px=[[100, 90], [200, 90]])
