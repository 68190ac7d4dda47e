"""Words on pictures for people, readable on light and on dark."""

from __future__ import annotations

import cv2
import numpy as np


def letter(picture: np.ndarray, words: str, place: tuple[int, int]) -> None:
    """Write words into a picture u8[H, W, 3], in place; ``place``: their lower left corner, px."""
    x, y = place
    # thicker letters are wider too: a dark rim is the same letters moved aside
    for dx, dy, grey in ((-1, -1, 0), (1, -1, 0), (-1, 1, 0), (1, 1, 0), (0, 0, 255)):
        cv2.putText(
            picture, words, (x + dx, y + dy), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (grey,) * 3, 1,
            cv2.LINE_AA,
        )  # fmt: skip
