"""Arrays to file bytes: JPEG, grey and RGB PNG, COCO run-length masks. Deterministic."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import simplejpeg
from isal import isal_zlib

from render.kernel import allocating_kernel

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
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", isal_zlib.crc32(tag + body))
        for tag, body in chunks
    )


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


def rle(ids: np.ndarray, instances: np.ndarray, boxes_px: np.ndarray) -> list[str]:
    """COCO compressed run-length masks of instances, column by column as COCO counts them.

    Args:
        ids: u16[H, W]. instances: u16[K]. boxes_px: i32[K, 4], tight boxes that bound the search.

    Returns:
        K strings, equal to what ``pycocotools.mask.encode`` makes.
    """
    text, ends = _rle(ids, instances, np.asarray(boxes_px, np.int64))
    data = text.tobytes()
    return [data[a:b].decode("ascii") for a, b in itertools.pairwise([0, *ends.tolist()])]


@allocating_kernel
def _rle(ids, instances, boxes):
    rows, columns = ids.shape
    capacity = 4096
    text = np.empty(capacity, np.uint8)
    ends = np.zeros(len(instances), np.int64)
    n = 0
    for k in range(len(instances)):
        want = instances[k]
        x0, y0, x1, y1 = boxes[k]
        runs = np.empty(2 * (x1 - x0) * (y1 - y0) + 4, np.int64)
        count, last, inside = 0, 0, False
        for x in range(x0, x1):
            for y in range(y0, y1 + 1):
                here = y < y1 and ids[y, x] == want
                if y == y1 and y1 - y0 == rows:
                    continue
                if here != inside:
                    position = x * rows + y
                    runs[count] = position - last
                    count += 1
                    last = position
                    inside = here
        if inside:
            runs[count] = x1 * rows - last
            count += 1
            last = x1 * rows
        if last < rows * columns:
            runs[count] = rows * columns - last
            count += 1
        if n + 14 * count > capacity:
            capacity = 2 * capacity + 14 * count
            grown = np.empty(capacity, np.uint8)
            for i in range(n):  # a slice would compile all of the strings of numba's own errors
                grown[i] = text[i]
            text = grown
        for i in range(count):
            value = runs[i]
            if i > 2:
                value -= runs[i - 2]
            more = True
            while more:
                c = value & 0x1F
                value >>= 5
                more = (value != -1) if (c & 0x10) else (value != 0)
                if more:
                    c |= 0x20
                text[n] = np.uint8(c + 48)
                n += 1
        ends[k] = n
    return text[:n], ends
