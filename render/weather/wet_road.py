"""Wet road: water darkens paved surfaces and stands in the ruts as puddles that mirror the sky."""

from __future__ import annotations

import numpy as np

from render.effect import Effect, View
from render.kernel import kernel
from render.surface import Kind
from render.texture import hollows_seen
from simulator.conditions import Conditions

DARKENING = {Kind.ROAD: 0.45, Kind.RUT: 0.5, Kind.PAVEMENT: 0.4, Kind.PAINT: 0.2}
"""Share of the albedo lost on a fully wet surface: wet roads keep 0.5-0.7 of the dry albedo."""

PAVED = Kind.PAVEMENT + 1
"""So many kinds of surface, the first, get wet."""

DRY = 99.0
"""No ground lies so low: where the hollows begin that hold water, of what holds none."""

FRESNEL = 0.02
"""Reflectance of water at normal incidence, n = 1.33."""


def _strength(conditions: Conditions) -> float:
    return conditions.water_film_mm


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
    return tuple(loss), tuple(threshold), np.float32(FRESNEL * wet), pools


def _surface(block: np.ndarray, corner: tuple[int, int], view: View, prepared: tuple) -> None:
    loss, threshold, mirror, pools = prepared
    _wet(block, *corner, view.kind, loss, threshold, mirror, pools)


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


EFFECT = Effect(
    title="wet road: darker pavement, puddles that mirror the sky",
    order=10,
    quantities=("water_film_mm",),
    steps=(0.05, 0.2, 0.5, 2.0),
    strength=_strength,
    prepare=_prepare,
    surface=_surface,
)
