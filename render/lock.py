"""One writer at a time in a folder."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from simulator.errors import OutputError


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep every other run of ours out of a folder that is there, as long as this lasts.

    The folder itself is locked: nothing is left in it, and the lock of a killed process is gone
    with it. Without a lock where the system has none (Windows), or not for folders (NFS).

    Raises:
        OutputError: another run is writing it.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    file = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _busy(folder) from None
        if not _is_there(folder, file):  # renamed by the run that had it until now
            raise _busy(folder)
        yield
    finally:
        os.close(file)


def _busy(folder: Path) -> OutputError:
    return OutputError(
        "is being written by another run", place=str(folder),
        mend="Wait for it, or choose another out=",
    )  # fmt: skip


def _is_there(folder: Path, file: int) -> bool:
    try:
        return os.path.samestat(folder.stat(), os.fstat(file))
    except FileNotFoundError:
        return False
