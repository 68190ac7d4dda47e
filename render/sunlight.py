"""Where sun and sky reach: shadows of what stands still, and of what moves from drawing to drawing.

Weathers with the same sun share one ``Sunlight``: what the first of them works out for a drawing
serves the others.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from render import actors, contact, rects
from render.kernel import kernel
from render.obstacles import obstacle_shadows
from render.picture import Backdrop, Drawing, goes_on
from render.poses import Poses
from render.raster import fill_shadows
from render.rigs import Bodies
from render.surface import TALL
from simulator.camera import Camera

SUN_RAD = 0.0093
"""How wide the sun is."""

PENUMBRA_OF_M, MOST_SOFT_M, LEAST_SOFT_PX = 5.0, 0.4, 0.3
"""Of what height all edges are taken to be, m; the softest, m; and what is not seen, px."""

_TALL = tuple(np.uint8(kind) for kind in TALL)


@dataclasses.dataclass(eq=False)
class Sunlight:
    """Where one sun reaches in a backdrop and in the last drawing that was made of it.

    Attributes:
        sun_m: f64[2], where the shadow of a point one metre high falls, m; None without a sun.
        near: share of this light that things keep off close to them alone, see ``contact.py``.
        still: u8[H, W], 255 where it reaches what stands still.
        drawing: the drawing that the rest is of. lit: u8[H, W], as ``still``.
        shadows: i32[N, 4], by row of the agent table what a driven vehicle darkens; else empty.
        changed: i32[R, 4], where the light is not that of the drawing before, or everything.
    """

    sun_m: np.ndarray | None
    near: float
    still: np.ndarray
    drawing: Drawing | None
    lit: np.ndarray
    shadows: np.ndarray
    changed: np.ndarray

    def like(self, sun_m: np.ndarray | None, near: float) -> bool:
        """Whether it is the light of this sun and sky."""
        if self.near != near:
            return False
        if self.sun_m is None or sun_m is None:
            return self.sun_m is sun_m
        return bool(np.array_equal(self.sun_m, sun_m))


def sunlight(backdrop: Backdrop, sun_m: np.ndarray | None, near: float = 0.0) -> Sunlight:
    """Where a light reaches what does not move; ``sun_m`` and ``near`` as in Sunlight."""
    still = np.full(backdrop.canvas.kind.shape, 255, np.uint8)
    shadows = np.zeros((len(backdrop.scene.agents), 4), np.int32)
    light = Sunlight(sun_m, near, still, None, still, shadows, rects.NONE)
    scene, camera = backdrop.scene, backdrop.camera
    if not _shades(light):
        return light
    ground = np.zeros_like(still)  # shadows fall on low things as on the ground
    if sun_m is not None:
        fill_shadows(still, ground, *obstacle_shadows(scene, camera, sun_m), 1.0 - near)
        still[:] = _softened(still, sun_m, camera)
    if near > 0:
        contact.shade(still, ground, camera, contact.feet_of_obstacles(camera, scene), near)
    _leave_tall(still, backdrop.canvas.kind, _TALL)
    parked = camera, backdrop.parked, backdrop.parked_bodies
    feet = _feet(light, camera, backdrop.parked_bodies)
    _shade(light, still, backdrop.canvas.height, *parked, feet)
    return light


def follow(light: Sunlight, backdrop: Backdrop, drawing: Drawing) -> None:
    """Bring the light to a drawing of the backdrop, in place."""
    last = light.drawing
    if last is drawing:
        return
    on = goes_on(drawing, last)
    light.drawing = drawing
    light.changed = drawing.changed if on else rects.bands(light.still.shape, len(light.still))
    if not _shades(light):
        return
    stirred = drawing.stirred
    if not on:
        light.lit = light.still.copy()
        light.shadows[:] = 0
        stirred = np.ones_like(stirred)
    _move(light, backdrop, drawing, stirred)


def _shades(light: Sunlight) -> bool:
    return light.sun_m is not None or light.near > 0


def _shade(
    light: Sunlight, lit: np.ndarray, heights: np.ndarray, camera: Camera, poses: Poses,
    bodies: Bodies, feet: contact.Feet | None, chosen: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Lay the shadows of vehicles on a plane, in place."""
    if light.sun_m is not None:
        shadows = actors.vehicle_shadows(camera, poses, bodies, light.sun_m, chosen)
        fill_shadows(lit, heights, *shadows, 1.0 - light.near)
    if feet is not None:
        which = None if chosen is None else chosen[poses.rows[bodies.whose]]
        contact.shade(lit, heights, camera, feet, light.near, which)


def _bound(
    light: Sunlight, camera: Camera, poses: Poses, bodies: Bodies, feet: contact.Feet | None,
    chosen: np.ndarray,
) -> None:  # fmt: skip
    """Bring the bounds of the shadows of some vehicles up to date."""
    if light.sun_m is not None:
        actors.bounds(camera, poses, bodies, chosen, light.shadows, light.sun_m)
    if feet is None:
        return
    close = contact.bounds(feet, poses.rows[bodies.whose], chosen)[chosen]
    far = light.shadows[chosen]
    light.shadows[chosen] = close if light.sun_m is None else _about_both(far, close)


def _feet(light: Sunlight, camera: Camera, bodies: Bodies) -> contact.Feet | None:
    return contact.feet_of_bodies(camera, bodies) if light.near > 0 else None


def _about_both(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The least rectangles i32[N, 4] about pairs of such, one or both of which may be empty."""
    both = np.concatenate([np.minimum(a[:, :2], b[:, :2]), np.maximum(a[:, 2:], b[:, 2:])], axis=1)
    none_a, none_b = (np.any(r[:, 2:] <= r[:, :2], axis=1, keepdims=True) for r in (a, b))
    return np.where(none_a, b, np.where(none_b, a, both))


def _move(light: Sunlight, backdrop: Backdrop, drawing: Drawing, stirred: np.ndarray) -> None:
    """Move the shadows of the vehicles in some rows; redraw those that this touches."""
    feet = _feet(light, backdrop.camera, drawing.bodies)
    seen = backdrop.camera, drawing.moving, drawing.bodies, feet
    left = light.shadows[stirred]
    _bound(light, *seen, stirred)
    light.changed = rects.merged(light.changed, left, light.shadows[stirred])
    touched = rects.touching(light.shadows, light.changed)
    rects.copy(light.still, light.lit, light.changed)
    _shade(light, light.lit, drawing.canvas.height, *seen, touched)


def _softened(lit: np.ndarray, sun_m: np.ndarray, camera: Camera) -> np.ndarray:
    """The edges of the shadows of what stands still, as soft as the sun is wide: at a height h they
    fade over h SUN_RAD / sin^2 of its elevation.
    """
    along_m = PENUMBRA_OF_M * SUN_RAD * (1.0 + float(sun_m @ sun_m))
    sigma = min(along_m / 3.5, MOST_SOFT_M) / camera.m_per_px
    return cv2.GaussianBlur(lit, (0, 0), sigma) if sigma > LEAST_SOFT_PX else lit


@kernel
def _leave_tall(lit, kind, tall):
    """Light what stands above the shadows."""
    for y in range(len(lit)):
        row, kinds = lit[y], kind[y]
        for x in range(len(row)):
            for k in range(len(tall)):
                row[x] = np.uint8(255) if kinds[x] == tall[k] else row[x]
