"""A quick look at many labels at once: are they as our own files have them?

Column by column, with arrays: a look at each value by itself would cost more than reading it.
What fails here may still be sound; ``coco_reader.annotation_fields`` then looks closely, and says
what is amiss.
"""

from __future__ import annotations

import array
from collections.abc import Container, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from render.coco_reader import FARTHEST_PX

NUMBERS = frozenset((int, float))
LONGEST = 100
"""Characters of a word that our own files may have."""

_PLACE = itemgetter("image_id", "category_id", "iscrowd")
_MEASURES = itemgetter("visible_area", "occlusion", "truncation", "contrast_left")
_NO_OBB = (0.0,) * 5
_COLUMNS = 4 + 4 + 5
"""Numbers of a label: its box, its measures, its oriented box."""


def all_sound(
    labels: Sequence[Mapping[str, Any]], size_px: np.ndarray, categories: Container[int]
) -> bool:
    """Whether all labels have every field, of the right type and within bounds, and their boxes
    lie inside their images.

    Args:
        labels: K annotation records, whose images are known. size_px: i64[K, 2], width and height
            of the image of each. categories: ids that there are.
    """
    if not labels:
        return True
    try:
        places, numbers, words = _columns(labels)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return False
    box, area, shares, obb = np.split(numbers, [4, 5, 8], axis=1)
    return bool(
        all(category in categories and crowd in (0, 1) for _, category, crowd in places)
        and (box >= 0).all() and (box[:, 2:] > 0).all()
        and (box[:, :2] + box[:, 2:] <= size_px).all()
        and (area >= 0).all() and (area[:, 0] <= size_px[:, 0] * size_px[:, 1]).all()
        and (shares >= 0).all() and (shares <= 1).all()
        and (np.abs(obb[:, :4]) <= FARTHEST_PX).all() and (obb[:, 2:4] >= 0).all()
        and (np.abs(obb[:, 4]) <= 100).all()
        and all(len(word) <= LONGEST and word.isprintable() for word in words)
    )  # fmt: skip


def _columns(
    labels: Sequence[Mapping[str, Any]],
) -> tuple[set[tuple[int, int, int]], np.ndarray, set[str]]:
    """The different places, the numbers f64[K, 13] and the different words of labels, in one pass:
    what was read just now is not in the processor's cache for long.

    Raises:
        KeyError, TypeError, ValueError, OverflowError, AttributeError: not as our own.
    """
    flat: list[Any] = []
    places: list[Any] = []
    words: set[Any] = set()
    for label in labels:
        known = label["attributes"]
        x, y, w, h = label["bbox"]
        a, b, c, d, e = known["obb"] or _no_obb(known["obb"])
        flat += (x, y, w, h, *_MEASURES(known), a, b, c, d, e)
        places += _PLACE(label)
        words.add(known["aspect"])
        words.add(known["sign"])
    words.discard(None)
    # types exactly: True is no 1 here
    sound = set(map(type, places)) == {int} and set(map(type, words)) <= {str}
    if not sound or not NUMBERS.issuperset(map(type, flat)):
        raise TypeError
    numbers = np.frombuffer(array.array("d", flat)).reshape(-1, _COLUMNS)
    return set(zip(*[iter(places)] * 3, strict=True)), numbers, words


def _no_obb(told: Any) -> tuple[float, ...]:
    if told is not None:
        raise TypeError
    return _NO_OBB
