"""Reflectance -> light before the lens, for some rectangles; and how far objects stand out of it.

``fleeting.py`` adds what is not the same from frame to frame.
"""

from __future__ import annotations

import numpy as np

from render import rects
from render.air import Air
from render.canvas import ONE, Canvas
from render.effect import View
from render.kernel import inlined_kernel, kernel
from render.light import LAMP_RGB, MAX_EMISSION, WINDOW_RGB, Light
from render.surface import Kind
from render.veil import DEPTH_STEPS, Veil

LENS_LIT = int(Kind.LENS_LIT)
"""Kinds from here on can be lamps."""

WINDOW = int(Kind.SKYLIGHT)
"""And from here on windows, whose light comes from within."""

RING_PX = 3
"""What an object stands out of: so far around it."""

LUMINANCE_STEPS = 16
"""Steps of a luminance within 1 / ONE: integers, whose sums do not depend on their order."""

WEIGHTS = (1742, 5859, 591)
"""Luminance of linear sRGB (IEC 61966-2-1: 0.2126, 0.7152, 0.0722) in 8192ths."""

BEFORE_ONE, AFTER_ONE = float(ONE * LUMINANCE_STEPS), float(ONE * sum(WEIGHTS))
"""What 1.0 is in the sums of light before and after the weather."""

_TINT = LAMP_RGB.astype(np.float32)
_WITHIN = (WINDOW_RGB * ONE).astype(np.float32)
_NONE = np.zeros(0, np.float32)
_CLEAN = Veil(_NONE, _NONE, _NONE, np.zeros(3, np.float32), np.ones((1, 1), np.float32))


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
    room = np.ones(columns, np.float32), np.empty(columns, np.int32)
    _shine(
        coated, canvas.albedo, canvas.kind, canvas.height, lit, places, first,
        light.sky, light.sun, light.emission, np.float32(MAX_EMISSION), air.lamps, _TINT, _WITHIN,
        layer.clear, layer.depth, layer.table, np.float32(DEPTH_STEPS), layer.path, layer.air,
        _field_room(columns), *room, out, beam,
    )  # fmt: skip
    return out, beam


