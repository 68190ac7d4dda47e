"""Labels in the very form in which we write them, read as columns: one walk over the bytes.

A record of ours is deterministic text (``annotation_json.annotations_json``). What differs from it
by a byte (other fields, another order, a space, a number that we would write otherwise) is not
taken; ``label_runs`` then reads the file as any other.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import orjson

from render.kernel import inner_kernel, kernel
from render.label_columns import NUMBERS

FORM = (
    '{"id":#,"image_id":#,"category_id":^,"bbox":[#,#,#,#],"area":#,"iscrowd":0,'
    '"segmentation":{"size":[#,#],"counts":"$"},"attributes":{"instance_id":#,"track_id":#,'
    '"full_bbox":[#,#,#,#],"obb":[%,%,%,%,%],"visible_area":#,"full_area":#,"occlusion":%,'
    '"truncation":%,"contrast_left":%,"contrast_abs":%,"heading_rad":%,"speed_mps":%,'
    '"aspect":?,"sign":?,"ego_lane":!~}}'
)
"""A record. # a whole number, ^ the same and its place is kept, % a decimal one, $ a mask, ? a word
or null, ! true or false, ~ the state of a sign or nothing. The numbers are ``NUMBERS``."""

SPANS = ("start", "category", "category_end", "mask", "mask_end", "state", "state_end", "end")
"""Places in the text that are kept of a record."""

LONGEST = 100
"""Characters that a word may have."""

DECIMALS, DIGITS = 4, 15
"""At most, of a number: as many as we write, and as many as a float holds exactly."""

_WHOLE, _KEPT, _DECIMAL, _MASK, _WORD, _BOOLEAN, _STATE = range(1, 8)
BYTES = np.frombuffer(
    FORM.translate(str.maketrans("#^%$?!~", "\1\2\3\4\5\6\7")).encode(), dtype=np.uint8
)
"""The form as bytes, 1 to 7 for what stands for a value."""
_SHORTEST = len(FORM) - 2
"""Bytes that a record has at least: a mask and a state may be empty."""

_QUOTE, _SLASH, _COMMA, _MINUS, _POINT = (ord(c) for c in '"\\,-.')
_OPENING, _CLOSING = (ord("["), ord("{")), (ord("]"), ord("}"))
_NULL, _TRUE, _FALSE = (np.frombuffer(w, np.uint8) for w in (b"null", b"true", b"false"))
STATE_FORM = b',"sign_state":'
"""What the state of a sign begins with."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scanned:
    """Labels at the beginning of a text.

    Attributes:
        numbers: f64[K, len(NUMBERS)]. spans: i64[K, len(SPANS)], places in the text.
        stopped: the place of the first byte that does not fit, behind the last where all do.
    """

    numbers: np.ndarray
    spans: np.ndarray
    stopped: int


def scan(text: bytes) -> Scanned:
    """The labels of our own form with which a text begins, with a comma between two."""
    most = len(text) // _SHORTEST + 1
    numbers, spans = np.empty((most, len(NUMBERS))), np.empty((most, len(SPANS)), np.int64)
    # the zero at the end fits nothing: no walk passes it
    given = np.frombuffer(text + b"\0", dtype=np.uint8)
    count, stopped = _walk(given, BYTES, numbers, spans)
    numbers, spans = numbers[:count], spans[:count]
    stated = spans[spans[:, 5] < spans[:, 6]]
    sound = {s: _sound_state(s) for s in {text[a:b] for a, b in stated[:, 5:7].tolist()}}
    if not all(sound.values()):
        foreign = next(row for row in stated if not sound[text[row[5] : row[6]]])
        count, stopped = int(np.searchsorted(spans[:, 0], foreign[0])), int(foreign[5])
    return Scanned(numbers[:count], spans[:count], stopped)


def _sound_state(text: bytes) -> bool:
    """Whether the state of a sign is as we write it; few differ, so each is read once."""
    state = text.removeprefix(STATE_FORM)
    try:
        return len(state) < len(text) and orjson.dumps(orjson.loads(state)) == state
    except orjson.JSONDecodeError:
        return False


