"""Wet road: water darkens paved surfaces and stands in the ruts as puddles that mirror the sky, and
by night street lamps.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from render.effect import Effect, View
from render.grain import is_paved
from render.kernel import kernel
from render.light import LAMP_LUX, Light
from render.surface import Kind
from render.texture import hollows_seen
from render.weather.night import LAMP_CD
from simulator.camera import BEHIND, Camera, depth, foot_m
from simulator.conditions import Conditions
from simulator.distortion import Lens, bent
from simulator.scene import Scene

DARKENING = {Kind.ROAD: 0.45, Kind.RUT: 0.5, Kind.PAVEMENT: 0.4, Kind.PAINT: 0.2}
"""Share of the albedo lost on a fully wet surface: wet roads keep 0.5-0.7 of the dry albedo."""

PAVED_VERGE, GROWN_VERGE = 0.4, 0.15
"""The same of verges of slabs or gravel; and of those with grass, where the soil between the blades
gets dark, which reflects 0.5-0.7 of what it does when dry, and the blades hardly do (a choice)."""

PAVED = Kind.PAVEMENT + 1
"""So many kinds of surface, the first, get wet."""

DEEP = 0.45
"""Share that is left of what a wet bottom reflects where water stands on it: what scatters below
comes out of water only within 49 degrees, the rest goes down again; and there is mud (a choice)."""

ZENITH_BLUE, ZENITH_CLOUD = 0.5, 1.29
"""How bright the sky above is beside its mean: blue, about half under a sun half-way up (CIE clear
sky, a choice within it); closed cloud, 9 / 7 (Moon and Spencer 1942)."""

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
    paved_verge = is_paved(view.scene.surroundings.ground)
    loss[Kind.VERGE] = (PAVED_VERGE if paved_verge else GROWN_VERGE) * wet
    mirror = np.full(PAVED, FRESNEL * wet, np.float32)
    if not paved_verge:
        mirror[Kind.VERGE] = 0.0  # drops on blades, no film
    threshold = np.full(PAVED, DRY, np.float32)
    pooled = 2.5 - 1.5 * min(film / 1.5, 1.0)
    threshold[[Kind.ROAD, Kind.PAVEMENT]] = pooled + 0.5
    threshold[[Kind.RUT, Kind.PAINT]] = pooled
    pools = hollows_seen(view.scene, view.px_to_m, view.kind.shape, view.lens)
    sky = _mirrored_sky(view.light)
    lamps = conditions.street_lamps
    seen = view.scene, view.camera, view.px_to_m.tobytes(), view.lens
    shine = film, view.light.white_lux, view.light.illuminance_lux
    glints = _glints(*seen, *shine) if lamps else _NO_GLINTS
    return tuple(loss), tuple(threshold), tuple(mirror), np.float32(wet), sky, pools, glints


def _mirrored_sky(light: Light) -> np.ndarray:
    """What a perfect mirror that lies on the ground shows from above, f32[3] of a white surface:
    all but black by night, little and blue under a clear sky, more than white under cloud.
    """
    from_sky = light.sky + np.float32(light.near) * light.sun
    share = min(float(from_sky.mean()), 1.0)
    zenith = ZENITH_BLUE + (ZENITH_CLOUD - ZENITH_BLUE) * share
    return (zenith * from_sky).astype(np.float32)


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
    loss, threshold, mirror, wet, sky, pools, glints = prepared
    (x0, y0), (rows, columns) = corner, block.shape[1:]
    steep = _straight_down(columns)
    if view.slant.size > 1:  # here, as a kernel would look at each divisor
        steep = np.reciprocal(view.slant[y0 : y0 + rows, x0 : x0 + columns])
    _wet(block, x0, y0, view.kind, loss, threshold, mirror, wet, sky, pools, steep)
    if len(glints):
        _shimmer(block, *corner, view.kind, mirror, glints)


@functools.lru_cache(maxsize=64)
def _straight_down(columns: int) -> np.ndarray:
    """The cosine of the viewing angle for all rows, f32[1, W]."""
    return np.ones((1, columns), np.float32)


@kernel
def _wet(block, x0, y0, kind, loss, threshold, mirror, wet, sky, pools, steep):
    """``loss``, ``threshold`` and ``mirror``: tuples by kind of surface, which are compared, not
    looked up: so many pixels are taken at a time. ``steep``: cosines of the viewing angle, rows of
    the block or one for all. A pool mirrors the sky the more, the more aslant it is seen; the film
    beside it lies on rough ground, and does not.
    """
    _, rows, columns = block.shape
    one, zero, dry = np.float32(1.0), np.float32(0.0), np.float32(DRY)
    least, shaded, last = np.float32(FRESNEL), np.float32(1.0 - DEEP), len(steep) - 1
    sky_r, sky_g, sky_b = sky[0], sky[1], sky[2]
    for y in range(rows):
        kinds, noise = kind[y0 + y, x0 : x0 + columns], pools[y0 + y, x0 : x0 + columns]
        red, green, blue = block[0, y], block[1, y], block[2, y]
        cosines = steep[min(y, last)]
        for x in range(columns):
            k, lost, edge, shine = kinds[x], zero, dry, zero
            for paved in range(len(loss)):
                lost = loss[paved] if k == paved else lost
                edge = threshold[paved] if k == paved else edge
                shine = mirror[paved] if k == paved else shine
            pool = wet * min(max((noise[x] - edge) * np.float32(3.0), zero), one)
            keep, film = (one - lost) * (one - shaded * pool), shine * (one - pool)
            aslant = one - cosines[x]
            square = aslant * aslant
            gain = (least + (one - least) * square * square * aslant) * pool  # Schlick 1994
            red[x] = red[x] * keep + film + sky_r * gain
            green[x] = green[x] * keep + film + sky_g * gain
            blue[x] = blue[x] * keep + film + sky_b * gain


@kernel
def _shimmer(block, x0, y0, kind, mirror, glints):
    """Add mirror images to whatever gets a film of a block."""
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
                if k >= len(mirror) or mirror[k] <= 0:
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
