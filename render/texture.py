"""Noise tiles that repeat without a seam, and sampling them in world coordinates."""

from __future__ import annotations

import functools
from collections.abc import Callable

import cv2
import numpy as np

from render.bending import straight_places
from render.kernel import allocating_kernel, inner_kernel, kernel
from simulator.distortion import Lens
from simulator.grip import CELL_M
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.unevenness import PATCH_CELLS, hollows, shift_cells

TILE = 512
"""Side of a noise tile, px; a power of two so that wrapping is a mask."""


COARSEST = 6
"""Level of the most averaged tile."""

SMOOTH_PX, COARSE = 16, 4
"""Textures with features of at least so many tile pixels are looked up on every fourth pixel."""

CACHE_LINE = 16
"""Pixels of a tile that a processor reads together, at least."""

ORIGIN_M = 4096.0
"""Shift of the ground's origin, m, that keeps tile coordinates positive in every world."""


def tile_offsets(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Where in a tile something begins, i64[shape]: what ``integers`` gives, at a third of its
    cost.
    """
    return (rng.random(shape) * TILE).astype(np.int64)


@functools.cache
def smooth_tile(octave_px: int) -> np.ndarray:
    """Periodic smooth noise f32[TILE, TILE], mean 0, sd 1, with features of about ``octave_px``."""
    noise = stream(0, 0, f"texture/{octave_px}").standard_normal((TILE, TILE)).astype(np.float32)
    if octave_px > 1:
        pad = 4 * octave_px
        wide = np.pad(noise, pad, mode="wrap")
        noise = cv2.GaussianBlur(wide, (0, 0), octave_px / 2)[pad:-pad, pad:-pad]
    noise -= noise.mean()
    return np.ascontiguousarray(noise / noise.std(), dtype=np.float32)


@functools.cache
def gaussian_tile() -> np.ndarray:
    """White Gaussian noise f32[TILE, TILE] for the sensor, mean 0, sd 1."""
    return smooth_tile(1)


def anchored(
    px_to_m: np.ndarray,
    shape: tuple[int, int],
    octave_px: int,
    pixel_m: float,
    made_by: Callable[[int], np.ndarray] = smooth_tile,
    lens: Lens | None = None,
) -> np.ndarray:
    """A noise tile laid over the ground as a camera sees it, f32[H, W]; the last few are kept.

    Args:
        px_to_m: f64[3, 3], image to ground, see ``camera.px_to_ground``. shape: (H, W) px.
        octave_px: features of the tile, see smooth_tile. pixel_m: size of a tile pixel, m.
        made_by: gives the tile of such features, f32[TILE, TILE]. lens: as of a view.
    """
    return _anchored(px_to_m.tobytes(), shape, octave_px, pixel_m, made_by, lens)


def hollows_seen(
    scene: Scene, px_to_m: np.ndarray, shape: tuple[int, int], lens: Lens | None = None
) -> np.ndarray:
    """How low the ground of a scene lies, as ``unevenness.hollows`` and tyres have it: f32[H, W].

    Args:
        px_to_m, shape, lens: as in ``anchored``.
    """
    rows, columns = shift_cells(scene)
    moved = px_to_m - CELL_M * np.outer([columns, rows, 0.0], px_to_m[2])
    return anchored(moved, shape, int(PATCH_CELLS), CELL_M, _hollows, lens)


def _hollows(_: int) -> np.ndarray:
    return hollows()


@functools.lru_cache(maxsize=12)
def _anchored(
    px_to_m: bytes,
    shape: tuple[int, int],
    octave_px: int,
    pixel_m: float,
    made_by: Callable[[int], np.ndarray],
    lens: Lens | None,
) -> np.ndarray:
    there = np.frombuffer(px_to_m, np.float64).reshape(3, 3).copy()
    if lens is not None:
        return _through_lens(there, straight_places(lens, shape), octave_px, pixel_m, made_by)
    tile, step = made_by(octave_px).ravel(), np.float32(1.0 / pixel_m)
    places = np.empty(shape[1], np.int32)
    if there[2, 1] != 0:
        return _in_perspective(there, shape, octave_px, pixel_m, made_by)
    _fetch(tile)
    if octave_px < SMOOTH_PX or np.hypot(*there[:2, 0]) * COARSE > 0.25 * octave_px * pixel_m:
        plane = np.empty(shape, np.float32)
        _lay(tile, there, step, plane, places)
        return plane
    # every fourth pixel says it all; the middles of the coarse pixels lie where resize expects them
    rows, columns = (-(-size // COARSE) for size in shape)
    middle = there[:, 2] + there[:, :2].sum(axis=1) * (COARSE - 1) / 2
    plane = np.empty((rows, columns), np.float32)
    wider = np.column_stack([there[:, :2] * COARSE, middle])
    _lay(tile, wider, step, plane, places)
    wide = cv2.resize(plane, (columns * COARSE, rows * COARSE), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(wide[: shape[0], : shape[1]])


def _in_perspective(
    px_to_m: np.ndarray,
    shape: tuple[int, int],
    octave_px: int,
    pixel_m: float,
    made_by: Callable[[int], np.ndarray],
) -> np.ndarray:
    """The tile as a tilted camera sees it: where a pixel spans more ground than one in the middle
    of the image, that much of the texture is averaged away.
    """
    away = px_to_m[2, 1] * np.arange(shape[0]) + px_to_m[2, 2]
    spans = away**-1.5  # geometric mean of the two sides of a pixel on the ground
    level = np.clip(np.log2(spans), 0.0, COARSEST).astype(np.float32)
    plane = np.empty(shape, np.float32)
    most = int(np.ceil(level.max()))
    _lay_rows(
        *_levels(made_by, octave_px, most), px_to_m, 1.0 / pixel_m, level, plane,
        np.empty(shape[1], np.float32), np.empty(shape[1], np.int32),
    )  # fmt: skip
    return plane


def _through_lens(
    px_to_m: np.ndarray,
    places: np.ndarray,
    octave_px: int,
    pixel_m: float,
    made_by: Callable[[int], np.ndarray],
) -> np.ndarray:
    """The tile as it is seen where the straight image has the places f32[H, W, 2] px; averaged as
    ``_in_perspective`` has it.
    """
    plane = np.empty(places.shape[:2], np.float32)
    tiles, first = _levels(made_by, octave_px, COARSEST)
    _lay_at(tiles, first, px_to_m, places, 1.0 / pixel_m, plane)
    return plane


def _levels(
    made_by: Callable[[int], np.ndarray], octave_px: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """A tile and its averages up to a level, one behind the other, f32[N]; where each begins."""
    tiles = [_coarser(made_by, octave_px, k).ravel() for k in range(most + 1)]
    return np.concatenate(tiles), np.cumsum([0, *(len(tile) for tile in tiles)])


@kernel
def _lay_at(tiles, first, m, places, step, out):
    """Each pixel from the two levels of the tile between which its own lies."""
    rows, columns = out.shape
    for y in range(rows):
        j = min(y, rows - 2)
        for x in range(columns):
            i = min(x, columns - 2)
            u, v = places[y, x, 0], places[y, x, 1]
            a, b, c = places[j, i], places[j, i + 1], places[j + 1, i]
            area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
            away = m[2, 1] * v + m[2, 2]
            right = ((m[0, 0] * u + m[0, 1] * v + m[0, 2]) / away + ORIGIN_M) * step
            up = ((m[1, 0] * u + m[1, 1] * v + m[1, 2]) / away + ORIGIN_M) * step
            level = min(0.5 * np.log2(max(area / away**3, 1.0)), float(COARSEST))
            low = np.int32(level)
            share = np.float32(level - low)
            value = _texel(tiles[first[low] :], low, right, up)
            if share > 0:
                value += share * (_texel(tiles[first[low + 1] :], low + 1, right, up) - value)
            out[y, x] = value


@inner_kernel
def _texel(tile, level, right, up):
    side, wide = np.int32(TILE >> level), 1.0 / (1 << level)
    i, j = np.int32(up * wide) & (side - 1), np.int32(right * wide) & (side - 1)
    return tile[i * side + j]


@functools.cache
def _coarser(made_by: Callable[[int], np.ndarray], octave_px: int, level: int) -> np.ndarray:
    """A tile averaged over squares of 2^level pixels a side."""
    if level == 0:
        return made_by(octave_px)
    finer = _coarser(made_by, octave_px, level - 1)
    side = len(finer) // 2
    return np.ascontiguousarray(finer.reshape(side, 2, side, 2).mean(axis=(1, 3)))


@kernel
def _lay_rows(tiles, first, m, step, level, out, finer, places):
    """Each row from the two levels of the tile between which its own lies."""
    for y in range(len(out)):
        away = m[2, 1] * y + m[2, 2]
        ax = (m[0, 1] * y + m[0, 2]) / away + ORIGIN_M
        ay = (m[1, 1] * y + m[1, 2]) / away + ORIGIN_M
        dx, dy = m[0, 0] / away, m[1, 0] / away
        low = np.int32(level[y])
        share = level[y] - np.float32(low)
        row = out[y]
        _lay_row(tiles[first[low] :], low, ax, ay, dx, dy, step, row, places)
        if share > 0:
            _lay_row(tiles[first[low + 1] :], low + 1, ax, ay, dx, dy, step, finer, places)
            for x in range(len(row)):
                row[x] += share * (finer[x] - row[x])


@inner_kernel
def _lay_row(tile, level, ax, ay, dx, dy, step, out, places):
    side, wide = np.int32(TILE >> level), np.float32(step / (1 << level))
    mask = np.int32(side - 1)
    fx, fy, gx, gy = np.float32(ax), np.float32(ay), np.float32(dx), np.float32(dy)
    for x in range(len(out)):
        along = np.float32(np.int32(x))
        i = np.int32((fy + gy * along) * wide) & mask
        j = np.int32((fx + gx * along) * wide) & mask
        places[x] = np.int32(i * side) | j
    for x in range(len(out)):
        out[x] = tile[np.uint32(places[x])]


@kernel
def _fetch(tile):
    """Read a tile from end to end: that takes it into the cache, for which looking it up here and
    there would wait several times as long.
    """
    total = np.float32(0.0)
    for i in range(0, len(tile), CACHE_LINE):
        total += tile[i]
    return total


@kernel
def _lay(tile, px_to_m, step, out, places):
    rows, columns = out.shape
    mask, side = np.int32(TILE - 1), np.int32(TILE)
    dx, dy = np.float32(px_to_m[0, 0]), np.float32(px_to_m[1, 0])
    for y in range(rows):
        ax = np.float32(px_to_m[0, 1] * y + px_to_m[0, 2] + ORIGIN_M)
        ay = np.float32(px_to_m[1, 1] * y + px_to_m[1, 2] + ORIGIN_M)
        row = out[y]
        # all places first: many are reckoned at a time, and looking up does not wait for each
        for x in range(columns):
            along = np.float32(np.int32(x))
            i = np.int32((ay + dy * along) * step) & mask
            j = np.int32((ax + dx * along) * step) & mask
            places[x] = np.int32(i * side) | j
        for x in range(columns):
            row[x] = tile[np.uint32(places[x])]


@allocating_kernel
def modulate(albedo, kind, of_coarse, of_fine, coarse, fine):
    """Multiply the albedo by texture, in place.

    Args:
        albedo: u16[3, H, W]. kind: u8[H, W].
        of_coarse, of_fine: strength of the two textures for each of the first surface kinds, as
            tuples of f32: to compare all takes many pixels at a time, to look up one by one.
        coarse, fine: f32[H, W].
    """
    rows, columns = kind.shape
    gain = np.empty(columns, np.float32)
    one, least, most = np.float32(1.0), np.float32(0.2), np.float32(65535.0)
    for y in range(rows):
        kinds, c, f = kind[y], coarse[y], fine[y]
        for x in range(columns):
            k, a, b = kinds[x], np.float32(0.0), np.float32(0.0)
            for grainy in range(len(of_coarse)):
                a = of_coarse[grainy] if k == grainy else a
                b = of_fine[grainy] if k == grainy else b
            gain[x] = max(one + a * c[x] + b * f[x], least)
        for i in range(3):
            row = albedo[i, y]
            for x in range(columns):
                row[x] = np.uint16(min(np.float32(row[x]) * gain[x], most))
