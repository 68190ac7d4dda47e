"""The open window: a surface, the view on it, and its pictures as files."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pygame

from render.files import make_folder, write_bytes
from render.viewer import overlay, style
from render.viewer.arrange import arrange, fitted
from render.viewer.finder import Finder, find, found_lately
from render.viewer.help import draw_help
from render.viewer.panel import draw_panel
from render.viewer.shot import Shot, take
from render.viewer.view import View, advanced, said

SAVED_IN = Path("outputs/window")
"""Where the key s puts pictures of the window, under the folder that the command runs in."""


@dataclasses.dataclass
class Window:
    """The one thing here that changes.

    Attributes:
        surface: what is on the screen. view: what it shows. finder: the detector, if any.
        shot: the picture drawn last. mouse: where it points, px, or None.
        seen: whether anybody can see the surface; if not, it is drawn only to be saved.
    """

    surface: pygame.Surface
    view: View
    finder: Finder | None
    seen: bool
    shot: Shot | None = None
    mouse: tuple[int, int] | None = None


def tick(window: Window, seconds: float) -> None:
    """Let some time pass, and show it where somebody looks."""
    if window.view.saving:
        window.view = _saved(window)
    window.view = advanced(window.view, seconds)
    if window.seen:
        paint(window, exact=False)
        pygame.display.flip()


def paint(window: Window, exact: bool = True) -> None:
    """Draw the whole window; if not ``exact``, detections may be those of an earlier picture."""
    surface, view = window.surface, window.view
    shot = window.shot = take(view, window.shot)
    at = arrange(surface.get_size())
    surface.fill(style.BACK)
    height, width = shot.frame.bgr.shape[:2]
    box = fitted(at.area, (width, height))
    picture = pygame.image.frombuffer(shot.frame.bgr.tobytes(), (width, height), "BGR")
    if box.size != (width, height):
        picture = pygame.transform.smoothscale(picture, box.size)
    surface.blit(picture, box)
    words: list[pygame.Rect] = []
    if view.overlay:
        overlay.draw_labels(surface, shot, box, words)
    if window.finder is not None and view.detections:
        found = (find if exact else found_lately)(window.finder, shot)
        if found is not None:
            overlay.draw_found(surface, found, shot, box, words)
    if view.help:
        draw_help(surface, at.area, view.detector)
    draw_panel(surface, view, shot, at, window.mouse)
    if view.message:
        _say(surface, view.message, box)


def png(window: Window) -> bytes:
    """The window as it is now, as a PNG file."""
    paint(window)
    out = io.BytesIO()
    pygame.image.save(window.surface, out, "window.png")
    return out.getvalue()


def notice(surface: pygame.Surface, text: str) -> None:
    """One line in the middle of an empty window."""
    surface.fill(style.BACK)
    style.put(surface, text, surface.get_rect(), style.LARGE, style.DIM, "middle")


def _saved(window: Window) -> View:
    view = window.view = dataclasses.replace(window.view, saving=False)
    name = f"{view.scene.layout}-{view.scene.seed}-{round(view.state.time_s * 1000):06d}ms.png"
    path = make_folder(SAVED_IN) / name
    write_bytes(path, png(window))
    return said(view, f"saved as {path}")


def _say(surface: pygame.Surface, text: str, box: pygame.Rect) -> None:
    plate = style.words(text).get_rect(midbottom=(box.centerx, box.bottom - 12)).inflate(20, 12)
    plate.clamp_ip(surface.get_rect())
    pygame.draw.rect(surface, style.PANEL, plate, border_radius=6)
    style.put(surface, text, plate, align="middle")
