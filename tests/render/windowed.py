"""Pictures of the window, as scripts save them."""

from __future__ import annotations

import cv2
import numpy as np

from render.viewer.look import area_of, fitted
from render.viewer.view import SIZE_PX
from render.viewer.window import Window, paint


def picture(name: str) -> np.ndarray:
    """The picture of the scene within a screenshot, without panel and buttons."""
    box = fitted(area_of(SIZE_PX), (640, 640))
    return cv2.imread(name)[box.top : box.bottom, box.left : box.right].astype(int)


def area(name: str) -> np.ndarray:
    """All that the picture may take within a screenshot: a camera that a person moved fills it."""
    box = area_of(SIZE_PX)
    return cv2.imread(name)[box.top : box.bottom, box.left : box.right].astype(int)


def at_once(window: Window) -> Window:
    """The window, drawn exactly."""
    paint(window)
    return window
