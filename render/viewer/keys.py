"""The keys: their names (pygame's), what they do, and how the window lists them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from render.viewer import aim, clock, edit, entry, exported, likeness, weather_keys
from render.viewer import scene_file as files
from render.viewer import view as views
from render.viewer.view import TABS, View
from simulator.convention import USUAL
from simulator.signs import SIGNS

DIVIDER_STEP = 0.1

Act = Callable[[View], View]
Is = Callable[[View], bool]


@dataclasses.dataclass(frozen=True)
class Command:
    """Something that a key does.

    Attributes:
        keys: names of the keys as ``pygame.key.name`` gives them; the first is listed.
        label: one or two words for the button. about: one line for the help.
        act: what it does.
        group: where its button is: "foot" is under the picture.
        on: whether it is switched on, None for what is no switch.
        switches: the overlay that it switches, or "".
    """

    keys: tuple[str, ...]
    label: str
    about: str
    act: Act
    group: str
    on: Is | None = None
    switches: str = ""


def _flip(name: str) -> Act:
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


def _other_tab(view: View) -> View:
    return dataclasses.replace(view, tab=TABS[(TABS.index(view.tab) + 1) % len(TABS)])


def _neighbour(change: int) -> Act:
    return lambda view: views.with_scene(view, view.scene.seed + change)


def _denser(factor: float) -> Act:
    def change(view: View) -> View:
        made = views.with_traffic(view, factor)
        low, high = made.config.traffic.vehicles_low, made.config.traffic.vehicles_high
        return views.said(made, f"{low:.0f} to {high:.0f} vehicles wanted")

    return change


def _overlay(name: str, keys: tuple[str, ...], label: str, about: str) -> Command:
    def flip(view: View) -> View:
        return dataclasses.replace(view, overlays=view.overlays ^ {name})

    return Command(keys, label, about, flip, "overlays", lambda view: name in view.overlays, name)


def _tool(key: str, name: str, about: str) -> Command:
    def take(view: View) -> View:
        tool = "" if view.tool == name else name
        word = f"click to {about}, or press return" if tool else ""
        return views.said(dataclasses.replace(view, tool=tool), word)

    return Command((key,), name, about, take, "edit", lambda view: view.tool == name)


def _next_sign(view: View) -> View:
    names = list(SIGNS)
    name = names[(names.index(view.sign_type) + 1) % len(names)]
    return views.said(dataclasses.replace(view, sign_type=name, tool="sign"), f"sign: {name}")


def _apply(view: View) -> View:
    if not view.tool:
        return views.said(view, "choose a tool first: cone, sign, car, person, remove or signal")
    return edit.applied(view, aim.pointed(view))


def _pan(key: str, right: int, down: int) -> Command:
    return Command(
        (key,), key, f"move the camera {key}", lambda v: aim.panned(v, right, down), "camera"
    )


COMMANDS = (
    Command(("space",), "play", "play or pause", clock.paused_or_playing, "foot",
            lambda v: v.playing),
    Command((",",), "back", "pause, and one step back", clock.stepped_back, "foot"),
    Command((".",), "step", "pause, and one step on", clock.stepped, "foot"),
    Command(("[",), "slower", "run slower", lambda v: clock.with_speed(v, -1), "foot"),
    Command(("]",), "faster", "run faster", lambda v: clock.with_speed(v, 1), "foot"),
    Command(("n",), "new seed", "the scene of the next seed", _neighbour(1), "foot"),
    Command(("h",), "help", "the help over the picture", _flip("help"), "foot", lambda v: v.help),
    Command(("tab",), "tools", "the other side of the panel", _other_tab, "foot",
            lambda v: v.tab != TABS[0]),
    Command(("home",), "start", "wind back to the beginning",
            lambda v: clock.at_share(v, 0.0), "time"),
    Command(("r", "pageup"), "5 s back", "wind 5 s back",
            lambda v: clock.wound(v, -clock.JUMP_S), "time"),
    Command(("t", "pagedown"), "5 s on", "wind 5 s on, within what was",
            lambda v: clock.wound(v, clock.JUMP_S), "time"),
    Command(("b",), "last seed", "the scene of the seed before", _neighbour(-1), "scene"),
    Command(("g",), "seed ...", "type a seed", entry.asking("seed"), "scene",
            lambda v: entry.is_for(v, "seed")),
    Command(("l",), "layout", "this seed on the next road layout", views.next_layout, "scene"),
    Command(("`",), "less cars", "the scene anew with less traffic", _denser(1 / 1.5), "scene"),
    Command(("\\",), "more cars", "the scene anew with more traffic", _denser(1.5), "scene"),
    Command(("end",), "rules", "this seed under the next convention: side of the road, signs",
            views.next_convention, "scene", lambda v: v.scene.convention != USUAL),
    Command(("w",), "write", "write the scene to a file", files.saved, "scene"),
    Command(("e",), "open ...", "open a scene file (or drop one)",
            entry.asking("file"), "scene", lambda v: entry.is_for(v, "file")),
    Command(("s",), "picture", "save a picture of the window", _flip("saving"), "scene"),
    Command(("p",), "export", "export this frame as in a dataset", exported.exported, "scene"),
    Command(("u",), "clip", "begin or end a clip (webm)", _flip("recording"), "scene",
            lambda v: v.recording),
    Command(("a",), "100 like", "settings and command for 100 like this", likeness.written,
            "scene"),
    _pan("left", -1, 0),
    _pan("right", 1, 0),
    _pan("up", 0, -1),
    _pan("down", 0, 1),
    Command(("+", "=", "[+]"), "nearer", "zoom in, to the mouse", lambda v: aim.zoomed(v, 1),
            "camera"),
    Command(("-", "[-]"), "farther", "zoom out, from the mouse", lambda v: aim.zoomed(v, -1),
            "camera"),
    Command(("f",), "follow", "follow the nearest vehicle", aim.follow_or_not,
            "camera", lambda v: v.follow >= 0),
    Command(("z",), "own", "the dataset's own camera", aim.home, "camera",
            lambda v: v.look is None),
    Command(("c",), "drone", "orthographic, or a drone's", _other_camera, "camera",
            _is_pinhole),
    Command(("v",), "split", "split: clear twin, id plane, detector", views.next_split, "camera",
            lambda v: bool(v.split)),
    Command(("j",), "divide <", "move the divider to the left",
            lambda v: views.with_divider(v, v.divider - DIVIDER_STEP), "camera"),
    Command(("k",), "divide >", "move the divider to the right",
            lambda v: views.with_divider(v, v.divider + DIVIDER_STEP), "camera"),
    Command(("f1",), "preset <", "the preset before", lambda v: weather_keys.next_preset(v, -1),
            "weather"),
    Command(("f2",), "preset >", "the next preset", lambda v: weather_keys.next_preset(v, 1),
            "weather"),
    Command(("f3",), "slider <", "choose the slider above",
            lambda v: weather_keys.next_slider(v, -1), "weather"),
    Command(("f4",), "slider >", "choose the slider below",
            lambda v: weather_keys.next_slider(v, 1), "weather"),
    Command(("f5",), "less", "move the chosen slider down",
            lambda v: weather_keys.moved_slider(v, -1), "weather"),
    Command(("f6",), "more", "move the chosen slider up",
            lambda v: weather_keys.moved_slider(v, 1), "weather"),
    Command(("f7",), "lamps", "street lamps", weather_keys.lamps, "weather",
            lambda v: v.conditions.street_lamps),
    Command(("0",), "change", "let the weather change: a front passes", weather_keys.front_or_not,
            "weather", lambda v: v.front is not None),
    Command((";",), "earlier", "half an hour earlier",
            lambda v: weather_keys.later(v, -weather_keys.HOUR_STEP), "weather"),
    Command(("'",), "later", "half an hour later",
            lambda v: weather_keys.later(v, weather_keys.HOUR_STEP), "weather"),
    _tool("f8", "cone", "put down a cone"),
    _tool("f9", "sign", "put up a sign"),
    _tool("f10", "car", "park a car"),
    _tool("insert", "person", "let somebody stroll beside the road"),
    _tool("f11", "remove", "remove a sign, cone, vehicle or person"),
    _tool("f12", "signal", "set a signal"),
    Command(("/",), "sign >", "another sign to put up", _next_sign, "edit"),
    Command(("return",), "do it", "use the tool at the mouse", _apply, "edit"),
    _overlay("visible", ("o", "1"), "labels", "labels: thin boxes of what is visible"),
    _overlay("full", ("2",), "full", "dashed: with what is hidden, outside"),
    _overlay("oriented", ("3",), "oriented", "boxes along the heading"),
    _overlay("masks", ("4",), "masks", "the instance masks, a colour each"),
    _overlay("tracks", ("5",), "tracks", "track numbers, the same in every frame"),
    _overlay("contrast", ("6",), "contrast", "c: contrast left, 1 is all of it"),
    _overlay("lanes", ("7",), "lanes", "lanes; orange: through a junction"),
    _overlay("routes", ("8",), "routes", "where vehicles are going to"),
    _overlay("conflicts", ("9",), "conflicts", "ways cross (pink), merge (ring)"),
    _overlay("why", ("y",), "why", "why does it wait? and for whom"),
    _overlay("sight", ("i",), "sight", "how far drivers see"),
    _overlay("stopping", ("x",), "stopping", "to a stand: react, then brake (orange)"),
    _overlay("friction", ("m",), "friction", "friction: blue dry, orange icy road"),
    Command(("d",), "detect", "boxes that the detector finds", _detections, "overlays",
            lambda v: v.detections),
    Command(("q", "escape"), "quit", "close the window", _flip("closing"), "scene"),
)  # fmt: skip
"""Every command, in the order in which the window lists them."""

GROUPS = ("time", "scene", "edit", "camera", "weather", "overlays")
"""Groups of buttons of the tools, from above."""

ALIASES = {
    "period": ".", "comma": ",", "semicolon": ";", "quote": "'", "plus": "+",
    "minus": "-", "equals": "=", "esc": "escape",
    "spacebar": "space", "page up": "pageup", "page down": "pagedown", "enter": "return",
    "slash": "/", "backslash": "\\", "backquote": "`", "ins": "insert",
}  # fmt: skip
"""Names that people write in scripts for keys that pygame calls otherwise."""

KEYS = {key: command for command in COMMANDS for key in command.keys}


def press(view: View, key: str) -> View:
    """What a key makes of a view; keys without a meaning do nothing."""
    key = ALIASES.get(key.lower(), key.lower())
    view = dataclasses.replace(view, hint=False)
    if view.entry is not None:
        return entry.pressed(view, key)
    command = KEYS.get(key)
    return command.act(view) if command else view
