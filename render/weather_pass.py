"""Reflectance -> light before the lens, with every effect in its place, for some rectangles.

``fleeting.py`` adds what is not the same from frame to frame.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np

from render import rects
from render.canvas import ONE, Canvas
from render.effect import Effect, Film, View
from render.kernel import inner_kernel, kernel
from render.light import LAMP_RGB, Light
from render.surface import Kind
from render.veil import DEPTH_STEPS, Veil, joined_films, veil
from render.weather import EFFECTS
from simulator.conditions import Conditions

LENS_LIT = int(Kind.LENS_LIT)
"""Kinds from here on can be lamps."""

LUMINANCE_STEPS = 16
"""Steps of a luminance within 1 / ONE: integers, whose sums do not depend on their order."""

_TINT = LAMP_RGB.astype(np.float32)
_NONE = np.zeros(0, np.float32)
_CLEAN = Veil(_NONE, _NONE, _NONE, np.zeros(3, np.float32), np.ones((1, 1), np.float32))


@dataclasses.dataclass(frozen=True, eq=False)
class Air:
    """What conditions make of the light of one picture, whatever moves in it.

    Attributes:
        effects: the active effects with what they prepared, in the order of the path of light.
        layer: what lies between scene and lens, None for clean air. film: what lies on the lens.
        lamps: f32[h, w], light of standing lamps, 1.0 = white; f32[1, 1] where there are none.
        beams: whether headlamps light the road. plumes: whether vehicles throw something up.
    """

    effects: tuple[tuple[Effect, Any], ...]
    layer: Veil | None
    film: Film | None
    lamps: np.ndarray
    beams: bool
    plumes: bool


def active(conditions: Conditions) -> list[Effect]:
    """The effects that do anything under these conditions, in the order of the path of light."""
    found = [e for e in EFFECTS.values() if e.strength(conditions) > 0]
    return sorted(found, key=lambda e: e.order)


def prepare(conditions: Conditions, view: View, *, still: bool = False) -> Air:
    """Everything about the weather of a picture that is the same for all of its frames.

    Args:
        still: only what is between the lens and things that stand, whatever moves.
    """
    acting = active(conditions)
    if still:
        acting = [e for e in acting if e.surface or e.still_lamps or e.extinction]
    effects = tuple((e, e.prepare(conditions, view)) for e in acting)
    films = [] if still else [e.film(conditions, view, p) for e, p in effects if e.film is not None]
    fields = [e.still_lamps(conditions, view, p) for e, p in effects if e.still_lamps is not None]
    lamps = _total(fields, view)
    beams = view.light.headlamps and any(e.beams is not None for e, _ in effects)
    plumes = any(e.plumes is not None for e, _ in effects)
    layer = _layer(effects, conditions, view)
    return Air(effects, layer, joined_films(films), lamps, beams, plumes)


def _layer(
    effects: tuple[tuple[Effect, Any], ...], conditions: Conditions, view: View
) -> Veil | None:
    """All that floats in the air as one layer, each with its colour and its unevenness."""
    own = [(e, p, e.extinction(conditions)) for e, p in effects if e.extinction is not None]
    beta = sum(b for _, _, b in own)
    if beta <= 0:
        return None
    path, colour = view.slant, np.zeros(3)
    uneven: np.ndarray | None = None
    for effect, prepared, b in own:
        colour += np.array(effect.airlight) * (b / beta)
        denser = effect.thickness(conditions, view, prepared) if effect.thickness else None
        if denser is not None:
            more = (denser - np.float32(1.0)) * np.float32(b / beta)
            uneven = more if uneven is None else uneven + more
    if uneven is not None:
        path = np.ascontiguousarray(path * (np.float32(1.0) + uneven), dtype=np.float32)
    return veil(beta, view, view.light.air * colour, path)


def beam_field(air: Air, conditions: Conditions, view: View, poses: np.ndarray) -> np.ndarray:
    """Light of headlamps, 1.0 = white: f32[h, w] at a quarter of the resolution, see effect.py.

    Args:
        poses: f64[N, 4], x m, y m, heading rad, length m of the driven vehicles.
    """
    lit = [(e.beams, p) for e, p in air.effects if e.beams is not None] if air.beams else []
    return _total([beams(conditions, view, poses, p) for beams, p in lit], view)


def plume_field(air: Air, conditions: Conditions, view: View, bodies: np.ndarray) -> np.ndarray:
    """Opacity of what vehicles throw up, f32[h, w] as for beams, or f32[0, 0] without any.

    Args:
        bodies: f64[N, 7], see ``Effect.plumes``.
    """
    own = [(e.plumes, p) for e, p in air.effects if e.plumes is not None]
    if not own or not len(bodies):
        return np.zeros((0, 0), np.float32)
    clear = [np.float32(1.0) - plumes(conditions, view, bodies, p) for plumes, p in own]
    return np.float32(1.0) - functools.reduce(np.multiply, clear)


def _total(fields: list[np.ndarray], view: View) -> np.ndarray:
    """The sum of fields in lx, as light: 1.0 = white; f32[1, 1] without any."""
    dark = np.zeros((1, 1), np.float32)
    return functools.reduce(np.add, fields, dark) / np.float32(view.light.white_lux)


def sweep(
    canvas: Canvas,
    coated: np.ndarray,
    lit: np.ndarray,
    air: Air,
    view: View,
    places: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Light some rectangles and send the light through the air, up to the lens.

    Args:
        canvas: reflectances of lamps, kinds, heights. coated: u16[3, H, W], reflectances, see
            ``coat.py``. lit: u8[H, W], 255 where the sun reaches the ground.
        places: i32[R, 4], see ``rects.py``; every x0 is a multiple of 4.

    Returns:
        The light (ONE = 1.0) without beams and specks, u16, the blocks [3, h, w] of the rectangles
        one behind the other as ``rects.offsets`` says; and in the same way what reaches the lens
        of a unit of beam light, empty where there are no beams.
    """
    light, layer, first = view.light, air.layer or _CLEAN, rects.offsets(places)
    out = np.empty(first[-1], np.uint16)
    beam = np.empty(first[-1] if air.beams else 0, np.uint16)
    columns = canvas.kind.shape[1]
    room = np.empty(columns, np.float32), np.ones(columns, np.float32), np.empty(columns, np.int32)
    _shine(
        coated, canvas.albedo, canvas.kind, canvas.height, lit, places, first,
        light.sky, light.sun, light.emission, air.lamps, _TINT,
        layer.clear, layer.depth, layer.table, np.float32(DEPTH_STEPS), layer.path, layer.air,
        _field_room(columns), *room, out, beam,
    )  # fmt: skip
    return out, beam


