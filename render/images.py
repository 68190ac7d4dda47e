"""Copying a dataset's images into an export."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from render.format import Item
from simulator.errors import OutputError


def copy_image(item: Item, folder: Path, name: str = "") -> str:
    """Copy one image into a folder, under its own name unless another is given; returns the name.

    One that is there already, whole, is left: an interrupted export goes on.

    Raises:
        OutputError: it cannot be written.
    """
    name = name or item.path.name
    target = folder / name
    temporary = folder / f".{name}.{os.getpid()}.part"
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        elif target.is_file() and target.stat().st_size == item.path.stat().st_size:
            return name
        shutil.copyfile(item.path, temporary)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(
            f"cannot be written ({error.strerror})", place=str(target),
            mend="Make room or choose another out=",
        ) from error  # fmt: skip
    return name
