"""A small graph of what a detector finds against the quantity that a person turns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pygame
from pygame import Rect

from render.viewer import slider, style
from render.viewer.outcome import HIT, Outcome
from render.viewer.view import QUANTITIES

BINS = 24
SIZE_PX = (232, 132)
EDGE_PX = 24


@dataclasses.dataclass
class Curve:
    """Hits and objects by where the quantity was on its slider: i64[BINS] each."""

    name: str
    hits: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(BINS, np.int64))
    truths: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(BINS, np.int64))


def bin_of(name: str, value: float) -> int:
    """The bin of a value."""
    return min(int(slider.share_of(QUANTITIES[name], value) * BINS), BINS - 1)


def counted(curve: Curve, value: float, outcome: Outcome) -> None:
    """Add what was found in one picture."""
    place = bin_of(curve.name, value)
    curve.hits[place] += len(outcome.hits)
    curve.truths[place] += outcome.truths


def recall(curve: Curve) -> np.ndarray:
    """Share of the objects that were found, f64[BINS], NaN where nothing was looked at."""
    return np.where(curve.truths > 0, curve.hits / np.maximum(curve.truths, 1), np.nan)


def draw_curve(
    surface: pygame.Surface, curve: Curve, value: float, corner: tuple[int, int]
) -> None:
    """Draw it with its lower right at ``corner``; ``value``: where the quantity is now."""
    q = QUANTITIES[curve.name]
    plate = Rect(0, 0, *SIZE_PX)
    plate.bottomright = corner
    back = pygame.Surface(plate.size, pygame.SRCALPHA)
    back.fill((*style.BACK, 225))
    surface.blit(back, plate)
    plot = plate.inflate(-2 * EDGE_PX, -2 * EDGE_PX)
    pygame.draw.rect(surface, style.LINE, plot, 1)
    head = Rect(plate.x + 6, plate.y, plate.width - 12, EDGE_PX)
    style.put(surface, f"found, by {slider.title(curve.name)}", head, style.SMALL)
    foot = Rect(plot.x, plot.bottom, plot.width, EDGE_PX)
    style.put(surface, slider.written(q, q.low), foot, style.SMALL, style.DIM)
    style.put(surface, slider.written(q, q.high), foot, style.SMALL, style.DIM, "right")
    for share, word in ((1.0, "1"), (0.0, "0")):
        y = round(plot.bottom - share * plot.height)
        style.put(surface, word, Rect(plate.x + 8, y - 8, 16, 16), style.SMALL, style.DIM)
    x = plot.x + round(slider.share_of(q, value) * (plot.width - 1))
    pygame.draw.line(surface, style.ACCENT, (x, plot.top), (x, plot.bottom - 1))
    shares = recall(curve)
    seen = np.flatnonzero(~np.isnan(shares))
    points = [
        (plot.x + (k + 0.5) / BINS * plot.width, plot.bottom - shares[k] * plot.height)
        for k in seen.tolist()
    ]
    if len(points) > 1:
        pygame.draw.lines(surface, HIT, False, points, 2)
    for point in points:
        pygame.draw.circle(surface, HIT, point, 3)
