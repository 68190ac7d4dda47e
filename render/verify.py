"""Is a dataset what was written: every file there, none changed, none added."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from render.manifest import MANIFEST, read_manifest, sha256_file


@dataclasses.dataclass(frozen=True)
class Report:
    """What ``verify`` found: problems in words (none = as written), files checked, root hash."""

    problems: tuple[str, ...]
    files: int
    root_hash: str


def verify(folder: Path) -> Report:
    """Compare a dataset folder with its manifest.

    Raises:
        DataError: there is no manifest, or it is broken.
    """
    expected = read_manifest(folder)
    present = _files(folder)
    problems = [f"missing: {name}" for name in sorted(expected.keys() - present.keys())]
    problems += [f"extra: {name}" for name in sorted(present.keys() - expected.keys())]
    for name in sorted(expected.keys() & present.keys()):
        if present[name]:
            problems.append(f"a link, not a file: {name}")
        elif not (folder / name).is_file():
            problems.append(f"not a file: {name}")
        elif sha256_file(folder / name) != expected[name]:
            problems.append(f"changed: {name}")
    return Report(tuple(problems), len(expected), sha256_file(folder / MANIFEST))


def _files(folder: Path) -> dict[str, bool]:
    """Every file under the folder but the manifest -> whether it is a link."""
    found: dict[str, bool] = {}
    for base, folders, files in os.walk(folder):
        for name in [*files, *(f for f in folders if (Path(base) / f).is_symlink())]:
            path = Path(base) / name
            found[path.relative_to(folder).as_posix()] = path.is_symlink()
    found.pop(MANIFEST, None)
    return found
