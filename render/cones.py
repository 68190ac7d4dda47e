"""Traffic cones: a black foot, an orange cone with a white collar, seen from above."""

from __future__ import annotations

import numpy as np

from render.hull import hull
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from simulator.camera import Camera, is_tilted, straight_px
from simulator.surroundings import Cone

FOOT_M = 0.36
"""Side of the square foot of a cone of 0.71 m (28 in; MUTCD 6K.03)."""

ORANGE, WHITE, BLACK = (255, 104, 16), (235, 235, 230), (28, 28, 30)

_ANGLE = np.linspace(0, 2 * np.pi, 12, endpoint=False)
_DISC = np.stack([np.cos(_ANGLE), np.sin(_ANGLE)], axis=1)
_RINGS = ((0.15, 0.1, ORANGE), (0.1, 0.55, WHITE), (0.07, 0.7, ORANGE), (0.03, 1.0, ORANGE))
"""Radius in m, height as a share of the cone's, sRGB."""


def cone_outline(cone: Cone) -> np.ndarray:
    """The foot of a cone, f64[4, 2] m."""
    box = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * FOOT_M / 2
    return box + np.array([cone.x_m, cone.y_m])


def draw_cone(shapes: PolygonList, cone: Cone, camera: Camera) -> None:
    """Add one cone."""
    shapes.add(cone_outline(cone), fixed(BLACK), Kind.ROOF, 0.05)
    below = None
    for radius, height, colour in _RINGS:
        ring = _DISC * radius + [cone.x_m, cone.y_m]
        if is_tilted(camera):
            seen = straight_px(camera, ring, height * cone.height_m)
            if below is not None:
                side = hull(below, seen)
                shapes.add(side, fixed(colour), Kind.ROOF, height * cone.height_m, in_px=True)
            below = seen
        shapes.add(ring, fixed(colour), Kind.ROOF, height * cone.height_m)
