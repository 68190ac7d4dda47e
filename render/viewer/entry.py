"""A line that a person types: a seed, or the name of a scene file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from render.given_scene import read_scene
from render.viewer.view import View, said, with_loaded, with_scene
from simulator.errors import ConfigError, FairweatherError
from simulator.seeding import MAX_SEED

ASKED = {"seed": "seed", "file": "scene file"}
"""What is asked for, by the name of the entry."""

KEYS = ("return", "escape", "backspace")
LONGEST = 400


def asking(name: str) -> Callable[[View], View]:
    """The command that begins an entry."""
    return lambda view: dataclasses.replace(view, entry=(name, ""), help=False)


def is_for(view: View, name: str) -> bool:
    """Whether such an entry is open."""
    return view.entry is not None and view.entry[0] == name


def typed(view: View, text: str) -> View:
    """More text for the entry; what cannot be printed is left out."""
    if view.entry is None:
        return view
    name, before = view.entry
    text = "".join(c for c in text if c.isprintable())
    return dataclasses.replace(view, entry=(name, (before + text)[:LONGEST]))


def pressed(view: View, key: str) -> View:
    """A key while an entry is open: return does it, escape leaves it."""
    if view.entry is None:
        return view
    name, text = view.entry
    if key == "backspace":
        return dataclasses.replace(view, entry=(name, text[:-1]))
    if key not in ("return", "escape"):
        return view
    view = dataclasses.replace(view, entry=None)
    if key == "escape" or not text.strip():
        return view
    try:
        return _seeded(view, text) if name == "seed" else opened_file(view, text.strip())
    except FairweatherError as error:
        return said(view, str(error))


def opened_file(view: View, name: str) -> View:
    """The scene of a file.

    Raises:
        FairweatherError: it is no scene.
    """
    return said(with_loaded(view, read_scene(Path(name).expanduser())), f"opened {name}")


def _seeded(view: View, text: str) -> View:
    word = text.strip()
    if not (word.isascii() and word.isdigit()) or int(word) > MAX_SEED:
        raise ConfigError(f"a seed is a whole number from 0 to {MAX_SEED}, got {word[:30]!r}")
    return with_scene(view, int(word))
