"""The contract of an export format: the constant FORMAT of a module in ``render/formats``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Source:
    """A native dataset as a format's writer sees it.

    Attributes:
        root: its folder. info: content of dataset.json.
        splits: split -> COCO content (images, annotations, categories).
    """

    root: Path
    info: Mapping[str, Any]
    splits: Mapping[str, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Format:
    """One format: a title for people, and ``write(source, out)`` into an empty folder."""

    title: str
    write: Callable[[Source, Path], None]
