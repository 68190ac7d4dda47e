"""The job ``export``: a native dataset in a format that other tools read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from render.coco_reader import read_json
from render.files import make_folder
from render.format import Source
from render.formats import FORMATS
from render.store import open_dataset, read_split
from simulator.errors import OutputError


def export(folder: Path, name: str, out: Path) -> Path:
    """Write a dataset in another format, whole or not at all.

    Args:
        folder: a native dataset. name: a member of FORMATS. out: a folder that is not there yet.

    Raises:
        ConfigError: unknown format. DataError: broken dataset. OutputError: out cannot be written.
    """
    form = FORMATS[name]
    dataset = open_dataset(folder)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError("is there already", place=str(out), mend="Choose another out=")
    if out.resolve().is_relative_to(folder.resolve()):
        raise OutputError("lies inside the dataset", place=str(out), mend="Choose another out=")
    for split in dataset.splits:
        read_split(dataset, split)  # formats copy the records: let none be broken
    splits = {s: read_json(dataset.root / "annotations" / f"{s}.json") for s in dataset.splits}
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    make_folder(partial)
    try:
        form.write(Source(dataset.root, dataset.info, splits), partial)
        if out.exists():
            out.rmdir()
        partial.replace(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return out
