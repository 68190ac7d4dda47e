"""Optics: the point spread, and the glare that bright lamps leave around them."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from render import rects
from render.canvas import ONE
from render.effect import FIELD_STEP, field_shape
from render.kernel import inner_kernel, kernel
from simulator.camera import Sensor

GLARE_SHARE = 0.16
"""Share of a bright lamp's light that scatters in the lens."""

WET_SHARE = 0.5
"""And what more of it a film of water of any depth sends up from the ground around the lamp: far
more than the film's own 2 %, because lamps shine along the ground rather than up (a choice)."""

HALF_WET_MM = 1.0
"""Film that sends up half of that, mm (a choice)."""

GLARE_SIGMA_PX = 10.0
GLARE_REACH = 10
"""How far a glare goes, in steps of a field: four sigma."""

BRIGHT = 2.0
"""Only light above this many whites leaves a visible glare."""

HALO_RAD = 0.025
"""Half-width of the halo round a lamp in thick air: droplets of 10 um scatter half of the light
that they meet within a degree or two of its way (diffraction, 0.6 wavelength / radius).
"""

FORWARD = 0.5
"""So much of what droplets scatter stays near its way."""

HALO_STEP = 2
"""The halo is reckoned on every so many-th place of a field."""

LEAST_DEPTH = 0.05
"""Thinner air shows none."""

SHARP_PX = 0.15
"""A point spread below this changes nothing."""


def weights_of(sensor: Sensor) -> np.ndarray:
    """Half of the symmetric point spread, f32[radius + 1], radius >= 1."""
    if sensor.blur_px < SHARP_PX:
        return np.array([1, 0], np.float32)
    radius = max(1, int(np.ceil(2.2 * sensor.blur_px - 0.2)))
    return _half_normal(radius, sensor.blur_px)


def blur(
    light: np.ndarray, wide: np.ndarray, weights: np.ndarray, places: np.ndarray, out: np.ndarray
) -> None:
    """Pass linear light through the lens in some rectangles.

    Args:
        light: u16, blocks [3, h, w] of the rectangles ``wide``, i32[R, 4], one behind the other
            (``rects.offsets``). Each reaches a radius beyond its place, or to the image's edge,
            whose pixels repeat beyond it.
        weights: of ``weights_of``. places: i32[R, 4].
        out: u16[3, H, W], takes the light on the sensor there.
    """
    columns, radius = out.shape[2], len(weights) - 1
    room = np.empty(columns + 2 * radius, np.float32), np.empty(columns, np.float32)
    _spread(light, rects.offsets(wide), wide, weights, places, *room, out)


def glare_share(water_film_mm: float, dark: float) -> float:
    """Share of a bright lamp's light that is spread around it, on a wet road by night also by that;
    ``dark`` as in Light.
    """
    return GLARE_SHARE + WET_SHARE * dark * water_film_mm / (water_film_mm + HALF_WET_MM)


