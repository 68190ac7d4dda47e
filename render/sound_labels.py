"""A quick look at many labels at once: are they as our own files have them?

Column by column, with arrays: a look at each value by itself would cost more than reading it.
What fails here may still be sound; ``coco_reader.annotation_fields`` then looks closely, and says
what is amiss.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from render.coco_reader import FARTHEST_PX

NUMBERS = frozenset((int, float))
WORDS = frozenset((str, type(None)))
LONGEST = 100
"""Characters of a word that our own files may have."""

_SHARES = itemgetter("occlusion", "truncation", "contrast_left")
_WORDS = itemgetter("aspect", "sign")
_NO_OBB = (0.0,) * 5


def all_sound(
    labels: Sequence[Mapping[str, Any]], size_px: np.ndarray, categories: Container[int]
) -> bool:
    """Whether all labels have every field, of the right type and within bounds, and their boxes
    lie inside their images.

    Args:
        labels: K annotation records. size_px: i64[K, 2], width and height of the image of each.
        categories: ids that there are.
    """
    if not labels:
        return True
    try:
        known = list(map(itemgetter("attributes"), labels))
        plain = [map(itemgetter(n), labels) for n in ("image_id", "category_id", "iscrowd")]
        image, category, crowd = (_kinds(column, (int,)) for column in plain)
        box = _numbers(map(itemgetter("bbox"), labels), 4)
        area = _numbers(((k["visible_area"],) for k in known), 1)[:, 0]
        shares = _numbers(map(_SHARES, known), 3)
        obb = _numbers((_NO_OBB if k["obb"] is None else k["obb"] for k in known), 5)
        words = _kinds(itertools.chain.from_iterable(map(_WORDS, known)), WORDS) - {None}
    except (KeyError, TypeError, ValueError, OverflowError, IndexError):
        return False
    return bool(
        image and all(c in categories for c in category) and crowd <= {0, 1}
        and (box >= 0).all() and (box[:, 2:] > 0).all()
        and (box[:, :2] + box[:, 2:] <= size_px).all()
        and (area >= 0).all() and (area <= size_px[:, 0] * size_px[:, 1]).all()
        and (shares >= 0).all() and (shares <= 1).all()
        and (np.abs(obb[:, :4]) <= FARTHEST_PX).all() and (obb[:, 2:4] >= 0).all()
        and (np.abs(obb[:, 4]) <= 100).all()
        and all(len(w) <= LONGEST and w.isprintable() for w in words)
    )  # fmt: skip


def _kinds(values: Iterable[Any], types: Container[type]) -> set[Any]:
    """The different values, which must be of these types exactly: True is no 1 here."""
    found = list(values)
    if any(kind not in types for kind in set(map(type, found))):
        raise TypeError
    return set(found)


def _numbers(rows: Iterable[Any], width: int) -> np.ndarray:
    """Rows of so many numbers each, f64[K, width]."""
    found = list(rows)
    flat = list(itertools.chain.from_iterable(found))
    if set(map(len, found)) != {width} or not NUMBERS.issuperset(map(type, flat)):
        raise TypeError
    return np.array(flat, dtype=np.float64).reshape(-1, width)
