"""Settings as a table for people: name, default, unit, bounds and help of each."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.settings import Quantity, settings_class

MOST = (36, 26, 16, 26, 200)
"""Widest columns, characters; the last stays one line, for those who search it by line."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: dotted key, default, unit, what is allowed, and one line of help."""

    key: str
    default: str
    unit: str
    allowed: str
    help: str


def keys(cls: type, place: str = "") -> list[str]:
    """Dotted names of all settings of a class, those of nested classes included."""
    names: list[str] = []
    for name, hint in typing.get_type_hints(cls).items():
        names.append(f"{place}{name}")
        if inner := settings_class(hint):
            names += keys(inner, f"{place}{name}.")
    return names


def rows(
    cls: type,
    groups: Mapping[str, Sequence[str]] | None = None,
    place: str = "",
    made: Any = None,
) -> list[Row]:
    """The table of a settings class, nested classes in place.

    Args:
        cls: a frozen dataclass of settings.
        groups: for a key that is a whole file of settings, the files there are to choose from.
        place: dotted key of the class itself, with a dot at its end.
        made: settings of this class that are themselves a default, if its own are not.
    """
    table: list[Row] = []
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        key = f"{place}{field.name}"
        inner = settings_class(hints[field.name])
        if inner is None:
            table.append(_row(key, field, made))
            continue
        q = field.metadata.get("quantity", Quantity())
        options = (groups or {}).get(key, ())
        if options or q.help:
            about = [q.help] if q.help else []
            about += ["a whole file of the keys below"] if options else []
            table.append(Row(key, "", "", " | ".join(options), ": ".join(about)))
        default = _default(field, made)
        table += rows(inner, groups, f"{key}.", default if isinstance(default, inner) else None)
    return table


def text(table: Sequence[Row]) -> list[str]:
    """The table as lines of text with aligned columns, a heading first; long cells are folded."""
    lines = [("setting", "default", "unit", "allowed", "")]
    lines += [(r.key, r.default, r.unit, r.allowed, r.help) for r in table]
    folded = [[_folded(cell, most) for cell, most in zip(line, MOST, strict=True)]
              for line in lines]  # fmt: skip
    widths = [max(len(part) for line in folded for part in line[i]) for i in range(4)] + [0]
    return [
        "  ".join(f"{c:{w}}" for c, w in zip(cells, widths, strict=True)).rstrip()
        for line in folded
        for cells in itertools.zip_longest(*line, fillvalue="")
    ]


def _folded(cell: str, most: int) -> list[str]:
    """A cell in lines of at most so many characters, broken behind commas, bars and spaces."""
    lines = [""]
    for piece in re.findall(r"[^,| ]*[,| ]*", cell):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > most:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _default(field: dataclasses.Field[Any], made: Any) -> Any:
    if made is not None:
        return getattr(made, field.name)
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _row(key: str, field: dataclasses.Field[Any], made: Any) -> Row:
    q = field.metadata.get("quantity", Quantity())
    default = _default(field, made)
    word = "required" if default is dataclasses.MISSING else _word(default)
    return Row(key, word, q.unit, _allowed(q), q.help)


def _allowed(q: Quantity) -> str:
    if q.choices:
        return " | ".join(q.choices)
    if math.isinf(q.low):
        return ""
    low = _number(q.low)
    return f"from {low}" if math.isinf(q.high) else f"{low} to {_number(q.high)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e9 else f"{value:g}"


def _word(value: Any) -> str:
    """A default as one would type it on the command line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_word, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}: {_word(v)}" for k, v in value.items()) + "}"
    return str(value)
