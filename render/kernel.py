"""How the kernels of drawing are compiled.

Compiling is what the first start waits for: an entrance that nobody uses costs as much as a small
kernel. So kernels have none for C, and those that only kernels call have none for Python either: to
call one from Python would crash the process, its ``py_func`` is for that. Kernels allocate nothing;
without reference counts they are faster and their code is smaller.

A kernel calls only kernels of its own file: what is cached on disk is known to be out of date by
that file alone.
"""

from __future__ import annotations

from numba import njit

kernel = njit(  # pyright: ignore[reportCallIssue]
    cache=True, nogil=True, _nrt=False, no_cfunc_wrapper=True
)
"""Called from Python."""

inner_kernel = njit(  # pyright: ignore[reportCallIssue]
    _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""Called by kernels of the same file only."""

inlined_kernel = njit(  # pyright: ignore[reportCallIssue]
    _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True
)
"""An inner kernel that becomes part of its callers: handing over many arrays, each a dozen words,
would cost as much as a short row of pixels."""

allocating_kernel = njit(  # pyright: ignore[reportCallIssue]
    cache=True, nogil=True, no_cfunc_wrapper=True
)
"""Called from Python, and makes arrays of its own."""
