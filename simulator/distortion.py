"""Lenses that bend straight lines: the model of Brown (1966) and Conrady (1919), as OpenCV has it.

The straight image is what the same camera would make through a lens without distortion.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

NAMES = ("k1", "k2", "p1", "p2")
"""The coefficients in the order of OpenCV's distCoeffs."""

LEAST_SCALE = 0.1
"""Nowhere in its image does a lens shrink the straight one to less than this share, along a ray or
in area: nearer to 0 the image is about to fold over itself."""

FARTHEST = 4.0
"""The straight image is at most so many times as wide as what the lens makes of it."""

_RAYS, _STEPS = 144, 801
"""Where a lens is tried: so many directions, and so many places along each."""

_MOST_ITERATIONS = 40
_SMALL = 1e-5
"""In focal lengths: after a step of that length what is still off is about its square."""


@dataclasses.dataclass(frozen=True)
class Lens:
    """A lens before an image.

    What the straight image has at (x, y), in focal lengths off the middle, is seen at

        x (1 + k1 r^2 + k2 r^4) + 2 p1 x y + p2 (r^2 + 2 x^2)
        y (1 + k1 r^2 + k2 r^4) + p1 (r^2 + 2 y^2) + 2 p2 x y         with r^2 = x^2 + y^2.

    Attributes:
        k1, k2, p1, p2: the coefficients. focal_px: focal length. u_px, v_px: the middle.
        reach: how far off the middle that holds, in focal lengths. Farther out, which is outside of
            the image, it could come back into the image: there each ray goes straight on.
    """

    k1: float
    k2: float
    p1: float
    p2: float
    focal_px: float
    u_px: float
    v_px: float
    reach: float

    def every(self, step: int, first: int) -> Lens:
        """The same for the image that has every ``step``-th pixel from the ``first`` on."""
        return dataclasses.replace(
            self, focal_px=self.focal_px / step, u_px=(self.u_px - first) / step,
            v_px=(self.v_px - first) / step,
        )  # fmt: skip


def bent(lens: Lens, straight_px: np.ndarray) -> np.ndarray:
    """Where points f64[N, 2] px of the straight image are seen, f64[N, 2] px."""
    middle = np.array([lens.u_px, lens.v_px])
    at = (straight_px - middle) / lens.focal_px
    far = np.hypot(at[:, 0], at[:, 1])
    out = far > lens.reach
    if not out.any():
        return middle + lens.focal_px * np.stack(_seen(lens, at[:, 0], at[:, 1]), axis=1)
    within = at * np.where(out, lens.reach / np.maximum(far, lens.reach), 1.0)[:, None]
    seen = np.stack(_seen(lens, within[:, 0], within[:, 1]), axis=1)
    a, b, c, d = _slopes(lens, within[:, 0], within[:, 1])
    on = at - within
    seen += np.stack([a * on[:, 0] + b * on[:, 1], c * on[:, 0] + d * on[:, 1]], axis=1)
    return middle + lens.focal_px * seen


def straightened(lens: Lens, seen_px: np.ndarray, near_px: np.ndarray | None = None) -> np.ndarray:
    """Where points f64[N, 2] px of the image would be in the straight one, f64[N, 2] px.

    By Newton's method. Points too far outside of the image come out at the end of its reach.

    Args:
        near_px: about there, f64[N, 2] px: the nearer, the fewer steps it takes.
    """
    middle = np.array([lens.u_px, lens.v_px])
    u, v = ((np.asarray(seen_px, dtype=float) - middle) / lens.focal_px).T
    x, y = (u, v) if near_px is None else ((near_px - middle) / lens.focal_px).T
    for _ in range(_MOST_ITERATIONS):
        there_u, there_v = _seen(lens, x, y)
        du, dv = u - there_u, v - there_v
        a, b, c, d = _slopes(lens, x, y)
        steep = a * d - b * c
        dx, dy = (d * du - b * dv) / steep, (a * dv - c * du) / steep
        x, y = x + dx, y + dy
        held = np.minimum(lens.reach / np.maximum(np.hypot(x, y), lens.reach), 1.0)
        x, y = x * held, y * held
        if max(np.abs(dx).max(initial=0.0), np.abs(dy).max(initial=0.0)) < _SMALL:
            break
    return middle + lens.focal_px * np.stack([x, y], axis=1)


