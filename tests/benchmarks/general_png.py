"""The mask PNG of the floor: as a general coder writes it, by a row filter and isal level 1."""

from __future__ import annotations

import numpy as np
from isal import isal_zlib

from render.encode import png
from render.kernel import allocating_kernel


def general_png(ids: np.ndarray) -> bytes:
    """u16[H, W] -> 16-bit grey PNG."""
    return png(isal_zlib.compress(_filter(ids).data, 1), ids.shape[1], ids.shape[0], 16, 0)


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
