"""Outlines of sign faces, f64[N, 2] m, x right and y up, their middle at the origin."""

from __future__ import annotations

import math

import numpy as np

from simulator.sign import Patch

WHITE, BLACK, RED = (235, 235, 230), (24, 24, 26), (177, 31, 36)
BLUE = (0, 84, 158)
"""sRGB of retroreflective sheeting."""

VIENNA = "Convention on Road Signs and Signals (Vienna 1968, as amended to 2006), annex 1"
"""Source of the looks of that convention; its normal sizes are about 0.9 m for the sides of
triangles and the height of the octagon, 0.6 m for discs."""


def box(width_m: float, height_m: float, middle: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """A rectangle."""
    return np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [width_m / 2, height_m / 2] + middle


def disc(radius_m: float, middle: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """A circle of 24 corners."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius_m + middle


def diamond(side_m: float) -> np.ndarray:
    """A square on its corner."""
    return np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]]) * side_m / math.sqrt(2.0)


def octagon(across_m: float) -> np.ndarray:
    """A regular octagon by its width across the flats."""
    angle = np.arange(8) * math.pi / 4 + math.pi / 8
    radius = across_m / 2 / math.cos(math.pi / 8)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def triangle_down(side_m: float) -> np.ndarray:
    """An equilateral triangle, point down."""
    inner = side_m / (2 * math.sqrt(3.0))
    return np.array([[0.0, -2 * inner], [side_m / 2, inner], [-side_m / 2, inner]])


def triangle_up(side_m: float, middle: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """An equilateral triangle, point up."""
    return -triangle_down(side_m) + middle


def slash(radius_m: float, thick_m: float) -> np.ndarray:
    """The bar of a prohibition, from the upper left to the lower right of a disc."""
    x, y = radius_m / math.sqrt(2.0), thick_m / math.sqrt(8.0)
    return np.array([[-x + y, x + y], [-x - y, x - y], [x - y, -x - y], [x + y, -x + y]])


def forbidden(symbol_m: np.ndarray, radius_m: float, rim_m: float) -> tuple[Patch, ...]:
    """A prohibition: a black symbol in a red ring, under a red bar."""
    return (
        Patch(disc(radius_m), RED),
        Patch(disc(radius_m - rim_m), WHITE),
        Patch(symbol_m, BLACK),
        Patch(slash(radius_m - rim_m / 2, rim_m), RED),
    )


def on_plate(side_m: float) -> tuple[Patch, ...]:
    """A white square plate with a black border."""
    return (
        Patch(box(side_m, side_m), WHITE),
        Patch(box(side_m - 0.025, side_m - 0.025), BLACK),
        Patch(box(side_m - 0.05, side_m - 0.05), WHITE),
    )


RIGHT_ARROW = np.array(
    [[-0.12, -0.18], [-0.06, -0.18], [-0.06, 0.02], [0.04, 0.02], [0.04, -0.05], [0.165, 0.05],
     [0.04, 0.15], [0.04, 0.08], [-0.08, 0.08], [-0.12, 0.04]]
)  # fmt: skip
"""An arrow that goes up and turns to the right."""

LEFT_ARROW = RIGHT_ARROW * [-1.0, 1.0]


def back_arrow() -> np.ndarray:
    """An arrow that goes up on the right and comes down on the left."""
    angle = np.linspace(0, np.pi, 9)
    arch = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    head = [[-0.12, -0.03], [-0.18, -0.03], [-0.09, -0.15], [0.0, -0.03], [-0.06, -0.03]]
    return np.concatenate(
        [[[0.12, -0.18]], 0.12 * arch + [0, 0.05], head, 0.06 * arch[::-1] + [0, 0.05],
         [[0.06, -0.18]]]
    )  # fmt: skip
