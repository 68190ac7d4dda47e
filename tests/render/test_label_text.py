"""Labels put into words by a kernel: the same text as a JSON writer's, read back to the same."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.label_columns import NUMBERS, PLACE
from render.label_scan import FORM, scan
from render.label_text import written

DECIMAL = [name for name, sign in zip(NUMBERS, [s for s in FORM if s in "#^%"], strict=True)
           if sign == "%"]  # fmt: skip
ATTRIBUTES = NUMBERS[PLACE["visible_area"] :]
whole = st.integers(-(10**9), 10**9)
decimal = st.integers(-(10**9), 10**9).map(lambda n: n / 10**4)
mask = st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=12)
state = st.sampled_from([{}, {"dirt": 0.25}, {"tilt_rad": -0.1, "overgrown": True}])
word = st.sampled_from([None, "red", "stop"])
label = st.tuples(
    st.fixed_dictionaries({n: decimal if n in DECIMAL else whole for n in NUMBERS}),
    mask, word, word, st.booleans(), state,
)  # fmt: skip


def record(n, mask, aspect, sign, ego, state):
    """The same label as plain data, for a JSON library to write."""
    return {
        "id": n["id"], "image_id": n["image_id"], "category_id": n["category_id"],
        "bbox": [n[k] for k in "xywh"], "area": n["area"], "iscrowd": 0,
        "segmentation": {"size": [n["mask_height"], n["mask_width"]], "counts": mask},
        "attributes": {
            "instance_id": n["instance_id"], "track_id": n["track_id"],
            "full_bbox": [n[f"full_{k}"] for k in "xywh"],
            "obb": [n[k] for k in ("cx", "cy", "cw", "ch", "rad")],
            **{k: n[k] for k in ATTRIBUTES}, "aspect": aspect, "sign": sign, "ego_lane": ego,
            **({"sign_state": state} if state else {}),
        },
    }  # fmt: skip


def put(labels):
    numbers = np.array([[n[k] for k in NUMBERS] for n, *_ in labels], float).reshape(
        -1, len(NUMBERS)
    )
    columns = [[row[k] for row in labels] for k in range(1, 6)]
    return written(numbers, *columns)


@given(st.lists(label, max_size=4))
def test_labels_read_as_a_json_library_writes_them(labels):
    assert put(labels) == orjson.dumps([record(*row) for row in labels])[1:-1]


def test_a_zero_keeps_its_sign_and_its_decimal(made):
    made["heading_rad"], made["speed_mps"] = -0.0, 0.0
    text = put([(made, "0", None, None, False, {})])
    assert b'"heading_rad":-0.0,"speed_mps":0.0' in text
    assert np.signbit(scan(text).numbers[0, PLACE["heading_rad"]])


def test_what_is_no_number_is_refused_by_its_name(made):
    made["contrast_left"] = float("nan")
    with pytest.raises(ValueError, match="contrast_left of label 0 is nan"):
        put([(made, "0", None, None, False, {})])


@pytest.fixture
def made():
    return dict.fromkeys(NUMBERS, 1)
