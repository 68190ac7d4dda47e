"""The lines of YOLO's label files: a class and numbers with six decimals."""

from __future__ import annotations

import math

import numpy as np

from render.kernel import inner_kernel, kernel

DECIMALS = 1e6
"""What six of them are counted in; at most 26 bits, which ``_rounded`` relies on."""

MOST_BYTES = 20
"""Of a number with the space before it."""

_SPACE, _LINE, _POINT, _MINUS, _ZERO = (ord(c) for c in " \n.-0")
_SPLIT = 2.0**27 + 1


def lines_of(classes: np.ndarray, counts: np.ndarray, values: np.ndarray) -> bytes:
    """A line for each object, as ``"%d" + " %.6f" * count`` has it.

    Args:
        classes: i64[K], not negative. counts: i64[K], how many numbers each has.
        values: f64[N], those of all, below 1e9 in size.
    """
    text = np.empty(MOST_BYTES * (2 * len(classes) + len(values)), np.uint8)
    return text[: _write(classes, counts, values, text)].tobytes()


@kernel
def _write(classes, counts, values, text):
    """How many bytes the lines have."""
    at = value = 0
    for k in range(len(classes)):
        at = _whole(text, at, classes[k])
        for _ in range(counts[k]):
            text[at] = _SPACE
            at = _number(text, at + 1, values[value])
            value += 1
        text[at] = _LINE
        at += 1
    return at


@inner_kernel
def _number(text, at, value):
    if math.copysign(1.0, value) < 0:
        text[at] = _MINUS
        at, value = at + 1, -value
    scaled = _rounded(value)
    at = _whole(text, at, scaled // 1000000)
    text[at] = _POINT
    left = scaled % 1000000
    for i in range(6, 0, -1):
        text[at + i] = _ZERO + left % 10
        left //= 10
    return at + 7


@inner_kernel
def _rounded(value):
    """The nearest whole number of millionths of the very value, the even one of two.

    What the product loses is found as by Dekker (1971): at a tie it decides.
    """
    product = value * DECIMALS
    upper = _SPLIT * value
    upper -= upper - value
    lost = (upper * DECIMALS - product) + (value - upper) * DECIMALS
    below = math.floor(product)
    rest = product - below
    whole = np.int64(below)
    if rest > 0.5 or (rest == 0.5 and (lost > 0 or (lost == 0 and whole & 1))):
        whole += 1
    return whole


@inner_kernel
def _whole(text, at, number):
    digits, left = 1, number // 10
    while left > 0:
        digits, left = digits + 1, left // 10
    for i in range(digits - 1, -1, -1):
        text[at + i] = _ZERO + number % 10
        number //= 10
    return at + digits
