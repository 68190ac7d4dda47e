"""Copying a dataset's images into an export."""

from __future__ import annotations

import os
from pathlib import Path

from render.files import copy_unseen
from render.format import Item
from simulator.errors import OutputError


def copy_image(item: Item, folder: Path, name: str = "") -> str:
    """Copy one image into a folder, under its own name unless another is given; returns the name.

    One that is there already, whole, is left: an interrupted export goes on.

    Raises:
        OutputError: it cannot be written.
    """
    name = name or item.name
    source, target = item.file, f"{folder}{os.sep}{name}"
    try:
        if not _as_long(target, source):
            copy_unseen(source, target)
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})", place=target,
            mend="Make room or choose another out=",
        ) from error  # fmt: skip
    return name


def _as_long(path: str, source: str) -> bool:
    """Whether a file is there, with as many bytes as another."""
    try:
        return os.stat(path).st_size == os.stat(source).st_size  # noqa: PTH116 - of each image
    except FileNotFoundError:
        return False
