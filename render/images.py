"""Copying a dataset's images into an export, alone or each with the text of its labels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from render.files import copy_unseen, make_folder, unwritable, write_unseen
from render.format import Item, Source
from render.item_batches import batches


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
        raise unwritable(target, error) from error
    return name


def copy_with_texts(
    source: Source, out: Path, folders: tuple[str, str],
    texts: Callable[[Sequence[Item]], list[bytes]],
) -> None:  # fmt: skip
    """Copy the images of every split, and write the text of each into a file of the same name.

    Args:
        folders: of images and of texts, below that of a split. texts: gives those of some images.
    """
    for split in source.splits:
        images, labels = (make_folder(out / split / name) for name in folders)
        for some in batches(source.items(split)):
            for item, text in zip(some, texts(some), strict=True):
                copy_image(item, images)
                write_unseen(f"{labels}/{item.stem}.txt", text)
