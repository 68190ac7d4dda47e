"""What is drawn over the picture: the exact labels, and in another hand what a detector found."""

from __future__ import annotations

import pygame
from pygame import Rect

from render.frame import CLASSES
from render.viewer import style
from render.viewer.finder import Found
from render.viewer.shot import Shot

WHITE: style.Colour = (255, 255, 255)
TRIES = 4
"""How often a word gives way to others before it is written over them."""

HIDDEN_FROM = 0.005
"""Occlusion that is worth a word."""


def draw_labels(surface: pygame.Surface, shot: Shot, box: Rect, placed: list[Rect]) -> None:
    """Boxes of all labels with class, contrast left, and the hidden share.

    Args:
        surface: the window. shot: the picture. box: where it is in the window.
        placed: where words are already; those that are written here are added.
    """
    labels = shot.frame.annotations
    for i in range(len(labels)):
        name = CLASSES[labels.category[i]]
        colour = style.CLASS_COLOURS.get(name, WHITE)
        at = _rect(labels.box_px[i], shot, box)
        pygame.draw.rect(surface, colour, at, 1)
        text = f"{name.replace('_', ' ')}  c {labels.contrast_left[i]:.2f}"
        if labels.occlusion[i] > HIDDEN_FROM:
            text += f"  hid {labels.occlusion[i]:.0%}"
        _tag(surface, text, at, box, colour, placed)


def draw_found(
    surface: pygame.Surface, found: Found, shot: Shot, box: Rect, placed: list[Rect]
) -> None:
    """Corners of what a detector found, with class and score; arguments as for labels.

    Findings of an earlier picture are drawn thin, and their age is written into the corner.
    """
    late = found.shot.frame is not shot.frame
    if late:
        age_s = abs(shot.drawing.state.time_s - found.shot.drawing.state.time_s)
        corner = Rect(box.left, box.top, 0, 0)
        _tag(surface, f"detections of {age_s:.1f} s ago", corner, box, WHITE, placed)
    detections = found.detections
    for i in range(len(detections.box_px)):
        name = detections.classes[int(detections.category[i])]
        at = _rect(detections.box_px[i], shot, box).inflate(6, 6)
        colour = style.CLASS_COLOURS.get(name, WHITE)
        _corners(surface, at, colour, 1 if late else 3)
        text = f"{name.replace('_', ' ')} {detections.score[i]:.0%}?"
        _tag(surface, text, at, box, colour, placed, below=True)


def _rect(box_px: object, shot: Shot, box: Rect) -> Rect:
    """A box in px of the picture, in px of the window."""
    scale = box.width / shot.frame.bgr.shape[1]
    x0, y0, x1, y1 = (float(v) * scale for v in box_px)  # type: ignore[attr-defined]
    return Rect(round(box.x + x0), round(box.y + y0), round(x1 - x0), round(y1 - y0))


def _tag(
    surface: pygame.Surface,
    text: str,
    at: Rect,
    box: Rect,
    colour: style.Colour,
    placed: list[Rect],
    below: bool = False,
) -> None:
    """A word at a box, inside the picture, moved aside where another word is already."""
    picture = style.words(text, style.SMALL, colour)
    plate = picture.get_rect().inflate(6, 2)
    plate.topleft = (at.left, at.bottom) if below else (at.left, at.top - plate.height)
    plate.clamp_ip(box)
    for _ in range(TRIES):
        taken = plate.collidelist(placed)
        if taken < 0:
            break
        other = placed[taken]
        plate.top = other.bottom if below else other.top - plate.height
        plate.clamp_ip(box)
    placed.append(plate)
    back = pygame.Surface(plate.size, pygame.SRCALPHA)
    back.fill((12, 13, 16, 190))
    surface.blit(back, plate)
    surface.blit(picture, picture.get_rect(center=plate.center))


def _corners(surface: pygame.Surface, at: Rect, colour: style.Colour, width: int) -> None:
    """The four corners of a box: nobody takes them for a label."""
    arm = max(min(at.width, at.height) // 3, 4)
    for x, dx in ((at.left, arm), (at.right, -arm)):
        for y, dy in ((at.top, arm), (at.bottom, -arm)):
            pygame.draw.line(surface, colour, (x, y), (x + dx, y), width)
            pygame.draw.line(surface, colour, (x, y), (x, y + dy), width)
