"""Real events under an X server: run as a program by its test, it prints what failed.

Keys and buttons are sent by xdotool to the window, as a person's hands would send them.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time

import pygame

from render.viewer import app, edit, slider
from render.viewer.arrange import arrange, share_at, track
from render.viewer.keys import COMMANDS
from render.viewer.look import area_of
from render.viewer.view import SIZE_PX, SLIDERS, SWITCHES, TABS, View
from render.viewer.weather_keys import value_of
from render.viewer.window import Window, closed, tick
from scenarios.presets import condition_names
from tests.render.controls import CHECKS, USED, base

KEYSYMS = {
    ",": "comma", ".": "period", "[": "bracketleft", "]": "bracketright", "home": "Home",
    "end": "End", "pageup": "Prior", "pagedown": "Next", "left": "Left", "right": "Right",
    "up": "Up",
    "down": "Down", "+": "plus", "=": "equal", "[+]": "KP_Add", "-": "minus", "[-]": "KP_Subtract",
    ";": "semicolon", "'": "apostrophe", "/": "slash", "return": "Return", "escape": "Escape",
    "`": "grave", "\\": "backslash", "insert": "Insert", "tab": "Tab",
}  # fmt: skip
"""Names of X for keys that pygame calls otherwise."""

WAIT_S = 3.0
KINDS = {
    "key": (pygame.KEYDOWN,),
    "button": (pygame.MOUSEBUTTONUP,),
    "wheel": (pygame.MOUSEWHEEL,),
}


def fed(window: Window, begin: View, kind: str, *words: str) -> View:
    """The view after real events from one call of xdotool."""
    window.view = begin
    subprocess.run(["xdotool", *words], check=True, timeout=20)
    until, came = time.monotonic() + WAIT_S, False
    while not came and time.monotonic() < until:
        for event in pygame.event.get():
            app.handle(window, event)
            came = came or event.type in KINDS[kind]
        time.sleep(0.002)
    tick(window, 0.0)
    closed(window)
    return window.view


def click(window: Window, begin: View, at: tuple[int, int]) -> View:
    x, y = map(str, at)
    return fed(window, begin, "button", "mousemove", x, y, "click", "1")


def key(window: Window, begin: View, name: str) -> View:
    symbol = KEYSYMS.get(name, name if len(name) == 1 or name == "space" else name.upper())
    return fed(window, begin, "key", "key", symbol)


def failures(window: Window, first: View) -> list[str]:
    """What did not do what it should, in words."""
    failed: list[str] = []

    def expect(word: str, held: bool) -> None:
        failed.extend([] if held else [word])

    for command in COMMANDS:
        check = CHECKS[command.label]
        begin = check.begin(first)
        for name in command.keys:
            expect(f"key {name}", check.holds(begin, key(window, begin, name)))
        tab = next(t for t in TABS if command.label in arrange(SIZE_PX, t).buttons)
        begin = dataclasses.replace(begin, tab=tab)
        at = arrange(SIZE_PX, tab).buttons[command.label].center
        expect(f"button {command.label}", check.holds(begin, click(window, begin, at)))
    weather = arrange(SIZE_PX)
    for name, row in weather.sliders.items():
        bar = track(row)
        at = bar.x + round(0.7 * bar.width), bar.centery
        wanted = slider.value_at(SLIDERS[name], share_at(row, at[0]))
        near = abs(value_of(click(window, first, at), name) - wanted) < 0.031
        expect(f"slider {name}", near)
    for name in SWITCHES:
        after = click(window, first, weather.switches[name].center)
        expect(f"switch {name}", after.conditions.street_lamps != first.conditions.street_lamps)
    for name in condition_names():
        after = click(window, first, weather.presets[name].center)
        expect(f"preset {name}", after.preset == name)
    for tab in TABS:
        expect(f"tab {tab}", click(window, first, weather.tabs[tab].center).tab == tab)
    return failed + _on_the_picture(window, first)


def _on_the_picture(window: Window, first: View) -> list[str]:
    failed: list[str] = []
    area = area_of(SIZE_PX)
    verge = area.x + 560, area.y + 60
    places = [(x, y) for y in range(area.top, area.bottom, 14) for x in range(140, 780, 14)]
    for tool, holds in USED.items():
        begin = first
        at = (
            next(p for p in places if edit.plate_at(first, p)[1] >= 0)
            if tool == "signal"
            else verge
        )
        if tool == "remove":
            begin = click(window, dataclasses.replace(first, tool="cone"), at)
        begin = dataclasses.replace(begin, tool=tool)
        failed += [] if holds(begin, click(window, begin, at)) else [f"tool {tool}"]
    x, y = map(str, area.center)
    turned = fed(window, first, "wheel", "mousemove", x, y, "click", "4")
    failed += [] if turned.look is not None else ["wheel"]
    words = ["mousemove", x, y, "mousedown", "1", "mousemove_relative", "60", "0", "mouseup", "1"]
    dragged = fed(window, first, "button", *words)
    failed += [] if dragged.look is not None and dragged.follow < 0 else ["drag"]
    begin = dataclasses.replace(first, entry=("seed", ""))
    for letter in "42":
        begin = key(window, begin, letter)
    failed += [] if key(window, begin, "return").scene.seed == 42 else ["typing"]
    return failed


def main() -> int:
    """Open the window, try everything, print what failed."""
    surface, seen = app.open_window(unattended=False)
    assert seen
    window = Window(surface, base(), None, seen=True)
    tick(window, 0.0)
    number = str(pygame.display.get_wm_info()["window"])
    subprocess.run(["xdotool", "windowmove", number, "0", "0"], check=True, timeout=20)
    subprocess.run(["xdotool", "windowfocus", "--sync", number], check=True, timeout=20)
    pygame.event.pump()
    failed = failures(window, window.view)
    sys.stdout.write(f"{len(COMMANDS)} commands, {len(SLIDERS)} sliders; failed: {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