def list_end(text: bytes, depth: int = 0, quoted: int = 0) -> tuple[int, int, int]:
    """Where the list ends that a text is within, -1 if behind it; and what to go on with there.

    Args:
        depth: brackets that are open within the list. quoted: 1 within a string, 2 behind a
            backslash there.
    """
    return _list_end(np.frombuffer(text, dtype=np.uint8), depth, quoted)


@kernel
def _list_end(text, depth, quoted):
    for at in range(len(text)):
        sign = text[at]
        if quoted == 2:
            quoted = 1
        elif quoted == 1:
            if sign == _SLASH:
                quoted = 2
            elif sign == _QUOTE:
                quoted = 0
        elif sign == _QUOTE:
            quoted = 1
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
            if depth < 0:
                return at, 0, 0
    return -1, depth, quoted


@kernel
def _walk(text, form, numbers, spans):
    """How many records fit, and the place of the first byte that does not."""
    at = 0
    for k in range(len(numbers)):
        if k > 0:
            if text[at] != _COMMA:
                return k, at
            at += 1
        spans[k, 0] = at
        number, span = 0, 1
        for sign in form:
            if sign > _STATE:
                if text[at] != sign:
                    return k, at
                at += 1
                continue
            first = at
            if sign <= _DECIMAL:
                fits, at, numbers[k, number] = _number(text, at, sign == _DECIMAL)
                number += 1
            else:
                fits, at = _other(text, at, sign)
            if not fits:
                return k, at
            if sign in (_KEPT, _MASK, _STATE):
                spans[k, span], spans[k, span + 1] = first, at
                span += 2
        spans[k, span] = at
    return len(numbers), at


@inner_kernel
def _other(text, at, kind):
    if kind == _MASK:
        return _mask(text, at)
    if kind == _STATE:
        return _state(text, at)
    if kind == _WORD:
        return _word(text, at)
    return _same(text, at, _TRUE if text[at] == _TRUE[0] else _FALSE)


@inner_kernel
def _number(text, at, decimal):
    """Whether a number is written as we do it, its end, its value.

    The number of its digits and the power of ten are exact: their ratio is rounded once, as by any
    reader.
    """
    negative = text[at] == _MINUS
    if negative:
        at += 1
    first, value, scale = at, 0, 1.0
    while 48 <= text[at] <= 57 and at - first <= DIGITS:
        value = value * 10 + (text[at] - 48)
        at += 1
    whole = at - first
    fits = 0 < whole <= DIGITS and (whole == 1 or text[first] != 48)
    if decimal and text[at] == _POINT:
        at += 1
        point = at
        while 48 <= text[at] <= 57 and at - point <= DECIMALS:
            value = value * 10 + (text[at] - 48)
            scale *= 10.0
            at += 1
        more = at - point
        fits = fits and 0 < more <= DECIMALS and whole + more <= DIGITS
        fits = fits and (more == 1 or text[at - 1] != 48)
    else:
        fits = fits and not (negative and value == 0)
    ratio = value / scale
    return fits, at, -ratio if negative else ratio


@inner_kernel
def _mask(text, at):
    """The text of runs: signs from 0 to o, of which the backslash is written twice."""
    while 48 <= text[at] <= 111:
        if text[at] == _SLASH:
            at += 1
            if text[at] != _SLASH:
                return False, at
        at += 1
    return True, at


@inner_kernel
def _word(text, at):
    """A short word of plain signs, or null."""
    if text[at] != _QUOTE:
        return _same(text, at, _NULL)
    at += 1
    first = at
    while 32 <= text[at] <= 126 and text[at] != _QUOTE and text[at] != _SLASH:
        at += 1
    fits = text[at] == _QUOTE and at - first <= LONGEST
    return fits, at + fits


@inner_kernel
def _same(text, at, word):
    for sign in word:
        if text[at] != sign:
            return False, at
        at += 1
    return True, at


@inner_kernel
def _state(text, at):
    """Nothing, or what is looked at by ``_sound_state``."""
    if text[at] != _COMMA:
        return True, at
    while 32 <= text[at] <= 126 and text[at] != _CLOSING[1]:
        at += 1
    fits = text[at] == _CLOSING[1]
    return fits, at + fits
