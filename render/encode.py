"""Arrays to file bytes: JPEG, grey and RGB PNG, COCO run-length masks. Deterministic."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import simplejpeg
from isal import isal_zlib

from render.id_edges import Edges
from render.kernel import allocating_kernel, inlined_kernel, kernel

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def jpeg(bgr: np.ndarray, quality: int) -> bytes:
    """u8[H, W, 3] BGR -> baseline JPEG, 4:2:0."""
    return simplejpeg.encode_jpeg(bgr, quality=quality, colorspace="BGR", colorsubsampling="420")


def decode_jpeg(data: bytes) -> np.ndarray:
    """A JPEG of ours -> u8[H, W, 3] BGR."""
    return simplejpeg.decode_jpeg(data, colorspace="BGR")


def png_grey(plane: np.ndarray) -> bytes:
    """u8[H, W] -> 8-bit grey PNG."""
    height, width = plane.shape
    rows = np.empty((height, 1 + width), np.uint8)
    rows[:, 0] = 2  # PNG filter 2 (up): maps repeat from row to row
    rows[0, 1:] = plane[0]
    np.subtract(plane[1:], plane[:-1], out=rows[1:, 1:])
    return png(isal_zlib.compress(rows.data, 1), width, height, 8, 0)


def png_bgr(bgr: np.ndarray) -> bytes:
    """u8[H, W, 3] BGR -> 24-bit RGB PNG."""
    rows = _filter_rgb(np.ascontiguousarray(bgr))
    return png(isal_zlib.compress(rows.data, 1), bgr.shape[1], bgr.shape[0], 8, 2)


def png(data: bytes, width: int, height: int, depth: int, colour: int) -> bytes:
    """A zlib stream of filtered rows -> PNG, of this many bits a value and PNG's type of colour."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG_SIGNATURE + _chunk(b"IHDR" + header) + _chunk(b"IDAT" + data) + _chunk(b"IEND")


def _chunk(body: bytes) -> bytes:
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", isal_zlib.crc32(body))


@allocating_kernel
def _filter_rgb(bgr):
    """PNG filter 1 (sub) on RGB rows."""
    height, width, _ = bgr.shape
    out = np.empty((height, 1 + 3 * width), np.uint8)
    for y in range(height):
        out[y, 0] = 1
        for x in range(width):
            for k in range(3):
                left = bgr[y, x - 1, 2 - k] if x > 0 else np.uint8(0)
                out[y, 1 + 3 * x + k] = np.uint8(bgr[y, x, 2 - k] - left)
    return out


def rle(edges: Edges, instances: np.ndarray) -> list[str]:
    """COCO compressed run-length masks of instances, column by column as COCO counts them.

    Args:
        edges: of the id plane. instances: u16[K].

    Returns:
        K strings, equal to what ``pycocotools.mask.encode`` makes.
    """
    (height, width), count = edges.shape, len(edges.x)
    limit = 1 + int(max(edges.ident.max(initial=0), instances.max(initial=0)))
    changes = 2 * count + width
    text, ends = np.empty(7 * (changes + len(instances)), np.uint8), np.empty(len(instances), int)
    _rle(
        edges.x, edges.y, edges.ident, height, instances, np.zeros(width, np.uint16),
        np.zeros(width + 1, np.uint32), np.empty(count, np.uint32), np.zeros((2, limit + 1), int),
        np.empty(changes, int), text, ends,
    )  # fmt: skip
    data = text[: ends[-1] if len(ends) else 0].tobytes().decode("ascii")
    return [data[a:b] for a, b in itertools.pairwise([0, *ends.tolist()])]


@kernel
def _rle(x, y, ident, height, instances, last, columns, order, parts, places, text, ends):
    """Write the masks of all instances into text, and where each ends.

    Args:
        x, y, ident: see ``Edges``. height: px. instances: u16[K].
        last: u16[W], zeros: the lowest id of each column so far. columns: u32[W + 1], zeros: where
            in order: u32[N], the edges of all columns, each one's end.
        parts: i64[2, limit + 1], zeros: where in places: i64[2 N + W], pixels in COCO's order, each
            id's begin and end; at them its mask begins and ends in turn.
        text: u8, ends: i64[K], written.
    """
    begins, stops = parts[0], parts[1]
    # sorted by counting: edges by their column, then places by id
    for k in range(len(x)):
        columns[x[k] + 1] += 1
        begins[last[x[k]] + 1] += 1
        begins[ident[k] + 1] += 1
        last[x[k]] = ident[k]
    for u in range(len(last)):
        columns[u + 1] += columns[u]
        begins[last[u] + 1] += 1
    for k in range(1, len(begins)):
        begins[k] += begins[k - 1]
        stops[k] = begins[k]
    for k in range(len(x)):
        order[columns[x[k]]] = k
        columns[x[k]] += 1
    k = 0
    for u in range(len(last)):
        above = 0
        while k < columns[u]:
            place, now = u * height + y[order[k]], ident[order[k]]
            _turn(above, place, begins, stops, places)
            _turn(now, place, begins, stops, places)
            above = now
            k += 1
        _turn(above, (u + 1) * height, begins, stops, places)
    n = 0
    for k in range(len(instances)):
        before, one_ago, two_ago = 0, 0, 0
        first, stop = begins[instances[k]], stops[instances[k]]
        for i in range(first, stop + 1):
            place = places[i] if i < stop else height * len(last)
            if i == stop and place == before:
                break
            run = place - before
            value = run - two_ago if i - first > 2 else run
            before, one_ago, two_ago = place, run, one_ago
            more = True
            while more:
                c = value & 0x1F
                value >>= 5
                more = (value != -1) if (c & 0x10) else (value != 0)
                text[n] = np.uint8((c | 0x20 if more else c) + 48)
                n += 1
        ends[k] = n


@inlined_kernel
def _turn(ident, place, begins, stops, places):
    """The mask of an id begins or ends at a place; both at once is neither."""
    stop = stops[ident]
    if stop > begins[ident] and places[stop - 1] == place:
        stops[ident] = stop - 1
    else:
        places[stop] = place
        stops[ident] = stop + 1
