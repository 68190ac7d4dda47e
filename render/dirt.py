"""Dirt on the face of a sign: splashes and smears that cover a share of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely

from render.surface import fixed

DIRT = tuple(fixed(srgb) for srgb in ((96, 84, 68), (82, 74, 62), (112, 100, 80)))
"""Dried mud and soot."""

DIRT_ALPHA = 0.88
"""What is under it is still to be guessed."""

LEAST_SPLASH, LARGEST_SPLASH = 0.06, 0.22
"""Radius of a splash beside the width of the face."""

MOST_SPLASHES = 400
CORNERS = 9
GRID_M = 1e-5


def dirt_patches(
    outline_m: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Patches that cover a share of a face, within two parts in a hundred.

    Args:
        outline_m: f64[N, 2], the face, convex. share: of its area, 0..1. rng: of this sign.

    Returns:
        Simple polygons f64[N, 2] m in the face that do not overlap.
    """
    face = shapely.Polygon(outline_m)
    if share >= 1.0:
        return (np.asarray(outline_m),)
    (x0, y0, x1, y1), size = face.bounds, math.sqrt(face.area)
    low, wanted, covered = rng.random() < 0.6, share * face.area, shapely.Polygon()
    for _ in range(MOST_SPLASHES):
        left = wanted - covered.area
        if left < 0.01 * face.area:
            break
        radius = size * float(rng.uniform(LEAST_SPLASH, LARGEST_SPLASH))
        radius = max(min(radius, math.sqrt(left / math.pi)), 0.04 * size)
        up = float(rng.random()) ** (1.6 if low else 1.0)  # what wheels throw up lies low
        middle = (x0 + (x1 - x0) * float(rng.random()), y0 + (y1 - y0) * up)
        splash = shapely.Polygon(_splash(rng, radius) + middle).intersection(face)
        parts = [p for p in shapely.get_parts(splash) if shapely.get_dimensions(p) == 2]
        covered = shapely.union_all([covered, *parts], grid_size=GRID_M)
    parts = [_without_holes(part) for part in shapely.get_parts(covered)]
    return tuple(piece for part in parts for piece in part)


def _splash(rng: np.random.Generator, radius_m: float) -> np.ndarray:
    """A ragged blot, higher than wide, f64[CORNERS, 2] m."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    reach = radius_m * rng.uniform(0.75, 1.25, CORNERS)
    return np.stack([0.85 * np.cos(angle), 1.15 * np.sin(angle)], axis=1) * reach[:, None]


def _without_holes(part: Any) -> list[np.ndarray]:
    """A piece as outlines; one with holes is cut through them."""
    if shapely.get_dimensions(part) != 2 or part.area < 1e-6:
        return []
    if shapely.get_num_interior_rings(part) == 0:
        return [shapely.get_coordinates(shapely.get_exterior_ring(part))[:-1]]
    hole = shapely.centroid(shapely.polygons(shapely.get_interior_ring(part, 0)))
    (x0, y0, x1, y1), x = part.bounds, shapely.get_x(hole)
    halves = [shapely.box(x0 - 1, y0 - 1, x, y1 + 1), shapely.box(x, y0 - 1, x1 + 1, y1 + 1)]
    return [
        piece
        for half in halves
        for one in shapely.get_parts(shapely.intersection(part, half))
        for piece in _without_holes(one)
    ]
