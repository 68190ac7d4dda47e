"""What open vehicles carry, as parts of their bodies."""

from __future__ import annotations

from render.parts_of_bodies import Part, Tone
from render.surface import Kind

_PLANKS = tuple((k, -0.4 + 0.115 * k) for k in range(7))
_PALLETS = ((-0.09, -0.38, 0.8), (-0.09, 0.06, 1.0), (-0.185, -0.3, 0.9))
_HEAP = ((1.0, 0.2), (0.7, 0.8), (0.0, 1.0), (-0.8, 0.85), (-1.0, 0.1), (-0.8, -0.7), (0.1, -0.95),
         (0.8, -0.6))  # fmt: skip
"""Along the bed and across it, as bodies have it: planks by number, pallets with their shade, and
the outline of a heap of radius 1."""


def _box(x0: float, x1: float, y0: float, y1: float, z: float, tone: Tone, shade: float) -> Part:
    return Part(((x1, y1), (x0, y1), (x0, y0), (x1, y0)), z, tone, shade, kind=Kind.BODY)


def tool_box(z: float) -> Part:
    """A box across the bed of a pickup, behind its cab."""
    return _box(-0.19, -0.135, -0.38, 0.38, z, Tone.GREY, 0.9)


def open_bed() -> list[Part]:
    """The inside of a truck without a roof: timber in front, pallets of stone, sand behind."""
    heap = tuple((-0.34 + 0.12 * x, 0.36 * y) for x, y in _HEAP)
    return [
        _box(-0.485, 0.245, -0.44, 0.44, 1.0, Tone.DARK, 1.2),
        *[_box(0.02, 0.23, y, y + 0.1, 1.0, Tone.BROWN, 1.0 + 0.9 * (k % 3)) for k, y in _PLANKS],
        *[_box(x, x + 0.075, y, y + 0.3, 1.0, Tone.LIGHT_GREY, s) for x, y, s in _PALLETS],
        Part(heap, 1.0, Tone.BLOND, 0.9, kind=Kind.BODY),
    ]
