"""Polygons into planes: colour, instance id, surface kind and height are filled at once.

A pixel spans [i, i + 1) px. Coverage is taken on four sub-rows with exact horizontal extents; a
pixel belongs to a polygon (ids, kind, height) when at least half of it is covered, and its colour
is blended by coverage, so edges are smooth and masks are not.
"""

from __future__ import annotations

import numpy as np

from render import raster_kernels as kernels
from render.canvas import Canvas, Polygons, empty
from render.raster_kernels import LANES, MOST_CROSSINGS, SUB_ROWS

_NO_COLOUR = np.zeros(0, np.uint16)


def fill(canvas: Canvas, polygons: Polygons, met: np.ndarray | None = None) -> None:
    """Draw the polygons in order into the canvas, in place.

    Args:
        met: bool[more than any id], set for every id of which another thing hides a pixel.
    """
    if len(polygons.starts) > 1:
        _fill(canvas, polygons, np.zeros(0, np.bool_) if met is None else met, _NO_COLOUR)


def filled(height_px: int, width_px: int, colour: np.ndarray, polygons: Polygons) -> Canvas:
    """Polygons drawn in order on one colour, u16[3] linear; each band of rows is worked on once."""
    canvas = empty(height_px, width_px)
    _fill(canvas, polygons, np.zeros(0, np.bool_), colour)
    return canvas


def _fill(canvas: Canvas, p: Polygons, met: np.ndarray, under: np.ndarray) -> None:
    kernels.fill(
        canvas.albedo, canvas.ids, canvas.kind, canvas.height,
        p.vertices_px, p.starts, p.colour, p.alpha, p.ident, p.kind, p.height, p.on_top,
        met, under, np.empty((len(p.alpha), 2), np.int32), *_room(*canvas.kind.shape),
    )  # fmt: skip


def fill_shadows(
    lit: np.ndarray,
    heights: np.ndarray,
    vertices_px: np.ndarray,
    starts: np.ndarray,
    taken: float = 1.0,
) -> None:
    """Darken a u8[H, W] sun plane under shadow polygons where the ground itself is seen; where they
    overlap the darker counts.

    Args:
        lit, heights: u8[H, W]. vertices_px: f32[V, 2]. starts: i32[P + 1].
        taken: share of the light that they take.
    """
    kernels.shade(lit, heights, vertices_px, starts, np.float32(taken), *_room(*lit.shape))


def _room(rows: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Work space for polygons of up to so many pixel rows and columns.

    Ends of each sub-row, its crossings, how many there are, and the coverage of a run: kernels that
    allocate nothing do without reference counts, which would cost as much as the work.
    """
    steps = SUB_ROWS * rows
    return (
        np.empty((2, steps), np.float32),
        np.empty((MOST_CROSSINGS, steps), np.float32),
        np.empty(steps, np.int32),
        np.empty(width + LANES, np.float32),
    )


def silhouette(
    vertices_px: np.ndarray,
    starts: np.ndarray,
    owner: np.ndarray,
    outline: np.ndarray,
    rows: int,
    width: int,
    chosen: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amodal size of objects from their outline polygons, whatever hides them.

    Args:
        vertices_px: f32[V, 2]. starts: i32[P + 1]. owner: i32[P], object of each polygon, sorted.
        outline: bool[P], which polygons make up silhouettes.
        rows, width: image size. chosen: bool[N], by object, whom to measure.

    Returns:
        full i32[N] (px, also outside the image), inside i32[N], box i32[N, 4] (of the whole).
    """
    full, inside = np.zeros((2, len(chosen)), np.int32)
    box = np.zeros((len(chosen), 4), np.int32)
    down, across = kernels.largest(vertices_px, starts, owner, chosen)
    if down:
        kernels.silhouettes(
            vertices_px, starts, owner, outline, rows, width, chosen, full, inside, box,
            np.empty((down, across), np.bool_), *_room(down, across),
        )  # fmt: skip
    return full, inside, box