def _field_room(columns: int) -> np.ndarray:
    """Room for a row of a field, dark: f32[columns or up to 3 more]."""
    return np.zeros((columns + 3) // 4 * 4, np.float32)


def bare_luminance(
    canvas: Canvas,
    lit: np.ndarray,
    light: Light,
    lamps: np.ndarray,
    boxes_px: np.ndarray,
    rim_px: int,
) -> np.ndarray:
    """Luminance without the weather: same sun, sky and lamps, dry bare surfaces, clear air.

    Args:
        canvas, lit: as in ``sweep``. lamps: f32[h, w], all lamp light, or f32[1, 1].
        boxes_px: i32[K, 4], where it is wanted. rim_px: and how far around each box.

    Returns:
        i32[H, W] in units of 1 / (ONE * LUMINANCE_STEPS); elsewhere than asked for it holds
        anything.
    """
    rows, columns = canvas.kind.shape
    out = np.empty((rows, columns), np.int32)
    _bare(
        canvas.albedo, canvas.kind, lit, light.sky, light.sun, light.emission, lamps, _TINT,
        boxes_px, rim_px, _field_room(columns), np.empty(columns, np.int32), out,
    )  # fmt: skip
    return out


@kernel
def _shine(
    coated, albedo, kind, height, lit, places, first, sky, sun, emission, lamps, lamp_rgb,
    clear, depth, table, steps, path, air, lamp, line, keep, lit_x, out, beam,
):  # fmt: skip
    """Reflectance -> light -> what the air leaves of it, straight from plane to plane.

    Lamps that are lit shine with their own colour. ``keep`` comes in as ones.
    """
    dark, veiled, beams = lamps.shape[0] > 1, len(clear) > 0, len(beam) > 0
    half, top, one = np.float32(0.5), np.float32(65535.0), np.float32(ONE)
    for r in range(len(places)):
        x0, y0 = np.int64(places[r, 0]), np.int64(places[r, 1])
        x1, y1 = np.int64(places[r, 2]), np.int64(places[r, 3])
        columns, n = x1 - x0, first[r]
        plane = columns * (y1 - y0)
        for y in range(y0, y1):
            kinds, sunlit = kind[y, x0:x1], lit[y, x0:x1]
            count = _find_lamps(kinds, lit_x)
            if dark:
                _field_row(lamps, x0, y, lamp[: (columns + 3) & ~3])
            if veiled:
                _transmitted(height[y, x0:x1], path, x0, y, clear, depth, table, steps, keep)
            for c in range(3):
                own, bare = coated[c, y, x0:x1], albedo[c, y, x0:x1]
                target = out[n + c * plane : n + c * plane + columns]
                base, step = sky[c], sun[c] * np.float32(1.0 / 255.0)
                tint = lamp_rgb[c] if dark else np.float32(0.0)
                for x in range(columns):
                    light = base + step * np.float32(sunlit[x]) + tint * lamp[x]
                    line[x] = np.float32(own[x]) * light
                for k in range(count):
                    x = lit_x[k]
                    line[x] += np.float32(bare[x]) * emission[kinds[x]]
                haze = air[c] * one
                for x in range(columns):
                    v = haze + keep[x] * (line[x] - haze) + half
                    target[x] = np.uint16(np.int32(min(v, top)))
                if beams:
                    reach = beam[n + c * plane : n + c * plane + columns]
                    tint = lamp_rgb[c]
                    for x in range(columns):
                        v = np.float32(own[x]) * tint * keep[x] + half
                        reach[x] = np.uint16(np.int32(min(v, top)))
            n += columns


@inner_kernel
def _transmitted(heights, path, x0, y, clear, depth, table, steps, keep):
    """The share of light that comes through the air from each pixel of a row."""
    columns = len(heights)
    if path.shape[0] == 1:
        most = np.uint8(0)
        for x in range(columns):
            most = max(most, heights[x])
        if most == 0:
            for x in range(columns):
                keep[x] = clear[0]
            return
        for x in range(columns):
            keep[x] = clear[heights[x]]
        return
    top, ways = len(table) - 2, path[y, x0 : x0 + columns]
    for x in range(columns):
        position = depth[heights[x]] * ways[x] * steps
        i = min(np.int32(position), np.int32(top))
        f = min(position - np.float32(i), np.float32(1.0))
        keep[x] = table[i] + f * (table[i + 1] - table[i])


@inner_kernel
def _find_lamps(kinds, lit_x):
    """Columns of a row where lamps may shine; returns how many."""
    first_lamp, count = np.uint8(LENS_LIT), 0
    most = np.uint8(0)
    for x in range(len(kinds)):
        most = max(most, kinds[x])
    if most < first_lamp:
        return 0
    for x in range(len(kinds)):
        if kinds[x] >= first_lamp:
            lit_x[count] = x
            count += 1
    return count


@kernel
def _bare(albedo, kind, lit, sky, sun, emission, lamps, lamp_rgb, boxes, rim, lamp, lit_x, out):
    rows, columns = kind.shape
    dark = lamps.shape[0] > 1
    unit = np.float32(LUMINANCE_STEPS)
    weights = (np.float32(0.2126), np.float32(0.7152), np.float32(0.0722))
    for k in range(len(boxes)):
        x0, x1 = max(boxes[k, 0] - rim, 0) & ~3, min(boxes[k, 2] + rim, columns)
        for y in range(max(boxes[k, 1] - rim, 0), min(boxes[k, 3] + rim, rows)):
            sunlit, kinds, target = lit[y, x0:x1], kind[y, x0:x1], out[y, x0:x1]
            red, green, blue = albedo[0, y, x0:x1], albedo[1, y, x0:x1], albedo[2, y, x0:x1]
            if dark:
                _field_row(lamps, x0, y, lamp[: (x1 - x0 + 3) & ~3])
            for x in range(x1 - x0):
                s, q = np.float32(sunlit[x]) * np.float32(1.0 / 255.0), lamp[x]
                r = weights[0] * np.float32(red[x]) * (sky[0] + sun[0] * s + lamp_rgb[0] * q)
                g = weights[1] * np.float32(green[x]) * (sky[1] + sun[1] * s + lamp_rgb[1] * q)
                b = weights[2] * np.float32(blue[x]) * (sky[2] + sun[2] * s + lamp_rgb[2] * q)
                target[x] = np.int32((r + g + b) * unit)
            for i in range(_find_lamps(kinds, lit_x)):
                x = lit_x[i]
                own = weights[0] * np.float32(red[x]) + weights[1] * np.float32(green[x])
                own += weights[2] * np.float32(blue[x])
                target[x] += np.int32(own * emission[kinds[x]] * unit)


@inner_kernel
def _field_row(field, x0, y, out):
    """One row of a field from column x0, a multiple of 4, brought to full resolution.

    ``out`` is f32[a multiple of 4].
    """
    j, i0, fy = y >> 2, x0 >> 2, np.float32((y & 3) * 0.25)
    near, far, next_near, next_far = (
        field[j, i0:], field[j + 1, i0:], field[j, i0 + 1 :], field[j + 1, i0 + 1 :]
    )  # fmt: skip
    quarter, half, most = np.float32(0.25), np.float32(0.5), np.float32(0.75)
    for i in range(len(out) // 4):
        left = near[i] + fy * (far[i] - near[i])
        step = next_near[i] + fy * (next_far[i] - next_near[i]) - left
        out[4 * i], out[4 * i + 1] = left, left + quarter * step
        out[4 * i + 2], out[4 * i + 3] = left + half * step, left + most * step
