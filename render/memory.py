"""Freed memory: kept in the process for the next frame, or given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import functools

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt (malloc.h)."""

KEPT_BYTES = 128 << 20


@functools.cache  # for good: a process asks once
def keep_buffers() -> None:
    """Ask the C library to keep up to 128 MB of freed memory for the next frame.

    A frame's planes are megabytes each: by default glibc takes them from the system and gives them
    back every time, which costs a page fault for every 4 kB. Elsewhere than on glibc this does
    nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)
        libc.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)


def give_back() -> None:
    """Let the C library return what is free between pieces in use.

    Buffers of many sizes leave gaps: a window that runs for long would otherwise seem to grow.
    Takes milliseconds; elsewhere than on glibc this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
