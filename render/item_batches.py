"""Some images at once: for one alone, calls cost more than what is worked out about its labels.

And where pictures of megabytes are moved between two images, nothing else stays in the processor's
caches: what is worked out in turns with that takes twice as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from render.format import Item
from render.label_columns import Labels

IMAGES_AT_ONCE, LABELS_AT_ONCE = 256, 10_000
"""A batch ends with either: some megabytes of labels."""

Given = TypeVar("Given")


def batched(given: Iterator[Given], labels: Callable[[Given], int]) -> Iterator[list[Given]]:
    """Images in any form, some at a time; ``labels`` tells how many one has."""
    some: list[Given] = []
    count = 0
    for one in given:
        some.append(one)
        count += labels(one)
        if len(some) >= IMAGES_AT_ONCE or count >= LABELS_AT_ONCE:
            yield some
            some, count = [], 0
    if some:
        yield some


def batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    """All items, some at a time."""
    return batched(items, lambda item: len(item.labels))


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
