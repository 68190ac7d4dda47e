"""Freed memory: kept in the process for the next frame, or given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import functools

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt (malloc.h)."""

KEPT_BYTES = 128 << 20

LARGE_BYTES, LARGE_PAGE, MADV_HUGEPAGE = 96 << 20, 2 << 20, 14
"""What is backed by large pages, their size, and the advice that asks for them (Linux)."""


@functools.cache
def keep_buffers() -> None:
    """Ask the C library to keep up to 128 MB of freed memory for the next frame.

    A frame's planes are megabytes each: by default glibc takes them from the system and gives them
    back every time, which costs a page fault for every 4 kB. In pages of 2 MB, where the system has
    them, what is kept is found faster: a few hundredths of all that drawing costs. Elsewhere than
    on glibc this does nothing; asked again neither.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)
        libc.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        libc.free.argtypes = [ctypes.c_void_p]
        libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        if block := libc.malloc(LARGE_BYTES):
            libc.free(block)  # the heap has grown, and stays so large
            first = -(-block // LARGE_PAGE) * LARGE_PAGE
            whole = (block + LARGE_BYTES - first) // LARGE_PAGE * LARGE_PAGE
            libc.madvise(first, whole, MADV_HUGEPAGE)


def give_back() -> None:
    """Let the C library return what is free between pieces in use.

    Buffers of many sizes leave gaps: a window that runs for long would otherwise seem to grow.
    Takes milliseconds; elsewhere than on glibc this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
