"""The window without hands: a JSON list of actions, read and checked before the window opens.

Actions follow one another at once; only ``wait_s`` lets time pass, in steps of 1/60 s.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame

from render.files import write_bytes, write_json
from render.given_scene import read_scene
from render.viewer import entry, pointer
from render.viewer.aim import framing
from render.viewer.clock import paused
from render.viewer.facts import report
from render.viewer.finder import find
from render.viewer.keys import ALIASES, KEYS, press
from render.viewer.look import LEAST_PX
from render.viewer.shot import take
from render.viewer.view import SIZE_PX, changed, with_loaded, with_scene, with_values
from render.viewer.window import Window, png, tick
from simulator.conditions import Conditions
from simulator.errors import ConfigError, DataError, FairweatherError, OutputError, unknown_name
from simulator.seeding import MAX_SEED

TICK_S = 1 / 60
LONGEST_S = 3600.0
"""Longest wait of one action, s."""

MOST_BYTES = 1_000_000
MOST_PX = 4096

Action = tuple[str, Any]


def read_script(path: Path) -> tuple[Action, ...]:
    """The actions of a script, (name, value) each, all checked.

    Raises:
        FairweatherError: the file is no JSON list of actions, or one of them cannot be done; the
            file and the number of the action are named.
    """
    try:
        if path.exists() and not path.is_file():
            raise DataError("is no file", place=str(path), mend="Give script=FILE")
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"is larger than {MOST_BYTES:,} bytes", place=str(path))
        items = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", place=str(path)) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON ({error})", place=str(path)) from None
    if not isinstance(items, list):
        raise DataError("must be a JSON list of actions", place=str(path), mend='[{"wait_s": 1}]')
    actions: list[Action] = []
    size_px = SIZE_PX
    for i, item in enumerate(items):
        name, value = _action(item, f"{path}: action {i + 1}", size_px)
        size_px = (value[0], value[1]) if name == "size" else size_px
        actions.append((name, value))
    return tuple(actions)


def play_script(window: Window, actions: tuple[Action, ...]) -> None:
    """Do the actions in order, or as far as the window stays open."""
    for name, value in actions:
        if window.view.closing:
            return
        _PERFORM[name](window, value)
        if name not in ("wait_s", "screenshot", "state"):
            tick(window, 0.0)


# --- reading -------------------------------------------------------------------------------------


def _action(item: Any, place: str, size_px: tuple[int, int]) -> Action:
    if not isinstance(item, dict) or len(item) != 1:
        raise ConfigError(
            f"must be an object with one entry, got {json.dumps(item)[:80]}", place=place,
            mend='Such as {"wait_s": 1}',
        )  # fmt: skip
    name, value = next(iter(item.items()))
    if name not in _PERFORM:
        raise unknown_name("action", name, _PERFORM, place=place)
    try:
        if name in _POINT:
            _POINT[name](value, size_px)
        else:
            _CHECK[name](value)
    except FairweatherError as error:
        where = f"{place}: {error.place}" if error.place else place
        raise type(error)(error.what, place=where, mend=error.mend) from None
    return name, value


def _check_wait(value: Any) -> None:
    _number("wait_s", value, 0, LONGEST_S, "s")


def _check_key(value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"key must be a word, got {value!r}")
    if ALIASES.get(value.lower(), value.lower()) not in {*KEYS, *entry.KEYS}:
        raise unknown_name("key", value, [*KEYS, *entry.KEYS])


def _check_click(value: Any, size_px: tuple[int, int]) -> None:
    _point("click", value, size_px)


def _check_drag(value: Any, size_px: tuple[int, int]) -> None:
    if not isinstance(value, list) or len(value) < 2:
        raise ConfigError(f"drag must be [[x, y], [x, y], ...], got {json.dumps(value)[:80]}")
    for place in value:
        _point("drag", place, size_px)


def _check_wheel(value: Any, size_px: tuple[int, int]) -> None:
    if not isinstance(value, list) or len(value) != 3:
        raise ConfigError(f"wheel must be [x, y, steps], got {json.dumps(value)[:80]}")
    _point("wheel", value[:2], size_px)
    _number("wheel: steps", value[2], -50, 50, "")


def _point(name: str, value: Any, size_px: tuple[int, int]) -> None:
    if not isinstance(value, list) or len(value) != 2:
        raise ConfigError(f"{name} must be [x, y], got {json.dumps(value)[:80]}")
    for axis, number, size in zip("xy", value, size_px, strict=True):
        _number(f"{name}: {axis}", number, 0, size - 1, "px")


def _check_size(value: Any) -> None:
    if not isinstance(value, list) or len(value) != 2:
        raise ConfigError(f"size must be [width, height], got {json.dumps(value)[:80]}")
    for axis, number, least in zip(("width", "height"), value, LEAST_PX, strict=True):
        _number(f"size: {axis}", number, least, MOST_PX, "px")
        if not isinstance(number, int):
            raise ConfigError(f"size: {axis} must be a whole number, got {number!r}")


def _check_type(value: Any) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ConfigError(f"type must be a text, got {value!r}")


def _check_load(value: Any) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ConfigError(f"load must be the name of a file, got {value!r}")


def _check_set(value: Any) -> None:
    if not isinstance(value, dict):
        raise ConfigError(f"set must be an object, got {json.dumps(value)[:80]}")
    changed(Conditions(), value)


def _check_seed(value: Any) -> None:
    _number("seed", value, 0, MAX_SEED, "")
    if not isinstance(value, int):
        raise ConfigError(f"seed must be a whole number, got {value!r}")


def _check_screenshot(value: Any) -> None:
    _check_file(value)
    if not value.lower().endswith(".png"):
        raise ConfigError(f"a screenshot is a PNG, got {value!r}", mend="Let its name end in .png")


def _check_file(value: Any) -> None:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ConfigError(f"must be the name of a file, got {value!r}")
    path = Path(value)
    if path.is_dir():
        raise OutputError("is a folder", place=value, mend="Name a file")
    trial = path.with_name(f".{path.name}.{os.getpid()}.trial")
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})", place=value, mend="Choose another file"
        ) from None


def _number(name: str, value: Any, low: float, high: float, unit: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{name} must be a number, got {json.dumps(value)[:80]}")
    if not low <= value <= high:
        raise ConfigError(f"{name} must be {low} to {high} {unit}".rstrip() + f", got {value}")


_CHECK: dict[str, Callable[[Any], None]] = {
    "wait_s": _check_wait, "key": _check_key, "type": _check_type, "set": _check_set,
    "seed": _check_seed, "size": _check_size, "load": _check_load,
    "screenshot": _check_screenshot, "state": _check_file,
}  # fmt: skip
_POINT: dict[str, Callable[[Any, tuple[int, int]], None]] = {
    "click": _check_click, "drag": _check_drag, "wheel": _check_wheel,
}  # fmt: skip


# --- doing ---------------------------------------------------------------------------------------


def _wait(window: Window, seconds: float) -> None:
    for _ in range(round(seconds / TICK_S)):
        if window.seen:
            window.view = window.view if not _closed() else press(window.view, "escape")
        if window.view.closing:
            return
        tick(window, TICK_S)


def _closed() -> bool:
    return any(event.type == pygame.QUIT for event in pygame.event.get())


def _key(window: Window, name: str) -> None:
    window.view = press(window.view, name)


def _type(window: Window, text: str) -> None:
    window.view = entry.typed(window.view, text)


def _click(window: Window, place: list[float]) -> None:
    _drag(window, [place])


def _drag(window: Window, places: list[list[float]]) -> None:
    first, *others = (_whole(p) for p in places)
    window.view = pointer.pressed(window.view, first)
    for place in others:
        window.view = pointer.moved(window.view, place)
    window.view = dataclasses.replace(pointer.released(window.view), mouse=None)


def _wheel(window: Window, value: list[float]) -> None:
    view = pointer.wheeled(window.view, _whole(value[:2]), value[2])
    window.view = dataclasses.replace(view, mouse=None)


def _whole(place: list[float]) -> tuple[int, int]:
    return round(place[0]), round(place[1])


def _size(window: Window, size: list[int]) -> None:
    window.surface = pygame.display.set_mode((size[0], size[1]), pygame.RESIZABLE)
    window.view = dataclasses.replace(window.view, size_px=(size[0], size[1]))


def _load(window: Window, file: str) -> None:
    window.view = with_loaded(window.view, read_scene(Path(file)))


def _set(window: Window, values: dict[str, Any]) -> None:
    window.view = with_values(window.view, values)


def _seed(window: Window, seed: int) -> None:
    window.view = with_scene(window.view, seed)


def _screenshot(window: Window, file: str) -> None:
    write_bytes(Path(file), png(window))


def _state(window: Window, file: str) -> None:
    still = paused(window.view)
    shot = window.shot = take(still, window.shot, framing(still))
    found = find(window.finder, shot) if window.finder and window.view.detections else None
    write_json(Path(file), report(window.view, shot, found))


_PERFORM: dict[str, Callable[[Window, Any], None]] = {
    "wait_s": _wait, "key": _key, "type": _type, "click": _click, "drag": _drag,
    "wheel": _wheel, "set": _set, "seed": _seed, "size": _size, "load": _load,
    "screenshot": _screenshot, "state": _state,
}  # fmt: skip
