"""The right side and the foot of the window: figures, sliders, presets, keys."""

from __future__ import annotations

import dataclasses
from typing import Any

import pygame
from pygame import Rect

from render.viewer import clock, slider, style
from render.viewer.arrange import ROW_SPLIT_PX, Arrangement, track
from render.viewer.facts import figures
from render.viewer.keys import COMMANDS
from render.viewer.shot import Shot
from render.viewer.sky import sun_in_words
from render.viewer.view import SLIDERS, View
from render.viewer.weather_keys import value_of

Mouse = tuple[int, int] | None

SHORT = {"insert": "ins", "return": "ret"}
"""What stands on buttons for keys with long names."""


@dataclasses.dataclass(frozen=True, eq=False)
class Kept:
    """Pictures of the panel and of the foot, and all that they depend on."""

    key: tuple[Any, ...]
    panel: pygame.Surface
    foot: pygame.Surface


def draw_panel(
    surface: pygame.Surface,
    view: View,
    shot: Shot,
    at: Arrangement,
    rate: str,
    kept: Kept | None = None,
) -> Kept:
    """Draw everything but the picture.

    Args:
        rate: pictures a second, in words. kept: what the last call returned; what has not changed
            is copied from it, because letters and plates cost as much as a picture.
    """
    key = _depends_on(surface, view, at)
    whole, top = surface.get_rect(), at.bars["time"].bottom
    panel, foot = at.panel.clip(whole), Rect(0, top, at.panel.x, at.panel.bottom - top).clip(whole)
    if kept is None or kept.key != key:
        _draw_still(surface, view, at)
        kept = Kept(key, _cut(surface, panel), _cut(surface, foot))
    else:
        surface.blit(kept.panel, panel)
        surface.blit(kept.foot, foot)
    _status(surface, figures(view, shot, rate), at.status)
    _scrub(surface, view, at.bars["time"], view.mouse)
    if view.mouse is not None and not view.held:
        _tooltip(surface, at, view.mouse)
    return kept


def _cut(surface: pygame.Surface, box: Rect) -> pygame.Surface:
    """A copy of a part of the window; a small window has nothing of it."""
    return surface.subsurface(box).copy() if box.width and box.height else pygame.Surface((0, 0))


def _depends_on(surface: pygame.Surface, view: View, at: Arrangement) -> tuple[Any, ...]:
    parts = (at.tabs, at.sliders, at.switches, at.presets, at.buttons)
    under = next((tuple(r) for p in parts for r in p.values() if _over(r, view.mouse)), None)
    lit = tuple(bool(c.on and c.on(view)) for c in COMMANDS)
    weather = view.conditions, view.preset, view.front is None, view.held, view.chosen
    return surface.get_size(), view.tab, under, lit, *weather


def _draw_still(surface: pygame.Surface, view: View, at: Arrangement) -> None:
    """What changes only when somebody does something."""
    mouse = view.mouse
    pygame.draw.rect(surface, style.PANEL, at.panel)
    for name, box in at.tabs.items():
        style.button(surface, box, view.tab == name, _over(box, mouse))
        style.put(surface, name, box, align="middle")
    for name, row in at.sliders.items():
        bounds = sun_in_words(view.conditions) if name == "hour" else slider.bounds(SLIDERS[name])
        held = name in (view.held, view.chosen)
        _slider(surface, name, value_of(view, name), bounds, row, held, mouse)
    for name, row in at.switches.items():
        _switch(surface, name, getattr(view.conditions, name), row, mouse)
    for name, box in at.headings.items():
        style.put(surface, name.upper(), box, style.SMALL, style.ACCENT)
    if at.presets and view.preset is None:
        line = at.headings["presets"]
        word = "changed by hand" if view.front is None else "a front passes"
        style.put(surface, word, line, style.SMALL, style.DIM, "right")
    for name, box in at.presets.items():
        style.button(surface, box, view.preset == name, _over(box, mouse))
        style.put(surface, name.replace("_", " "), box, style.SMALL, align="middle")
    _buttons(surface, view, at, mouse)


