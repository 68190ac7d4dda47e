"""Where instance ids change down the columns of a picture: some thousand pixels of a plane.

Masks, boxes and areas are made from these alone, so that a frame looks at all its ids once.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render.kernel import kernel


@dataclasses.dataclass(frozen=True, eq=False)
class Edges:
    """Pixels with another id than the one above, which is 0 above the first row; row by row.

    Attributes:
        shape: of the plane, (H, W). x, y: u32[N], px. ident: u16[N], the id from there down.
    """

    shape: tuple[int, int]
    x: np.ndarray
    y: np.ndarray
    ident: np.ndarray


def edges_of(ids: np.ndarray) -> Edges:
    """The edges of a plane u16[H, W]."""
    height, width = ids.shape
    differs = np.zeros(width + -width % 8, np.bool_)
    x, y = np.empty((2, ids.size + 8), np.uint32)
    ident = np.empty(ids.size, np.uint16)
    count = _find(
        np.ascontiguousarray(ids), np.zeros(width, np.uint16), differs, differs.view(np.uint64),
        x, y, ident,
    )  # fmt: skip
    return Edges((height, width), x[:count].copy(), y[:count].copy(), ident[:count].copy())


@kernel
def _find(ids, first_above, differs, eights, x, y, ident):
    """Fill x, y and ident, and say how many they are.

    Args:
        ids: u16[H, W]. first_above: u16[W] of zeros.
        differs: bool[W], and false up to a multiple of eight. eights: the same, as u64.
    """
    height, width = ids.shape
    count = np.uint64(0)  # a signed index could be negative, which costs a test each time
    for v in range(height):
        row = ids[v]
        above = ids[v - 1] if v else first_above
        # by vectors of pixels, then by eight, then one by one without asking
        for u in range(width):
            differs[u] = row[u] != above[u]
        first = count
        for k in range(len(eights)):
            if eights[k]:
                for u in range(8 * k, 8 * k + 8):
                    x[count] = u
                    count += np.uint64(differs[u])
        for k in range(first, count):
            y[k] = v
            ident[k] = row[x[k]]
    return count
