"""Copying a dataset's images into an export."""

from __future__ import annotations

from pathlib import Path

from render.files import write_whole
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
    try:
        if _size(target) != item.path.stat().st_size:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(target, item.path.read_bytes())
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})", place=str(target),
            mend="Make room or choose another out=",
        ) from error  # fmt: skip
    return name


def _size(path: Path) -> int:
    """Bytes of a file, -1 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
