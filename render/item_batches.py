"""Some images at once: for one alone, calls cost more than what is worked out about its labels.

And where pictures of megabytes are moved between two images, nothing else stays in the processor's
caches: what is worked out in turns with that takes twice as long.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from render.format import Item
from render.label_columns import Labels

IMAGES_AT_ONCE = 16


def batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    """All items, some at a time."""
    while some := list(itertools.islice(items, IMAGES_AT_ONCE)):
        yield some


def together(items: Sequence[Item]) -> Labels:
    """The numbers and classes of all labels of some images."""
    numbers = np.concatenate([item.labels.numbers for item in items])
    return Labels(numbers, classes=[k for item in items for k in item.labels.classes])


def counts_of(items: Sequence[Item]) -> list[int]:
    """How many labels each image has."""
    return [len(item.labels) for item in items]


def sizes_px(items: Sequence[Item]) -> np.ndarray:
    """Width and height of the image of each label, i64[K, 2]."""
    return np.repeat([item.size_px for item in items], counts_of(items), axis=0)
