"""Instance ids to 16-bit PNG: deflate for planes of which little changes from row to row.

PNG's row filter "up" leaves 997 zeros in 1000 bytes of such a plane. A general coder looks at every
byte; this one knows the pixels that differ from those above them, and spells runs of zeros and
other bytes as they are. One Huffman code serves all files, so a plane is the same file on every
machine.
"""

from __future__ import annotations

import struct

import numpy as np

from render.encode import png
from render.id_edges import Edges
from render.kernel import inlined_kernel, kernel

Code = tuple[int, int]
"""Bits, the first one the lowest, and how many they are."""

RUNS = (
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
)  # fmt: skip
"""The shortest run that each symbol from 257 on stands for (RFC 1951, 3.2.5)."""

SPARE_BITS = [0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4 + [0]
"""Bits after each of those symbols, which say how much longer the run is."""

BITS_OF_SIZES = (0, 4, 4, 0, 4, 4, 4, 4, 4, 4, 1)
"""Bits that it takes to say a size of a code, by that size."""

LONGEST_CODE = 10
"""Bits: noise becomes larger by a quarter at most."""

END = 256
"""The symbol after the last row."""

SIZES = [LONGEST_CODE] * 286
SIZES[0], SIZES[2], SIZES[END], SIZES[285] = 2, 4, 9, 2
SIZES[269:285] = 9, 9, 8, 8, 6, 6, 7, 7, 6, 7, 7, 7, 6, 6, 6, 5
"""Bits of each symbol's code, from what busy scenes need: of 10 000 symbols 2700 are the byte 0,
640 name the filter before a row, 2300 are the longest run and 2000 shorter ones, long ones more
often than short; the rest are other bytes, each as rare as the next."""

AGAIN: Code = (0, 1)
"""After the symbol of a run: of the byte before it."""

LONGEST_RUN = 1 + 5 * 258
"""Zeros that are put at once: a row of 640 px, and what fits into 32 bits."""


def _huffman(sizes: list[int]) -> list[Code]:
    """The codes of symbols from their sizes in bits, 0 for none (RFC 1951, 3.2.2)."""
    codes, code, before = [(0, 0)] * len(sizes), 0, 0
    for size, symbol in sorted((size, symbol) for symbol, size in enumerate(sizes) if size):
        code <<= size - before
        codes[symbol] = int(f"{code:0{size}b}"[::-1], 2), size
        code, before = code + 1, size
    return codes


def _joined(*codes: Code) -> Code:
    """Codes one after the other."""
    bits, count = 0, 0
    for code, size in codes:
        bits |= code << count
        count += size
    return bits, count


def _packed(codes: list[Code]) -> np.ndarray:
    """u64: bits in the lower half, their number in the upper one."""
    return np.array([bits | count << 32 for bits, count in codes], np.uint64)


def _head() -> list[Code]:
    """What precedes the rows: marks of zlib, of a last block with a code of its own, and the code.

    Of its two distances only the first is used: some readers want codes to be complete.
    """
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
    sizes = [*BITS_OF_SIZES, *[0] * 8]
    code = _huffman(sizes)
    bits, count = _joined(
        (0x0178, 16), (1, 1), (2, 2), (len(SIZES) - 257, 5), (2 - 1, 5), (len(order) - 4, 4),
        *[(sizes[k], 3) for k in order], *[code[size] for size in [*SIZES, 1, 1]],
    )  # fmt: skip
    return [(bits >> k & 0xFFFFFFFF, min(32, count - k)) for k in range(0, count, 32)]


def _zeros(symbols: list[Code]) -> list[Code]:
    """Runs of 0 to LONGEST_RUN zeros: the first as it is, then the byte before it again."""
    codes = [_joined(*[symbols[0]] * n) for n in range(4)]
    for k in range(28):
        for more in range(RUNS[k], RUNS[k + 1]):
            rest = more - RUNS[k], SPARE_BITS[k]
            codes.append(_joined(symbols[0], symbols[257 + k], rest, AGAIN))
    while len(codes) <= LONGEST_RUN:
        codes.append(_joined(codes[-258], symbols[285], AGAIN))
    return codes


_SYMBOLS = _huffman(SIZES)
HEAD, BYTE, ZEROS = _packed(_head()), _packed(_SYMBOLS[: END + 1]), _packed(_zeros(_SYMBOLS))


def png_ids(edges: Edges) -> bytes:
    """The 16-bit grey PNG of a plane with these edges."""
    height, width = edges.shape
    most = 32 * len(HEAD) + LONGEST_CODE * (height * (1 + 2 * width) + 1)
    room = np.empty(most // 32 + 2, np.uint32)
    above = np.zeros(width, np.uint16)
    size, checksum = _deflate(edges.x, edges.y, edges.ident, height, above, room)
    data = room.astype("<u4", copy=False).view(np.uint8)[:size].tobytes()
    return png(data + struct.pack(">I", checksum), width, height, 16, 0)


@inlined_kernel
def _put(code, out, at, bits, count):
    """Append a code to the bits that out[at] has already: the new at, bits and their count."""
    bits |= (code & np.uint64(0xFFFFFFFF)) << count
    count += code >> np.uint64(32)
    out[at] = np.uint32(bits)
    full = count & np.uint64(32)  # instead of asking, which would often be guessed wrong
    return at + (full >> np.uint64(5)), bits >> full, count - full


@inlined_kernel
def _put_zeros(number, out, at, bits, count):
    while number > LONGEST_RUN:
        at, bits, count = _put(ZEROS[LONGEST_RUN], out, at, bits, count)
        number -= LONGEST_RUN
    return _put(ZEROS[number], out, at, bits, count)


@kernel
def _deflate(x, y, ident, height, above, out):
    """Deflate the rows of a plane, big-endian, as PNG's filter "up" leaves them.

    Args:
        x, y, ident: see ``Edges``. height: px. above: u16[W] of zeros.
        out: u32, written lowest byte first.

    Returns:
        How many bytes were written, and the Adler-32 of what they stand for: the sum of its bytes,
        and the sum of each as often as there are bytes from it on. Zeros need no look.
    """
    at, bits, count = np.uint64(0), np.uint64(0), np.uint64(0)
    for k in range(len(HEAD)):
        at, bits, count = _put(HEAD[k], out, at, bits, count)
    width = len(above)
    left = height * (1 + 2 * width)
    once, often = 1, left
    k = 0
    for v in range(height):
        at, bits, count = _put(BYTE[2], out, at, bits, count)
        once += 2
        often += 2 * left
        left -= 1
        done = 0
        while k < len(x) and y[k] == v:
            u = x[k]
            high = ((ident[k] >> 8) - (above[u] >> 8)) & 255
            low = (ident[k] - above[u]) & 255
            above[u] = ident[k]
            at, bits, count = _put_zeros(2 * u + (high == 0) - done, out, at, bits, count)
            if high:
                at, bits, count = _put(BYTE[high], out, at, bits, count)
            at, bits, count = _put(BYTE[low], out, at, bits, count)
            once += high + low
            often += (high + low) * (left - 2 * u) - low
            done = 2 * u + 2
            k += 1
        at, bits, count = _put_zeros(2 * width - done, out, at, bits, count)
        left -= 2 * width
        once %= 65521
        often %= 65521
    at, bits, count = _put(BYTE[END], out, at, bits, count)
    out[at] = np.uint32(bits)
    return 4 * at + (count + np.uint64(7) >> np.uint64(3)), often << 16 | once
