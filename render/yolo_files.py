"""The layout that all YOLO formats share: images/, labels/, data.yaml."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from render.files import make_folder, write_bytes, write_unseen
from render.format import Item, Source
from render.images import copy_image
from render.item_batches import batches, counts_of
from render.label_text import lines_of

Numbers = tuple[np.ndarray, np.ndarray]
"""Of an image: the numbers behind the classes of all labels, as shares of the image, f64[N]; and
how many each label has, i64[K]."""

Values = Callable[[Sequence[Item]], Iterable[Numbers]]
"""Images -> the numbers of each."""


def write_yolo(source: Source, out: Path, values: Values) -> None:
    """Write images/<split>/, labels/<split>/*.txt and a data.yaml that works from any folder."""
    for split in source.splits:
        images, labels = (make_folder(out / n / split) for n in ("images", "labels"))
        for some in batches(source.items(split)):
            texts = [
                lines_of(np.array(item.labels.classes, np.int64), counts, numbers)
                for item, (numbers, counts) in zip(some, values(some), strict=True)
            ]
            for item, text in zip(some, texts, strict=True):
                copy_image(item, images)
                write_unseen(f"{labels}/{item.stem}.txt", text)
    text = _data_yaml(source.splits, source.classes.names)
    write_bytes(out / "data.yaml", text.encode())


def apart(items: Sequence[Item], shares: np.ndarray) -> Iterator[Numbers]:
    """For each image its own of those of all: every label has the same count, f64[K, count]."""
    ends = itertools.accumulate(counts_of(items), initial=0)
    for first, last in itertools.pairwise(ends):
        yield shares[first:last].ravel(), np.full(last - first, shares.shape[1])


def _data_yaml(splits: tuple[str, ...], names: tuple[str, ...]) -> str:
    # no "path" entry: readers then resolve the folders against the place of this file
    lines = [f"{json.dumps(split)}: {json.dumps(f'images/{split}')}" for split in splits]
    first = json.dumps(f"images/{splits[0]}")
    lines += [f"{word}: {first}" for word in ("train", "val") if word not in splits]
    lines += ["names:", *(f"  {i}: {json.dumps(name)}" for i, name in enumerate(names))]
    return "\n".join(lines) + "\n"
