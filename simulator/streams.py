"""The output and error streams of a process, so that no text and no missing one ends a command."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


def mend_streams() -> None:
    """Open those that the shell has closed (``>&-``), and let them tell a letter that their
    encoding lacks, such as one of a file's name, by its number.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - stays open
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
