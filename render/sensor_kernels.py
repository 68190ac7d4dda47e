"""Kernels of the sensor: light -> what no frame shares with the next -> tones -> noise -> picture.

A kernel calls those of its own file only, and a row goes all the way before the next begins: what
``fleeting.py`` adds and what ``sensor.py`` makes of it lie here together.
"""

from __future__ import annotations

import numpy as np

from render.canvas import ONE
from render.kernel import inner_kernel, kernel
from render.texture import TILE

LEVEL = 16
"""Noise has four binary digits behind the point until it is added to a grey level."""

MOST_OPAQUE = 0.95
"""Of drops and flakes near the lens."""


@kernel
def renew(
    light, matrix, table, grain, vignette, rects, tile, offsets, room, noise, planes, tones, out
):  # fmt: skip
    """Row by row: reading on along the planes has brought the next rows near before they change."""
    for y in range(len(out)):
        for c in range(3):
            for r in range(len(rects)):
                if rects[r, 1] <= y < rects[r, 3]:
                    x0, x1 = np.int64(rects[r, 0]), np.int64(rects[r, 2])
                    index = room[: x1 - x0]
                    _index_row(
                        light[0, y, x0:x1], light[1, y, x0:x1], light[2, y, x0:x1], light.shape,
                        matrix, len(table), vignette, c, y, x0, index,
                    )  # fmt: skip
                    _look_up(table, index, tones[c, y, x0:x1])
            _wrapped(tile[(y + offsets[c]) & (TILE - 1)], offsets[3 + c], noise)
            _roughen_row(tones[c, y], grain, noise, planes[c])
        _interleave(planes, out[y])


@kernel
def develop(
    light, matrix, table, grain, vignette, tile, offsets, index, entry, noise, planes, out
):  # fmt: skip
    """Light, u16[3, H, W], as pixels."""
    for y in range(len(out)):
        _develop_row(
            light[0, y], light[1, y], light[2, y], light.shape, matrix, table, grain, vignette, y,
            tile, offsets, index, entry, noise, planes, out[y],
        )  # fmt: skip


