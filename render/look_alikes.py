"""Near-duplicates among pictures: also those mirrored, turned, moved, brightened, compressed again.

First by a fingerprint that a shift hardly changes: the magnitudes of the low frequencies of a small
picture, of which mirroring and turning only change the order (compare Reddy and Chatterji 1996).
What is near by that is laid over each other, by phase correlation, and compared place by place: a
copy differs nowhere by much, a later moment or a similar street does somewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

SIDE_PX = 64
"""Of the small pictures."""

FASTEST = 16
"""Periods along a side of the highest frequency of a fingerprint; JPEG keeps these."""

AROUND = 9
"""Frequencies along a side that one is compared with: what all pictures have then cancels."""

NEAR = 0.6
"""Least correlation of fingerprints for a closer look: different scenes reach 0.4."""

SAME = 0.2
"""Of its contrast, how much a copy that lies where the picture lay may differ at any place."""

A_PIXEL, MOVED = 1.5, 0.8
"""The same for a copy that was moved: more a pixel of the small picture, and the most. Its edges
fall otherwise between those pixels; what came in at the border is not compared.
"""

FARTHEST_PX = 6.0
"""How far a copy may be moved, in pixels of the small picture: a tenth of its side."""

DARKEST, BRIGHTEST = 4, 200
"""Levels beyond which small bright or dark things may be cut off in one of two pictures: not
compared, unless little else is left.
"""

LEAST_SEEN = 0.25
"""Share of a picture that is compared at least."""

MOST_LOOKED_AT = 20_000
"""Pairs that are laid over each other; of more, the nearest."""

_TURNS: Sequence[Callable[[np.ndarray], np.ndarray]] = (
    lambda a: a, lambda a: a[:, ::-1], lambda a: a.T, np.rot90,
)  # fmt: skip
"""Of the eight ways to lay a picture those whose spectra differ: half a turn changes none."""

_AXIS = np.arange(-FASTEST, FASTEST + 1)
_RADIUS = np.hypot(_AXIS[:, None], _AXIS)
_KEPT = (
    (_RADIUS >= 1.5) & (_RADIUS <= FASTEST)
    & ((_AXIS[:, None] > 0) | ((_AXIS[:, None] == 0) & (_AXIS > 0)))
)  # fmt: skip
"""Half of the plane: the spectrum of a real picture is symmetric about its middle."""

_WINDOW = np.outer(np.hanning(SIDE_PX), np.hanning(SIDE_PX)).astype(np.float32)


def _orders() -> list[np.ndarray]:
    """For each of _TURNS, which entry of a fingerprint comes where."""
    numbers = np.zeros(_KEPT.shape, dtype=np.int64)
    numbers[_KEPT] = np.arange(_KEPT.sum())
    numbers += np.where(_KEPT, 0, numbers[::-1, ::-1])
    return [turn(numbers)[_KEPT] for turn in _TURNS]


_ORDERS = _orders()


@dataclasses.dataclass(frozen=True, eq=False)
class Prints:
    """What N pictures look like: small grey ones, u8[N, 64, 64], and fingerprints, f32[N, D] of
    mean 0 and length 1.
    """

    small: np.ndarray
    spectra: np.ndarray

    @classmethod
    def none(cls, count: int) -> Prints:
        """Room for so many."""
        return cls(
            np.zeros((count, SIDE_PX, SIDE_PX), np.uint8),
            np.zeros((count, int(_KEPT.sum())), np.float32),
        )

    def put(self, i: int, grey: np.ndarray) -> None:
        """Fill in one picture, u8[H, W]."""
        self.small[i] = cv2.resize(grey, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        self.spectra[i] = _spectrum(self.small[i])


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two pictures that look the same, and by how much of the contrast they differ at most."""

    first: int
    second: int
    difference: float


