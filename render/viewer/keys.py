"""The keys: their names (pygame's), what they do, and how the window lists them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from render.viewer import view as views
from render.viewer.view import View


@dataclasses.dataclass(frozen=True)
class Command:
    """Something that a key does.

    Attributes:
        keys: names of the keys as ``pygame.key.name`` gives them; the first is listed.
        label: one word for the button. about: one line for the help.
        act: what it does.
        on: whether it is switched on, None for what is no switch.
    """

    keys: tuple[str, ...]
    label: str
    about: str
    act: Callable[[View], View]
    on: Callable[[View], bool] | None = None


def _flip(name: str) -> Callable[[View], View]:
    return lambda view: dataclasses.replace(view, **{name: not getattr(view, name)})


def _is_pinhole(view: View) -> bool:
    return view.camera_kind == "pinhole"


def _other_camera(view: View) -> View:
    kind = "orthographic" if _is_pinhole(view) else "pinhole"
    return dataclasses.replace(view, camera_kind=kind)


def _detections(view: View) -> View:
    if not view.detector:
        return views.said(view, "no detector: start with model=FILE")
    return dataclasses.replace(view, detections=not view.detections)


def _neighbour(change: int) -> Callable[[View], View]:
    return lambda view: views.with_scene(view, view.scene.seed + change)


COMMANDS = (
    Command(("space",), "play", "play or pause", views.paused_or_playing, lambda v: v.playing),
    Command(("right", "."), "step", "pause, and one step of the engine on", views.stepped),
    Command(("n",), "new seed", "the scene of the next seed", _neighbour(1)),
    Command(("b",), "back", "the scene of the seed before", _neighbour(-1)),
    Command(("l",), "layout", "this seed on the next road layout", views.next_layout),
    Command(("-", "[-]"), "slower", "run slower", lambda v: views.with_speed(v, -1)),
    Command(("+", "=", "[+]"), "faster", "run faster", lambda v: views.with_speed(v, 1)),
    Command(("o",), "labels", "boxes of the exact labels", _flip("overlay"), lambda v: v.overlay),
    Command(("d",), "detect", "boxes that the detector finds", _detections, lambda v: v.detections),
    Command(("c",), "camera", "orthographic or pinhole", _other_camera, _is_pinhole),
    Command(("s",), "save", "save a picture of the window", _flip("saving")),
    Command(("h",), "help", "this text", _flip("help"), lambda v: v.help),
    Command(("q", "escape"), "quit", "close the window", _flip("closing")),
)  # fmt: skip
"""Every command, in the order in which the window lists them."""

ALIASES = {
    "period": ".", "plus": "+", "minus": "-", "equals": "=", "esc": "escape", "spacebar": "space",
}  # fmt: skip
"""Names that people write in scripts for keys that pygame calls otherwise."""

KEYS = {key: command for command in COMMANDS for key in command.keys}


def press(view: View, key: str) -> View:
    """What a key makes of a view; keys without a meaning do nothing."""
    command = KEYS.get(ALIASES.get(key.lower(), key.lower()))
    return command.act(view) if command else view
