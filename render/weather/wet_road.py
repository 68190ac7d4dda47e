"""Wet road: water darkens paved surfaces and stands in the ruts as puddles that mirror the sky, and
by night street lamps.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from render.effect import Effect, View
from render.kernel import kernel
from render.light import LAMP_LUX
from render.surface import Kind
from render.texture import hollows_seen
from render.weather.night import LAMP_CD
from simulator.camera import BEHIND, Camera, depth, foot_m
from simulator.conditions import Conditions
from simulator.distortion import Lens, bent
from simulator.scene import Scene

DARKENING = {Kind.ROAD: 0.45, Kind.RUT: 0.5, Kind.PAVEMENT: 0.4, Kind.PAINT: 0.2}
"""Share of the albedo lost on a fully wet surface: wet roads keep 0.5-0.7 of the dry albedo."""

PAVED = Kind.PAVEMENT + 1
"""So many kinds of surface, the first, get wet."""

DRY = 99.0
"""No ground lies so low: where the hollows begin that hold water, of what holds none."""

FRESNEL = 0.02
"""Reflectance of water at normal incidence, n = 1.33."""

GLINT_M = 0.4
"""Sigma of the mirror image of a lamp on the ground, m: stones that stand out of the film and waves
on it spread it to a spot a metre wide (a choice)."""

HALF_SMOOTH_MM = 3.0
"""Film that hides half of the texture of asphalt, mm: some four times its mean depth (a choice)."""

MOST_GLINT = 2.0
"""Whites that no mirror image reaches: none leaves a glare in the lens."""


def _strength(conditions: Conditions) -> float:
    return conditions.water_film_mm


_NO_GLINTS = np.zeros((0, 7), np.float32)


def _prepare(conditions: Conditions, view: View) -> tuple:
    film = conditions.water_film_mm
    wet = min(film / 0.5, 1.0)
    loss = np.zeros(PAVED, np.float32)
    for kind, most in DARKENING.items():
        loss[kind] = most * wet
    threshold = np.full(PAVED, DRY, np.float32)
    pooled = 2.6 - 1.5 * min(film / 2.0, 1.0)
    threshold[[Kind.ROAD, Kind.PAVEMENT]] = pooled + 0.5
    threshold[[Kind.RUT, Kind.PAINT]] = pooled
    pools = hollows_seen(view.scene, view.px_to_m, view.kind.shape, view.lens)
    lamps = conditions.street_lamps
    seen = view.scene, view.camera, view.px_to_m.tobytes(), view.lens
    shine = film, view.light.white_lux, view.light.illuminance_lux
    glints = _glints(*seen, *shine) if lamps else _NO_GLINTS
    return tuple(loss), tuple(threshold), np.float32(FRESNEL * wet), pools, glints


@functools.lru_cache(maxsize=4)  # the same for all twins that are as wet, and for the glance
def _glints(
    scene: Scene, camera: Camera, px_to_m: bytes, lens: Lens | None, film_mm: float,
    white_lux: float, illuminance_lux: float,
) -> np.ndarray:  # fmt: skip
    """Mirror images of the street lamps in the film, f32[N, 7]: middle px, px -> sigmas as a matrix
    row by row, and the reflectance that makes of the light there what is mirrored.
    """
    lamps = [(p.lamp_x_m, p.lamp_y_m, p.height_m) for p in scene.surroundings.poles]
    if not lamps:
        return _NO_GLINTS
    x, y, h = np.array(lamps).T
    below, away, up = np.stack([x, y], axis=1), np.zeros(len(h)), np.ones(len(h))
    place = below
    if camera.kind == "pinhole":
        top, foot = camera.altitude_m, foot_m(camera)
        place = (h[:, None] * foot + top * below) / (h + top)[:, None]
        away, up = np.hypot(*(foot - below).T), top / (h + top)
    steep = np.cos(np.arctan2(away * up, camera.altitude_m))
    mirrored = FRESNEL + (1.0 - FRESNEL) * (1.0 - steep) ** 5  # Schlick 1994
    smooth = film_mm / (film_mm + HALF_SMOOTH_MM)
    shine = LAMP_CD * mirrored * smooth * up**2 / (2 * math.pi * GLINT_M**2) * math.pi
    shine /= 1.0 + shine / (MOST_GLINT * white_lux)
    under = LAMP_CD * h / np.hypot(np.hypot(*(place - below).T), h) ** 3
    reflectance = shine / (under + illuminance_lux - LAMP_LUX)
    ahead = depth(camera, place) > BEHIND
    place, reflectance = place[ahead], reflectance[ahead]
    middle, *beside = (_seen(px_to_m, lens, place + d) for d in ((0, 0), (0.1, 0), (0, 0.1)))
    px_per_m = np.stack([(px - middle) / 0.1 for px in beside], axis=2)
    to_sigmas = np.linalg.inv(px_per_m).reshape(-1, 4) / GLINT_M
    return np.column_stack([middle, to_sigmas, reflectance]).astype(np.float32)


def _seen(px_to_m: bytes, lens: Lens | None, ground: np.ndarray) -> np.ndarray:
    """Where points of the ground f64[N, 2] m before a camera are in its image, px."""
    there = np.frombuffer(px_to_m, np.float64).reshape(3, 3)
    u, v, far = np.linalg.inv(there) @ [*ground.T, np.ones(len(ground))]
    px = np.stack([u / far, v / far], axis=1)
    return bent(lens, px) if lens else px


def _surface(block: np.ndarray, corner: tuple[int, int], view: View, prepared: tuple) -> None:
    loss, threshold, mirror, pools, glints = prepared
    _wet(block, *corner, view.kind, loss, threshold, mirror, pools)
    if len(glints):
        _shimmer(block, *corner, view.kind, loss, glints)


@kernel
def _wet(block, x0, y0, kind, loss, threshold, mirror, pools):
    """``loss`` and ``threshold``: tuples by kind of surface, which are compared, not looked up:
    so many pixels are taken at a time.
    """
    _, rows, columns = block.shape
    one, zero, dry = np.float32(1.0), np.float32(0.0), np.float32(DRY)
    for y in range(rows):
        kinds, noise = kind[y0 + y, x0 : x0 + columns], pools[y0 + y, x0 : x0 + columns]
        red, green, blue = block[0, y], block[1, y], block[2, y]
        for x in range(columns):
            k, lost, edge = kinds[x], zero, dry
            for paved in range(len(loss)):
                lost = loss[paved] if k == paved else lost
                edge = threshold[paved] if k == paved else edge
            pool = min(max((noise[x] - edge) * np.float32(3.0), zero), one)
            keep = (one - lost) * (one - np.float32(0.5) * pool)
            gain = mirror * (one + np.float32(2.0) * pool) if lost > zero else zero
            red[x] = red[x] * keep + gain
            green[x] = green[x] * keep + gain
            blue[x] = blue[x] * keep + gain


@kernel
def _shimmer(block, x0, y0, kind, loss, glints):
    """Add mirror images to whatever gets wet of a block."""
    _, rows, columns = block.shape
    reach = 3.0  # sigmas
    for n in range(len(glints)):
        u, v, a, b, c, d, peak = glints[n]
        size = reach / abs(a * d - b * c)
        wide, high = size * math.hypot(b, d), size * math.hypot(a, c)
        left, right = max(int(u - wide) - x0, 0), min(int(u + wide) + 1 - x0, columns)
        for y in range(max(int(v - high) - y0, 0), min(int(v + high) + 1 - y0, rows)):
            for x in range(left, right):
                k = kind[y0 + y, x0 + x]
                if k >= len(loss) or loss[k] <= 0:
                    continue
                across, down = x0 + x + np.float32(0.5) - u, y0 + y + np.float32(0.5) - v
                s, t = a * across + b * down, c * across + d * down
                far = s * s + t * t
                if far < reach * reach:
                    gain = peak * np.float32(math.exp(-0.5 * far))
                    for channel in range(3):
                        block[channel, y, x] += gain


EFFECT = Effect(
    title="wet road: darker pavement, puddles that mirror the sky, street lamps by night",
    order=10,
    quantities=("water_film_mm",),
    steps=(0.05, 0.2, 0.5, 2.0),
    strength=_strength,
    prepare=_prepare,
    surface=_surface,
)
