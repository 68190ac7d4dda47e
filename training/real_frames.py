"""A user's real frames, made ready for a study: at one scale, cut into folds by scene.

Frames of one scene look alike: a fold is tested by a model that saw none of its scenes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from render.encode import jpeg
from render.files import make_folder, write_bytes, write_json
from render.store import Truth, load_bgr
from simulator.seeding import stream

QUALITY = 95
WHOLE = "annotations.json"


def rescaled(truth: Truth, scale: float, folder: Path) -> Path:
    """Write the frames of a truth at another scale as a COCO dataset of vehicles; made once.

    Args:
        scale: enlargement of each frame, such that a car is as long as in our frames.
    """
    place = folder / WHOLE
    if place.is_file():
        return place
    images = make_folder(str(folder / "images"))
    records, sizes = [], []
    for i, path in enumerate(truth.path):
        bgr = load_bgr(path)
        size = tuple(max(round(side * scale), 1) for side in bgr.shape[1::-1])
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = bgr if scale == 1 else cv2.resize(bgr, size, interpolation=way)
        name = f"{i:05d}.jpg"
        write_bytes(images / name, jpeg(np.ascontiguousarray(small), QUALITY))
        sizes.append([size[0] / bgr.shape[1], size[1] / bgr.shape[0]])
        records.append(
            {"id": i + 1, "file_name": name, "width": size[0], "height": size[1],
             "scene": truth.scene[i]}
        )  # fmt: skip
    factor = np.tile(np.array(sizes).reshape(-1, 2)[truth.image], 2)
    box = truth.box_px * factor
    wide = np.concatenate([box[:, :2], box[:, 2:] - box[:, :2]], axis=1).round(2)
    annotations = [
        {"id": k + 1, "image_id": int(i) + 1, "category_id": 1, "bbox": b,
         "area": round(b[2] * b[3], 2), "iscrowd": int(c)}
        for k, (i, b, c) in enumerate(zip(truth.image, wide.tolist(), truth.crowd, strict=True))
    ]  # fmt: skip
    categories = [{"id": 1, "name": "vehicle"}]
    write_json(
        place, {"images": records, "annotations": annotations, "categories": categories}
    )  # fmt: skip
    return place


def folds(scenes: Sequence[str], count: int, seed: int) -> list[set[str]]:
    """Cut scenes into at most so many sets of like number, every scene in one."""
    names = sorted(set(scenes))
    order = stream(seed, 0, "real/folds").permutation(len(names)).tolist()
    number = min(count, len(names))
    return [{names[k] for k in order[i::number]} for i in range(number)]


def part_of(place: Path, name: str, scenes: set[str], most: int, seed: int) -> Path:
    """Write the frames of some scenes of a rescaled dataset as a file beside it.

    Args:
        most: so many frames at most, drawn evenly over the scenes' order; 0 takes all. A larger
            part holds every smaller one.
    """
    coco: dict[str, Any] = json.loads(place.read_text())
    mine = [r for r in coco["images"] if r["scene"] in scenes]
    order = stream(seed, 0, "real/shots").permutation(len(mine)).tolist()
    kept = [mine[k] for k in sorted(order[: most or len(mine)])]
    ids = {r["id"] for r in kept}
    boxes = [r for r in coco["annotations"] if r["image_id"] in ids]
    target = place.with_name(f"{name}.json")
    write_json(target, {**coco, "images": kept, "annotations": boxes})
    return target
