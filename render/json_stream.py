"""The records of a large JSON file in order, in memory for a piece of it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TextIO

import orjson

from simulator.errors import DataError

CHUNK = 1 << 18
MAX_RECORD = 1 << 25
"""Characters that one record may have."""


def refuse_constant(name: str) -> float:
    """For ``parse_constant``: NaN and infinity are no numbers in JSON."""
    raise ValueError(f"{name} is no number in JSON")


def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For ``object_pairs_hook``: of two equal keys, readers take one or the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:40]!r} is there twice")
    return found


_DECODER = json.JSONDecoder(parse_constant=refuse_constant, object_pairs_hook=refuse_twice)


def records_of(path: Path, key: str) -> Generator[dict[str, Any], None, None]:
    """Objects of the list under a top-level key of a JSON object, in order.

    The file is open until the last was taken or the generator is closed.

    Raises:
        DataError: the file cannot be read, is broken as far as it was read, holds no such list, or
            an entry of it is no object; names the entry.
    """
    if not path.is_file():  # a pipe would be waited for
        raise DataError("is no file", place=str(path), mend="Check the path")
    try:
        with path.open(encoding="utf-8") as file:
            yield from _records(_Window(file, path), key)
    except OSError as error:
        raise DataError("cannot be read", place=str(path), mend="Check the path") from error


def _records(window: _Window, key: str) -> Iterator[dict[str, Any]]:
    for name in _members(window):
        if window.peek() != "[":
            window.value()
        else:
            for i, record in enumerate(_entries(window)):
                if name != key:
                    continue
                if not isinstance(record, dict):
                    raise DataError("is no object", place=f"{window.path}: {key}[{i}]")
                yield record
            if name == key:
                return
    raise DataError(f"has no list '{key}'", place=str(window.path), mend="Run fairweather verify")


def _members(window: _Window) -> Iterator[str]:
    """Stand in front of each value of an object; yields its key."""
    window.take("{")
    first = True
    while window.peek() != "}":
        if not first:
            window.take(",")
        first = False
        name = str(window.value())
        window.take(":")
        window.peek()
        yield name
    window.take("}")


def _entries(window: _Window) -> Iterator[Any]:
    """The values of a list."""
    window.take("[")
    first = True
    while window.peek() != "]":
        if not first:
            window.take(",")
        first = False
        yield from window.several() or (window.value(),)
    window.take("]")


class _Window:
    """The text of a file from where the reader is, as far as the next value needs it."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self.path = path
        self._file = file
        self._text = ""
        self._at = 0
        self._ours = True

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Pass over one sign that must be there."""
        if self.peek() != sign:
            raise self._broken(f"{sign!r} expected")
        self._at += 1

    def value(self) -> Any:
        """Pass over one value."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at > MAX_RECORD or not self._more():
                    raise self._broken(str(error) or type(error).__name__) from None
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on in the next piece
            self._at = end
            try:
                orjson.dumps(value)  # what cannot be written again is no use to those who read
            except TypeError as error:
                raise self._broken(str(error)) from None
            return value

    def several(self) -> list[Any]:
        """Pass over the objects of a list that are whole and in sight, if written as we do it.

        What is written back to the same bytes holds no key twice and no NaN, and was cut between
        two records. Where that fails, the file is read value by value.
        """
        end = len(self._text)
        for _ in range(2 * self._ours):  # in sight may be the end of the list: once more, up to it
            end = self._text.rfind("},{", self._at, end)
            if end < 0:
                return []
            text = f"[{self._text[self._at : end + 1]}]".encode()
            try:
                values = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                end = self._at + error.pos
                continue
            if orjson.dumps(values) != text:
                break
            self._at = end + 1
            return values
        self._ours = False
        return []

    def _more(self) -> bool:
        try:
            piece = self._file.read(CHUNK)
        except ValueError as error:
            raise self._broken(str(error)) from None
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _broken(self, said: str) -> DataError:
        return DataError(
            f"is not valid JSON ({said.splitlines()[0][:120]})", place=str(self.path),
            mend="Write the file anew",
        )  # fmt: skip
