"""COCO as its readers expect it: images/<split>/, annotations/instances_<split>.json."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import orjson

from render.files import make_folder
from render.format import Format, Source
from render.images import copy_image
from render.item_batches import batches


def _write(source: Source, out: Path) -> None:
    folder = make_folder(out / "annotations")
    for split in source.splits:
        images = make_folder(out / "images" / split)
        temporary = folder / f".{split}.part"
        with temporary.open("wb") as file, tempfile.TemporaryFile(dir=folder) as tail:
            file.write(b'{"info":')
            file.write(orjson.dumps({"description": f"Fairweather, split {split}"}))
            file.write(b',"categories":' + orjson.dumps(source.categories) + b',"images":[')
            image_comma = label_comma = b""
            for some in batches(source.items(split)):
                told = [orjson.dumps({**item.image, "file_name": item.name}) for item in some]
                file.write(image_comma + b",".join(told))
                image_comma = b","
                labels = [item.labels.joined(source.classes.ids) for item in some if item.labels]
                if labels:
                    tail.write(label_comma + b",".join(labels))
                    label_comma = b","
                for item in some:
                    copy_image(item, images)
            file.write(b'],"annotations":[')
            tail.seek(0)
            shutil.copyfileobj(tail, file, 1 << 20)
            file.write(b"]}\n")
        temporary.replace(folder / f"instances_{split}.json")


FORMAT = Format(
    "COCO: run-length masks, attributes, images/<split>", "semantic and height maps", _write
)
