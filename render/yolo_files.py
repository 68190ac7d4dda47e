"""The layout that all YOLO formats share: images/, labels/, data.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from render.files import make_folder, write_bytes
from render.format import Item, Source
from render.images import copy_image

Values = Callable[[Mapping[str, Any], Item], Iterable[float]]
"""(label, image) -> the numbers behind the class, as shares of the image."""


def write_yolo(source: Source, out: Path, values: Values) -> None:
    """Write images/<split>/, labels/<split>/*.txt and a data.yaml that works from any folder."""
    for split in source.splits:
        labels = make_folder(out / "labels" / split)
        for item in source.items(split):
            name = copy_image(item, out / "images" / split)
            lines = (
                f"{a['class_index']} " + " ".join(f"{v:.6f}" for v in values(a, item)) + "\n"
                for a in item.labels
            )
            write_bytes(labels / f"{Path(name).stem}.txt", "".join(lines).encode())
    text = _data_yaml(source.splits, source.classes.names)
    write_bytes(out / "data.yaml", text.encode())


def _data_yaml(splits: tuple[str, ...], names: tuple[str, ...]) -> str:
    # no "path" entry: readers then resolve the folders against the place of this file
    lines = [f"{json.dumps(split)}: {json.dumps(f'images/{split}')}" for split in splits]
    first = json.dumps(f"images/{splits[0]}")
    lines += [f"{word}: {first}" for word in ("train", "val") if word not in splits]
    lines += ["names:", *(f"  {i}: {json.dumps(name)}" for i, name in enumerate(names))]
    return "\n".join(lines) + "\n"
