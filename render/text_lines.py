"""Labels as lines of text: words, whole numbers and numbers with so many decimals."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

import numpy as np

from render.kernel import inner_kernel, kernel

MOST_BYTES = 20
"""Of a number with the space before it."""

_KINDS = ("%d", "%s", "%.2f", "%.4f")
_WHOLE, _WORD, _TWO_DECIMALS, _FOUR_DECIMALS = range(1, len(_KINDS) + 1)
_SPACE, _LINE, _POINT, _MINUS, _ZERO = (ord(c) for c in " \n.-0")
_SPLIT = 2.0**27 + 1
_PAIRS = np.array([[_ZERO + n // 10, _ZERO + n % 10] for n in range(100)], np.uint8)
"""The digits of every number below a hundred."""


def lines_of(classes: np.ndarray, counts: np.ndarray, values: np.ndarray) -> bytes:
    """A line for each object, as ``"%d" + " %.6f" * count`` has it.

    Args:
        classes: i64[K], not negative. counts: i64[K], how many numbers each has.
        values: f64[N], those of all, below 1e9 in size.
    """
    text = np.empty(MOST_BYTES * (2 * len(classes) + len(values)), np.uint8)
    return text[: _lines(classes, counts, values, text)].tobytes()


def texts_of(
    form: str, words: Sequence[str], counts: Sequence[int], *columns: np.ndarray
) -> list[bytes]:
    """For each image the text of its labels, each as ``form % values`` has it.

    Args:
        form: has %d, %s, %.2f or %.4f for each column. words: what the column of %s counts in.
        counts: labels of each image. columns: f64[K] of all of them, below 1e9 in size for decimals
            and 2**53 for %d; or f64[K, n] in place of n columns.
    """
    values = np.column_stack(columns).astype(np.float64, copy=False)
    told = [word.encode() for word in words]
    ends = np.array([0, *itertools.accumulate(map(len, told))])
    plain = re.sub("|".join(map(re.escape, _KINDS)), lambda m: chr(_KINDS.index(m[0]) + 1), form)
    given = np.frombuffer(plain.encode(), np.uint8)
    longest = len(given) + MOST_BYTES * values.shape[1] + max(map(len, told), default=0)
    text, stops = np.empty(longest * len(values), np.uint8), np.zeros(len(values) + 1, np.int64)
    _texts(given, np.frombuffer(b"".join(told), np.uint8), ends, values, text, stops)
    whole = text[: stops[-1]].tobytes()
    edges = stops[[*itertools.accumulate(counts, initial=0)]].tolist()
    return [whole[a:b] for a, b in itertools.pairwise(edges)]


@kernel
def _lines(classes, counts, values, text):
    """How many bytes the lines have."""
    at = value = 0
    for k in range(len(classes)):
        at = _whole(text, at, classes[k])
        for _ in range(counts[k]):
            text[at] = _SPACE
            at = _number(text, at + 1, values[value], 6, 1000000)
            value += 1
        text[at] = _LINE
        at += 1
    return at


@kernel
def _texts(form, words, ends, values, text, stops):
    """``stops``: where each label's text ends."""
    at = 0
    for k in range(len(values)):
        column = 0
        for sign in form:
            if sign > _FOUR_DECIMALS:
                text[at] = sign
                at += 1
                continue
            value = values[k, column]
            column += 1
            if sign == _TWO_DECIMALS:
                at = _number(text, at, value, 2, 100)
            elif sign == _FOUR_DECIMALS:
                at = _number(text, at, value, 4, 10000)
            elif sign == _WHOLE:
                at = _signed(text, at, np.int64(value))
            else:
                for i in range(ends[np.int64(value)], ends[np.int64(value) + 1]):
                    text[at] = words[i]
                    at += 1
        stops[k + 1] = at


@inner_kernel
def _number(text, at, value, decimals, unit):
    """``unit``: ten to the power of ``decimals``, an even number of them; at most 26 bits, which
    ``_rounded`` relies on.
    """
    if math.copysign(1.0, value) < 0:
        text[at] = _MINUS
        at, value = at + 1, -value
    scaled = _rounded(value, unit)
    whole = scaled // unit
    at = _whole(text, at, whole)
    text[at] = _POINT
    left = scaled - unit * whole
    for i in range(decimals - 1, 0, -2):
        more = left // 100
        pair = left - 100 * more
        text[at + i] = _PAIRS[pair, 0]
        text[at + i + 1] = _PAIRS[pair, 1]
        left = more
    return at + decimals + 1


@inner_kernel
def _rounded(value, unit):
    """The nearest whole number of parts of the very value, the even one of two.

    What the product loses is found as by Dekker (1971): at a tie it decides.
    """
    product = value * unit
    upper = _SPLIT * value
    upper -= upper - value
    lost = (upper * unit - product) + (value - upper) * unit
    below = math.floor(product)
    rest = product - below
    whole = np.int64(below)
    if rest > 0.5 or (rest == 0.5 and (lost > 0 or (lost == 0 and whole & 1))):
        whole += 1
    return whole


@inner_kernel
def _signed(text, at, number):
    if number < 0:
        text[at] = _MINUS
        at, number = at + 1, -number
    return _whole(text, at, number)


@inner_kernel
def _whole(text, at, number):
    digits, left = 1, number // 10
    while left > 0:
        digits, left = digits + 1, left // 10
    for i in range(digits - 1, -1, -1):
        text[at + i] = _ZERO + number % 10
        number //= 10
    return at + digits
