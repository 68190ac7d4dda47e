"""What a lens with distortion makes of the straight image (``simulator/distortion.py``).

Everything is laid out in the straight image, where the edges of polygons are straight. Before the
raster fills them they are bent as a whole: an edge becomes so many short ones that none is off by
what could be seen, and what shares an edge shares the points on it.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from simulator.camera import Camera, lens_of
from simulator.distortion import Lens, bent, bow_per_px2, straightened

FINE_PX = 0.05
"""No edge is further than this from the curve that it stands for."""

COARSE = 4
"""Of an image's places in the straight one every so many-th is sought first: it says about where
those between are.
"""

BAND_ROWS = 64
"""So many rows of places are sought at a time, to spare memory."""

_SIDES = 8
"""Points on each side of a rectangle that is bent."""


def bend(
    camera: Camera, vertices_px: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Polygons of the straight image as a camera sees them: f32[V, 2] px, i32[P + 1] starts.

    Args:
        vertices_px: f[U, 2]. starts: i[P + 1], polygon p is vertices starts[p]:starts[p + 1].
    """
    lens = lens_of(camera)
    if lens is None or not len(vertices_px):
        return vertices_px, starts
    here = vertices_px.astype(np.float64)
    sizes = np.diff(starts)
    following = np.arange(1, len(here) + 1)
    following[starts[1:][sizes > 0] - 1] = starts[:-1][sizes > 0]
    points, ends = _in_pieces(lens, here, here[following])
    first = np.concatenate([[0], ends])[starts]
    return points.astype(np.float32), first.astype(np.int32)


def bend_outline(camera: Camera, outline_px: np.ndarray) -> np.ndarray:
    """One polygon f64[N, 2] px, as ``bend``."""
    return bend(camera, outline_px, np.array([0, len(outline_px)]))[0]


def bend_line(camera: Camera, line_px: np.ndarray) -> np.ndarray:
    """A line f64[N, 2] px that is not closed, as ``bend``."""
    lens = lens_of(camera)
    if lens is None or not len(line_px):
        return line_px
    points, _ = _in_pieces(lens, line_px[:-1], line_px[1:])
    return np.concatenate([points, bent(lens, line_px[-1:])])


def _in_pieces(lens: Lens, here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges f64[E, 2] px as short ones: where each of those begins, and how many there are up to
    the end of each edge.
    """
    longest = math.sqrt(FINE_PX / bow_per_px2(lens))
    pieces = np.maximum(np.ceil(np.hypot(*(there - here).T) / longest), 1).astype(np.int64)
    ends = np.cumsum(pieces)
    edge = np.arange(len(here)).repeat(pieces)
    share = (np.arange(len(edge)) - (ends - pieces)[edge]) / pieces[edge]
    return bent(lens, here[edge] + share[:, None] * (there - here)[edge]), ends


def bend_rects(camera: Camera, rects: np.ndarray) -> np.ndarray:
    """Rectangles i32[R, 4] that hold in the image what those of the straight image hold; empty ones
    stay empty.
    """
    lens = lens_of(camera)
    if lens is None or not len(rects):
        return rects
    share = np.linspace(0.0, 1.0, _SIDES)
    none, whole = np.zeros(_SIDES), np.ones(_SIDES)
    across, down = (
        np.concatenate([share, share, none, whole]),
        np.concatenate([none, whole, share, share]),
    )
    low, size = rects[:, None, :2], (rects[:, 2:] - rects[:, :2])[:, None]
    edge = low + size * np.stack([across, down], axis=1)
    px = bent(lens, edge.reshape(-1, 2)).reshape(edge.shape)
    bow = bow_per_px2(lens) * (size.max(axis=2) / (_SIDES - 1)) ** 2
    seen = np.concatenate([np.floor(px.min(axis=1) - bow), np.ceil(px.max(axis=1) + bow)], axis=1)
    seen = np.clip(seen, 0, [camera.width_px, camera.height_px] * 2).astype(np.int32)
    return np.where((size > 0).all(axis=2), seen, 0).astype(np.int32)


@functools.lru_cache(maxsize=4)
def straight_places(
    lens: Lens, shape: tuple[int, int], step: float = 1.0, first: float = 0.0
) -> np.ndarray:
    """Where in the straight image lies what an image shows at columns and rows first, first + step
    and so on: f32[H, W, 2] px, read-only.

    Args:
        shape: (H, W), how many rows and columns.
    """
    rows, columns = shape
    out = np.empty((rows, columns, 2), np.float32)
    down = first + step * np.arange(0, columns - 1 + COARSE, COARSE)
    for top in range(0, rows, BAND_ROWS):
        bottom = min(top + BAND_ROWS, rows)
        coarse = first + step * np.arange(top, bottom - 1 + COARSE, COARSE), down
        near = straightened(lens, _grid(*coarse)).reshape(len(coarse[0]), -1, 2)
        near = _finer(_finer(near, 0), 1)[: bottom - top, :columns].reshape(-1, 2)
        fine = _grid(first + step * np.arange(top, bottom), first + step * np.arange(columns))
        out[top:bottom] = straightened(lens, fine, near).reshape(-1, columns, 2)
    out.flags.writeable = False
    return out


def _grid(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """All places of a grid, row by row, f64[H * W, 2] columns and rows."""
    return np.stack(np.meshgrid(columns, rows), axis=2).reshape(-1, 2).astype(np.float64)


def _finer(places: np.ndarray, axis: int) -> np.ndarray:
    """Places with COARSE steps in each of theirs along an axis, evenly between them."""
    here = np.moveaxis(places, axis, 0)
    share = np.arange(COARSE)[:, None, None] / COARSE
    between = here[:-1, None] + share * (here[1:] - here[:-1])[:, None]
    fine = np.concatenate([between.reshape(-1, *here.shape[1:]), here[-1:]])
    return np.moveaxis(fine, 0, axis)
