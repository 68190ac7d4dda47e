"""The right side and the foot of the window: figures, sliders, presets, keys."""

from __future__ import annotations

import pygame
from pygame import Rect

from render.viewer import slider, style
from render.viewer.arrange import Arrangement, track
from render.viewer.facts import figures
from render.viewer.keys import COMMANDS
from render.viewer.shot import Shot
from render.viewer.view import QUANTITIES, View

Mouse = tuple[int, int] | None


def draw_panel(
    surface: pygame.Surface, view: View, shot: Shot, at: Arrangement, mouse: Mouse
) -> None:
    """Draw everything but the picture. ``mouse``: where it points, px, or None."""
    pygame.draw.rect(surface, style.PANEL, at.panel)
    _status(surface, view, shot, at.status)
    hint = _hint(at, mouse)
    _heading(surface, at.headings[0], "WEATHER", hint)
    for name, row in at.sliders.items():
        _slider(surface, name, getattr(view.conditions, name), row, view.held == name, mouse)
    for name, row in at.switches.items():
        _switch(surface, name, getattr(view.conditions, name), row, mouse)
    _heading(surface, at.headings[1], "PRESETS", "changed by hand" if view.preset is None else "")
    for name, box in at.presets.items():
        style.button(surface, box, view.preset == name, _over(box, mouse))
        style.put(surface, name.replace("_", " "), box, style.SMALL, align="middle")
    _buttons(surface, view, at, mouse)


def _status(surface: pygame.Surface, view: View, shot: Shot, box: Rect) -> None:
    pairs = figures(view, shot)
    pitch = (box.height - 6) // ((len(pairs) + 1) // 2)
    for i, (name, value) in enumerate(pairs):
        x = box.x + (i % 2) * (box.width // 2)
        cell = Rect(x, box.y + (i // 2) * pitch, box.width // 2 - 8, pitch)
        style.put(surface, name, cell, style.SMALL, style.DIM)
        style.put(surface, value, cell.move(74, 0).clip(cell), style.NORMAL)
    y = box.bottom - 3
    pygame.draw.line(surface, style.LINE, (box.left, y), (box.right, y))


def _heading(surface: pygame.Surface, box: Rect, text: str, note: str) -> None:
    style.put(surface, text, box, style.SMALL, style.ACCENT)
    style.put(surface, note, box, style.SMALL, style.DIM, "right")


def _slider(
    surface: pygame.Surface, name: str, value: float, row: Rect, held: bool, mouse: Mouse
) -> None:
    q, bar = QUANTITIES[name], track(row)
    line = Rect(bar.x, row.y, bar.width, bar.y - row.y)
    end = style.put(surface, slider.title(name), line)
    style.put(
        surface, slider.bounds(q), line.move(end.right - line.x + 8, 1), style.SMALL, style.DIM
    )
    style.put(surface, slider.written(q, value), line, align="right")
    x = bar.x + round(slider.share_of(q, value) * bar.width)
    zero = bar.x + round(slider.share_of(q, 0.0) * bar.width) if q.low < 0 else bar.x
    pygame.draw.rect(surface, style.LINE, bar, border_radius=2)
    pygame.draw.rect(surface, style.ACCENT, Rect(min(x, zero), bar.y, abs(x - zero), bar.height))
    bright = held or _over(row, mouse)
    knob = Rect(x - 4, bar.centery - 7, 8, 14)
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
        box = at.buttons[command.label]
        lit = bool(command.on and command.on(view))
        style.button(surface, box, lit, _over(box, mouse))
        inner = box.inflate(-12, 0)
        cap = style.put(surface, command.keys[0], inner, style.SMALL, style.ACCENT)
        rest = Rect(cap.right + 6, inner.y, inner.right - cap.right - 6, inner.height)
        style.put(surface, command.label, rest, style.NORMAL)


def _hint(at: Arrangement, mouse: Mouse) -> str:
    """What the quantity under the mouse means."""
    name = next((n for n, row in at.sliders.items() if _over(row, mouse)), None)
    return QUANTITIES[name].help if name else ""


def _over(box: Rect, mouse: Mouse) -> bool:
    return mouse is not None and box.collidepoint(mouse)
