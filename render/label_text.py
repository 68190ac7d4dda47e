"""Labels put into text: COCO records in the very form that ``label_scan`` reads, and lines.

Both are written here because a kernel calls only kernels of its own file, and both write digits.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from render.kernel import inner_kernel, kernel
from render.label_columns import NUMBERS
from render.label_scan import BYTES, DECIMALS, STATE_FORM

MOST_BYTES = 24
"""Of a number with what stands before it."""

_COMMA, _MINUS, _POINT, _ZERO, _SLASH, _SPACE, _LINE = (ord(c) for c in ",-.0\\ \n")
_ONE = 10**DECIMALS
_PLAIN, _KEPT, _DECIMAL, _MASK, _LAST = 1, 2, 3, 4, 7
"""What stands for a value in BYTES; from _MASK to _LAST a mask, two words, a boolean, a state."""
_KINDS = ("%d", "%s", "%.2f", "%.4f")
_WHOLE, _WORD, _TWO_DECIMALS, _FOUR_DECIMALS = range(1, len(_KINDS) + 1)
_SPLIT = 2.0**27 + 1
_PAIRS = np.array([[_ZERO + n // 10, _ZERO + n % 10] for n in range(100)], np.uint8)
"""The digits of every number below a hundred."""


def written(
    numbers: np.ndarray,
    masks: Sequence[str],
    aspects: Sequence[str | None],
    signs: Sequence[str | None],
    ego_lanes: Sequence[bool],
    states: Sequence[dict[str, Any]],
) -> bytes:
    """Records of K labels, a comma between two: the same text as any writer of JSON makes.

    Args:
        numbers: f64[K, len(NUMBERS)], rounded to DECIMALS decimals at most.
        masks: of K run-length masks. states: of K, see ``frame.Annotations``; often empty.
    """
    if not np.isfinite(numbers).all():
        row, column = np.argwhere(~np.isfinite(numbers))[0]
        raise ValueError(f"{NUMBERS[column]} of label {row} is {numbers[row, column]}")
    words = [
        [mask.encode("ascii") for mask in masks],
        [_word(aspect) for aspect in aspects],
        [_word(sign) for sign in signs],
        [_word(bool(ego)) for ego in ego_lanes],
        [STATE_FORM + orjson.dumps(state) if state else b"" for state in states],
    ]
    lengths = np.array([[len(word) for word in column] for column in words], np.int64)
    given = np.frombuffer(b"".join([word for column in words for word in column]) + b"\0", np.uint8)
    most = len(numbers) * (len(BYTES) + MOST_BYTES * len(NUMBERS)) + 2 * len(given)
    text = np.empty(most, np.uint8)
    first = (np.cumsum(lengths) - lengths.ravel()).reshape(lengths.shape)
    return text[: _write(numbers, given, first, lengths, BYTES, text)].tobytes()


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


@functools.lru_cache(maxsize=256)
def _word(value: str | bool | None) -> bytes:
    return orjson.dumps(value)


@kernel
def _write(numbers, given, first, lengths, form, text):
    """How many bytes the records have."""
    at = np.int64(0)
    for k in range(len(numbers)):
        if k > 0:
            text[at] = _COMMA
            at += 1
        number = word = 0
        for sign in form:
            if sign in (_PLAIN, _KEPT):
                at = _whole(text, at, np.int64(numbers[k, number]))
                number += 1
            elif sign == _DECIMAL:
                at = _decimal(text, at, numbers[k, number])
                number += 1
            elif sign <= _LAST:
                begin = first[word, k]
                for i in range(begin, begin + lengths[word, k]):
                    text[at] = given[i]
                    at += 1
                    if sign == _MASK and given[i] == _SLASH:
                        text[at] = _SLASH
                        at += 1
                word += 1
            else:
                text[at] = sign
                at += 1
    return at


@kernel
def _lines(classes, counts, values, text):
    """How many bytes the lines have."""
    at = value = 0
    for k in range(len(classes)):
        at = _whole(text, at, classes[k])
        for _ in range(counts[k]):
            text[at] = _SPACE
            at = _fixed(text, at + 1, values[value], 6, 1000000)
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
                at = _fixed(text, at, value, 2, 100)
            elif sign == _FOUR_DECIMALS:
                at = _fixed(text, at, value, 4, 10000)
            elif sign == _WHOLE:
                at = _whole(text, at, np.int64(value))
            else:
                for i in range(ends[np.int64(value)], ends[np.int64(value) + 1]):
                    text[at] = words[i]
                    at += 1
        stops[k + 1] = at


@inner_kernel
def _decimal(text, at, value):
    """A number with as many decimals as it has, one at least."""
    if np.copysign(1.0, value) < 0:
        text[at] = _MINUS
        at, value = at + 1, -value
    scaled = np.int64(np.rint(value * _ONE))
    at = _whole(text, at, scaled // _ONE)
    text[at] = _POINT
    left, place = scaled % _ONE, _ONE // 10
    at += 1
    while True:
        text[at] = _ZERO + left // place
        left, place = left % place, place // 10
        at += 1
        if left == 0:
            return at


@inner_kernel
def _fixed(text, at, value, decimals, unit):
    """A number with so many decimals, an even number of them.

    ``unit`` is ten to that power and has at most 26 bits, which ``_rounded`` relies on.
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
def _whole(text, at, number):
    if number < 0:
        text[at] = _MINUS
        at, number = at + 1, -number
    digits, left = 1, number // 10
    while left > 0:
        digits, left = digits + 1, left // 10
    for i in range(digits - 1, -1, -1):
        text[at + i] = _ZERO + number % 10
        number //= 10
    return at + digits
