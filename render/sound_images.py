"""A quick look at images: are their records and files as our own datasets have them?

What fails here may still be sound; ``coco_reader.image_fields`` and ``store.native_image`` then
look closely, and say what is amiss.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.coco_reader import MAX_SIDE_PX

MOST_WHOLE, MOST_FRAME, MOST_DEPTH = 2**53, 2**31 - 1, 1e6
MOST_SIGNS, MOST_HASH_SIGNS = 500, 64
"""Of all words of a record together, and of its hash."""


def sound_record(record: Mapping[str, Any]) -> bool:
    """Whether an image's record has every field that is relied on, in bounds."""
    try:
        known = record["attributes"]
        width, height, frame = record["width"], record["height"], known["frame"]
        wholes = (record["id"], known["scene_index"], known["seed"], width, height, frame)
        geometry, depth = known["geometry_sha256"], known["optical_depth"]
        words = record["file_name"] + known["split"] + known["condition"] + known["layout"]
        signs = words + geometry
    except (KeyError, TypeError):
        return False
    return (
        set(map(type, wholes)) == {int}
        and min(wholes) >= 0 and max(wholes) <= MOST_WHOLE and frame <= MOST_FRAME
        and 0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX
        and type(signs) is str and len(signs) <= MOST_SIGNS and signs.isprintable()
        and len(geometry) <= MOST_HASH_SIGNS
        and type(depth) in (int, float) and -1 <= depth <= MOST_DEPTH
    )  # fmt: skip


class PlainFiles:
    """Finds files below a root without following a link; a folder on the way is looked at once."""

    def __init__(self, root: Path) -> None:
        self._root = str(root.absolute())
        self._plain: set[str] = set()

    def find(self, name: str) -> tuple[str, int] | None:
        """The absolute path of the regular file of that name, if its way is a plain one, and how
        many bytes it has.
        """
        at = name.rfind("/") + 1
        folder, path = name[:at], f"{self._root}{os.sep}{name}"
        if "\\" in name or name[at:] in _NO_NAMES:
            return None
        try:
            if folder not in self._plain:
                way = self._root
                for part in folder.split("/")[:-1]:
                    way = f"{way}{os.sep}{part}"
                    if part in _NO_NAMES or os.path.islink(way):  # noqa: PTH114 - as below
                        return None
                self._plain.add(folder)
            found = os.lstat(path)  # a Path for each image costs more than the look
        except OSError:
            return None
        return (path, found.st_size) if stat.S_ISREG(found.st_mode) else None


_NO_NAMES = ("", ".", "..")
