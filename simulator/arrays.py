"""Arrays in frozen dataclasses: shape checks, freezing, and equality, written once."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

LARGEST = 1e9
"""No length, time or speed of a scene in SI units comes near it, and its products stay finite."""

SHORT = 4096
"""Values of an array that are summed by one thread (OpenBLAS takes more from 10,000 on)."""


def frozen(value: Any, dtype: Any, shape: tuple[int | None, ...], name: str) -> np.ndarray:
    """A read-only array of the given dtype and shape, which may begin with None: any length.

    Raises:
        ValueError: the shape differs, a float array holds NaN or a value beyond ``LARGEST``, or a
            number does not fit into a whole-number dtype.
    """
    raw, wanted = np.asarray(value), np.dtype(dtype)
    alike, flags = raw.dtype == wanted, raw.flags
    if alike and flags.owndata and not flags.writeable:
        array = raw  # what nobody can write to need not be copied
    elif alike or wanted.kind not in "iu":
        array = raw.astype(wanted)
    else:
        array = _whole(raw, wanted, name)
    if array.size == 0 and array.ndim != len(shape):
        array = array.reshape([n or 0 for n in shape])
    same_rows = array.ndim == len(shape) and array.shape[1:] == shape[1:]
    if not same_rows or shape[0] not in (None, len(array)):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    if wanted.kind == "f" and not _in_range(array):
        raise ValueError(f"{name} holds a value that is not finite, or beyond {LARGEST:g}")
    array.setflags(write=False)
    return array


def _in_range(array: np.ndarray) -> bool:
    """Whether no value is NaN or beyond LARGEST."""
    # where the squares add up to less, none is; a sum costs a quarter of looking at each, until it
    # is so long that the library of numpy wakes threads for it, which then wait for more
    short = array.size <= SHORT
    return bool((short and np.vdot(array, array) <= LARGEST**2) or (np.abs(array) <= LARGEST).all())


def _whole(raw: np.ndarray, dtype: np.dtype, name: str) -> np.ndarray:
    """Numbers as a whole-number dtype; refuses what the cast would wrap or cut."""
    if raw.dtype.kind in "biu":
        array = raw.astype(dtype)
        if np.count_nonzero(array != raw):
            raise ValueError(f"{name} holds a value that is no {dtype} number")
        return array
    bounds = np.iinfo(dtype)
    if raw.size and (
        raw.dtype.kind != "f" or not (raw >= bounds.min).all() or (raw > bounds.max).any()
    ):
        raise ValueError(f"{name} holds a value that is no {dtype} number")
    if raw.dtype.kind == "f" and (raw != np.trunc(raw)).any():
        raise ValueError(f"{name} holds a value that is not whole")
    return raw.astype(dtype)


def same(a: Any, b: Any) -> bool:
    """Whether two values (dataclasses, tuples, dicts, arrays, scalars) are equal throughout."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(a, b))
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return bool(a == b)
