"""Is a dataset what was written? In three depths: structure, hashes, and drawing it again."""

from __future__ import annotations

import dataclasses
import os
import secrets
from pathlib import Path

from render.config import VerifyConfig
from render.manifest import MANIFEST, read_manifest, sha256_file
from render.progress import show
from render.provenance import PROVENANCE
from simulator.errors import DataError

BESIDE = (MANIFEST, PROVENANCE, "signature.sigstore.json")
"""Files that the manifest does not name."""


@dataclasses.dataclass(frozen=True)
class Report:
    """What ``verify`` found.

    Attributes:
        problems: in words; none: as written. files: in the manifest. root_hash: its own hash.
        said: what was looked at, and what that can and cannot tell, line by line.
    """

    problems: tuple[str, ...]
    files: int
    root_hash: str
    said: tuple[str, ...] = ()


def verify(folder: Path) -> Report:
    """Compare a dataset folder with its manifest.

    Raises:
        DataError: there is no manifest, or it is broken.
    """
    expected = read_manifest(folder)
    problems = _names(folder, expected)
    told = {p.partition(": ")[2] for p in problems}
    for name in sorted(expected.keys() - told):
        if sha256_file(folder / name) != expected[name]:
            problems.append(f"changed: {name}")
    root_hash = sha256_file(folder / MANIFEST)
    said = f"{folder}: {len(expected)} files as written, root hash {root_hash}"
    return Report(tuple(problems), len(expected), root_hash, (said,))


def run(config: VerifyConfig) -> None:
    """The job: print what was looked at, or every problem.

    Raises:
        DataError: there are problems.
    """
    report = verify_deep(config)
    for line in report.problems or report.said:
        show(line)
    if report.problems:
        count = len(report.problems)
        raise DataError(f"{count} problem{'s' * (count > 1)} found", place=config.data)


def verify_deep(config: VerifyConfig) -> Report:
    """Look at a dataset as deep as is asked for.

    Raises:
        DataError: it is no dataset, or one that cannot be drawn again by this version.
    """
    folder = Path(config.data)
    signed = []
    if config.public_key is not None:
        from render.signature import check_signature

        root_hash = check_signature(folder, Path(config.public_key))
        signed = [f"signed by {config.public_key}: root hash {root_hash}"]
    report = _shallow(folder) if config.depth == "structure" else verify(folder)
    problems, said = list(report.problems), [*signed, *report.said]
    if config.depth == "structure" or config.sample:
        # these import pixels and kernels, which the hashes do not need
        from render.structure import structure_problems

        problems += structure_problems(folder)
    if config.sample and not problems:
        seed = secrets.randbelow(2**48) if config.seed is None else config.seed
        more, words = _again(folder, config.sample, seed)
        problems, said = problems + more, said + words
    return dataclasses.replace(report, problems=tuple(problems), said=tuple(said))


def _shallow(folder: Path) -> Report:
    expected = read_manifest(folder)
    root_hash = sha256_file(folder / MANIFEST)
    said = f"{folder}: {len(expected)} files are there and agree; none was hashed"
    return Report(tuple(_names(folder, expected)), len(expected), root_hash, (said,))


def _again(folder: Path, sample: int, seed: int) -> tuple[list[str], list[str]]:
    from render.regenerate import regenerate
    from render.warm import compile_once

    compile_once()
    found = regenerate(folder, sample, seed)
    way = (
        "equal to the byte"
        if found.exact
        else "labels and masks equal, pictures within 2 of 255 levels on 99.9 % of the pixels and "
        "within 1.5 on the mean of every 8x8 px: processor or libraries are not those of "
        "provenance.json, and an edit below that could hide"
    )
    share, one = 100 * found.found_with(0.01), 100 * found.found_with(0)
    what = (
        f"{found.frames} of {found.of} images drawn again from their records, "
        f"{found.scenes} scenes replayed: {way}"
    )
    sure = (
        "had 1 % of the images been edited, all hashes made anew, this sample would have met one "
        f"with probability {share:.1f} %; one edited image alone, {one:.1f} %. "
        f"seed={seed} draws the same sample"
    )
    return list(found.problems), [what, sure]


def _names(folder: Path, expected: dict[str, str]) -> list[str]:
    present = _files(folder)
    problems = [f"missing: {name}" for name in sorted(expected.keys() - present.keys())]
    problems += [f"extra: {name}" for name in sorted(present.keys() - expected.keys())]
    for name in sorted(expected.keys() & present.keys()):
        if present[name]:
            problems.append(f"a link, not a file: {name}")
        elif not (folder / name).is_file():
            problems.append(f"not a file: {name}")
    return problems


def _files(folder: Path) -> dict[str, bool]:
    """Every file under the folder but those beside the manifest -> whether it is a link."""
    found: dict[str, bool] = {}
    for base, folders, files in os.walk(folder):
        for name in [*files, *(f for f in folders if (Path(base) / f).is_symlink())]:
            path = Path(base) / name
            found[path.relative_to(folder).as_posix()] = path.is_symlink()
    for name in BESIDE:
        found.pop(name, None)
    return found
