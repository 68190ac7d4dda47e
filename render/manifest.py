"""The manifest: SHA-256 of every file as ``sha256sum -c`` reads it; its own hash is the root."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from simulator.errors import DataError, OutputError

MANIFEST = "manifest-sha256.txt"


def sha256_file(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_inside(out: Path, *, itself: bool = True) -> None:
    """Refuse a place in a dataset: its manifest would not name what is written there.

    Args:
        itself: whether ``out`` must not be a dataset either.

    Raises:
        OutputError: it lies in one.
    """
    place = out.resolve()
    for folder in (place, *place.parents) if itself else place.parents:
        if (folder / "dataset.json").is_file() and (folder / "annotations").is_dir():
            raise OutputError(
                f"lies inside the dataset {folder}", place=str(out), mend="Choose another out="
            )


def manifest_text(hashes: Iterable[tuple[str, str]]) -> str:
    """The manifest of (path, hex) pairs, sorted by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes))


def read_manifest(root: Path) -> dict[str, str]:
    """Path -> hex of a dataset's manifest.

    Raises:
        DataError: no manifest, a line of another form, a path that leaves the folder, a repetition.
    """
    path = root / MANIFEST
    if not path.is_file():
        raise DataError("has no manifest", place=str(root), mend="Is the dataset finished?")
    found: dict[str, str] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            digest, gap, name = line.rstrip("\n").partition("  ")
            place = f"{path}:{number}"
            if not gap or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
                raise DataError(f"is no line of a manifest: {line[:60]!r}", place=place)
            parts = Path(name).parts
            if not parts or Path(name).is_absolute() or ".." in parts or "\0" in name:
                raise DataError(f"names a path outside the dataset: {name[:60]!r}", place=place)
            if name in found:
                raise DataError(f"names '{name}' twice", place=place)
            found[name] = digest
    return found