@kernel
def glance(
    light, beam, field, glare, first, column, opacity, shift, gain, tone,
    plume, height, above, air, glow, runs, wide, line, every, out,
):  # fmt: skip
    """Every so many-th pixel of every so many-th row (a multiple of 8) of what ``expose`` shows."""
    half, top, count = np.float32(0.5), np.float32(65535.0), 0
    for j in range(out.shape[1]):
        y = j * every + every // 2
        count = _fleeting_row(
            y, count, light, beam, field, glare, first, column, opacity, shift, gain, tone,
            plume, height, above, air, glow, runs, wide, line,
        )  # fmt: skip
        for c in range(3):
            sum_, target = line[c], out[c, j]
            for i in range(len(target)):
                v = sum_[i * every + every // 2]
                target[i] = np.uint16(np.int32(min(v + half, top)))


@kernel
def expose(
    light, beam, field, glare, first, column, opacity, shift, gain, tone,
    plume, height, above, air, glow, runs, wide, line,
    matrix, table, grain, vignette, tile, offsets, kept, row, index, entry, noise, planes,
    after, out,
):  # fmt: skip
    """The picture, and the light of the rectangles ``kept`` alone: few pixels need both."""
    _, rows, columns = light.shape
    half, top, count = np.float32(0.5), np.float32(65535.0), 0
    for y in range(rows):
        count = _fleeting_row(
            y, count, light, beam, field, glare, first, column, opacity, shift, gain, tone,
            plume, height, above, air, glow, runs, wide, line,
        )  # fmt: skip
        for c in range(3):
            sum_, target = line[c], row[c]
            for x in range(columns):
                target[x] = np.uint16(np.int32(min(sum_[x] + half, top)))
        for r in range(len(kept)):
            if kept[r, 1] <= y < kept[r, 3]:
                x0, x1 = kept[r, 0], kept[r, 2]
                for c in range(3):
                    source, target = row[c, x0:x1], after[c, y, x0:x1]
                    for x in range(x1 - x0):
                        target[x] = source[x]
        _develop_row(
            row[0], row[1], row[2], light.shape, matrix, table, grain, vignette, y, tile, offsets,
            index, entry, noise, planes, out[y],
        )  # fmt: skip


@kernel
def lay_plumes(light, plume, height, above, air, runs, veil):
    """``fleeting.lay_plumes``."""
    half, top, one = np.float32(0.5), np.float32(65535.0), np.float32(ONE)
    count = 0
    for y in range(light.shape[1]):
        count = _find_runs(plume, y, light.shape[2], runs) if y & 3 == 0 else count
        _veil_row(plume, height[y], above, y, runs[:count], veil)
        for r in range(count):
            a, b = runs[r, 0], runs[r, 1]
            share = veil[a:b]
            for c in range(3):
                row, behind = light[c, y, a:b], air[c] * one
                for x in range(b - a):
                    v = np.float32(row[x])
                    v += share[x] * (behind - v)
                    row[x] = np.uint16(np.int32(min(v + half, top)))


@inner_kernel
def _fleeting_row(
    y, count, light, beam, field, glare, first, column, opacity, shift, gain, tone,
    plume, height, above, air, glow, runs, wide, line,
):  # fmt: skip
    """Light of row y with all that no frame shares with the next, its three colours to ``line``.

    ``count`` is how many ``runs`` of plumes there are, found anew every fourth row; returns it.
    """
    columns, one = light.shape[2], np.float32(ONE)
    beams, glares = beam.shape[1] > 0, glare.shape[1] > 0
    lamp, haze, veil = wide[0], wide[1], wide[2]
    if len(plume):
        count = _find_runs(plume, y, columns, runs) if y & 3 == 0 else count
        _veil_row(plume, height[y], above, y, runs[:count], veil)
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
        for r in range(count):
            a, b = runs[r, 0], runs[r, 1]
            _veil_run(sum_[a:b], veil[a:b], lamp[a:b], haze[a:b], air[c], glow[c])
    for k in range(len(gain)):
        row = (y + shift[k, 0]) & (TILE - 1)
        a, b = first[k, row], first[k, row + 1]
        _lay_specks(line, column[a:b], opacity[a:b], shift[k, 1], gain[k], tone[k])
    return count


@inner_kernel
def _develop_row(
    red, green, blue, shape, matrix, table, grain, vignette, y, tile, offsets, index, entry, noise,
    planes, out,
):  # fmt: skip
    """A row of light, u16[W] a colour, as pixels."""
    for c in range(3):
        _index_row(red, green, blue, shape, matrix, len(table), vignette, c, y, np.int64(0), index)
        _look_up(table, index, entry)
        _wrapped(tile[(y + offsets[c]) & (TILE - 1)], offsets[3 + c], noise)
        _roughen_row(entry, grain, noise, planes[c])
    _interleave(planes, out)


@inner_kernel
def _index_row(red, green, blue, shape, matrix, entries, vignette, c, y, x0, index):
    """Entries of the table for a run of pixels of row y from column x0 on, and a colour.

    The colours come apart: of rows of a plane's own the compiler knows that they have no gaps.
    """
    _, rows, columns = shape
    width = len(index)
    top, half = np.float32(entries - 1), np.float32(0.5)
    mixed = matrix[0, 1] != 0 or matrix[1, 2] != 0
    plain = vignette == 0
    if plain and not mixed:
        own, a = red if c == 0 else (green if c == 1 else blue), matrix[c, c] * top
        for x in range(width):
            index[x] = np.uint16(np.int32(min(a * np.float32(own[x]), top) + half))
        return
    dy = np.float32(y) - rows * half
    a, b, d = matrix[c, 0] * top, matrix[c, 1] * top, matrix[c, 2] * top
    for x in range(width):
        dx = np.float32(x0 + x) - columns * half
        keep = np.float32(1.0) - vignette * (dx * dx + dy * dy)
        mix = a * np.float32(red[x]) + b * np.float32(green[x]) + d * np.float32(blue[x])
        v = mix * keep
        index[x] = np.uint16(np.int32(min(max(v, np.float32(0.0)), top) + half))


@inner_kernel
def _look_up(table, index, out):
    for x in range(len(index)):
        out[x] = table[index[x]]


@inner_kernel
def _roughen_row(entries, grain, noise, out):
    # every cast keeps the arithmetic in 16 bits, many pixels at a time
    low, high, half = np.int16(0), np.int16(255), np.int16(LEVEL // 2)
    for x in range(len(out)):
        both = entries[x]
        sigma = np.int16(np.int16(both >> np.uint16(8)) * grain)
        rough = np.int16(np.int32(sigma) * np.int32(noise[x]) >> np.int32(16))
        level = np.int16(np.int16(both & np.uint16(255)) * np.int16(LEVEL))
        grey = np.int16(np.int16(np.int16(level + rough) + half) >> np.int16(4))
        out[x] = np.uint8(min(max(grey, low), high))


@inner_kernel
def _wrapped(source, offset, out):
    """A row of a tile from an offset on, repeated as often as it takes."""
    n, x = len(source), 0
    start = offset
    while x < len(out):
        count = min(n - start, len(out) - x)
        target, run = out[x : x + count], source[start : start + count]
        for k in range(count):
            target[k] = run[k]
        x += count
        start = 0


@inner_kernel
def _interleave(rgb, out):
    """Colours of a row -> blue, green, red, pixel by pixel."""
    red, green, blue = rgb[0], rgb[1], rgb[2]
    for x in range(len(red)):
        out[3 * x], out[3 * x + 1], out[3 * x + 2] = blue[x], green[x], red[x]


@inner_kernel
def _veil_run(sum_, veil, lamp, haze, air, glow):
    """Glare is made in the lens, over the veil."""
    one = np.float32(ONE)
    for x in range(len(sum_)):
        behind = (air + glow * lamp[x] + haze[x]) * one
        sum_[x] += veil[x] * (behind - sum_[x])


@inner_kernel
def _find_runs(plume, y, columns, runs):
    """Where the four rows from y on have any of a plume: runs of columns; returns how many."""
    count, i, cells = 0, 0, min(plume.shape[1] - 1, (columns + 3) >> 2)
    near, far = plume[y >> 2], plume[(y >> 2) + 1]
    while i < cells:
        if near[i] + far[i] + near[i + 1] + far[i + 1] == 0:
            i += 1
            continue
        runs[count, 0] = 4 * i
        while i < cells and near[i] + far[i] + near[i + 1] + far[i + 1] > 0:
            i += 1
        runs[count, 1] = min(4 * i, columns)
        count += 1
    return count


@inner_kernel
def _veil_row(plume, heights, above, y, runs, veil):
    """Opacity of plumes over the runs of a row."""
    near, far = plume[y >> 2], plume[(y >> 2) + 1]
    fy, quarter, half, most = (
        np.float32((y & 3) * 0.25), np.float32(0.25), np.float32(0.5), np.float32(0.75)
    )  # fmt: skip
    for r in range(len(runs)):
        begin, end = runs[r, 0], runs[r, 1]
        for i in range(begin >> 2, (end + 3) >> 2):
            left = near[i] + fy * (far[i] - near[i])
            step = near[i + 1] + fy * (far[i + 1] - near[i + 1]) - left
            veil[4 * i], veil[4 * i + 1] = left, left + quarter * step
            veil[4 * i + 2], veil[4 * i + 3] = left + half * step, left + most * step
        _under_tops(veil[begin:end], heights[begin:end], above)


@inner_kernel
def _under_tops(veil, heights, above):
    """Leave of a run of a veil what lies above whatever stands there."""
    most = np.uint8(0)
    for x in range(len(veil)):
        most = max(most, heights[x])
    if most > 0:
        for x in range(len(veil)):
            veil[x] *= above[heights[x]]


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
