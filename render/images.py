"""Copying a dataset's images into an export."""

from __future__ import annotations

import os
from pathlib import Path

from render.files import copy_whole
from render.format import Item
from simulator.errors import OutputError


def copy_image(item: Item, folder: Path, name: str = "") -> str:
    """Copy one image into a folder, under its own name unless another is given; returns the name.

    One that is there already, whole, is left: an interrupted export goes on.

    Raises:
        OutputError: it cannot be written.
    """
    name = name or item.path.name
    target = f"{folder}{os.sep}{name}"
    try:
        if _size(target) != os.stat(item.path).st_size:  # noqa: PTH116 - a call for each image
            if not os.path.isdir(folder):  # noqa: PTH112
                folder.mkdir(parents=True, exist_ok=True)
            copy_whole(item.path, target)
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})", place=target,
            mend="Make room or choose another out=",
        ) from error  # fmt: skip
    return name


def _size(path: str) -> int:
    """Bytes of a file, -1 where there is none."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except FileNotFoundError:
        return -1
