"""Settings with units: frozen dataclasses whose fields know their unit, bounds and help.

One declaration serves the check of a config, the error text, the window's slider and the tables
of the documentation.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from simulator.errors import ConfigError, unknown_name

T = TypeVar("T")


LATER = {"later": True}
"""Of a field that files of this version may lack: it is written only where it is not the default,
so that scenes without it keep their bytes."""

LARGEST = sys.float_info.max
"""Largest size of a number: a longer whole number is no float."""


@dataclasses.dataclass(frozen=True)
class Quantity:
    """What is known of one setting: unit, bounds (inclusive), one line of help, allowed words."""

    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    help: str = ""
    choices: tuple[str, ...] = ()


def quantity(
    default: Any = dataclasses.MISSING,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    help: str = "",  # noqa: A002 - the field's own word for it
    choices: tuple[str, ...] = (),
    factory: Callable[[], Any] | None = None,
    later: bool = False,
) -> Any:
    """A dataclass field that carries a :class:`Quantity`; ``factory`` makes a mutable default.

    ``later`` marks one that files of this version may lack, see ``LATER``.
    """
    metadata: dict[str, Any] = {"quantity": Quantity(unit, low, high, help, choices)}
    if later:
        metadata |= LATER
    if factory is not None:
        return dataclasses.field(default_factory=factory, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@functools.cache
def quantities(cls: type) -> Mapping[str, Quantity]:
    """The quantity of every field of a settings class that has one, in order."""
    fields = dataclasses.fields(cls)
    return {f.name: f.metadata["quantity"] for f in fields if "quantity" in f.metadata}


def build(cls: type[T], values: Mapping[str, Any], place: str = "") -> T:
    """Make a settings object from plain data, strictly.

    Args:
        cls: a frozen dataclass of settings; fields may be settings themselves.
        values: plain data, such as a resolved config.
        place: the dotted key of ``values``, for messages.

    Raises:
        ConfigError: unknown key (nearest offered), missing key, wrong type, out of bounds.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{place or 'the config'} must be a mapping, got {values!r}")
    hints = typing.get_type_hints(cls)
    told = dataclasses.fields(cls)  # pyright: ignore[reportArgumentType] - a dataclass it is
    fields = {f.name: f for f in told if f.init}
    for key in values:
        if key not in fields:
            raise unknown_name("setting", _join(place, str(key)), [_join(place, k) for k in fields])
    made: dict[str, Any] = {}
    for name, field in fields.items():
        key = _join(place, name)
        if name in values:
            made[name] = _convert(values[name], hints[name], field.metadata.get("quantity"), key)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{key} is missing", mend=f"Give it as {key}=VALUE")
    return cls(**made)


def plain(settings: Any) -> Any:
    """The settings as plain data (dicts, lists, numbers, words) that :func:`build` takes back."""
    if dataclasses.is_dataclass(settings) and not isinstance(settings, type):
        return {f.name: plain(getattr(settings, f.name)) for f in dataclasses.fields(settings)}
    if isinstance(settings, Mapping):
        return {str(k): plain(v) for k, v in settings.items()}
    if isinstance(settings, list | tuple):
        return [plain(v) for v in settings]
    return settings


def check(value: float, q: Quantity, key: str) -> None:
    """Refuse a number outside its bounds, naming key, unit and bounds."""
    if not abs(value) <= LARGEST or not q.low <= value <= q.high:  # true for NaN too
        unit = f" {q.unit}" if q.unit else ""
        said = f"{value:g}" if isinstance(value, float) else f"{value!s:.40}"
        raise ConfigError(f"{key} must be {_bounds(q)}{unit}, got {said}")


def settings_class(hint: Any) -> type | None:
    """The settings class of an annotation, bare or optional; None for a plain value."""
    optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
    for found in typing.get_args(hint) if optional else (hint,):
        if isinstance(found, type) and dataclasses.is_dataclass(found):
            return found
    return None


def _bounds(q: Quantity) -> str:
    if math.isinf(q.high):
        return f"at least {q.low:g}" if not math.isinf(q.low) else "a finite number"
    return f"{q.low:g} to {q.high:g}"


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _convert(value: Any, hint: Any, q: Quantity | None, key: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        return _convert(value, next(a for a in args if a is not type(None)), q, key)
    if dataclasses.is_dataclass(hint):
        return build(hint, value, key)  # pyright: ignore[reportArgumentType] - hint is a class
    if origin is tuple:
        return _sequence(value, args, q, key)
    if origin in (Mapping, dict) or hint in (Mapping, dict):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{key} must be a mapping, got {value!r}")
        return dict(value)
    if hint is Any:
        return value
    return _scalar(value, hint, q, key)


def _sequence(value: Any, args: tuple[Any, ...], q: Quantity | None, key: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        count = 1 if args[-1] is Ellipsis else len(args)
        mend = f"Write {key}=[{','.join([str(value)] * count)}]"
        raise ConfigError(f"{key} must be a list, got {value!r}", mend=mend)
    if len(args) == 2 and args[1] is Ellipsis:
        hints: tuple[Any, ...] = (args[0],) * len(value)
    else:
        hints = args
        if len(value) != len(args):
            raise ConfigError(f"{key} must have {len(args)} entries, got {len(value)}")
    return tuple(
        _convert(v, h, q, f"{key}[{i}]") for i, (v, h) in enumerate(zip(value, hints, strict=True))
    )


def _scalar(value: Any, hint: Any, q: Quantity | None, key: str) -> Any:
    if hint is bool:
        if not isinstance(value, bool):
            raise ConfigError(f"{key} must be true or false, got {value!r}")
        return value
    if hint is str:
        text = str(value) if isinstance(value, str | int | float) else None
        if text is None or isinstance(value, bool):
            raise ConfigError(f"{key} must be a word, got {value!r}")
        if q is not None and q.choices and text not in q.choices:
            raise unknown_name(key, text, q.choices)
        return text
    if isinstance(value, bool) or not isinstance(value, int | float):
        word = "a whole number" if hint is int else "a number"
        raise ConfigError(f"{key} must be {word}, got {value!r}")
    check(value, q or Quantity(), key)
    if hint is int and value != int(value):
        raise ConfigError(f"{key} must be a whole number, got {value!r}")
    # never -0.0: numpy draws from no range that ends there
    return int(value) if hint is int else float(value) + 0.0
