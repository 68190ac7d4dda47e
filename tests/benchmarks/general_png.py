"""The mask PNG of the floor: as a general coder writes it, by a row filter and isal level 1."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from isal import isal_zlib

from render.encode import PNG_SIGNATURE
from render.kernel import allocating_kernel


def general_png(ids: np.ndarray) -> bytes:
    """u16[H, W] -> 16-bit grey PNG."""
    header = struct.pack(">IIBBBBB", ids.shape[1], ids.shape[0], 16, 0, 0, 0, 0)
    data = isal_zlib.compress(_filter(ids).data, 1)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))
        for tag, body in chunks
    )


@allocating_kernel
def _filter(ids):
    height, width = ids.shape
    out = np.empty((height, 1 + 2 * width), np.uint8)
    for y in range(height):
        out[y, 0] = 2
        for x in range(width):
            v = ids[y, x]
            above = ids[y - 1, x] if y > 0 else np.uint16(0)
            out[y, 1 + 2 * x] = np.uint8((v >> 8) - (above >> 8))
            out[y, 2 + 2 * x] = np.uint8((v & 255) - (above & 255))
    return out
