"""Where the sun reaches: shadows of what stands still, and of what moves from drawing to drawing.

Weathers with the same sun share one ``Sunlight``: what the first of them works out for a drawing
serves the others.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render import actors, rects
from render.kernel import kernel
from render.obstacles import obstacle_shadows
from render.picture import Backdrop, Drawing, goes_on
from render.raster import fill_shadows
from render.surface import TALL

_TALL = tuple(np.uint8(kind) for kind in TALL)


@dataclasses.dataclass(eq=False)
class Sunlight:
    """Where one sun reaches in a backdrop and in the last drawing that was made of it.

    Attributes:
        sun_m: f64[2], where the shadow of a point one metre high falls, m; None without a sun.
        still: u8[H, W], 255 where it reaches what stands still.
        drawing: the drawing that the rest is of. lit: u8[H, W], as ``still``.
        shadows: i32[N, 4], by row of the agent table what a driven vehicle darkens; else empty.
        changed: i32[R, 4], where the light is not that of the drawing before, or everything.
    """

    sun_m: np.ndarray | None
    still: np.ndarray
    drawing: Drawing | None
    lit: np.ndarray
    shadows: np.ndarray
    changed: np.ndarray

    def like(self, sun_m: np.ndarray | None) -> bool:
        """Whether it is the light of this sun."""
        if self.sun_m is None or sun_m is None:
            return self.sun_m is sun_m
        return bool(np.array_equal(self.sun_m, sun_m))


def sunlight(backdrop: Backdrop, sun_m: np.ndarray | None) -> Sunlight:
    """Where a sun reaches what does not move; ``sun_m`` as in Sunlight."""
    still = np.full(backdrop.canvas.kind.shape, 255, np.uint8)
    if sun_m is not None:
        ground = np.zeros_like(still)  # they fall on low things as on the ground
        fill_shadows(still, ground, *obstacle_shadows(backdrop.scene, backdrop.camera, sun_m))
        _leave_tall(still, backdrop.canvas.kind, _TALL)
        shadows = actors.vehicle_shadows(
            backdrop.camera, backdrop.parked, backdrop.parked_bodies, sun_m
        )
        fill_shadows(still, backdrop.canvas.height, *shadows)
    shadows = np.zeros((len(backdrop.scene.agents), 4), np.int32)
    return Sunlight(sun_m, still, None, still, shadows, rects.NONE)


def follow(light: Sunlight, backdrop: Backdrop, drawing: Drawing) -> None:
    """Bring the light to a drawing of the backdrop, in place."""
    last = light.drawing
    if last is drawing:
        return
    on = goes_on(drawing, last)
    light.drawing = drawing
    light.changed = drawing.changed if on else rects.bands(light.still.shape, len(light.still))
    if light.sun_m is None:
        return
    stirred = drawing.stirred
    if not on:
        light.lit = light.still.copy()
        light.shadows[:] = 0
        stirred = np.ones_like(stirred)
    _move(light, light.sun_m, backdrop, drawing, stirred)


def _move(
    light: Sunlight, sun_m: np.ndarray, backdrop: Backdrop, drawing: Drawing, stirred: np.ndarray
) -> None:
    """Move the shadows of the vehicles in some rows; redraw those that this touches."""
    seen = backdrop.camera, drawing.moving, drawing.bodies
    left = light.shadows[stirred]
    actors.bounds(*seen, stirred, light.shadows, sun_m)
    light.changed = rects.merged(light.changed, left, light.shadows[stirred])
    touched = rects.touching(light.shadows, light.changed)
    rects.copy(light.still, light.lit, light.changed)
    shadows = actors.vehicle_shadows(*seen, sun_m, touched)
    fill_shadows(light.lit, drawing.canvas.height, *shadows)


@kernel
def _leave_tall(lit, kind, tall):
    """Light what stands above the shadows."""
    for y in range(len(lit)):
        row, kinds = lit[y], kind[y]
        for x in range(len(row)):
            for k in range(len(tall)):
                row[x] = np.uint8(255) if kinds[x] == tall[k] else row[x]
