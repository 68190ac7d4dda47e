"""The contract of an export format: the constant FORMAT of a module in ``render/formats``."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from render.label_columns import Labels
from render.taxonomy import Mapped


@dataclasses.dataclass(frozen=True)
class Item:
    """One image with its labels, checked.

    Attributes:
        image: its COCO record. file: the absolute path of its file. size: of that, bytes.
        labels: those with a box, as columns.
    """

    image: Mapping[str, Any]
    file: str
    size: int
    labels: Labels

    @property
    def path(self) -> Path:
        """The file; a text is cheaper for those who write millions."""
        return Path(self.file)

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.file[self.file.rfind(os.sep) + 1 :]

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        name = self.name
        return name[: _end(name)]

    @property
    def suffix(self) -> str:
        """The end of the name from its last dot on."""
        name = self.name
        return name[_end(name) :]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.image["width"], self.image["height"]

    def fact(self, name: str, default: Any = None) -> Any:
        """An attribute of the image's record."""
        return self.image.get("attributes", {}).get(name, default)


def _end(name: str) -> int:
    """Where the suffix begins, as pathlib has it."""
    at = name.rfind(".")
    return at if 0 < at < len(name) - 1 else len(name)


@dataclasses.dataclass(frozen=True)
class Source:
    """A native dataset as a format's writer sees it, under a taxonomy.

    Attributes:
        root: its folder. info: content of dataset.json. splits: names of its splits.
        classes: the classes under the taxonomy, and their COCO ids.
        categories: their COCO records.
        items: split -> its images in order, read as they are asked for.
    """

    root: Path
    info: Mapping[str, Any]
    splits: tuple[str, ...]
    classes: Mapped
    categories: tuple[Mapping[str, Any], ...]
    items: Callable[[str], Iterator[Item]]


@dataclasses.dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        title: for people. loses: what of a dataset it cannot hold, "" where nothing is lost.
        write: (source, folder) -> None. Nobody sees the folder before it is whole. It is empty, or
            holds what an interrupted run of the same export left, the last files perhaps in part.
        shards: (source, empty folder) -> the same files one by one, each when it is finished; who
            asks for the next may have taken it away. None: there are too many for that.
    """

    title: str
    loses: str
    write: Callable[[Source, Path], None]
    shards: Callable[[Source, Path], Iterator[Path]] | None = None
