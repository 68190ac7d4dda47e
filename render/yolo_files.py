"""The layout that all YOLO formats share: images/, labels/, data.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from render.files import make_folder, write_bytes, write_unseen
from render.format import Item, Source
from render.images import copy_image

Values = Callable[[Item], Sequence[Sequence[float]]]
"""Image -> of each label the numbers behind the class, as shares of the image."""


def write_yolo(source: Source, out: Path, values: Values) -> None:
    """Write images/<split>/, labels/<split>/*.txt and a data.yaml that works from any folder."""
    for split in source.splits:
        images, labels = (make_folder(out / n / split) for n in ("images", "labels"))
        for item in source.items(split):
            name = copy_image(item, images)
            text = _lines(item.labels.classes, values(item))
            write_unseen(f"{labels}/{Path(name).stem}.txt", text.encode())
    text = _data_yaml(source.splits, source.classes.names)
    write_bytes(out / "data.yaml", text.encode())


def _lines(classes: Sequence[int], rows: Sequence[Sequence[float]]) -> str:
    form = "".join(["%d" + " %.6f" * len(row) + "\n" for row in rows])
    values: list[float] = []
    for place, row in zip(classes, rows, strict=True):
        values += (place, *row)
    return form % tuple(values)


def _data_yaml(splits: tuple[str, ...], names: tuple[str, ...]) -> str:
    # no "path" entry: readers then resolve the folders against the place of this file
    lines = [f"{json.dumps(split)}: {json.dumps(f'images/{split}')}" for split in splits]
    first = json.dumps(f"images/{splits[0]}")
    lines += [f"{word}: {first}" for word in ("train", "val") if word not in splits]
    lines += ["names:", *(f"  {i}: {json.dumps(name)}" for i, name in enumerate(names))]
    return "\n".join(lines) + "\n"