def glare(
    light: np.ndarray,
    places: np.ndarray,
    share: float = GLARE_SHARE,
    depth: float = 0.0,
    halo_px: float = 0.0,
) -> np.ndarray | None:
    """Light of lamps that lens and thick air spread around them: f32[3, h, w] on every
    FIELD_STEP-th pixel, 1.0 = white.

    Args:
        light: u16[3, H, W] on the sensor. places: i32[R, 4], where lamps may shine.
        share: how much the lens spreads of it, see ``glare_share``.
        depth: optical depth of the air before them. halo_px: how wide that spreads it, a sigma.

    Returns:
        None where nothing is as bright.
    """
    rows, columns = field_shape(light.shape[1:])
    excess = np.zeros((3, rows, columns), np.float32)
    # a halo is wide and smooth: few places hold it, in the middle of those of a field
    wide = depth >= LEAST_DEPTH
    coarse = np.zeros((3, -(-rows // HALO_STEP) * wide, -(-columns // HALO_STEP)), np.float32)
    bright, any_ = _collect(
        light, places, np.uint16(BRIGHT * ONE), FIELD_STEP, excess, np.uint16(ONE),
        FIELD_STEP * HALO_STEP, coarse,
    )  # fmt: skip
    if bright:
        reach = min(GLARE_REACH, rows - 1, columns - 1)
        weights = _half_normal(reach, GLARE_SIGMA_PX / FIELD_STEP)
        _scatter(
            excess, weights, np.float32(share / (ONE * FIELD_STEP**2)),
            np.empty((rows, 2), np.int64),
            np.empty(columns + 2 * reach, np.float32), np.empty((rows, columns), np.float32),
        )  # fmt: skip
    if any_ and wide:
        _add_halo(excess, coarse, min(depth, 1.0) * FORWARD, halo_px)
    return excess if any_ else None


def _add_halo(field: np.ndarray, coarse: np.ndarray, share: float, sigma_px: float) -> None:
    """Spread a share of what was collected on a coarser grid, and add it to a field, in place."""
    step = FIELD_STEP * HALO_STEP
    _, rows, columns = field.shape
    size, sigma = (HALO_STEP * coarse.shape[2], HALO_STEP * coarse.shape[1]), sigma_px / step
    for plane, target in zip(coarse * np.float32(share / (ONE * step**2)), field, strict=True):
        soft = cv2.GaussianBlur(plane, (0, 0), max(sigma, 0.5), borderType=cv2.BORDER_REFLECT_101)
        target += cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)[:rows, :columns]


@functools.lru_cache(maxsize=8)
def _half_normal(reach: int, sigma: float) -> np.ndarray:
    """Half of a symmetric filter whose weights sum to 1: f32[reach + 1]."""
    weights = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    return (weights / (weights[0] + 2 * weights[1:].sum())).astype(np.float32)


@kernel
def _collect(light, places, bright, step, excess, white, wide_step, wide):
    """Sum the excess over two limits around the nodes of two grids: over ``bright`` around each of
    ``excess``, over ``white`` around each of ``wide``, unless that has no room. Returns whether
    there was any of the first, and of either.
    """
    halo, found, any_ = wide.shape[1] > 0, False, False
    lowest, near = white if halo else bright, step // 2
    for r in range(len(places)):
        x0, x1 = places[r, 0], places[r, 2]
        for c in range(3):
            for y in range(places[r, 1], places[r, 3]):
                row, j, k = light[c, y, x0:x1], (y + near) // step, (y + near) // wide_step
                most = np.uint16(0)
                for x in range(x1 - x0):
                    most = max(most, row[x])
                if most <= lowest:
                    continue
                for x in range(x1 - x0):
                    v = row[x]
                    if v <= lowest or _within(places, r, x0 + x, y):
                        continue
                    any_ = True
                    if v > bright:
                        excess[c, j, (x0 + x + near) // step] += np.float32(v - bright)
                        found = True
                    if halo:
                        wide[c, k, (x0 + x + near) // wide_step] += np.float32(v - white)
    return found, any_


@kernel
def _scatter(light, weights, scale, filled, line, across):
    """Separable blur of planes f32[C, h, w], mostly dark, in place, mirrored at their edges.

    ``filled``: room i64[h, 2] for the columns of each row that any light reaches.
    """
    planes, rows, columns = light.shape
    reach = len(weights) - 1
    for c in range(planes):
        for y in range(rows):
            _find_filled(light[c, y], reach, filled[y])
            a, b = filled[y, 0], filled[y, 1]
            if a < b:
                source = light[c, y]
                _spread_row(source, weights, a, line, across[y, a:b])
                for x in range(columns):
                    source[x] = np.float32(0.0)
        for mirrored in range(-reach, rows + reach):
            j = abs(mirrored)
            j = min(j, 2 * (rows - 1) - j)
            a, b = filled[j, 0], filled[j, 1]
            if a < b:
                for y in range(max(mirrored - reach, 0), min(mirrored + reach + 1, rows)):
                    _add_row(across[j, a:b], weights[abs(mirrored - y)] * scale, light[c, y, a:b])


@inner_kernel
def _find_filled(source, reach, filled):
    """Columns that the light of a row reaches, both 0 where it is dark: the first a multiple of 16,
    many of which are reckoned at a time.
    """
    none = np.int32(len(source))
    low, high = none, np.int32(-1)
    for i in range(len(source)):
        k, lit = np.int32(i), source[i] > 0
        low = min(low, k if lit else none)
        high = max(high, k if lit else np.int32(-1))
    filled[0] = max(low - reach, 0) & ~15 if high >= 0 else 0
    filled[1] = min((high + reach + 16) & ~15, len(source)) if high >= 0 else 0


@inner_kernel
def _spread_row(source, weights, a, line, out):
    """Blur a row: what comes of it from column a on."""
    columns, reach = len(source), len(weights) - 1
    for x in range(columns):
        line[reach + x] = source[x]
    for k in range(1, reach + 1):
        line[reach - k], line[reach + columns - 1 + k] = source[k], source[columns - 1 - k]
    own = source[a:]
    for x in range(len(out)):
        out[x] = weights[0] * own[x]
    for k in range(1, reach + 1):
        nearer, farther, w = line[reach + a - k :], line[reach + a + k :], weights[k]
        for x in range(len(out)):
            out[x] += w * (nearer[x] + farther[x])


@inner_kernel
def _add_row(source, weight, out):
    for x in range(len(out)):
        out[x] += weight * source[x]


@inner_kernel
def _within(places, count, x, y):
    """Whether any of the first rectangles holds a pixel."""
    for r in range(count):
        if places[r, 0] <= x < places[r, 2] and places[r, 1] <= y < places[r, 3]:
            return True
    return False


@kernel
def _spread(light, first, wide, weights, places, room_line, room_total, out):
    """Separable symmetric blur of blocks of u16 planes."""
    radius, half = len(weights) - 1, np.float32(0.5)
    w0, w1 = weights[0], weights[1]
    for r in range(len(places)):
        x0, y0, x1, y1 = places[r, 0], places[r, 1], places[r, 2], places[r, 3]
        left, top, width, rows = wide[r, 0], wide[r, 1], x1 - x0, wide[r, 3] - wide[r, 1]
        stride = wide[r, 2] - left
        # what the block has of the columns that the rectangle needs
        a, b = max(x0 - radius, left) - left, min(x1 + radius, wide[r, 2]) - left
        before_edge, beyond_edge = a + left - (x0 - radius), b + left - (x0 - radius)
        line, total = room_line[: width + 2 * radius], room_total[:width]
        inner, own = line[before_edge:beyond_edge], line[radius : radius + width]
        before, after = line[radius - 1 :], line[radius + 1 :]
        for c in range(3):
            plane = light[first[r] + c * rows * stride : first[r] + (c + 1) * rows * stride]
            for y in range(y0, y1):
                j = y - top
                middle = plane[j * stride + a : j * stride + b]
                for k in range(1, radius + 1):
                    up, down = max(j - k, 0) * stride, min(j + k, rows - 1) * stride
                    above, below, w = plane[up + a : up + b], plane[down + a : down + b], weights[k]
                    if k == 1:
                        for x in range(b - a):
                            pair = np.float32(above[x]) + np.float32(below[x])
                            inner[x] = w0 * np.float32(middle[x]) + w1 * pair
                    else:
                        for x in range(b - a):
                            inner[x] += w * (np.float32(above[x]) + np.float32(below[x]))
                for x in range(before_edge):
                    line[x] = inner[0]
                for x in range(beyond_edge, width + 2 * radius):
                    line[x] = inner[b - a - 1]
                target = out[c, y, x0:x1]
                if radius == 1:
                    for x in range(width):
                        target[x] = np.uint16(w0 * own[x] + w1 * (before[x] + after[x]) + half)
                    continue
                for x in range(width):
                    total[x] = w0 * own[x] + w1 * (before[x] + after[x]) + half
                for k in range(2, radius + 1):
                    nearer, farther, w = line[radius - k :], line[radius + k :], weights[k]
                    for x in range(width):
                        total[x] += w * (nearer[x] + farther[x])
                for x in range(width):
                    target[x] = np.uint16(total[x])
