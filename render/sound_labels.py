"""A quick look at many labels at once: are they as our own files have them?

What fails here may still be sound; ``coco_reader.annotation_fields`` then looks closely, and says
what is amiss.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from render.coco_reader import FARTHEST_PX
from render.label_columns import BOX, CATEGORY, NUMBERS, PLACE

_SHARE, _FAR, _SIZE = (0, 1), (-FARTHEST_PX, FARTHEST_PX), (0, FARTHEST_PX)
_BOUNDS = {
    "x": (0, np.inf), "y": (0, np.inf), "w": (np.nextafter(0, 1), np.inf),
    "h": (np.nextafter(0, 1), np.inf), "visible_area": (0, np.inf), "occlusion": _SHARE,
    "truncation": _SHARE, "contrast_left": _SHARE, "cx": _FAR, "cy": _FAR, "cw": _SIZE,
    "ch": _SIZE, "rad": (-100, 100),
}  # fmt: skip
_LEAST, _MOST = np.array([_BOUNDS.get(name, (-np.inf, np.inf)) for name in NUMBERS]).T.copy()


def all_sound(numbers: np.ndarray, size_px: np.ndarray, categories: Iterable[int]) -> bool:
    """Whether all numbers of labels are within bounds and their boxes lie inside their images.

    Args:
        numbers: f64[K, len(NUMBERS)], finite, of labels whose images are known.
        size_px: i64[K, 2], width and height of the image of each. categories: ids that there are.
    """
    box = numbers[:, BOX]
    return bool(
        set(numbers[:, CATEGORY].tolist()) <= set(categories)
        and (numbers >= _LEAST).all() and (numbers <= _MOST).all()
        and (box[:, :2] + box[:, 2:] <= size_px).all()
        and (numbers[:, PLACE["visible_area"]] <= size_px[:, 0] * size_px[:, 1]).all()
    )  # fmt: skip