def _status(surface: pygame.Surface, pairs: list[tuple[str, str]], box: Rect) -> None:
    pitch = (box.height - 6) // ((len(pairs) + 1) // 2)
    for i, (name, value) in enumerate(pairs):
        x = box.x + (i % 2) * (box.width // 2)
        cell = Rect(x, box.y + (i // 2) * pitch, box.width // 2 - 8, pitch)
        style.put(surface, name, cell, style.SMALL, style.DIM)
        style.put(surface, value, cell.move(62, 0).clip(cell), style.NORMAL)
    y = box.bottom - 3
    pygame.draw.line(surface, style.LINE, (box.left, y), (box.right, y))


def _scrub(surface: pygame.Surface, view: View, row: Rect, mouse: Mouse) -> None:
    """The bar of time: what has been, and where in it the picture is."""
    bar, share = track(row), clock.share_of(view)
    line = Rect(bar.x, row.y - 3, bar.width, bar.y - row.y)
    pygame.draw.rect(surface, style.LINE, bar, border_radius=2)
    pygame.draw.rect(surface, style.ACCENT, Rect(bar.x, bar.y, round(share * bar.width), 4))
    bright = view.held == "time" or _over(row, mouse)
    knob = Rect(bar.x + round(share * bar.width) - 4, bar.centery - 5, 8, 11)
    pygame.draw.rect(surface, style.TEXT if bright else style.ACCENT, knob, border_radius=3)
    first, last = view.past[0][0].time_s, view.past[-1][0].time_s
    style.put(surface, f"{first:.1f} s", line, style.SMALL, style.DIM)
    if share < 1:
        style.put(surface, f"{last:.1f} s", line, style.SMALL, style.DIM, "right")


def _slider(
    surface: pygame.Surface,
    name: str,
    value: float,
    bounds: str,
    row: Rect,
    held: bool,
    mouse: Mouse,
) -> None:
    q, bar = SLIDERS[name], track(row)
    low = row.height < ROW_SPLIT_PX
    line = Rect(row.x + 4, row.y, row.width - 8, row.height if low else bar.y - row.y)
    end = style.put(surface, slider.title(name), line, colour=style.ACCENT if held else style.TEXT)
    if not low:
        beside = line.move(end.right - line.x + 8, 1)
        style.put(surface, bounds, beside, style.SMALL, style.DIM)
    style.put(surface, slider.written(q, value), line, align="right")
    x = bar.x + round(slider.share_of(q, value) * bar.width)
    zero = bar.x + round(slider.share_of(q, 0.0) * bar.width) if q.low < 0 else bar.x
    pygame.draw.rect(surface, style.LINE, bar, border_radius=2)
    pygame.draw.rect(surface, style.ACCENT, Rect(min(x, zero), bar.y, abs(x - zero), bar.height))
    bright = held or _over(row, mouse)
    knob = Rect(x - 4, bar.centery - 5, 8, 11)
    pygame.draw.rect(surface, style.TEXT if bright else style.ACCENT, knob, border_radius=3)


def _switch(surface: pygame.Surface, name: str, value: bool, row: Rect, mouse: Mouse) -> None:
    style.put(surface, name.replace("_", " "), row.move(4, 0))
    knob = Rect(row.right - 40, row.centery - 8, 34, 16)
    style.put(
        surface, "on" if value else "off", Rect(row.x, row.y, row.width - 48, row.height),
        align="right",
    )  # fmt: skip
    pygame.draw.rect(surface, style.ACCENT if value else style.LINE, knob, border_radius=8)
    dot = Rect(knob.right - 16 if value else knob.left + 2, knob.y + 2, 14, 12)
    bright = value or _over(row, mouse)
    pygame.draw.rect(surface, style.TEXT if bright else style.DIM, dot, border_radius=6)


def _buttons(surface: pygame.Surface, view: View, at: Arrangement, mouse: Mouse) -> None:
    for command in COMMANDS:
        box = at.buttons.get(command.label)
        if box is None:
            continue
        lit = bool(command.on and command.on(view))
        style.button(surface, box, lit, _over(box, mouse))
        inner = box.inflate(-10, 0)
        cap = SHORT.get(command.keys[0], command.keys[0])
        if cap == command.label:
            style.put(surface, cap, inner)
            continue
        end = style.put(surface, cap, inner, style.SMALL, style.ACCENT)
        rest = Rect(end.right + 5, inner.y, inner.right - end.right - 5, inner.height)
        style.put(surface, command.label, rest)


def _tooltip(surface: pygame.Surface, at: Arrangement, mouse: tuple[int, int]) -> None:
    """What is under the mouse, in words beside it."""
    text = next((SLIDERS[n].help for n, row in at.sliders.items() if _over(row, mouse)), "")
    label = next((n for n, box in at.buttons.items() if _over(box, mouse)), None)
    if label is not None:
        text = next(c.about for c in COMMANDS if c.label == label)
    if not text:
        return
    plate = style.words(text).get_rect(midbottom=(mouse[0], mouse[1] - 14)).inflate(16, 10)
    plate.clamp_ip(surface.get_rect())
    pygame.draw.rect(surface, style.BACK, plate, border_radius=5)
    pygame.draw.rect(surface, style.LINE, plate, 1, border_radius=5)
    style.put(surface, text, plate, align="middle")


def _over(box: Rect, mouse: Mouse) -> bool:
    return mouse is not None and box.collidepoint(mouse)
