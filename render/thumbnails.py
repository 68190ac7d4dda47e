"""Small pictures for a page: images with their boxes, and heat maps, as data URIs."""

from __future__ import annotations

import base64

import cv2
import numpy as np

from render.encode import jpeg
from render.image_reader import load_bgr
from render.truth import Truth

SIDE_PX = 300
SHEET = 6
"""Images of a contact sheet."""

CLOSE_PX = 120
"""Least side of what is shown around one box."""

COLOURS = (
    "#12d6a3", "#ff9d1c", "#3aa0ff", "#ff3d7f", "#c77dff", "#f2e205", "#ff6f59", "#8be04e",
)  # fmt: skip
"""Of the boxes, by class, over and over."""

HEAT = (47, 111, 178)
"""Red, green, blue of a heat map, whose cells differ in opacity: it fits any background."""


def sheet(truth: Truth, condition: str) -> list[tuple[int, str]]:
    """Some images of a condition, evenly over the dataset: (image, data URI)."""
    rows = np.flatnonzero([c == condition for c in truth.condition])
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, min(SHEET, len(rows))).astype(int))]
    return [(int(i), thumbnail(truth, int(i))) for i in chosen]


def thumbnail(truth: Truth, image: int, box: int | None = None) -> str:
    """An image with all its boxes, or what is around one of them, as a data URI."""
    picture = load_bgr(truth.path[image])
    corner = np.zeros(2)
    if box is not None:
        picture, corner = _around(picture, truth.box_px[box])
    scale = SIDE_PX / max(picture.shape[:2])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    for k in np.flatnonzero(truth.image == image) if box is None else [box]:
        colour = COLOURS[int(truth.category[k]) % len(COLOURS)]
        bgr = tuple(int(colour[i : i + 2], 16) for i in (5, 3, 1))
        shown = (truth.box_px[k].astype(float) - [*corner, *corner]) * scale
        x0, y0, x1, y1 = np.clip(shown, -9, 10 * SIDE_PX).round().astype(int)
        cv2.rectangle(small, (int(x0), int(y0)), (int(x1), int(y1)), bgr, 1, cv2.LINE_AA)
    return _uri("jpeg", jpeg(np.ascontiguousarray(small), 80))


def _around(picture: np.ndarray, box_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture around a box, and its corner."""
    height, width = picture.shape[:2]
    middle = (box_px[:2] + box_px[2:]) / 2
    half = max(CLOSE_PX, 1.5 * float((box_px[2:] - box_px[:2]).max())) / 2
    x0, y0 = np.clip(middle - half, 0, [max(width - 2 * half, 0), max(height - 2 * half, 0)])
    x, y = int(x0), int(y0)
    return picture[y : y + int(2 * half) + 1, x : x + int(2 * half) + 1], np.array([x, y])


def heat_map(values: np.ndarray) -> str:
    """Counts f64[H, W] as a picture of H x W cells, from clear to full, as a data URI."""
    top = float(values.max(initial=0)) or 1.0
    cells = np.empty((*values.shape, 4), dtype=np.uint8)
    cells[..., :3] = HEAT[::-1]
    cells[..., 3] = np.round(255 * np.sqrt(values / top))  # the eye wants the rare ones too
    _, data = cv2.imencode(".png", cells)
    return _uri("png", data.tobytes())


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64," + base64.b64encode(data).decode()
