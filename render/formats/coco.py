"""COCO as its readers expect it: images/<split>/, annotations/instances_<split>.json."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import orjson

from render.files import make_folder
from render.format import Format, Source
from render.images import copy_image


def _write(source: Source, out: Path) -> None:
    folder = make_folder(out / "annotations")
    for split in source.splits:
        images = make_folder(out / "images" / split)
        temporary = folder / f".{split}.part"
        with temporary.open("wb") as file, tempfile.TemporaryFile(dir=folder) as tail:
            file.write(b'{"info":')
            file.write(orjson.dumps({"description": f"Fairweather, split {split}"}))
            file.write(b',"categories":' + orjson.dumps(source.categories) + b',"images":[')
            some = False
            for i, item in enumerate(source.items(split)):
                name = copy_image(item, images)
                file.write(b"," * (i > 0) + orjson.dumps({**item.image, "file_name": name}))
                if item.labels:
                    tail.write(b"," * some + item.labels.joined(source.classes.ids))
                    some = True
            file.write(b'],"annotations":[')
            tail.seek(0)
            shutil.copyfileobj(tail, file, 1 << 20)
            file.write(b"]}\n")
        temporary.replace(folder / f"instances_{split}.json")


FORMAT = Format(
    "COCO: run-length masks, attributes, images/<split>", "semantic and height maps", _write
)