@functools.lru_cache(maxsize=64)
def straight_bounds(lens: Lens, width_px: float, height_px: float) -> tuple[float, ...]:
    """Left, top, right and bottom, px, of what the straight image must show to fill an image, and a
    pixel more.
    """
    along = np.linspace(0.0, 1.0, 65)
    none, whole = np.zeros_like(along), np.ones_like(along)
    edge = np.stack(
        [np.concatenate([along, along, none, whole]), np.concatenate([none, whole, along, along])],
        axis=1,
    )
    px = straightened(lens, edge * [width_px, height_px])
    (left, top), (right, bottom) = px.min(axis=0).tolist(), px.max(axis=0).tolist()
    return left - 1, top - 1, right + 1, bottom + 1


def bow_per_px2(lens: Lens) -> float:
    """A straight edge of L px bows out by at most this times L^2, px: an eighth of the largest
    second derivative.
    """
    r = lens.reach
    radial = 6 * abs(lens.k1) * r + 20 * abs(lens.k2) * r**3
    return (radial + 6 * (abs(lens.p1) + abs(lens.p2))) / (8 * lens.focal_px)


@functools.lru_cache(maxsize=256)
def reach_of(k1: float, k2: float, p1: float, p2: float, u: float, v: float) -> float | None:
    """How far off its middle the straight image must reach to fill an image of half the width u and
    half the height v, all in focal lengths; None where it would fold over itself before.
    """
    endless = Lens(k1, k2, p1, p2, 1.0, 0.0, 0.0, np.inf)
    angle = np.linspace(0.0, 2 * np.pi, _RAYS, endpoint=False)
    across, down = np.cos(angle), np.sin(angle)
    far = np.linspace(0.0, FARTHEST * np.hypot(u, v), _STEPS)
    x, y = far[:, None] * across, far[:, None] * down
    seen_x, seen_y = _seen(endless, x, y)
    a, b, c, d = _slopes(endless, x, y)
    along = across * (a * across + b * down) + down * (c * across + d * down)
    scale = np.minimum(along, a * d - b * c)
    outside = (np.abs(seen_x) > u) | (np.abs(seen_y) > v)
    last = int(outside.argmax(axis=0).max())
    if not outside.any(axis=0).all() or scale[: last + 1].min() < LEAST_SCALE:
        return None
    return float(far[last])


def _seen(lens: Lens, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the lens shows what the straight image has at (x, y), all in focal lengths."""
    xx, yy, xy = x * x, y * y, x * y
    r2 = xx + yy
    radial = 1.0 + r2 * (lens.k1 + lens.k2 * r2)
    return (
        x * radial + 2 * lens.p1 * xy + lens.p2 * (r2 + 2 * xx),
        y * radial + lens.p1 * (r2 + 2 * yy) + 2 * lens.p2 * xy,
    )


def _slopes(
    lens: Lens, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The derivatives of ``_seen``: of the first by x and by y, then those of the second."""
    r2 = x * x + y * y
    radial = 1.0 + r2 * (lens.k1 + lens.k2 * r2)
    steeper = 2 * (lens.k1 + 2 * lens.k2 * r2)
    mixed = steeper * x * y + 2 * (lens.p1 * x + lens.p2 * y)
    return (
        radial + steeper * x * x + 2 * lens.p1 * y + 6 * lens.p2 * x, mixed,
        mixed, radial + steeper * y * y + 6 * lens.p1 * y + 2 * lens.p2 * x,
    )  # fmt: skip
