"""COCO as its readers expect it: images/<split>/, annotations/instances_<split>.json."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import orjson

from render.files import make_folder
from render.format import Format, Source
from render.images import copy_image


def _write(source: Source, out: Path) -> None:
    folder = make_folder(out / "annotations")
    for split in source.splits:
        temporary = folder / f".{split}.part"
        with temporary.open("wb") as file, tempfile.TemporaryFile(dir=folder) as tail:
            file.write(b'{"info":')
            file.write(orjson.dumps({"description": f"Fairweather, split {split}"}))
            file.write(b',"categories":' + orjson.dumps(source.categories) + b',"images":[')
            some = False
            for i, item in enumerate(source.items(split)):
                name = copy_image(item, out / "images" / split)
                file.write(b"," * (i > 0) + orjson.dumps({**item.image, "file_name": name}))
                if item.labels:
                    records = orjson.dumps([_plain(label) for label in item.labels])
                    tail.write(b"," * some + records[1:-1])
                    some = True
            file.write(b'],"annotations":[')
            tail.seek(0)
            shutil.copyfileobj(tail, file, 1 << 20)
            file.write(b"]}\n")
        temporary.replace(folder / f"instances_{split}.json")


def _plain(label: Any) -> dict[str, Any]:
    record = dict(label)
    del record["class_index"]
    return record


FORMAT = Format("COCO: run-length masks, attributes, images/<split>", "", _write)
