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
SIGN, LAMP = 3, 7
LAMPS = {
    "off": (20, 20, 20),
    "red": (30, 30, 230),
    "yellow": (30, 220, 230),
    "green": (60, 220, 60),
}
"""Of ``turned`` toys: what a lamp shows; its class does not tell."""

Told = dict[str, Any]


def write_toy(
    folder: Path,
    scenes: int = 6,
    seed: int = 1,
    split: str = "train",
    conditions: tuple[str, ...] = ("clear",),
    side: int = 256,
    objects: int = 6,
    turned: bool = False,
) -> Path:
    """A dataset of ``scenes`` scenes, one frame each, in every condition (fog hides them).

    Those that are ``turned`` hold cars at any angle with their oriented boxes, lamps of one class
    with their aspects, and two types of sign.
    """
    for name in (f"images/{split}", "annotations"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for scene in range(scenes):
        rng = stream(seed, scene, f"toy/{split}")
        picture, boxes, told = (_draw_turned if turned else _draw)(rng, side, objects)
        geometry = hashlib.sha256(f"{seed}/{split}/{scene}/{boxes}".encode()).hexdigest()
        for condition in conditions:
            name = f"images/{split}/{scene:06d}_0000_{condition}.png"
            cv2.imwrite(str(folder / name), _weathered(picture, condition))
            images.append(
                _image(len(images) + 1, name, seed, split, scene, condition, geometry, side)
            )
            for (category, box), more in zip(boxes, told, strict=True):
                contrast = 0.3 if condition == "fog" else 1.0
                key = len(annotations) + 1
                made = _annotation(key, len(images), category, [*box], contrast)
                made["attributes"] |= more
                annotations.append(made)
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
) -> tuple[np.ndarray, list[tuple[int, tuple[int, int, int, int]]], list[Told]]:
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
    return picture, boxes, [{} for _ in boxes]


def _draw_turned(
    rng: np.random.Generator, side: int, objects: int
) -> tuple[np.ndarray, list[tuple[int, tuple[int, int, int, int]]], list[Told]]:
    picture = rng.integers(70, 120, (side, side, 3)).astype(np.uint8)
    boxes, told = [], []
    for cell in rng.permutation(9)[:objects]:
        middle = (np.array([cell % 3, cell // 3]) + 0.5) * side / 3 + rng.uniform(-12, 12, 2)
        cx, cy = middle.tolist()
        category, angle, more = int(rng.choice([0, 0, SIGN, LAMP])), 0.0, {}
        w, h = (44.0, 20.0) if category == 0 else (22.0, 22.0)
        if category == 0:
            angle = float(rng.uniform(-np.pi, np.pi))
            more["obb"] = [cx, cy, w, h, angle]
            colour = COLOURS[0]
        elif category == LAMP:
            more["aspect"] = str(rng.choice(list(LAMPS)))
            colour = LAMPS[more["aspect"]]
        else:
            more["sign"] = str(rng.choice(["stop", "yield"]))
            colour = COLOURS[SIGN] if more["sign"] == "stop" else (230, 230, 230)
        along = np.array([np.cos(angle), np.sin(angle)]) * w / 2
        across = np.array([-np.sin(angle), np.cos(angle)]) * h / 2
        corners = np.array([-along - across, along - across, along + across, across - along])
        if more.get("sign") == "yield":
            corners = corners[:3]
        corners += [cx, cy]
        cv2.fillPoly(picture, [np.round(corners * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
        x0, y0 = np.floor(corners.min(axis=0)).astype(int).tolist()
        x1, y1 = np.ceil(corners.max(axis=0)).astype(int).tolist()
        boxes.append((category, (x0, y0, x1 - x0, y1 - y0)))
        told.append(more)
    return picture, boxes, told


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
        "truncation": 0.0, "contrast_left": contrast, "obb": None, "aspect": None, "sign": None,
    }  # fmt: skip
    return {
        "id": key, "image_id": image, "category_id": category + 1, "bbox": bbox, "area": area,
        "iscrowd": 0, "attributes": attributes,
    }  # fmt: skip
