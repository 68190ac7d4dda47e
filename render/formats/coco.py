"""COCO as its readers expect it: images/<split>/, annotations/instances_<split>.json."""

from __future__ import annotations

import json
from pathlib import Path

from render.files import write_bytes
from render.format import Format, Source
from render.images import copy_image


def _write(source: Source, out: Path) -> None:
    for split, coco in source.splits.items():
        images = []
        for image in coco["images"]:
            name = copy_image(source, image, out / "images" / split)
            images.append({**image, "file_name": name})
        text = json.dumps({**coco, "images": images}, separators=(",", ":"))
        (out / "annotations").mkdir(exist_ok=True)
        write_bytes(out / "annotations" / f"instances_{split}.json", text.encode())


FORMAT = Format("COCO: run-length masks, attributes, images/<split>", _write)
