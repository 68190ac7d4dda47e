"""YOLO detection: images/<split>/, labels/<split>/*.txt, data.yaml that works from any folder."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from render.files import write_bytes
from render.format import Format, Source
from render.images import copy_image


def _write(source: Source, out: Path) -> None:
    names = source.info["classes"]
    for split, coco in source.splits.items():
        boxes: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for annotation in coco["annotations"]:
            if "bbox" in annotation:  # COCO allows annotations without a box
                boxes[annotation["image_id"]].append(annotation)
        (out / "labels" / split).mkdir(parents=True, exist_ok=True)
        for image in coco["images"]:
            name = copy_image(source, image, out / "images" / split)
            text = "".join(_line(a, image) for a in boxes[image["id"]])
            write_bytes(out / "labels" / split / f"{Path(name).stem}.txt", text.encode())
    write_bytes(out / "data.yaml", _data_yaml(list(source.splits), names).encode())


def _line(annotation: dict[str, Any], image: dict[str, Any]) -> str:
    """Class, then centre and size as shares of the image."""
    x, y, w, h = annotation["bbox"]
    width, height = image["width"], image["height"]
    values = ((x + w / 2) / width, (y + h / 2) / height, w / width, h / height)
    return f"{annotation['category_id'] - 1} " + " ".join(f"{v:.6f}" for v in values) + "\n"


def _data_yaml(splits: list[str], names: list[str]) -> str:
    # no "path" entry: readers then resolve the folders against the place of this file
    first = splits[0]
    lines = [f"{split}: images/{split}" for split in splits]
    lines += [f"{word}: images/{first}" for word in ("train", "val") if word not in splits]
    lines += ["names:", *(f"  {i}: {name}" for i, name in enumerate(names))]
    return "\n".join(lines) + "\n"


FORMAT = Format("YOLO detection: labels/<split>/*.txt and data.yaml", _write)
