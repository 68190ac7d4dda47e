"""Detections of a detector that lives elsewhere: a COCO results file, checked before believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from render.coco_reader import MAX_JSON_BYTES, number, told_fields
from render.json_stream import refuse_constant, refuse_twice
from render.store import Truth
from render.truth import unknown
from simulator.errors import DataError
from training.detector import Detections

FARTHEST_PX = 1e7
_MEND = "Write the detections anew"


def read_detections(path: Path, truth: Truth) -> Detections:
    """A COCO results file (a list of image_id, category_id, bbox, score) as detections.

    With ``attributes`` of a record come obb, aspect and sign, as in our labels.

    Args:
        truth: of its file are the ids of images and categories. Boxes that reach over the edge of
            an image are cut there.

    Raises:
        DataError: missing, no such list, an image or a category that the truth does not have, a
            score or a box that is no number, a score outside 0 .. 1, a box without area or wholly
            outside of its image; in one line with the record.
    """
    records = _list(path)
    images = {int(n): i for i, n in enumerate(truth.image_id)}
    categories = {n: i for i, n in enumerate(truth.category_id) if n >= 0}
    image, category, score, boxes, more = [], [], [], [], []
    for k, record in enumerate(records):
        where = f"{path}: [{k}]"
        if not isinstance(record, dict):
            raise DataError("is no object", place=where, mend=_MEND)
        image.append(_known(record, "image_id", images, truth, where))
        category.append(_known(record, "category_id", categories, truth, where))
        score.append(number(record.get("score"), 0.0, 1.0, "score", where))
        boxes.append(_box(record.get("bbox"), truth.size_px[image[-1]], where))
        told = record.get("attributes")
        more.append(told_fields(told if isinstance(told, dict) else {}, where))
    order = np.lexsort((-np.array(score), np.array(image))) if records else np.zeros(0, dtype=int)
    return Detections(
        image=np.array(image, dtype=np.int64)[order],
        category=np.array(category, dtype=np.int64)[order], score=np.array(score)[order],
        box_px=np.array(boxes).reshape(-1, 4)[order], classes=truth.classes,
        **{n: np.array([row[n] for row in more])[order] for n in unknown(0) if more},
    )  # fmt: skip


def _list(path: Path) -> list[Any]:
    try:
        if path.exists() and not path.is_file():
            raise DataError("is no file", place=str(path), mend="Check detections=FILE")
        if path.stat().st_size > MAX_JSON_BYTES:
            raise DataError("is too large", place=str(path), mend="Split the file")
        value = json.loads(
            path.read_bytes(), parse_constant=refuse_constant, object_pairs_hook=refuse_twice
        )
    except OSError as error:
        raise DataError("cannot be read", place=str(path), mend="Check detections=FILE") from error
    except (ValueError, RecursionError) as error:
        said = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise DataError(f"is not valid JSON ({said})", place=str(path), mend=_MEND) from error
    if not isinstance(value, list):
        raise DataError(
            "holds no list of detections", place=str(path), mend="Give a COCO results file"
        )
    return value


def _known(
    record: dict[str, Any], key: str, known: dict[int, int], truth: Truth, where: str
) -> int:
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value not in known:
        have = sorted(known)
        shown = ", ".join(map(str, have[:12])) + (", ..." if len(have) > 12 else "")
        raise DataError(
            f"{key} {str(value)[:40]!r} is not in {truth.name}", place=where,
            mend=f"There are: {shown}",
        )  # fmt: skip
    return known[value]


def _box(value: Any, size_px: np.ndarray, where: str) -> list[float]:
    if not isinstance(value, list) or len(value) != 4:
        raise DataError("bbox must be [x, y, width, height]", place=where, mend=_MEND)
    x, y, w, h = (number(v, -FARTHEST_PX, FARTHEST_PX, "bbox", where) for v in value)
    width, height = (float(n) for n in size_px)
    box = [max(x, 0.0), max(y, 0.0), min(x + w, width), min(y + h, height)]
    if w <= 0 or h <= 0 or box[0] >= box[2] or box[1] >= box[3]:
        raise DataError(
            f"the box {[round(v, 1) for v in (x, y, w, h)]} has no area in its image of "
            f"{width:g} x {height:g} px", place=where, mend=_MEND,
        )  # fmt: skip
    return box
