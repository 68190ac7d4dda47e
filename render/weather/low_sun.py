"""Low sun: its light strikes the front of the lens aslant, and what strays there veils the picture.

The camera exposes for level ground, which a low sun lights at a grazing angle; the lens meets its
full beam. The sun itself is never in the picture: no camera here sees the horizon.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from render.effect import Effect, Film, View
from render.light import LOW_SUN_RGB, sun_through
from simulator.camera import focal_px, is_tilted
from simulator.conditions import Conditions

HIGHEST_RAD = math.radians(20)
"""A sun above this is far from what a camera looks at that looks down, and ground as bright as the
lens: no veil (a choice)."""

SET_RAD = math.radians(0.83)
"""So far below the horizon the whole sun is down: half of its width and the air's refraction."""

VEIL, AT_RAD = 0.22, math.radians(60)
"""Share of the airlight that strays to what is seen 60 degrees from a sun on the horizon. A choice:
a small lens without a hood, dusty from flying, scatters some times as much as a young eye does."""

COARSE_PX = 8
"""The veil is smooth: it is worked out for so large squares."""


def _strength(conditions: Conditions) -> float:
    e = conditions.sun_elevation_rad
    risen = min(max(1.0 + e / SET_RAD, 0.0), 1.0)
    low = min(max(1.0 - e / HIGHEST_RAD, 0.0), 1.0)
    return low * risen * (1.0 - conditions.cloud) * sun_through(conditions)


def _film(conditions: Conditions, view: View, prepared: None) -> Film:
    """Falls off with the square of the angle to the sun, as stray light does (Holladay 1926)."""
    del prepared
    rows, columns = view.kind.shape
    angle = _from_sun(conditions, view)
    haze = np.float32(VEIL * _strength(conditions)) * (np.float32(AT_RAD) / angle) ** 2
    haze = cv2.resize(haze, (columns, rows), interpolation=cv2.INTER_LINEAR)
    air = view.light.air
    return Film(np.ones_like(haze), haze, (LOW_SUN_RGB * air.mean() / air).astype(np.float32))


def _from_sun(conditions: Conditions, view: View) -> np.ndarray:
    """Angle between lines of sight and the way to the sun, f32[h, w] rad. Who sees all from above
    looks like a pinhole that hangs there; a lens that bends lines changes next to nothing.
    """
    camera, (rows, columns) = view.camera, view.kind.shape
    turn = conditions.sun_azimuth_rad - camera.heading_rad
    level, up = math.cos(conditions.sun_elevation_rad), math.sin(conditions.sun_elevation_rad)
    right, ahead = level * math.cos(turn), level * math.sin(turn)
    tilt = camera.tilt_rad if is_tilted(camera) else 0.0
    down = -math.cos(tilt) * ahead - math.sin(tilt) * up
    along = math.sin(tilt) * ahead - math.cos(tilt) * up
    u, v = (
        ((np.arange(count) + 0.5) / count - 0.5) * size
        for size, count in ((columns, -(-columns // COARSE_PX)), (rows, -(-rows // COARSE_PX)))
    )
    focal = focal_px(camera)
    far = np.sqrt(u * u + (v * v)[:, None] + focal * focal)
    cosine = (u * right + (v * down)[:, None] + focal * along) / far
    return np.arccos(np.clip(cosine, -1.0, 1.0)).astype(np.float32)


EFFECT = Effect(
    title="low sun: stray light in the lens, most at the edge towards the sun",
    order=32,
    quantities=("sun_elevation_rad", "sun_azimuth_rad", "cloud"),
    steps=(0.16, 0.1, 0.05, 0.01),
    strength=_strength,
    film=_film,
    shown_with={"cloud": 0.0},
)
