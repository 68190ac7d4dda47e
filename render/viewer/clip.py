"""A clip of the picture: WebM with VP8, by OpenCV's writer."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pygame
from pygame import Rect

from render.files import make_folder
from render.viewer.scene_file import SAVED_IN
from simulator.errors import OutputError

RATE_HZ = 30


@dataclasses.dataclass
class Clip:
    """A clip in the making: its file, its part of the window, and when the next frame is due."""

    path: Path
    box: Rect
    writer: cv2.VideoWriter
    due_s: float = 0.0
    frames: int = 0


def begun(name: str, box: Rect) -> Clip:
    """A new clip of a part of the window.

    Raises:
        OutputError: it cannot be written.
    """
    path = make_folder(SAVED_IN) / f"{name}.webm"
    box = Rect(box.x, box.y, box.width // 2 * 2, box.height // 2 * 2)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), RATE_HZ, box.size)
    if not writer.isOpened():
        raise OutputError("cannot be written", place=str(path), mend="Is there a codec for WebM?")
    return Clip(path, box, writer)


def is_due(clip: Clip, seconds: float) -> bool:
    """Whether some more seconds make the next frame due."""
    clip.due_s -= seconds
    return clip.due_s <= 1e-9


def added(clip: Clip, surface: pygame.Surface) -> None:
    """Add the window as it is, once more for every frame that was missed."""
    rgb = pygame.surfarray.array3d(surface.subsurface(clip.box))
    bgr = np.ascontiguousarray(rgb.swapaxes(0, 1)[..., ::-1])
    while clip.due_s <= 1e-9:
        clip.writer.write(bgr)
        clip.frames += 1
        clip.due_s += 1 / RATE_HZ
