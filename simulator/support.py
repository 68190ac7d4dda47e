"""What holds signal heads and guide signs up: posts, mast arms and gantries over the road."""

from __future__ import annotations

import dataclasses
import math

LONGEST_M, TALLEST_M, MOST_PANELS = 100.0, 30.0, 40
WIDTHS_M = 0.05, 5.0
"""No beam is longer, nothing stands higher, no beam holds more, and none is thinner or wider: scene
files are not trusted.
"""


@dataclasses.dataclass(frozen=True)
class Panel:
    """Something upright on a support: a guide sign, or a signal head with its backplate.

    It has its middle ``s_m`` along the beam, before it as seen by the traffic that it faces, whose
    direction is ``heading_rad``. ``length_m`` is across that direction, ``depth_m`` along it; it
    reaches from ``low_m`` to ``top_m`` above the ground. ``face`` is the sRGB of its front,
    ``back`` of all else; something is written on one that is ``lettered``.
    """

    s_m: float
    heading_rad: float
    length_m: float
    depth_m: float
    low_m: float
    top_m: float
    face: tuple[int, int, int]
    back: tuple[int, int, int]
    lettered: bool = False


@dataclasses.dataclass(frozen=True)
class Support:
    """A beam of ``width_m`` that ends ``height_m`` above the ground, on one post or two.

    The first post stands at ``(x_m, y_m)``; the beam goes from there to ``(end_x_m, end_y_m)``,
    where with ``two_posts`` the other one stands. Where both places are one, it is a post alone.
    A ``truss`` is two chords with a lattice between them. ``catwalk_m`` is the width of the walkway
    before its panels, 0 none.
    """

    x_m: float
    y_m: float
    end_x_m: float
    end_y_m: float
    height_m: float
    width_m: float
    colour: tuple[int, int, int]
    panels: tuple[Panel, ...] = ()
    two_posts: bool = False
    truss: bool = False
    catwalk_m: float = 0.0

    def __post_init__(self) -> None:
        spans = ((0.0, self.height_m), *((p.low_m, p.top_m) for p in self.panels))
        if not all(0 <= low < top <= TALLEST_M for low, top in spans):
            raise ValueError(f"a support and its panels must be between 0 and {TALLEST_M:g} m high")
        if self.length_m > LONGEST_M or not WIDTHS_M[0] <= self.width_m <= WIDTHS_M[1]:
            raise ValueError(
                f"a beam must be at most {LONGEST_M:g} m long, and {WIDTHS_M[0]:g} to "
                f"{WIDTHS_M[1]:g} m wide"
            )
        if len(self.panels) > MOST_PANELS:
            raise ValueError(f"a support holds at most {MOST_PANELS} panels")

    @property
    def length_m(self) -> float:
        """Length of the beam, 0 of a post alone."""
        return math.hypot(self.end_x_m - self.x_m, self.end_y_m - self.y_m)

    @property
    def posts_m(self) -> tuple[tuple[float, float], ...]:
        """Where its posts stand."""
        first, other = (self.x_m, self.y_m), (self.end_x_m, self.end_y_m)
        return (first, other) if self.two_posts else (first,)