def _field_room(columns: int) -> np.ndarray:
    """Room for a row of a field, dark: f32[columns or up to 3 more]."""
    return np.zeros((columns + 3) // 4 * 4, np.float32)


def contrast(
    canvas: Canvas,
    lit: np.ndarray,
    light: Light,
    lamps: np.ndarray,
    after: np.ndarray,
    gain: float,
    instances: np.ndarray,
    boxes_px: np.ndarray,
) -> np.ndarray:
    """What the weather left of the contrast of some objects.

    Before it: same sun, sky and lamps, dry bare surfaces, clear air.

    Args:
        canvas, lit: as in ``sweep``. lamps: f32[h, w], all lamp light, or f32[1, 1].
        after: u16[3, H, W] linear light behind the lens. gain: exposure, for saturation.
        instances: u16[K] ids. boxes_px: i32[K, 4] of their visible pixels.

    Returns:
        f64[3, K]: contrast before, contrast after, luminance of the ring after.
    """
    full_well = np.int32(65535 if gain <= 0 else min(ONE / gain, 65535))
    rows, columns = canvas.kind.shape
    out = np.zeros((3, len(instances)))
    emission = np.minimum(light.emission, np.float32(MAX_EMISSION))
    room = (rows + 2 * RING_PX) * (columns + 2 * RING_PX)
    _contrast(
        canvas.ids, instances, boxes_px, canvas.albedo, canvas.kind, lit, light.sky, light.sun,
        emission, lamps, _TINT, after, full_well, _field_room(columns),
        np.empty(columns, np.int32), np.empty(columns, np.int32),
        np.empty(room, np.uint8), np.empty(room, np.uint8), out,
    )  # fmt: skip
    return out / np.array([[BEFORE_ONE], [AFTER_ONE], [AFTER_ONE]])


@kernel
def _shine(
    coated, albedo, kind, height, lit, places, first, sky, sun, emission, most, lamps, lamp_rgb,
    within, clear, depth, table, steps, path, air, lamp, keep, lit_x, out, beam,
):  # fmt: skip
    """Reflectance -> light -> what the air leaves of it, straight from plane to plane.

    Lamps that are lit shine with their own colour. ``keep`` comes in as ones.
    """
    dark, veiled, beams = lamps.shape[0] > 1, len(clear) > 0, len(beam) > 0
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
                haze = air[c] * np.float32(ONE)
                for x in range(columns):
                    light = base + step * np.float32(sunlit[x]) + tint * lamp[x]
                    target[x] = _through(np.float32(own[x]) * light, haze, keep[x])
                for k in range(count):
                    x = lit_x[k]
                    light = base + step * np.float32(sunlit[x]) + tint * lamp[x]
                    colour = np.float32(bare[x]) if kinds[x] < WINDOW else within[c]
                    shine = colour * min(emission[kinds[x]] * keep[x], most)
                    dull = haze + keep[x] * (np.float32(own[x]) * light - haze)
                    target[x] = _whole(dull + shine)
                if beams:
                    reach = beam[n + c * plane : n + c * plane + columns]
                    for x in range(columns):
                        light = np.float32(own[x]) * lamp_rgb[c]
                        reach[x] = _through(light, np.float32(0.0), keep[x])
            n += columns


@inlined_kernel
def _through(light, haze, keep):
    """What comes through air that keeps a share of light and has a light of its own, as u16."""
    return _whole(haze + keep * (light - haze))


@inlined_kernel
def _whole(light):
    return np.uint16(np.int32(min(light + np.float32(0.5), np.float32(65535.0))))


@inlined_kernel
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


@inlined_kernel
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
def _contrast(
    ids, instances, boxes, albedo, kind, lit, sky, sun, emission, lamps, lamp_rgb, after, full_well,
    lamp, lit_x, pre, near, ring, out,
):  # fmt: skip
    """|mean(object) - mean(ring)| before and after, and mean(ring) after, to f64[3, K].

    ``near`` and ``ring`` are room u8[(H + 2 * RING_PX) * (W + 2 * RING_PX)]. Luminances are summed
    as integers, in their own units, which no order of summing changes.
    """
    rows, columns = ids.shape
    red_w, green_w, blue_w = np.int32(WEIGHTS[0]), np.int32(WEIGHTS[1]), np.int32(WEIGHTS[2])
    for k in range(len(instances)):
        want = instances[k]
        x0, y0 = max(boxes[k, 0] - RING_PX, 0) & ~3, max(boxes[k, 1] - RING_PX, 0)
        x1, y1 = min(boxes[k, 2] + RING_PX, columns), min(boxes[k, 3] + RING_PX, rows)
        x1 = min(x0 + (x1 - x0 + 15) // 16 * 16, columns)  # no pixels left over, one by one
        width, stride = x1 - x0, x1 - x0 + 2 * RING_PX
        _reach(ids, want, boxes[k], x0, x1, y0, y1, near, ring)
        n_in, n_ring = np.int64(0), np.int64(0)
        in_pre, in_post = np.int64(0), np.int64(0)
        ring_pre, ring_post = np.int64(0), np.int64(0)
        for y in range(y0, y1):
            if lamps.shape[0] > 1:
                _field_row(lamps, x0, y, lamp[: (width + 3) & ~3])
            _bare_row(
                albedo[0, y, x0:x1], albedo[1, y, x0:x1], albedo[2, y, x0:x1], kind[y, x0:x1],
                lit[y, x0:x1], sky, sun, emission, lamp, lamp_rgb, lit_x, pre,
            )  # fmt: skip
            around = ring[(y - y0) * stride : (y - y0) * stride + width]
            mine = ids[y, x0:x1]
            red, green, blue = after[0, y, x0:x1], after[1, y, x0:x1], after[2, y, x0:x1]
            for x in range(width):
                inside = np.int32(mine[x] == want)
                outside = np.int32(np.int32(around[x]) - inside)
                r = np.int32(red_w * min(np.int32(red[x]), full_well))
                g = np.int32(green_w * min(np.int32(green[x]), full_well))
                b = np.int32(blue_w * min(np.int32(blue[x]), full_well))
                post = np.int32(np.int32(r + g) + b)
                n_in += inside
                n_ring += outside
                in_pre += np.int32(inside * pre[x])
                in_post += np.int32(inside * post)
                ring_pre += np.int32(outside * pre[x])
                ring_post += np.int32(outside * post)
        if n_in and n_ring:
            out[0, k] = abs(in_pre / n_in - ring_pre / n_ring)
            out[1, k] = abs(in_post / n_in - ring_post / n_ring)
            out[2, k] = ring_post / n_ring


@inlined_kernel
def _bare_row(red, green, blue, kinds, sunlit, sky, sun, emission, lamp, lamp_rgb, lit_x, out):
    """Luminance of a row without the weather, in units of 1 / (ONE * LUMINANCE_STEPS)."""
    unit = np.float32(LUMINANCE_STEPS)
    weights = (np.float32(0.2126), np.float32(0.7152), np.float32(0.0722))
    for x in range(len(red)):
        s, q = np.float32(sunlit[x]) * np.float32(1.0 / 255.0), lamp[x]
        r = weights[0] * np.float32(red[x]) * (sky[0] + sun[0] * s + lamp_rgb[0] * q)
        g = weights[1] * np.float32(green[x]) * (sky[1] + sun[1] * s + lamp_rgb[1] * q)
        b = weights[2] * np.float32(blue[x]) * (sky[2] + sun[2] * s + lamp_rgb[2] * q)
        out[x] = np.int32((r + g + b) * unit)
    for i in range(_find_lamps(kinds, lit_x)):
        x = lit_x[i]
        own = weights[0] * np.float32(red[x]) + weights[1] * np.float32(green[x])
        own += weights[2] * np.float32(blue[x])
        own = own if kinds[x] < WINDOW else np.float32(ONE)
        out[x] += np.int32(own * emission[kinds[x]] * unit)


@inlined_kernel
def _reach(ids, want, box, x0, x1, y0, y1, near, ring):
    """Mark in ``ring`` what of a block lies within RING_PX of an object, itself included.

    Rows have room for RING_PX more pixels on both sides. ``near``: the object, its corner moved by
    so many down and right, then what lies within so many along rows.
    """
    stride, moved = x1 - x0 + 2 * RING_PX, 2 * RING_PX
    size = stride * (y1 - y0)
    for i in range(size + moved * stride):
        near[i] = 0
    left, right = np.int64(box[0]), np.int64(box[2])
    for y in range(box[1], box[3]):
        start = (y - y0 + RING_PX) * stride + RING_PX - x0
        mine, mark = ids[y, left:right], near[start + left : start + right]
        for x in range(len(mine)):
            mark[x] = mine[x] == want
    for i in range(size + moved * stride - moved):
        any_ = near[i]
        for j in range(1, moved + 1):
            any_ |= near[i + j]
        near[i] = any_
    for i in range(size):
        ring[i] = near[i]
    for j in range(1, moved + 1):
        below = near[j * stride :]
        for i in range(size):
            ring[i] |= below[i]


@inlined_kernel
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
