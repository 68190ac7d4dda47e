"""Compiling the kernels once, aloud: the first run on a machine takes a while and says why."""

from __future__ import annotations

from pathlib import Path

from render import raster
from render.progress import say


def compiled() -> bool:
    """Whether the compiled kernels of this layer are in the cache already."""
    stats = raster._fill.stats  # pyright: ignore[reportFunctionMemberAccess]
    folder = Path(stats.cache_path) if stats.cache_path else None
    return folder is not None and any(folder.glob("raster._fill-*.nbi"))


def announce_compilation() -> None:
    """Say on the error stream that compilation is going to take a while, where it is."""
    if not compiled():
        say("compiling the traffic and drawing kernels for this machine, once: about half a minute")
