"""Scene <-> versioned JSON, without loss, and safe to read from strangers."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import math
import types
import typing
from typing import Any

import numpy as np
import orjson

from simulator.arrays import LARGEST
from simulator.errors import DataError, FairweatherError
from simulator.scene import Scene
from simulator.scene_bounds import check_bounds
from simulator.settings import build, quantities

MAX_BYTES = 20_000_000
"""Largest scene file that is read."""

MAX_ITEMS = 20_000
"""Longest list in a scene file: no scene comes near it."""


def compact(value: Any) -> bytes:
    """Any part of a scene as one JSON text: sorted keys, no spaces, derived fields left out.

    Equal values have equal bytes, and floats stay exact.
    """
    return orjson.dumps(value, default=_members, option=_COMPACT)


_COMPACT = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_SERIALIZE_NUMPY


def _members(value: Any) -> Any:
    """What is not plain, one level plainer."""
    if isinstance(value, np.ndarray):  # only those that do not lie in one piece come here
        return value.tolist()
    if _all_told(type(value)):
        return vars(value)
    return {name: _plainer(getattr(value, name)) for name in told(value)}


def _plainer(value: Any) -> Any:
    """Things of one kind all at once: they are small and many, such as trees, poles and blocks."""
    kinds = set(map(type, value)) if isinstance(value, tuple) else ()
    if len(kinds) != 1 or not _all_made(*kinds):
        return value
    later = _later(*kinds)
    return [_without(vars(v), later) for v in value] if later else list(map(vars, value))


def _without(fields: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The fields of a thing but those that came later and are as before they came."""
    return {n: v for n, v in fields.items() if n not in later or _differs(v, later[n])}


def told(value: Any) -> tuple[str, ...]:
    """Names of the fields of a dataclass that are written of this value."""
    names, later = _names(type(value)), _later(type(value))
    if not later:
        return names
    return tuple(n for n in names if n not in later or _differs(getattr(value, n), later[n]))


def _differs(value: Any, default: Any) -> bool:
    return value is not default and (isinstance(value, np.ndarray) or value != default)


@functools.cache
def _later(kind: type) -> dict[str, Any]:
    """Fields that came later, with their defaults: see ``settings.LATER``."""
    return {f.name: f.default for f in dataclasses.fields(kind) if f.metadata.get("later")}


@functools.cache
def _all_told(kind: type) -> bool:
    """Whether it is a dataclass every field of which is always written."""
    return _all_made(kind) and not _later(kind)


@functools.cache
def _all_made(kind: type) -> bool:
    """Whether it is a dataclass without derived fields."""
    return dataclasses.is_dataclass(kind) and len(_names(kind)) == len(dataclasses.fields(kind))


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass that make it: all but the derived ones."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.init)


def from_plain(cls: Any, data: Any, place: str = "") -> Any:
    """The inverse of :func:`compact`, once parsed, for a type of the scene vocabulary.

    Raises:
        DataError: anything missing, unknown, of the wrong type, not finite, or inconsistent.
    """
    place = place or cls.__name__.lower()
    # before the members, which differ between versions
    told, ours = (data if isinstance(data, dict) else {}).get("version"), _version(cls)
    if ours is not None and told is not None and told != ours:
        raise DataError(
            f"version {str(told)[:40]}, this program reads {ours}", place=place,
            mend="Make it again with this program",
        )  # fmt: skip
    try:
        made = _read(cls, data, place)
        if isinstance(made, Scene):
            check_bounds(made, place)
        return made
    except FairweatherError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise DataError(str(error), place=place) from None


def _version(cls: Any) -> int | None:
    """The version that a type of file says it is of, where it does."""
    return getattr(cls, "version", None) if dataclasses.is_dataclass(cls) else None


def dump_scene(scene: Scene) -> str:
    """The scene as one JSON text: sorted keys, no spaces, so equal scenes have equal bytes."""
    return compact(scene).decode()


def load_scene(text: str | bytes, place: str = "scene") -> Scene:
    """Read a scene from JSON that may come from anywhere.

    Raises:
        DataError: too large, not JSON, or not a consistent scene; names the place.
    """
    if len(text) > MAX_BYTES:
        raise DataError(f"{len(text)} bytes is too large for a scene", place=place)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON ({error})", place=place) from None
    return from_plain(Scene, data, place)


def _read(hint: Any, data: Any, place: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _read_dataclass(hint, data, place)
    if hint is np.ndarray:
        return _array(data, place)
    if origin is types.UnionType:
        return _read(next(a for a in args if a is not types.NoneType), data, place)
    if origin is tuple:
        return _read_tuple(args, data, place)
    if isinstance(hint, type) and issubclass(hint, enum.IntEnum):
        return hint(_number(data, int, place))
    if hint in (bool, int, float):
        return _number(data, hint, place)
    if hint is str:
        if not isinstance(data, str) or len(data) > 200:
            raise DataError(f"must be a short text, got {str(data)[:40]!r}", place=place)
        return data
    raise DataError(f"cannot hold a {hint}", place=place)


def _read_dataclass(hint: Any, data: Any, place: str) -> Any:
    if quantities(hint):
        return build(hint, data, place)
    if not isinstance(data, dict):
        raise DataError(f"must be an object, got {str(data)[:40]!r}", place=place)
    hints = typing.get_type_hints(hint)
    names = [f.name for f in dataclasses.fields(hint) if f.init]
    extra, missing = set(data) - set(names), set(names) - set(data) - set(_later(hint))
    if extra or missing:
        word = f"unknown key '{sorted(extra)[0]}'" if extra else f"no '{sorted(missing)[0]}'"
        raise DataError(word, place=place, mend="Was it written by another version?")
    made = {n: _read(hints[n], data[n], f"{place}.{n}") for n in names if n in data}
    try:
        return hint(**made)
    except ValueError as error:
        raise DataError(str(error), place=place) from None


def _read_tuple(args: tuple[Any, ...], data: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(data, list) or len(data) > MAX_ITEMS:
        raise DataError(f"must be a list of at most {MAX_ITEMS}", place=place)
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_read(args[0], v, f"{place}[{i}]") for i, v in enumerate(data))
    if len(data) != len(args):
        raise DataError(f"must have {len(args)} entries, got {len(data)}", place=place)
    pairs = enumerate(zip(args, data, strict=True))
    return tuple(_read(h, v, f"{place}[{i}]") for i, (h, v) in pairs)


def _array(data: Any, place: str) -> np.ndarray:
    if not isinstance(data, list) or len(data) > MAX_ITEMS:
        raise DataError(f"must be a list of at most {MAX_ITEMS}", place=place)
    array = np.array(data)
    if array.dtype.kind not in "biuf":
        raise DataError("must hold numbers only, in rows of equal length", place=place)
    return array


def _number(data: Any, hint: type, place: str) -> Any:
    if hint is bool:
        if not isinstance(data, bool):
            raise DataError(f"must be true or false, got {str(data)[:40]!r}", place=place)
        return data
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        raise DataError(f"must be a number, got {str(data)[:40]!r}", place=place)
    if hint is int and (data != int(data) or not -(2**63) <= data < 2**63):
        raise DataError(f"must be a whole number of 64 bits, got {str(data)[:40]}", place=place)
    if hint is float and abs(data) > LARGEST:
        raise DataError(f"must be at most {LARGEST:g}, got {data:g}", place=place)
    return hint(data)
