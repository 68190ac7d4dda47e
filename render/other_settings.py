"""In which setting a dataset that is there differs from the one that is asked for, in words."""

from __future__ import annotations

from typing import Any

LONGEST = 60
"""Characters of a value that are shown."""


def difference(there: Any, asked: Any) -> str:
    """The first difference of two trees of plain data, "" if there is none.

    Args:
        there, asked: what a dataset tells of itself (generator, config), and what is asked for.
    """
    found = _first(there, asked, "")
    if found is None:
        return ""
    name, old, new = found
    return f"{name.removeprefix('config.')} is {_word(old)} there, {_word(new)} here"


_MISSING = object()


def _first(there: Any, asked: Any, name: str) -> tuple[str, Any, Any] | None:
    if isinstance(there, dict) and isinstance(asked, dict):
        for key in sorted({*there, *asked}, key=str):
            inner = f"{name}.{key}" if name else str(key)
            found = _first(there.get(key, _MISSING), asked.get(key, _MISSING), inner)
            if found:
                return found
        return None
    return None if there is not _MISSING and there == asked else (name, there, asked)


def _word(value: Any) -> str:
    if value is _MISSING:
        return "not set"
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
