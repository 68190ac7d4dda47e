"""Tiny datasets of coloured rectangles in the native layout, written without the renderer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simulator.seeding import stream

CLASSES = (
    "car", "truck", "bus", "stop_sign", "light_red", "light_yellow", "light_green", "light_off",
)  # fmt: skip
COLOURS = {0: (200, 60, 40), 1: (60, 200, 60), 3: (30, 30, 220)}
SIZES = {0: (40, 20), 1: (60, 26), 3: (24, 24)}


def write_toy(
    folder: Path,
    scenes: int = 6,
    seed: int = 1,
    split: str = "train",
    conditions: tuple[str, ...] = ("clear",),
    side: int = 256,
    objects: int = 6,
) -> Path:
    """A dataset of ``scenes`` scenes, one frame each, in every condition (fog hides them)."""
    for name in (f"images/{split}", "annotations"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for scene in range(scenes):
        picture, boxes = _draw(stream(seed, scene, f"toy/{split}"), side, objects)
        geometry = hashlib.sha256(f"{seed}/{split}/{scene}/{boxes}".encode()).hexdigest()
        for condition in conditions:
            name = f"images/{split}/{scene:06d}_0000_{condition}.png"
            cv2.imwrite(str(folder / name), _weathered(picture, condition))
            images.append(
                _image(len(images) + 1, name, seed, split, scene, condition, geometry, side)
            )
            for category, (x, y, w, h) in boxes:
                contrast = 0.3 if condition == "fog" else 1.0
                annotations.append(
                    _annotation(len(annotations) + 1, len(images), category, [x, y, w, h], contrast)
                )
    categories = [{"id": i + 1, "name": n} for i, n in enumerate(CLASSES)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / f"annotations/{split}.json").write_text(json.dumps(coco))
    info = {
        "format_version": 1, "generator": "toy", "seed": seed, "split": split,
        "classes": list(CLASSES), "conditions": {c: {} for c in conditions},
        "splits": {split: {"scenes": scenes, "images": len(images)}},
        "lineage": [{"seed": seed, "split": split, "first": 0, "last": scenes - 1}],
    }  # fmt: skip
    (folder / "dataset.json").write_text(json.dumps(info))
    return folder


def _draw(
    rng: np.random.Generator, side: int, objects: int
) -> tuple[np.ndarray, list[tuple[int, tuple[int, int, int, int]]]]:
    picture = rng.integers(70, 120, (side, side, 3)).astype(np.uint8)
    cells = rng.permutation(9)[:objects]
    boxes = []
    for cell in cells:
        category = int(rng.choice(list(COLOURS)))
        w, h = SIZES[category] if rng.random() < 0.5 else SIZES[category][::-1]
        x = int(cell % 3 * side / 3 + rng.integers(0, side // 3 - w))
        y = int(cell // 3 * side / 3 + rng.integers(0, side // 3 - h))
        picture[y : y + h, x : x + w] = COLOURS[category]
        boxes.append((category, (x, y, w, h)))
    return picture, boxes


def _weathered(picture: np.ndarray, condition: str) -> np.ndarray:
    if condition != "fog":
        return picture
    grain = stream(0, 0, "toy/fog").normal(0, 12, picture.shape)
    return np.clip(picture * 0.1 + 0.9 * 190 + grain, 0, 255).astype(np.uint8)


def _image(
    key: int, name: str, seed: int, split: str, scene: int, condition: str, geometry: str, side: int
) -> dict[str, Any]:
    attributes = {
        "scene": f"{scene:06d}", "scene_index": scene, "seed": seed, "split": split, "frame": 0,
        "condition": condition, "layout": "toy", "optical_depth": 0.1, "geometry_sha256": geometry,
    }  # fmt: skip
    return {
        "id": key, "file_name": name, "width": side, "height": side, "attributes": attributes,
    }  # fmt: skip


def _annotation(
    key: int, image: int, category: int, bbox: list[int], contrast: float
) -> dict[str, Any]:
    area = bbox[2] * bbox[3]
    attributes = {
        "instance_id": key, "visible_area": area, "full_area": area, "occlusion": 0.0,
        "truncation": 0.0, "contrast_left": contrast,
    }  # fmt: skip
    return {
        "id": key, "image_id": image, "category_id": category + 1, "bbox": bbox, "area": area,
        "iscrowd": 0, "attributes": attributes,
    }  # fmt: skip
