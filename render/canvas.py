"""The planes that a picture is drawn in, and the polygons that are drawn: data only."""

from __future__ import annotations

import dataclasses

import numpy as np

ONE = 4096
"""Fixed-point 1.0 of colour planes: a white diffuse surface under the current light. u16 leaves
four stops of headroom above it."""

HEIGHT_UNIT_M = 0.25
"""Height of one step in the u8 height plane, m."""

BLACK = np.zeros(3, np.uint16)

DECAL = 128
"""Kinds from here on are of decals, which change no id and no height."""

WINDOWED = 12
"""A window is of a kind so much above that of what it is in. Drawn as a decal, DECAL above its own
kind, it changes colour, and kind where it meets what it is in."""

KEEP = 255
"""Kind of a decal that changes colour only."""


@dataclasses.dataclass(frozen=True, eq=False)
class Canvas:
    """The planes of one picture before light.

    Attributes:
        albedo: u16[3, H, W], linear reflectance in red, green, blue, ONE = 1.0.
        ids: u16[H, W], instance id, 0 = background.
        kind: u8[H, W], see ``surface.Kind``.
        height: u8[H, W], height above ground in HEIGHT_UNIT_M.
    """

    albedo: np.ndarray
    ids: np.ndarray
    kind: np.ndarray
    height: np.ndarray

    def copy(self) -> Canvas:
        """An independent copy."""
        return Canvas(self.albedo.copy(), self.ids.copy(), self.kind.copy(), self.height.copy())


@dataclasses.dataclass(frozen=True, eq=False)
class Polygons:
    """A batch of polygons in drawing order.

    Attributes:
        vertices_px: f32[V, 2]. starts: i32[P + 1], polygon p is vertices starts[p]:starts[p+1].
        colour: u16[P, 3] linear. alpha: f32[P] opacity; 0 is not drawn at all.
        ident: u16[P] instance id. kind: u8[P]. height: u8[P] in HEIGHT_UNIT_M.
        on_top: bool[P], drawn whatever the height below.
    """

    vertices_px: np.ndarray
    starts: np.ndarray
    colour: np.ndarray
    alpha: np.ndarray
    ident: np.ndarray
    kind: np.ndarray
    height: np.ndarray
    on_top: np.ndarray


def blank(height_px: int, width_px: int, colour: np.ndarray = BLACK) -> Canvas:
    """An empty canvas of one colour, u16[3] linear."""
    shape = (height_px, width_px)
    return Canvas(
        np.full((3, *shape), colour[:, None, None], np.uint16),
        np.zeros(shape, np.uint16),
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.uint8),
    )


def empty(height_px: int, width_px: int) -> Canvas:
    """A canvas whose pixels may be anything."""
    shape = (height_px, width_px)
    return Canvas(
        np.empty((3, *shape), np.uint16), np.empty(shape, np.uint16), np.empty(shape, np.uint8),
        np.empty(shape, np.uint8),
    )  # fmt: skip
