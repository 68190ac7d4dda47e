"""Labels put into words: COCO annotation records in the very form that ``label_scan`` reads."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from render.kernel import inner_kernel, kernel
from render.label_columns import NUMBERS
from render.label_scan import BYTES, DECIMALS, STATE_FORM

MOST_BYTES = 24
"""Of a number."""

_COMMA, _MINUS, _POINT, _ZERO, _SLASH = (ord(c) for c in ",-.0\\")
_ONE = 10**DECIMALS
_PLAIN, _KEPT, _DECIMAL, _MASK, _LAST = 1, 2, 3, 4, 7
"""What stands for a value in BYTES; from _MASK to _LAST a mask, two words, a boolean, a state."""


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
