"""Results written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import secrets
from collections.abc import Container
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from simulator.errors import DataError, OutputError


def make_folder(folder: str | Path) -> Path:
    """The folder, made if it was not there.

    Raises:
        OutputError: it cannot be made or written to.
    """
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder cannot be made ({error.strerror})",
            place=str(path),
            mend="Choose another out=",
        ) from error
    if not os.access(path, os.W_OK):
        raise OutputError("the folder is not writable", place=str(path), mend="Choose another out=")
    return path


def refuse_unwritable(folder: str | Path) -> None:
    """Refuse a folder that ``make_folder`` could not make or write to, without making it yet: for
    work that takes long, or whose other settings may be refused.

    Raises:
        OutputError: as ``make_folder``.
    """
    path = Path(folder)
    there = next((p for p in (path, *path.absolute().parents) if os.path.lexists(p)), path)
    if not there.is_dir():
        raise OutputError(
            f"the folder cannot be made ({there} is none)", place=str(path),
            mend="Choose another out=",
        )  # fmt: skip
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError("the folder is not writable", place=str(path), mend="Choose another out=")


_RUN = f"{secrets.randbelow(10**12):012d}.part"
"""Tells apart processes of equal number on machines that share a folder."""

TEMPORARY = re.compile(r"\..+\.\d+\.part")
"""Names of the files that a write killed half-way leaves behind."""

AT_ONCE = 1 << 20
"""Bytes that are written in one call: on ext4 (Linux 6.18) the same bytes took eight times the CPU
time from two megabytes a call on.
"""

PIECE = 1 << 24
"""Bytes that are copied at once."""


def sweep(folder: Path, keep: Container[str] = (), skip: str = "") -> None:
    """Take away the half-written files that killed runs left in a folder of ours.

    Args:
        keep: paths below the folder that stay, whatever their name. skip: a folder to leave alone.
    """
    for base, folders, files in os.walk(folder):
        if skip in folders:
            folders.remove(skip)
        for name in filter(TEMPORARY.fullmatch, files):
            path = Path(base) / name
            if path.relative_to(folder).as_posix() not in keep:
                path.unlink()


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file under a temporary name, then rename it.

    Raises:
        OutputError: the disk is full or the folder is not writable.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: str | Path, error: OSError) -> OutputError:
    """What to tell of a file that could not be written."""
    why = error.strerror if error.errno is None else os.strerror(error.errno)  # libraries add words
    return OutputError(
        f"cannot be written ({why})", place=str(path), mend="Make room or choose another out="
    )


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a file that nobody ever sees in part, with as few calls of the system as that takes.

    A link that stands there is replaced: what it leads to belongs to somebody else.

    Raises:
        OSError: the disk is full, or the folder is not there or not writable.
    """
    temporary = beside(path)
    try:
        _write_new(temporary, data)
        os.replace(temporary, path)  # noqa: PTH105 - a Path for each file costs more than the call
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - as above
        raise


def write_unseen(path: str, data: bytes) -> None:
    """Write a file into a folder that nobody sees before it is whole, as that of an export: of what
    a killed run leaves there, whoever goes on writes it anew.

    Raises:
        OutputError: the disk is full or the folder is not writable.
    """
    try:
        _write_new(path, data)
    except OSError as error:
        raise unwritable(path, error) from error


def copy_unseen(source: str, path: str) -> None:
    """Copy a file as ``write_unseen`` writes one; the system moves the bytes where it can.

    While it is not whole, it is smaller than its source. One that is there, as long, is left.

    Raises:
        DataError: the source is not there or not accessible. OSError: the disk is full, or the
            folder is not there or not writable.
    """
    try:
        file = os.open(path, NEW | os.O_EXCL, 0o666)
    except FileExistsError:
        if os.stat(path).st_size == size_of(source):  # noqa: PTH116 - as above
            return
        file = os.open(path, NEW, 0o666)
    try:
        append_file(source, file)
    finally:
        os.close(file)


def append_file(source: str, file: int) -> int:
    """Write a file's bytes to where an open one is; returns how many there were.

    Raises:
        DataError: the source is not there or not accessible. OSError: the disk is full.
    """
    given, count, whole = _open_source(source), 0, False
    try:
        # often not between all file systems: what was not moved is found by the lines below
        with contextlib.suppress(OSError, AttributeError):
            while more := os.copy_file_range(given, file, PIECE):
                count += more
            whole = count > 0  # some file systems that cannot do it say that there is nothing
        while not whole and (piece := os.read(given, PIECE)):
            write_all(file, piece)
            count += len(piece)
    finally:
        os.close(given)
    return count


def read_into(path: str, room: memoryview) -> int:
    """Read a file into the room that is there for it, as far as that takes it; returns how many
    bytes came.

    Raises:
        DataError: it is not there or not accessible.
    """
    given, count = _open_source(path), 0
    try:
        while count < len(room) and (more := os.readv(given, [room[count:]])):
            count += more
    finally:
        os.close(given)
    return count


def add_file(source: str, size: int, file: BinaryIO) -> int:
    """Write the bytes of a file of that size to an open one; returns how many there were, at most
    one more than told.

    Where that has a buffer of ``AT_ONCE``, small files take two thirds of the time in which the
    system copies each.

    Raises:
        DataError: the source is not there or not accessible. OSError: the disk is full.
    """
    given, count = _open_source(source), 0
    try:
        while piece := os.read(given, min(size + 1 - count, AT_ONCE)):
            file.write(piece)
            count += len(piece)
    finally:
        os.close(given)
    return count


def size_of(source: str) -> int:
    """Bytes of a file that is to be read.

    Raises:
        DataError: it is not there or not accessible.
    """
    try:
        return os.stat(source).st_size  # noqa: PTH116 - a Path for each image costs more
    except OSError as error:
        raise _unreadable(source, error) from error


def _open_source(source: str) -> int:
    try:
        return os.open(source, os.O_RDONLY)
    except OSError as error:
        raise _unreadable(source, error) from error


PUT_BACK = "Put it back; fairweather verify tells what else is missing"
"""What to do about a file that a dataset of ours no longer has."""


def _unreadable(source: str, error: OSError) -> DataError:
    return DataError(f"cannot be read ({error.strerror})", place=source, mend=PUT_BACK)


NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
"""How a file is opened that is written from its beginning."""


def _write_new(path: str, data: bytes) -> None:
    file = os.open(path, NEW, 0o666)
    try:
        write_all(file, data)
    finally:
        os.close(file)


def write_all(file: int, data: bytes | memoryview) -> None:
    """Write to where an open file is, however often the system has to be asked."""
    left = memoryview(data)
    while left:
        left = left[os.write(file, left[:AT_ONCE]) :]


def beside(path: str | Path) -> str:
    """The name under which this process writes a file before it is renamed; ``sweep`` knows it."""
    folder, slash, name = os.fspath(path).rpartition("/")
    return f"{folder}{slash}.{name}.{os.getpid()}{_RUN}"


def write_json(path: Path, value: Any) -> None:
    """Write plain data as JSON; a number that is not finite becomes null."""
    text = json.dumps(finite(value), indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(path, (text + "\n").encode())


def finite(value: Any) -> Any:
    """Plain data with numpy scalars as numbers and every NaN or infinity as None."""
    if isinstance(value, dict):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    if isinstance(value, np.ndarray):
        return finite(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
