"""A quick look at many labels at once: are they as our own files have them?

What fails here may still be sound; ``coco_reader.annotation_fields`` then looks closely, and says
what is amiss.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from render.coco_reader import FARTHEST_PX
from render.label_columns import BOX, CATEGORY, ORIENTED, PLACE

_SHARES = [PLACE[name] for name in ("occlusion", "truncation", "contrast_left")]
_AREA = PLACE["visible_area"]


def all_sound(numbers: np.ndarray, size_px: np.ndarray, categories: Iterable[int]) -> bool:
    """Whether all numbers of labels are within bounds and their boxes lie inside their images.

    Args:
        numbers: f64[K, len(NUMBERS)], finite, of labels whose images are known.
        size_px: i64[K, 2], width and height of the image of each. categories: ids that there are.
    """
    box, obb = numbers[:, BOX], numbers[:, ORIENTED]
    shares, area = numbers[:, _SHARES], numbers[:, _AREA]
    return bool(
        set(numbers[:, CATEGORY].tolist()) <= set(categories)
        and (box >= 0).all() and (box[:, 2:] > 0).all()
        and (box[:, :2] + box[:, 2:] <= size_px).all()
        and (area >= 0).all() and (area <= size_px[:, 0] * size_px[:, 1]).all()
        and (shares >= 0).all() and (shares <= 1).all()
        and (np.abs(obb[:, :4]) <= FARTHEST_PX).all() and (obb[:, 2:4] >= 0).all()
        and (np.abs(obb[:, 4]) <= 100).all()
    )  # fmt: skip
