"""What overlays draw on: the window, where the picture lies in it, and where words are already."""

from __future__ import annotations

import dataclasses

import numpy as np
import pygame
from pygame import Rect

from render.viewer import style
from render.viewer.look import Framed, in_window
from render.viewer.shot import Shot
from simulator.agents import AgentState

WHITE: style.Colour = (255, 255, 255)
TRIES = 4
"""How often a word gives way to others before it is written over them."""


@dataclasses.dataclass(frozen=True, eq=False)
class Sheet:
    """A window to draw on.

    Attributes:
        surface: the window. shot: the picture that is shown in it. state: the moment that it shows.
        now: the camera as it is now. whole: where all of the picture lies, px of the window.
        clip: the part of the window that the picture may take.
        placed: where words are; those that are written are added.
        judges: whether this side of a divider shows what a detector makes of the picture.
    """

    surface: pygame.Surface
    shot: Shot
    state: AgentState
    now: Framed
    whole: Rect
    clip: Rect
    placed: list[Rect]
    judges: bool = False

    @property
    def scale(self) -> float:
        """Px of the window a px of the picture."""
        return self.whole.width / self.shot.backdrop.camera.width_px


def rect(sheet: Sheet, box_px: np.ndarray) -> Rect:
    """A box in px of the picture, in px of the window."""
    scale, origin = sheet.scale, sheet.whole.topleft
    x0, y0, x1, y1 = (float(v) * scale for v in box_px)
    return Rect(round(origin[0] + x0), round(origin[1] + y0), round(x1 - x0), round(y1 - y0))


def in_sight(sheet: Sheet) -> np.ndarray:
    """Rows of the vehicles that drive within the picture."""
    state, agents = sheet.state, sheet.shot.backdrop.scene.agents
    rows = np.flatnonzero(state.active & (agents.route >= 0))
    px = places(sheet, rows)
    box = sheet.clip
    inside = (px[:, 0] >= box.left) & (px[:, 0] < box.right)
    return rows[inside & (px[:, 1] >= box.top) & (px[:, 1] < box.bottom)]


def places(sheet: Sheet, rows: np.ndarray) -> np.ndarray:
    """Where the middles of vehicles are, px of the window, f64[N, 2]."""
    state, agents = sheet.state, sheet.shot.backdrop.scene.agents
    points = np.stack([state.x_m[rows], state.y_m[rows]], axis=1)
    return in_window(sheet.now, points, agents.height_m[rows])


def tag(sheet: Sheet, text: str, at: Rect, colour: style.Colour, below: bool = False) -> None:
    """A word at a box in the picture, inside it, moved aside where another word is already."""
    if not at.inflate(2, 2).colliderect(sheet.clip):
        return
    picture = style.words(text, style.SMALL, colour)
    plate = picture.get_rect().inflate(6, 2)
    plate.topleft = (at.left, at.bottom) if below else (at.left, at.top - plate.height)
    plate.clamp_ip(sheet.clip)
    for _ in range(TRIES):
        taken = plate.collidelist(sheet.placed)
        if taken < 0:
            break
        other = sheet.placed[taken]
        plate.top = other.bottom if below else other.top - plate.height
        plate.clamp_ip(sheet.clip)
    sheet.placed.append(plate)
    back = pygame.Surface(plate.size, pygame.SRCALPHA)
    back.fill((12, 13, 16, 190))
    sheet.surface.blit(back, plate)
    sheet.surface.blit(picture, picture.get_rect(center=plate.center))
