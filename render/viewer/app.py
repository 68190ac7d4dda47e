"""The window's life: open, run until it is closed or the script ends, close."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import sys
import time
from pathlib import Path

import pygame

from render.config import SimulateConfig
from render.extras import check_extras
from render.given_scene import read_scene
from render.progress import say
from render.viewer import entry, pointer, script
from render.viewer.finder import Detect, Finder
from render.viewer.governor import Governor, told
from render.viewer.keys import press
from render.viewer.remembered import recalled, remember
from render.viewer.view import SIZE_PX, View, opened, said
from render.viewer.window import Window, closed, notice, tick
from render.warm import compile_once, compiled
from scenarios.layouts import LAYOUTS
from scenarios.presets import read_condition
from simulator.errors import FairweatherError

MOST_FPS = 60
LONGEST_TICK_S = 0.1
"""After a hiccup the scene goes on from where it was instead of jumping."""

UNSEEN = ("dummy", "offscreen")
"""SDL's drivers without a screen."""

SCREENS = ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY")
"""Where Linux says that there is a screen, or what SDL shall take for one."""


def run(config: SimulateConfig, detect: Detect | None = None) -> None:
    """Open the window on a running scene.

    Args:
        config: seed, script, and what scenes are made from.
        detect: a detector whose findings are drawn over the picture: u8[H, W, 3], blue first, to
            detections.

    Raises:
        FairweatherError: bad settings or script, no display, a file cannot be written.
    """
    for name in config.layouts:
        LAYOUTS[name]
    for spec in config.conditions:
        check_extras(read_condition(spec))
    scene = read_scene(Path(config.scene)) if config.scene is not None else None
    actions = script.read_script(Path(config.script)) if config.script is not None else None
    warn_of_two_pygames()
    finder = Finder(detect) if detect else None
    window = None
    try:
        surface, seen = open_window(unattended=actions is not None)
        compile_once()
        if seen:
            _announce(surface)
        view = opened(config, finder is not None, scene)
        attended = seen and actions is None
        if attended:
            view = recalled(view)
            surface = pygame.display.set_mode(view.size_px, pygame.RESIZABLE)
        governor = Governor() if attended else None
        window = Window(surface, view, finder, seen, governor=governor)
        tick(window, 0.0)
        if actions is not None:
            script.play_script(window, actions)
        else:
            _play(window)
    finally:
        if window is not None:
            closed(window)
            if window.governor is not None:
                remember(window.view)
        pygame.display.quit()
        if finder:
            finder.worker.shutdown()


def warn_of_two_pygames() -> None:
    """Say so when pygame and pygame-ce share their folder: the one installed last is in there."""
    found = {d.metadata["Name"].lower() for d in importlib.metadata.distributions(name="pygame-ce")}
    if found:
        say("warning: pygame-ce is installed beside pygame and breaks it; uninstall one of them")


def open_window(unattended: bool) -> tuple[pygame.Surface, bool]:
    """The window, and whether anybody can see it."""
    mend = "Run it where there is a screen, or set SDL_VIDEODRIVER=dummy and give script=FILE"
    chosen = "SDL_VIDEODRIVER" in os.environ
    if sys.platform == "linux" and not any(os.environ.get(name) for name in SCREENS):
        if not unattended:
            raise FairweatherError("no display to open a window on", mend=mend)
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    try:
        pygame.display.init()
        driver = pygame.display.get_driver()
        if driver in UNSEEN and not unattended and not chosen:
            raise FairweatherError("no display to open a window on", mend=mend)
        pygame.font.init()
        surface = pygame.display.set_mode(SIZE_PX, pygame.RESIZABLE)
    except pygame.error as error:
        raise FairweatherError(f"no display to open a window on ({error})", mend=mend) from None
    pygame.display.set_caption("Fairweather")
    return surface, driver not in UNSEEN


def _announce(surface: pygame.Surface) -> None:
    wait = "one moment" if compiled() else "compiling for this machine, once: about half a minute"
    notice(surface, wait)
    pygame.display.flip()
    pygame.event.pump()


def _play(window: Window) -> None:
    """The loop of an attended window."""
    clock = pygame.time.Clock()
    while not window.view.closing:
        seconds = min(clock.tick(MOST_FPS) / 1000.0, LONGEST_TICK_S)
        window.rate = clock.get_fps() if window.seen else None
        for event in pygame.event.get():
            handle(window, event)
        begun = time.perf_counter()
        try:
            tick(window, seconds)
        except FairweatherError as error:
            window.view = said(window.view, str(error))
        if window.governor is not None:
            told(window.governor, time.perf_counter() - begun, seconds)


def handle(window: Window, event: pygame.event.Event) -> None:
    """Let an event change the view; what cannot be done is said in the window."""
    try:
        window.view = _handled(window.view, event)
    except FairweatherError as error:
        window.view = said(window.view, str(error))


def _handled(view: View, event: pygame.event.Event) -> View:
    """The view after an event."""
    match event.type:
        case pygame.QUIT:
            return dataclasses.replace(view, closing=True)
        case pygame.KEYDOWN:
            return _key(view, event)
        case pygame.DROPFILE:
            return entry.opened_file(view, event.file)
        case pygame.WINDOWLEAVE:
            return dataclasses.replace(view, mouse=None)
        case pygame.MOUSEMOTION:
            return pointer.moved(view, event.pos)
        case pygame.MOUSEBUTTONDOWN if event.button == pygame.BUTTON_LEFT:
            return pointer.pressed(view, event.pos)
        case pygame.MOUSEBUTTONUP if event.button == pygame.BUTTON_LEFT:
            return pointer.released(view)
        case pygame.MOUSEWHEEL if view.mouse is not None:
            return pointer.wheeled(view, view.mouse, event.y)
    return view


def _key(view: View, event: pygame.event.Event) -> View:
    """A key; while something is typed, its letter."""
    name = pygame.key.name(event.key)
    if view.entry is None or name in entry.KEYS or name == "enter":
        return press(view, name)
    return entry.typed(view, event.dict.get("unicode", ""))