def _spectrum(small: np.ndarray) -> np.ndarray:
    plain = (small - small.mean(dtype=np.float64)).astype(np.float32) * _WINDOW
    reach = slice(SIDE_PX // 2 - FASTEST, SIDE_PX // 2 + FASTEST + 1)
    size = np.abs(np.fft.fftshift(np.fft.fft2(plain)))[reach, reach]
    level = np.log(size + 1e-3 * size.max() + 1e-6).astype(np.float32)
    rough = level - cv2.blur(level, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT)
    found = rough[_KEPT] - rough[_KEPT].mean()
    return found / max(float(np.linalg.norm(found)), 1e-6)


def look_alike(a: Prints, b: Prints) -> np.ndarray:
    """Which pictures look the same, bool[A, B]."""
    found = np.zeros((len(a.small), len(b.small)), dtype=bool)
    nearness, turn = _nearness(a.spectra, b.spectra)
    for i, k in np.argwhere(nearness >= NEAR).tolist():
        found[i, k] = difference(a.small[i], b.small[k], int(turn[i, k])) is not None
    return found


def alike_pairs(prints: Prints, group: np.ndarray) -> list[Pair]:
    """All pairs that look the same, the most alike first.

    Args:
        group: i64[N]; pictures of one group belong together and are not compared.
    """
    near: list[tuple[float, int, int, int]] = []
    for first in range(0, len(group), 512):
        nearness, turn = _nearness(prints.spectra[first : first + 512], prints.spectra[first:])
        apart = group[first : first + 512, None] != group[None, first:]
        rows, columns = np.nonzero(np.triu((nearness >= NEAR) & apart, 1))
        found = (nearness[rows, columns], first + rows, first + columns, turn[rows, columns])
        near += zip(*(column.tolist() for column in found), strict=True)
        near = sorted(near, key=lambda n: (-n[0], n[1:]))[:MOST_LOOKED_AT]
    looked = ((i, k, difference(prints.small[i], prints.small[k], turn)) for _, i, k, turn in near)
    pairs = [Pair(i, k, gap) for i, k, gap in looked if gap is not None]
    return sorted(pairs, key=lambda p: (p.difference, p.first, p.second))


def _nearness(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The greatest correlation over the turns, f32[A, B], and the turn of b that has it, u8."""
    best, turn = a @ b.T, np.zeros((len(a), len(b)), dtype=np.uint8)
    for k, order in enumerate(_ORDERS[1:], 1):
        found = a @ b[:, order].T
        turn[found > best] = k
        np.maximum(best, found, out=best)
    return best, turn


def difference(a: np.ndarray, b: np.ndarray, turn: int) -> float | None:
    """How much two small pictures, u8[64, 64], differ at most, as a share of their contrast, when
    laid over each other; None where that is more than a copy may.

    Args:
        turn: of _TURNS, how b is laid; or so and by half a turn.
    """
    lain = _TURNS[turn](b)
    found = [_lain_over(a, way) for way in (lain, lain[::-1, ::-1])]
    return min((gap for gap in found if gap is not None), default=None)


def _lain_over(a: np.ndarray, b: np.ndarray) -> float | None:
    one, other = (np.ascontiguousarray(p, dtype=np.float32) for p in (a, b))
    x, y = _shift_px(one, other)
    far = max(abs(x), abs(y))
    if far > FARTHEST_PX:
        return None
    back: Any = np.array([[1, 0, -x], [0, 1, -y]])
    size = (SIDE_PX, SIDE_PX)
    moved = cv2.warpAffine(other, back, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    inner = slice(int(np.ceil(far)) + 1, SIDE_PX - int(np.ceil(far)) - 1)
    cut_off = (np.minimum(one, moved) < DARKEST) | (np.maximum(one, moved) > BRIGHTEST)
    seen = cv2.dilate(cut_off.astype(np.uint8), np.ones((5, 5), np.uint8))[inner, inner] == 0
    seen |= seen.mean() < LEAST_SEEN
    p, q = (cv2.GaussianBlur(v, (0, 0), 1.0)[inner, inner][seen] for v in (one, moved))
    # of a brightened picture what was cut off does not tell what was there: from the other it does
    gap = min(_unexplained(p, q), _unexplained(q, p))
    return gap if gap <= min(SAME + A_PIXEL * far, MOVED) else None


def _unexplained(p: np.ndarray, q: np.ndarray) -> float:
    """What is left of p, f32[N], at most, as a share of its contrast, when its levels are made from
    those of q by the cubic that fits best: brightness, contrast and gamma may differ.
    """
    q = (q - q.mean()) / max(float(q.std()), 1e-6)
    powers = np.stack([np.ones_like(q), q, q * q, q * q * q])
    fit = np.linalg.lstsq(powers @ powers.T, powers @ p, rcond=None)[0]
    return float(np.abs(p - fit @ powers).max()) / max(float(p.std()), 1e-6)


def _shift_px(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """By how much b is moved against a, right and down."""
    # the function works within what it is given
    (x, y), _ = cv2.phaseCorrelate(a.copy(), b.copy(), _WINDOW)
    return x, y
