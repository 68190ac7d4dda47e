"""Where a scene's road is high and low, and where wheels have driven: made once, from its seed."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from simulator.geometry import left_normals, point_at
from simulator.grip import TILE, TRACK_CELL_M, TRACK_M
from simulator.lane import LaneKind
from simulator.scene import Scene
from simulator.seeding import stream

PATCH_CELLS = 5.0
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
    return Uneven(_tile(scene.seed, scene.index), *_tracks(scene))


def _tile(seed: int, index: int) -> np.ndarray:
    """Smooth noise that repeats without a seam, as its own quantiles: of a share of ice lies just
    that share.
    """
    noise = stream(seed, index, "road/uneven").standard_normal((TILE, TILE))
    wave = np.minimum(np.arange(TILE), TILE - np.arange(TILE)) * (2.0 * np.pi / TILE)
    square = wave[:, None] ** 2 + wave[None, :] ** 2
    smooth = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-0.5 * PATCH_CELLS**2 * square)).real
    place = np.empty(TILE * TILE)
    place[np.argsort(smooth, axis=None)] = np.arange(TILE * TILE) + 0.5
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
