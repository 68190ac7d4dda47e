"""The layout that all YOLO formats share: images/, labels/, data.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from render.files import make_folder, write_bytes, write_unseen
from render.format import Item, Source
from render.images import copy_image
from render.yolo_text import lines_of

Values = Callable[[Item], tuple[np.ndarray, np.ndarray]]
"""Image -> the numbers behind the classes of all labels, as shares of the image, f64[N]; and how
many each label has, i64[K]."""


def write_yolo(source: Source, out: Path, values: Values) -> None:
    """Write images/<split>/, labels/<split>/*.txt and a data.yaml that works from any folder."""
    for split in source.splits:
        images, labels = (make_folder(out / n / split) for n in ("images", "labels"))
        for item in source.items(split):
            name = copy_image(item, images)
            numbers, counts = values(item)
            text = lines_of(np.array(item.labels.classes, np.int64), counts, numbers)
            write_unseen(f"{labels}/{Path(name).stem}.txt", text)
    text = _data_yaml(source.splits, source.classes.names)
    write_bytes(out / "data.yaml", text.encode())


def each(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same count of numbers for every label, f64[K, count], as ``Values`` give them."""
    return shares.ravel(), np.full(len(shares), shares.shape[1])


def _data_yaml(splits: tuple[str, ...], names: tuple[str, ...]) -> str:
    # no "path" entry: readers then resolve the folders against the place of this file
    lines = [f"{json.dumps(split)}: {json.dumps(f'images/{split}')}" for split in splits]
    first = json.dumps(f"images/{splits[0]}")
    lines += [f"{word}: {first}" for word in ("train", "val") if word not in splits]
    lines += ["names:", *(f"  {i}: {json.dumps(name)}" for i, name in enumerate(names))]
    return "\n".join(lines) + "\n"
