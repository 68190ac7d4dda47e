"""Is a picture the one that was drawn, where another processor may have rounded otherwise?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LEVELS = 2
"""Of 255: how far a colour may be off."""

SHARE = 0.999
"""Of the pixels that must be within LEVELS."""

BLOCK_PX = 8
MEAN_LEVELS = 1.5
"""How far the mean of any block of that side may be off: rounding that flips coefficients of a
JPEG moves it by half a level, a painted sign by more."""


def picture_problem(stored: np.ndarray, drawn: np.ndarray) -> str:
    """What is wrong with a decoded picture, u8[H, W, 3], against the one drawn now; "" if nothing.

    Most pixels must be near, and no small part may be off as a whole: an edit of a sign touches few
    pixels.
    """
    if stored.shape != drawn.shape:
        return f"has {stored.shape[1]}x{stored.shape[0]} px, not {drawn.shape[1]}x{drawn.shape[0]}"
    gap = stored.astype(np.int16) - drawn
    near = float((np.abs(gap).max(axis=2) <= LEVELS).mean())
    means = np.abs(_block_means(gap))
    row, column = np.unravel_index(int(means.argmax()), means.shape)
    if means[row, column] > MEAN_LEVELS:
        place = f"x {column * BLOCK_PX}, y {row * BLOCK_PX}"
        return f"is {means[row, column]:.1f} levels off around {place}"
    return f"only {100 * near:.2f} % of its pixels are near" if near < SHARE else ""


def _block_means(gap: np.ndarray) -> np.ndarray:
    """The mean of each block, the largest of the colours, f32[rows, columns]."""
    pad = [(0, -side % BLOCK_PX) for side in gap.shape[:2]]
    whole = np.pad(gap, [*pad, (0, 0)]).astype(np.float32)
    rows, columns = whole.shape[0] // BLOCK_PX, whole.shape[1] // BLOCK_PX
    blocks = whole.reshape(rows, BLOCK_PX, columns, BLOCK_PX, 3).mean(axis=(1, 3))
    return blocks[np.arange(rows)[:, None], np.arange(columns), np.abs(blocks).argmax(axis=2)]


def difference(stored: Any, made: Any, slack: float = 0.0, place: str = "") -> str:
    """Where two pieces of plain data differ first, and how; "" if they do not.

    Args:
        slack: how far numbers with a fraction may be off; and a hundredth of that share of them.
    """
    if isinstance(stored, dict) and isinstance(made, dict):
        if stored.keys() != made.keys():
            return (
                f"{place or 'it'} has other keys ({', '.join(sorted(stored.keys() ^ made.keys()))})"
            )
        pairs = [(f"{place}.{k}".lstrip("."), stored[k], made[k]) for k in made]
    elif isinstance(stored, list) and isinstance(made, list):
        if len(stored) != len(made):
            return f"{place or 'it'} has {len(stored)} entries, not {len(made)}"
        pairs = [(f"{place}[{i}]", a, b) for i, (a, b) in enumerate(zip(stored, made, strict=True))]
    else:
        return "" if _near(stored, made, slack) else f"{place} is {stored!r:.40}, not {made!r:.40}"
    found = (difference(a, b, slack, where) for where, a, b in pairs)
    return next((text for text in found if text), "")


def _near(stored: Any, made: Any, slack: float) -> bool:
    numbers = isinstance(stored, float | int) and isinstance(made, float | int)
    if slack and numbers and isinstance(made, float) and math.isfinite(stored):
        return abs(stored - made) <= slack * (1 + abs(made) / 100)
    return stored == made and isinstance(stored, bool) == isinstance(made, bool)
