"""What lies on surfaces: reflectances under the water and snow of a weather, drawing by drawing.

Weathers whose surfaces look the same share one ``Coat``: what the first of them works out for a
drawing serves the others, as with ``sunlight.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from render import rects
from render.canvas import ONE, Canvas
from render.effect import Effect, View
from render.kernel import kernel
from render.light import Light
from render.picture import Drawing, goes_on

BLOCK_ROWS = 64
"""Rows of a block when the whole picture is worked out: it then stays in a core's own cache."""

Part = tuple[Callable[[np.ndarray, tuple[int, int], View, Any], None], Any]
"""What an effect does to surfaces, and what it prepared for that."""


@dataclasses.dataclass(eq=False)
class Coat:
    """What some effects make of the reflectances of the last drawing.

    Attributes:
        parts: what they do, in order. light: what they may look at beside the drawing.
        drawing: the drawing that ``albedo``, u16[3, H, W], is of; None and empty before the first.
    """

    parts: tuple[Part, ...]
    light: Light
    drawing: Drawing | None
    albedo: np.ndarray

    def like(self, other: Coat) -> bool:
        """Whether both make the same of any drawing."""
        return _alike(self.parts, other.parts) and _alike(self.light, other.light)


def coat(effects: tuple[tuple[Effect, Any], ...], light: Light) -> Coat:
    """The coat of a weather's effects, not laid on anything yet."""
    parts = tuple((e.surface, p) for e, p in effects if e.surface is not None)
    return Coat(parts, light, None, np.empty((3, 0, 0), np.uint16))


def follow(coat: Coat, view: View, drawing: Drawing) -> None:
    """Bring the coat to a drawing of its backdrop, in place. Args: view: of the drawing."""
    if coat.drawing is drawing:
        return
    canvas = drawing.canvas
    if not coat.parts:
        coat.albedo = canvas.albedo
    else:
        places = rects.grown(drawing.changed, 0, canvas.kind.shape, rects.AT_A_TIME)
        if not goes_on(drawing, coat.drawing):
            coat.albedo = np.empty_like(canvas.albedo)
            places = rects.bands(canvas.kind.shape, BLOCK_ROWS)
        lay(coat.parts, canvas, view, places, coat.albedo)
    coat.drawing = drawing


def lay(
    parts: tuple[Part, ...], canvas: Canvas, view: View, places: np.ndarray, out: np.ndarray
) -> None:
    """Work out rectangles i32[R, 4] of the coated reflectances u16[3, H, W] of a canvas."""
    for x0, y0, x1, y1 in places.tolist():
        block = np.empty((3, y1 - y0, x1 - x0), np.float32)
        _load(canvas.albedo, x0, y0, block)
        for change, prepared in parts:
            change(block, (x0, y0), view, prepared)
        _store(block, x0, y0, out)


def _alike(a: Any, b: Any) -> bool:
    """Whether two values, maybe of arrays, are the same throughout."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(_alike, a, b))
    if dataclasses.is_dataclass(a):
        return all(_alike(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    return bool(a == b)


@kernel
def _load(albedo, x0, y0, block):
    _, rows, columns = block.shape
    scale = np.float32(1.0 / ONE)
    for c in range(3):
        for y in range(rows):
            source, target = albedo[c, y0 + y, x0 : x0 + columns], block[c, y]
            for x in range(columns):
                target[x] = np.float32(source[x]) * scale


@kernel
def _store(block, x0, y0, out):
    _, rows, columns = block.shape
    one, half, top = np.float32(ONE), np.float32(0.5), np.float32(65535.0)
    for c in range(3):
        for y in range(rows):
            source, target = block[c, y], out[c, y0 + y, x0 : x0 + columns]
            for x in range(columns):
                target[x] = np.uint16(np.int32(min(source[x] * one + half, top)))
