"""What no frame shares with the next: light of headlamps, glare of lamps, drops and flakes."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from render.canvas import ONE
from render.effect import Specks, SpeckTile
from render.kernel import inner_kernel, kernel
from render.texture import TILE

MOST_OPAQUE = 0.95


def add_fleeting(
    light: np.ndarray,
    beam: np.ndarray,
    field: np.ndarray,
    glare: np.ndarray | None,
    specks: Sequence[Specks],
) -> np.ndarray:
    """Light behind the lens with headlamps, glare and specks: u16[3, H, W] (ONE = 1.0), new.

    Args:
        light: u16[3, H, W] without them. beam: u16[3, H, W], what a unit of beam light sends to the
            sensor, or u16[3, 0, 0]. field: f32[h, w], beam light at a quarter of the resolution.
        glare: f32[3, h, w], 1.0 = white, or None. specks: one over the other.
    """
    columns = light.shape[2]
    out, wide = np.empty_like(light), np.zeros((2, (columns + 3) // 4 * 4), np.float32)
    haze = np.zeros((3, 0, 0), np.float32) if glare is None else glare
    tiles = _joined(tuple(s.tile for s in specks))
    shift = np.array([s.offset for s in specks], np.int64).reshape(-1, 2)
    gain = np.array([s.gain for s in specks], np.float32)
    tone = np.array([np.minimum(s.rgb * ONE, 65535) for s in specks], np.float32).reshape(-1, 3)
    _add_fleeting(
        light, beam, field, haze, *tiles, shift, gain, tone,
        wide, np.empty((3, columns), np.float32), out,
    )  # fmt: skip
    return out


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
def _add_fleeting(
    light, beam, field, glare, first, column, opacity, shift, gain, tone, wide, line, out
):
    """Row by row: ``line`` holds the three colours of one until the last has been added."""
    _, rows, columns = light.shape
    beams, glares = beam.shape[1] > 0, glare.shape[1] > 0
    half, top, one = np.float32(0.5), np.float32(65535.0), np.float32(ONE)
    lamp, haze = wide[0], wide[1]
    for y in range(rows):
        if beams:
            _field_row(field, y, lamp)
        for c in range(3):
            own, sum_ = light[c, y], line[c]
            if glares:
                _field_row(glare[c], y, haze)
            if beams:
                reach = beam[c, y]
                for x in range(columns):
                    v = np.float32(own[x]) + lamp[x] * np.float32(reach[x])
                    sum_[x] = v + haze[x] * one
            else:
                for x in range(columns):
                    sum_[x] = np.float32(own[x]) + haze[x] * one
        for k in range(len(gain)):
            row = (y + shift[k, 0]) & (TILE - 1)
            a, b = first[k, row], first[k, row + 1]
            _lay_specks(line, column[a:b], opacity[a:b], shift[k, 1], gain[k], tone[k])
        for c in range(3):
            sum_, target = line[c], out[c, y]
            for x in range(columns):
                target[x] = np.uint16(np.int32(min(sum_[x] + half, top)))


@inner_kernel
def _lay_specks(line, column, opacity, shift, gain, tone):
    """Lay a row of a tile, repeated as often as it takes, over the colours of a row of light."""
    red, green, blue = line[0], line[1], line[2]
    columns, most = len(red), np.float32(MOST_OPAQUE)
    for i in range(len(column)):
        share = min(opacity[i] * gain, most)
        for x in range((column[i] - shift) & (TILE - 1), columns, TILE):
            red[x] += share * (tone[0] - red[x])
            green[x] += share * (tone[1] - green[x])
            blue[x] += share * (tone[2] - blue[x])


@inner_kernel
def _field_row(field, y, out):
    """One row of a field, brought to full resolution: f32[a multiple of 4]."""
    j, fy = y >> 2, np.float32((y & 3) * 0.25)
    near, far, next_near, next_far = field[j], field[j + 1], field[j, 1:], field[j + 1, 1:]
    quarter, half, most = np.float32(0.25), np.float32(0.5), np.float32(0.75)
    for i in range(len(out) // 4):
        left = near[i] + fy * (far[i] - near[i])
        step = next_near[i] + fy * (next_far[i] - next_near[i]) - left
        out[4 * i], out[4 * i + 1] = left, left + quarter * step
        out[4 * i + 2], out[4 * i + 3] = left + half * step, left + most * step
