"""What is drawn over the picture: the exact labels, and in another hand what a detector found."""

from __future__ import annotations

import functools

import numpy as np
import pygame
from pygame import Rect

from render.frame import CLASSES, Annotations, Frame
from render.viewer import style
from render.viewer.finder import Found
from render.viewer.sheet import WHITE, Sheet, rect, tag

HIDDEN_FROM = 0.005
"""Occlusion that is worth a word."""

MASK_SHARE = 0.6
"""How much of a pixel of a mask is the mask's colour."""

BOXES = ("visible", "full", "oriented")
NOTES = ("tracks", "contrast")


def draw_labels(sheet: Sheet, overlays: frozenset[str]) -> None:
    """Boxes and words of all labels, as far as they are switched on."""
    labels = sheet.shot.frame.annotations
    for i in range(len(labels)):
        name = CLASSES[labels.category[i]]
        colour = style.CLASS_COLOURS.get(name, WHITE)
        at = rect(sheet, labels.box_px[i])
        if not at.colliderect(sheet.clip):
            continue
        if "full" in overlays:
            _dashed(sheet.surface, rect(sheet, labels.full_box_px[i]), colour)
        if "oriented" in overlays:
            pygame.draw.polygon(
                sheet.surface, colour, _oriented(sheet, labels.oriented_px[i]).tolist(), 2
            )
        if "visible" in overlays:
            pygame.draw.rect(sheet.surface, colour, at, 1)
        text = _words(labels, i, overlays)
        if text:
            tag(sheet, text, at, colour)


def id_plane(frame: Frame) -> np.ndarray:
    """The instance masks alone, a colour each on black, u8[H, W, 3]."""
    return np.where(frame.ids[..., None] > 0, _colours()[frame.ids % len(_colours())], np.uint8(0))


def tinted(frame: Frame) -> np.ndarray:
    """The picture with every instance of the mask in a colour of its own, u8[H, W, 3]."""
    colours = _colours()[frame.ids % len(_colours())]
    mixed = (frame.bgr * (1 - MASK_SHARE) + colours * MASK_SHARE).astype(np.uint8)
    return np.where(frame.ids[..., None] > 0, mixed, frame.bgr)


def draw_found(sheet: Sheet, found: Found) -> None:
    """Corners of what a detector found, with class and score.

    Findings of an earlier picture are drawn thin, and their age is written into the corner.
    """
    shot = sheet.shot
    late = found.shot.frame is not shot.frame
    if late:
        age_s = abs(shot.drawing.state.time_s - found.shot.drawing.state.time_s)
        tag(sheet, f"detections of {age_s:.1f} s ago", Rect(sheet.clip.topleft, (0, 0)), WHITE)
    detections = found.detections
    for i in range(len(detections.box_px)):
        name = detections.classes[int(detections.category[i])]
        at = rect(sheet, detections.box_px[i]).inflate(6, 6)
        colour = style.CLASS_COLOURS.get(name, WHITE)
        _corners(sheet.surface, at, colour, 1 if late else 3)
        text = f"{name.replace('_', ' ')} {detections.score[i]:.0%}?"
        tag(sheet, text, at, colour, below=True)


def _words(labels: Annotations, i: int, overlays: frozenset[str]) -> str:
    words = []
    if "tracks" in overlays:
        words.append(f"#{labels.track[i]}")
    if "visible" in overlays:
        words.append(CLASSES[labels.category[i]].replace("_", " "))
    if "contrast" in overlays:
        words.append(f"c {labels.contrast_left[i]:.2f}")
    if "visible" in overlays and labels.occlusion[i] > HIDDEN_FROM:
        words.append(f"hid {labels.occlusion[i]:.0%}")
    return "  ".join(words)


@functools.cache
def _colours() -> np.ndarray:
    """Colours that neighbours in number do not share, u8[255, 3]: hues a golden section apart."""
    turns = np.arange(255)[:, None] * 0.618 + np.array([0.0, 1 / 3, 2 / 3])
    return (140 + 115 * np.cos(2 * np.pi * turns)).astype(np.uint8)


def _oriented(sheet: Sheet, oriented_px: np.ndarray) -> np.ndarray:
    """The corners of an oriented box in px of the window, f64[4, 2]."""
    u, v, width, height, angle = oriented_px
    half = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [width / 2, height / 2]
    c, s = np.cos(angle), np.sin(angle)
    corners = half @ np.array([[c, s], [-s, c]]) + [u, v]
    return np.array(sheet.whole.topleft) + corners * sheet.scale


def _dashed(surface: pygame.Surface, at: Rect, colour: style.Colour) -> None:
    """A box of dashes: the full one may lie on the visible one."""
    for x in range(at.left, at.right, 8):
        for y in (at.top, at.bottom - 1):
            pygame.draw.line(surface, colour, (x, y), (min(x + 4, at.right), y))
    for y in range(at.top, at.bottom, 8):
        for x in (at.left, at.right - 1):
            pygame.draw.line(surface, colour, (x, y), (x, min(y + 4, at.bottom)))


def _corners(surface: pygame.Surface, at: Rect, colour: style.Colour, width: int) -> None:
    """The four corners of a box: nobody takes them for a label."""
    arm = max(min(at.width, at.height) // 3, 4)
    for x, dx in ((at.left, arm), (at.right, -arm)):
        for y, dy in ((at.top, arm), (at.bottom, -arm)):
            pygame.draw.line(surface, colour, (x, y), (x + dx, y), width)
            pygame.draw.line(surface, colour, (x, y), (x, y + dy), width)
