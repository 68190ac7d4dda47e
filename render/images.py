"""Copying a dataset's images into an export."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.format import Source
from simulator.errors import DataError, OutputError


def copy_image(source: Source, image: Mapping[str, Any], folder: Path) -> str:
    """Copy one image into a folder under its own name; returns that name.

    Raises:
        DataError: the image's path leaves the dataset, or it is not there.
        OutputError: it cannot be written.
    """
    path = Path(str(image["file_name"]))
    if path.is_absolute() or ".." in path.parts:
        raise DataError(f"names an image outside the dataset: {path}", place=str(source.root))
    if not (source.root / path).is_file():
        raise DataError(
            f"has no image {path}", place=str(source.root), mend="Run fairweather verify"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.root / path, folder / path.name)
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", place=str(folder)) from error
    return path.name
