"""Scenes made elsewhere: is one whole, and taking those of other folders into this one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from render.coco_reader import read_json
from render.files import write_bytes
from render.image_reader import read_file
from render.manifest import sha256_file
from render.other_settings import difference
from render.part import files_of_part
from render.progress import progress
from render.scene_job import WORK
from simulator.errors import DataError, OutputError

MAX_PART_BYTES = 1 << 30


def scene_done(root: Path, index: int) -> bool:
    """Whether a scene's part file is there and its files are as it says."""
    files = files_of_part(root / WORK / f"{index:06d}.part")
    return files is not None and all(_whole(root, *file) for file in files)


def take_parts(root: Path, folders: list[Path], identity: str, count: int) -> None:
    """Copy the finished scenes of other folders into this one; what is here already stays.

    Args:
        root: an unfinished dataset. folders: others, of the same settings but for the range.
        identity: what the marker of this one says. count: its number of scenes.

    Raises:
        DataError: a folder is no unfinished dataset, is of other settings, holds a scene that is
            beyond the count, or a file that is not as it was made. OutputError: no room.
    """
    found: dict[int, Path] = {}
    for folder in folders:
        _same_but_range(folder, identity)
        for part in sorted((folder / WORK).glob("*.part")):
            if not part.stem.isdigit():
                continue  # half-written, by a run that was killed
            if int(part.stem) >= count:
                raise DataError(
                    f"has scene {int(part.stem)}, beyond the {count} that are asked for",
                    place=str(folder), mend="Give the whole number as scenes=N",
                )  # fmt: skip
            found.setdefault(int(part.stem), folder)
    with progress("joining", len(found), "scenes") as advance:
        for done, (index, folder) in enumerate(sorted(found.items()), 1):
            if not scene_done(root, index):
                _take(root, folder, index)
            advance(done, "")


def told_of_part(folder: Path) -> dict[str, Any]:
    """What a part says that it is: generator and settings.

    Raises:
        DataError: it is no unfinished dataset.
    """
    try:
        return read_json(folder / WORK / "dataset.json")
    except DataError:
        raise DataError(
            "is no part of a dataset", place=str(folder), mend="Make it with scenes=A..B"
        ) from None


def _same_but_range(folder: Path, identity: str) -> None:
    theirs = told_of_part(folder)
    ours = json.loads(identity)
    for told in (theirs, ours):
        if isinstance(told.get("config"), dict):
            told["config"].pop("scenes", None)
    if other := difference(theirs, ours):
        raise DataError(
            f"is part of a dataset of other settings: {other}", place=str(folder),
            mend="All parts need the same settings and version",
        )  # fmt: skip


def _take(root: Path, folder: Path, index: int) -> None:
    part = folder / WORK / f"{index:06d}.part"
    files = files_of_part(part)
    if files is None:
        raise DataError("is broken", place=str(part), mend="Make that part anew")
    for path, digest, size in files:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise DataError(f"names a file outside: {path!r:.80}", place=str(part))
        if not _whole(folder, path, digest, size):
            raise DataError(
                "is not as it was made", place=str(folder / path), mend="Make that part anew"
            )
        try:
            (root / path).unlink(missing_ok=True)  # a link there leads to what is not ours
            shutil.copyfile(folder / path, root / path)
        except OSError as error:
            raise OutputError(
                f"cannot be written ({error.strerror})", place=str(root / path),
                mend="Make room and start again: joined scenes are kept",
            ) from error  # fmt: skip
    write_bytes(root / WORK / part.name, read_file(part, MAX_PART_BYTES))


def _whole(root: Path, path: str, digest: str, size: int) -> bool:
    file = root / path
    if file.is_symlink() or not file.is_file() or file.stat().st_size != size:
        return False
    return sha256_file(file) == digest
