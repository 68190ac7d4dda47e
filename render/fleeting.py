"""What no frame shares with the next: headlamps, spray, glare of lamps, drops and flakes."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from render import rects
from render import sensor_kernels as kernels
from render.canvas import HEIGHT_UNIT_M, ONE
from render.effect import FIELD_STEP, PLUME_M, Specks, SpeckTile
from render.kernel import inner_kernel, kernel
from render.light import LAMP_RGB
from render.sensor import Response, noise_tile
from render.texture import TILE

PLUME_GLOW = 0.2
"""Share of headlamps' light that a plume sends up: droplets scatter most of it forward."""

PLACE_ROWS = 2
"""Rows of a field that a rectangle of ``plume_places`` is high."""

_ABOVE = np.exp(-np.arange(256) * HEIGHT_UNIT_M / PLUME_M).astype(np.float32)
"""Share of a plume that lies above each height of the canvas."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plumes:
    """What vehicles throw up.

    Attributes:
        field: f32[h, w], opacity above the ground at a quarter of the resolution, or f32[0, 0].
        height: u8[H, W], of the canvas. rgb: f32[3], its colour, 1.0 = white.
    """

    field: np.ndarray
    height: np.ndarray
    rgb: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Fleeting:
    """All that is added to the light behind the lens.

    Attributes:
        light: u16[3, H, W] without it, ONE = 1.0. beam: u16[3, H, W], what a unit of beam light
            sends to the sensor, or u16[3, 0, 0]. field: f32[h, w], beam light at a quarter of the
            resolution. glare: f32[3, h, w], 1.0 = white, or None. specks: one over the other.
    """

    light: np.ndarray
    beam: np.ndarray
    field: np.ndarray
    glare: np.ndarray | None
    specks: Sequence[Specks]
    plumes: Plumes

    def given(self) -> tuple[Any, ...]:
        """All of it as the kernels take it, and room for a row."""
        columns = self.light.shape[2]
        haze = np.zeros((3, 0, 0), np.float32) if self.glare is None else self.glare
        tiles = _joined(tuple(s.tile for s in self.specks))
        shift = np.array([s.offset for s in self.specks], np.int64).reshape(-1, 2)
        gain = np.array([s.gain for s in self.specks], np.float32)
        tones = [np.minimum(s.rgb * ONE, 65535) for s in self.specks]
        return (
            self.light, self.beam, self.field, haze, *tiles, shift, gain,
            np.array(tones, np.float32).reshape(-1, 3),
            self.plumes.field, self.plumes.height, _ABOVE, self.plumes.rgb, _GLOW,
            np.empty((columns, 2), np.int64), np.zeros((3, (columns + 3) // 4 * 4), np.float32),
            np.empty((3, columns), np.float32),
        )  # fmt: skip


def glance(what: Fleeting, every: int) -> np.ndarray:
    """What the exposure meter sees of it: u16[3, h, w], a pixel of ``every`` rows and columns."""
    _, rows, columns = what.light.shape
    half = every // 2
    out = np.empty((3, (rows + half - 1) // every, (columns + half - 1) // every), np.uint16)
    kernels.glance(*what.given(), every, out)  # pyright: ignore[reportCallIssue]
    return out


def expose(
    what: Fleeting, to: Response, offsets: np.ndarray, kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The picture.

    Args:
        to, offsets: as ``sensor.develop`` takes them. kept: i32[R, 4], where its light is wanted.

    Returns:
        u8[H, W, 3] in BGR order; and the light u16[3, H, W], which elsewhere holds anything.
    """
    _, rows, columns = what.light.shape
    out, after = np.empty((rows, 3 * columns), np.uint8), np.empty_like(what.light)
    given = (
        *what.given(), to.matrix, to.table, to.grain, to.vignette, noise_tile(), offsets, kept,
        np.empty((3, columns), np.uint16), np.empty(columns, np.uint16),
        np.empty(columns, np.uint16), np.empty(columns, np.int16),
        np.empty((3, columns), np.uint8), after, out,
    )  # fmt: skip
    kernels.expose(*given)  # pyright: ignore[reportCallIssue]
    return out.reshape(rows, columns, 3), after


def lay_plumes(light: np.ndarray, plumes: Plumes) -> None:
    """Lay plumes alone over light u16[3, H, W], in place: the same as ``expose`` would."""
    if not plumes.field.size:
        return
    columns = light.shape[2]
    kernels.lay_plumes(
        light, plumes.field, plumes.height, _ABOVE, plumes.rgb, np.empty((columns, 2), np.int64),
        np.zeros((columns + 3) // 4 * 4, np.float32),
    )  # fmt: skip


def plume_places(field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Rectangles i32[R, 4] of an image (H, W) that hold every pixel that a plume changes."""
    rows, columns = shape
    if not field.size:
        return rects.NONE
    out = np.empty((len(field) * field.shape[1] // 2 + 1, 4), np.int32)
    return out[: _plume_places(field, rows, columns, out)]


_GLOW = (PLUME_GLOW * LAMP_RGB).astype(np.float32)


@functools.lru_cache(maxsize=8)
def _joined(tiles: tuple[SpeckTile, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pixels of all tiles one behind the other: first i64[S, TILE + 1], column, opacity."""
    first, end = np.zeros((len(tiles), TILE + 1), np.int64), 0
    for k, tile in enumerate(tiles):
        first[k] = tile.first + end
        end += len(tile.column)
    columns = [np.zeros(0, np.int32), *(t.column for t in tiles)]
    opacities = [np.zeros(0, np.float32), *(t.opacity for t in tiles)]
    return first, np.concatenate(columns), np.concatenate(opacities)


@kernel
def _plume_places(field, rows, columns, out):
    count, cells = 0, field.shape[1] - 1
    for j in range(0, (rows + 3) // FIELD_STEP, PLACE_ROWS):
        i = 0
        while i < cells:
            if not _busy(field, j, i):
                i += 1
                continue
            begin = i
            while i < cells and _busy(field, j, i):
                i += 1
            x1, y1 = min(FIELD_STEP * i, columns), min(FIELD_STEP * (j + PLACE_ROWS), rows)
            if FIELD_STEP * begin < x1:
                out[count, 0], out[count, 1] = FIELD_STEP * begin, FIELD_STEP * j
                out[count, 2], out[count, 3] = x1, y1
                count += 1
    return count


@inner_kernel
def _busy(field, j, i):
    """Whether a column of cells below row j holds any of a plume."""
    for k in range(j, min(j + PLACE_ROWS + 1, len(field))):
        if field[k, i] + field[k, i + 1] > 0:
            return True
    return False
