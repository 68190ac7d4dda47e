"""The help over the picture: what the keys do and what the boxes mean."""

from __future__ import annotations

import pygame
from pygame import Rect

from render.viewer import style
from render.viewer.keys import COMMANDS

LINE_PX, INSET_PX, KEY_PX, COLUMNS = 19, 12, 56, 2


def draw_help(surface: pygame.Surface, area: Rect, detector: bool) -> None:
    """Cover the picture with the help. ``detector``: whether a model was given."""
    plate = pygame.Surface(area.size, pygame.SRCALPHA)
    plate.fill((*style.BACK, 240))
    surface.blit(plate, area)
    width = (area.width - 2 * INSET_PX) // COLUMNS
    rows = -(-len(COMMANDS) // COLUMNS)
    pitch = min((area.height - 2 * INSET_PX) // (rows + 6), LINE_PX)
    for i, command in enumerate(COMMANDS):
        x, y = area.x + INSET_PX + i // rows * width, area.y + INSET_PX + i % rows * pitch
        line = Rect(x, y, width - 12, pitch)
        style.put(surface, command.keys[0], line, style.SMALL, style.ACCENT)
        rest = Rect(x + KEY_PX, y, width - KEY_PX - 12, pitch)
        style.put(surface, command.about, rest, style.SMALL)
    top = area.y + INSET_PX + rows * pitch + pitch // 2
    line = Rect(area.x + INSET_PX, top, area.width - 2 * INSET_PX, pitch)
    for text in _notes(detector):
        style.put(surface, text, line, style.SMALL, style.DIM)
        line.move_ip(0, pitch)
    for name, colour in style.CLASS_COLOURS.items():
        end = style.put(surface, name.replace("_", " "), line, style.SMALL, colour)
        line.left = end.right + 12


HINT = (
    ("drag, wheel", "move the picture, zoom; click a vehicle to follow it"),
    ("space", "pause; the bar below winds back"),
    ("visibility", "its slider on the right: pull it to the left and watch"),
    ("v", "clear weather and this one beside a divider"),
    ("tab", "tools: signs, cones, cars, people; cameras; overlays"),
    ("h", "all keys"),
)
"""For who opens the window for the first time."""


def draw_hint(surface: pygame.Surface, area: Rect) -> None:
    """A plate over the picture, gone with the first key or click."""
    plate = Rect(0, 0, min(480, area.width), LINE_PX * (len(HINT) + 3))
    plate.center = area.center
    pygame.draw.rect(surface, style.PANEL, plate, border_radius=8)
    pygame.draw.rect(surface, style.ACCENT, plate, 1, border_radius=8)
    line = Rect(plate.x + 16, plate.y + 8, plate.width - 32, LINE_PX)
    style.put(surface, "Turn the weather, and watch.", line)
    for key, about in HINT:
        line.move_ip(0, LINE_PX)
        style.put(surface, key, line, style.SMALL, style.ACCENT)
        style.put(surface, about, line.move(90, 0).clip(line), style.SMALL)
    line.move_ip(0, LINE_PX)
    style.put(surface, "Any key or click goes on.", line, style.SMALL, style.DIM)


def _notes(detector: bool) -> list[str]:
    return [
        "Mouse: drag the picture, wheel to zoom, click a vehicle to follow it; drag the time bar.",
        "Sliders: click or drag. Drivers meet the new weather with their next step.",
        "A paused picture is a state of the engine; a running one glides between two of them.",
        "Detections: thick corners with a score and a question mark."
        if detector
        else "Detections: none, no model= was given.",
    ]
