"""Where a scene's road is high and low, and where wheels have driven: made once, from its seed.

Water stands and snow stays where the ground lies low: tyres and pictures have it from here.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from simulator.geometry import left_normals, point_at
from simulator.grip import TILE, TRACK_CELL_M, TRACK_M
from simulator.lane import LaneKind
from simulator.scene import Scene
from simulator.seeding import stream

PATCH_CELLS = 20.0
"""Standard deviation of the blur of the noise, cells: patches are some metres wide."""


MOST_CELLS = 40_000_000
"""A map of more cells, 1.6 km square, has no wheel tracks."""


class Uneven(NamedTuple):
    """An uneven road, see ``friction.mu_at``; without cells where the road is even.

    Attributes:
        tile: f4[TILE, TILE], the share of the ground that lies lower than each cell, 0..1.
        tracks: u1[H, W], 1 where wheels drive. west, south: the corner of its first cell, m.
    """

    tile: np.ndarray
    tracks: np.ndarray
    west: float
    south: float


EVEN = Uneven(np.zeros((0, 0), np.float32), np.zeros((0, 0), np.uint8), 0.0, 0.0)


@functools.lru_cache(maxsize=4)
def uneven(scene: Scene) -> Uneven:
    """The unevenness of a scene's ground; it depends on the scene's seed and on its lanes alone."""
    return Uneven(np.roll(_shares(), shift_cells(scene), axis=(0, 1)), *_tracks(scene))


@functools.cache
def hollows() -> np.ndarray:
    """How low the ground lies, f32[TILE, TILE]: mean 0, sd 1, smooth, repeating without a seam."""
    noise = stream(0, 0, "road/uneven").standard_normal((TILE, TILE))
    wave = np.minimum(np.arange(TILE), TILE - np.arange(TILE)) * (2.0 * np.pi / TILE)
    square = wave[:, None] ** 2 + wave[None, :] ** 2
    smooth = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-0.5 * PATCH_CELLS**2 * square)).real
    return ((smooth - smooth.mean()) / smooth.std()).astype(np.float32)


def shift_cells(scene: Scene) -> tuple[int, int]:
    """How far a scene's ground is shifted from ``hollows``, rows (north) and columns (east)."""
    return _shift_cells(scene.seed, scene.index)


@functools.lru_cache(maxsize=4)  # every weather of a picture asks for it
def _shift_cells(seed: int, index: int) -> tuple[int, int]:
    rows, columns = stream(seed, index, "road/uneven").integers(TILE, size=2)
    return int(rows), int(columns)


@functools.cache
def _shares() -> np.ndarray:
    """The share of the ground that lies lower than each cell: of a share of ice lies just that
    share.
    """
    place = np.empty(TILE * TILE)
    place[np.argsort(-hollows(), axis=None, kind="stable")] = np.arange(TILE * TILE) + 0.5
    return (place / (TILE * TILE)).reshape(TILE, TILE).astype(np.float32)


def _tracks(scene: Scene) -> tuple[np.ndarray, float, float]:
    west, south, east, north = scene.network.bounds_m
    shape = [(high - low) // TRACK_CELL_M + 1 for low, high in ((south, north), (west, east))]
    if shape[0] * shape[1] > MOST_CELLS:
        return EVEN.tracks, 0.0, 0.0
    shape = [int(size) for size in shape]
    tracks = np.zeros(shape, np.uint8)
    across = [s + k * TRACK_CELL_M / 2 for s in (-TRACK_M, TRACK_M) for k in (-2, -1, 0, 1, 2)]
    for lane in scene.network.lanes:
        if lane.kind != LaneKind.DRIVE:
            continue
        s = np.arange(0.0, lane.length_m, TRACK_CELL_M / 2)
        line = point_at(lane.centre_m, lane.s_m, s)
        if len(line) < 3:
            continue
        points = np.concatenate([line + a * left_normals(line) for a in across])
        cells = np.floor((points - [west, south]) / TRACK_CELL_M).astype(int)
        inside = ((cells >= 0) & (cells < shape[::-1])).all(axis=1)
        tracks[cells[inside, 1], cells[inside, 0]] = 1
    return tracks, float(west), float(south)
