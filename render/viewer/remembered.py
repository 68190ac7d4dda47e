"""What the window remembers from one day to the next: a small JSON in the user's settings folder.

It is read and written where somebody looks, never by a script. A broken file is passed over.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any

from render.files import write_json
from render.progress import say
from render.viewer import view as views
from render.viewer.keys import COMMANDS
from render.viewer.look import LEAST_PX
from render.viewer.view import SPEEDS, TABS, View
from simulator.convention import USUAL, Convention, in_words
from simulator.errors import FairweatherError
from simulator.settings import build, plain

MOST_PX = 16_384
MOST_BYTES = 100_000


def settings_file() -> Path:
    """Where the file is on this system."""
    given = os.environ.get("XDG_CONFIG_HOME")
    if given:
        folder = Path(given)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path.home() / ".config"
    return folder / "fairweather" / "window.json"


def recalled(view: View) -> View:
    """The view as it was left; with a hint for who opens the window for the first time.

    A convention that the command line or a scene's file names is not changed.
    """
    path = settings_file()
    try:
        if not path.is_file():
            return dataclasses.replace(view, hint=True)
        with path.open("rb") as file:
            values = _checked(json.loads(file.read(MOST_BYTES)))
    except (OSError, ValueError, RecursionError, TypeError, FairweatherError) as error:
        say(f"{path}: passed over ({str(error)[:60] or 'broken'})")
        return view
    kept: Convention = values.pop("convention")
    asked = view.config.convention
    if view.config.recall_convention and asked == USUAL != kept and not view.given:
        view = views.said(views.with_convention(view, kept), in_words(kept))
    return dataclasses.replace(view, **values)


def remember(view: View) -> None:
    """Write what is remembered; where that cannot be done, a line says so."""
    path = settings_file()
    values = {
        "size_px": list(view.size_px), "tab": view.tab, "speed": SPEEDS[view.speed],
        "overlays": sorted(view.overlays), "divider": round(view.divider, 3),
        "convention": plain(view.config.convention),
    }  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, values)
    except (OSError, FairweatherError) as error:
        say(f"the settings of the window are not remembered: {error}")


def _checked(told: Any) -> dict[str, Any]:
    """Fields of a view, and the convention of its scenes.

    Raises:
        ValueError, FairweatherError: something is not what it should be.
    """
    if not isinstance(told, dict):
        raise ValueError("no object")
    width, height = told.get("size_px", (1280, 720))
    if not all(isinstance(n, int) and low <= n <= MOST_PX for n, low in
               zip((width, height), LEAST_PX, strict=True)):  # fmt: skip
        raise ValueError("size_px")
    tab, speed, divider = (told.get(k) for k in ("tab", "speed", "divider"))
    overlays = frozenset(told.get("overlays", ()))
    if tab not in TABS or speed not in SPEEDS or not isinstance(divider, float):
        raise ValueError("tab, speed or divider")
    if not 0 <= divider <= 1:
        raise ValueError("divider")
    if not overlays <= _overlays():
        raise ValueError("overlays")
    return {
        "size_px": (width, height), "tab": tab, "speed": SPEEDS.index(speed),
        "divider": min(max(divider, 0.05), 0.95), "overlays": overlays,
        "convention": build(Convention, told.get("convention", {}), "convention"),
    }  # fmt: skip


def _overlays() -> frozenset[str]:
    return frozenset(c.switches for c in COMMANDS if c.switches)
