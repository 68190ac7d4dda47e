"""Arrays in frozen dataclasses: shape checks, freezing, and equality, written once."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


def frozen(value: Any, dtype: Any, shape: tuple[int | None, ...], name: str) -> np.ndarray:
    """A read-only array of the given dtype and shape (None matches any length).

    Raises:
        ValueError: the shape differs, or a float array holds NaN or infinity.
    """
    array = np.array(value, dtype=dtype)
    if array.size == 0 and array.ndim != len(shape):
        array = array.reshape([n or 0 for n in shape])
    if array.ndim != len(shape) or any(
        n is not None and n != m for n, m in zip(shape, array.shape, strict=True)
    ):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not finite")
    array.flags.writeable = False
    return array


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
