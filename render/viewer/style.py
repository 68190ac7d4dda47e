"""Colours and letters. The font is the one that comes with pygame: no machine needs to have any."""

from __future__ import annotations

import functools

import pygame

Colour = tuple[int, int, int]

BACK: Colour = (22, 24, 29)
PANEL: Colour = (31, 34, 41)
RAISED: Colour = (45, 49, 59)
LINE: Colour = (62, 67, 80)
TEXT: Colour = (226, 229, 235)
DIM: Colour = (142, 149, 163)
ACCENT: Colour = (92, 168, 255)
ON: Colour = (38, 84, 132)

CLASS_COLOURS: dict[str, Colour] = {
    "car": (80, 200, 255),
    "truck": (255, 170, 70),
    "bus": (190, 130, 255),
    "stop_sign": (255, 95, 130),
    "light_red": (255, 70, 60),
    "light_yellow": (255, 225, 70),
    "light_green": (80, 235, 120),
    "light_off": (190, 195, 205),
}
"""Colour of the boxes of each class; others are white."""

SMALL, NORMAL, LARGE = 16, 18, 24
"""Sizes of letters, px."""


@functools.lru_cache(maxsize=8)
def _font(size: int) -> pygame.font.Font:
    return pygame.font.Font(None, size)


@functools.lru_cache(maxsize=2048)
def words(text: str, size: int = NORMAL, colour: Colour = TEXT) -> pygame.Surface:
    """A text as a picture."""
    return _font(size).render(text, True, colour)


def put(
    surface: pygame.Surface,
    text: str,
    box: pygame.Rect,
    size: int = NORMAL,
    colour: Colour = TEXT,
    align: str = "left",
) -> pygame.Rect:
    """Write a text into the vertical middle of a box; returns where it is.

    What is too wide for the box is written smaller, and cut off if need be.
    """
    picture = words(text, size, colour)
    if picture.get_width() > box.width and size > SMALL:
        picture = words(text, SMALL, colour)
    at = picture.get_rect(centery=box.centery)
    if align == "right":
        at.right = box.right
    elif align == "middle":
        at.centerx = box.centerx
    else:
        at.left = box.left
    old = surface.get_clip()
    surface.set_clip(box.clip(old) if old else box)
    surface.blit(picture, at)
    surface.set_clip(old)
    return at


def button(surface: pygame.Surface, box: pygame.Rect, lit: bool, under_mouse: bool) -> None:
    """The plate of a button."""
    pygame.draw.rect(surface, ON if lit else RAISED, box, border_radius=5)
    if under_mouse or lit:
        pygame.draw.rect(surface, ACCENT, box, 1, border_radius=5)
