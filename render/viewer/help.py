"""The help over the picture: what the keys do and what the boxes mean."""

from __future__ import annotations

import pygame
from pygame import Rect

from render.viewer import style
from render.viewer.keys import COMMANDS

LINE_PX, INSET_PX, KEY_PX = 22, 24, 110


def draw_help(surface: pygame.Surface, area: Rect, detector: bool) -> None:
    """Cover the picture with the help. ``detector``: whether a model was given."""
    plate = pygame.Surface(area.size, pygame.SRCALPHA)
    plate.fill((*style.BACK, 235))
    surface.blit(plate, area)
    line = Rect(area.x + INSET_PX, area.y + INSET_PX, area.width - 2 * INSET_PX, LINE_PX)
    for command in COMMANDS:
        style.put(surface, " ".join(command.keys), line, colour=style.ACCENT)
        style.put(surface, command.about, line.move(KEY_PX, 0))
        line.move_ip(0, LINE_PX)
    for text in _notes(detector):
        line.move_ip(0, LINE_PX // 2 if not text else 0)
        style.put(surface, text, line, colour=style.DIM)
        line.move_ip(0, LINE_PX if text else 0)
    line.move_ip(0, LINE_PX // 2)
    for name, colour in style.CLASS_COLOURS.items():
        end = style.put(surface, name.replace("_", " "), line, colour=colour)
        line.left = end.right + 16


def _notes(detector: bool) -> list[str]:
    return [
        "",
        "Sliders: click or drag. Drivers meet the new weather with their next step.",
        "A paused picture is a state of the engine; a running one glides between two of them.",
        "",
        "Labels: thin boxes of what is visible; c is the contrast that the weather left (1 is all",
        "of it), hid the share that is behind other things.",
        "Detections: thick corners with a score and a question mark."
        if detector
        else "Detections: none, no model= was given.",
    ]
