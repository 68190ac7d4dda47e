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
        DataError: it cannot be read. OutputError: it cannot be written.
    """
    name = name or item.name
    target = f"{folder}{os.sep}{name}"
    try:
        copy_unseen(item.file, target)
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})", place=target,
            mend="Make room or choose another out=",
        ) from error  # fmt: skip
    return name
