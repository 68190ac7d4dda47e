"""Trees without leaves: limbs that rise from a fork, boughs beside them, and a haze of twigs.

As with crowns in leaf, a tree takes one of a few forms by its seed, turns and stretches it. Most
boughs are thinner than a pixel: they tint it, and hide what is under them only where they cover
half of it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from render.hull import hull, hulls
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from render.trees import laid, rounded
from simulator.camera import Camera, straight_px
from simulator.seeding import stream, uniform
from simulator.surroundings import Tree

FORMS = 16
"""How many different ones there are, before they are turned."""

LIMBS, PIECES = 7, 3
"""Limbs of a tree, and straight pieces of a limb."""

BARK = (96, 84, 74)
HAZE = 0.16
"""Opacity of the twigs that are too thin to be drawn."""

FORK = 0.3
"""Where the limbs part, share of the height."""

TRUNK = 0.05
"""Half the width of a trunk at its foot, of the crown's radius; limbs and boughs are thinner."""

BOUGHS = 3 * LIMBS * PIECES
"""Each piece of a limb ends in two more."""


class _Forms(NamedTuple):
    """Trees of radius 1 and height 1 round the origin: boughs f64[FORMS, BOUGHS, 4, 2], how high
    their corners are f64[FORMS, BOUGHS, 4], and the outlines of their twigs, f64[N, 2] each.
    """

    boughs: np.ndarray
    rise: np.ndarray
    outlines: tuple[np.ndarray, ...]


def draw_bare_trees(shapes: PolygonList, trees: Sequence[Tree], camera: Camera) -> None:
    """Add trees without leaves to what is drawn: twigs, then trunks, then boughs."""
    if not trees:
        return
    place, number, turned, radius, top = laid(trees)
    tones = 0.8 + 0.05 * (np.array([tree.outline_seed for tree in trees]) % 9)
    bark = (fixed(np.array(BARK)) * tones[:, None]).astype(np.uint16)
    ring = TRUNK * radius[:, None, None] * rounded(8)
    foot = straight_px(camera, (place + ring).reshape(-1, 2))
    fork = straight_px(camera, (place + 0.8 * ring).reshape(-1, 2), np.repeat(FORK * top, 8))
    trunks = hulls(np.concatenate([px.reshape(-1, 8, 2) for px in (foot, fork)], axis=1))
    for k, tall in enumerate(top.tolist()):
        twigs = _forms().outlines[number[k] % FORMS] @ turned[k] + place[k]
        shapes.stain(twigs, bark[k], HAZE, 0.7 * tall)
    for k, tall in enumerate(top.tolist()):
        shapes.add(trunks[k], bark[k], Kind.LEAF, FORK * tall, in_px=True)
    boughs, z = _boughs(place, number, turned, top)
    px = straight_px(camera, boughs.reshape(-1, 2), z.ravel()).reshape(boughs.shape)
    shapes.add_all(px, bark.repeat(BOUGHS, axis=0), Kind.LEAF, z.mean(axis=1), in_px=True)


def bare_shadows(trees: Sequence[Tree], sun_m: np.ndarray) -> list[np.ndarray]:
    """What the trunks and boughs of trees without leaves shade of the ground, m: as
    ``trees.tree_shadows``.
    """
    if not trees:
        return []
    place, number, turned, radius, top = laid(trees)
    aside = np.array([-sun_m[1], sun_m[0]]) / max(math.hypot(*sun_m), 1e-9)
    foot, fork = place[:, 0], place[:, 0] + FORK * top[:, None] * sun_m
    stem = TRUNK * radius[:, None] * aside
    sides = foot - stem, foot + stem, fork + 0.8 * stem, fork - 0.8 * stem
    boughs, z = _boughs(place, number, turned, top)
    return [np.stack(sides, axis=1), boughs + z[..., None] * sun_m]


def _boughs(
    place: np.ndarray, number: np.ndarray, turned: np.ndarray, top: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Boughs of trees as ``trees.laid`` has them, f64[T * BOUGHS, 4, 2] m, and how high their
    corners are, f64[T * BOUGHS, 4] m.
    """
    forms, which = _forms(), number % FORMS
    boughs = forms.boughs[which] @ turned[:, None] + place[:, None]
    z = forms.rise[which] * top[:, None, None]
    return boughs.reshape(-1, 4, 2), z.reshape(-1, 4)


@functools.cache
def _forms() -> _Forms:
    """All forms."""
    boughs, rise, outlines = zip(*(_form(number) for number in range(FORMS)), strict=True)
    return _Forms(np.stack(boughs), np.stack(rise), outlines)


def _form(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = stream(number, 0, "tree/bare")
    boughs, rise, tips = [], [], []
    first = uniform(rng, 0.0, 2 * math.pi)
    for k in range(LIMBS):
        angle = first + (k + uniform(rng, -0.3, 0.3)) * 2 * math.pi / LIMBS
        at, z, reach = np.zeros(2), FORK, uniform(rng, 0.7, 1.0)
        for piece in range(PIECES):
            angle += uniform(rng, -0.3, 0.3)
            end = at + reach / PIECES * np.array([math.cos(angle), math.sin(angle)])
            top = z + (1.0 - FORK) / PIECES * uniform(rng, 0.6, 0.95)
            _bough(boughs, rise, at, end, (z, top), TRUNK * 0.6 * 0.6**piece)
            for side in (-1.0, 1.0):
                off = angle + side * uniform(rng, 0.5, 1.1)
                long = uniform(rng, 0.2, 0.42) * (1.0 - 0.2 * piece)
                tip = end + long * np.array([math.cos(off), math.sin(off)])
                _bough(boughs, rise, end, tip, (top, min(top + 0.7 * long, 1.0)), TRUNK * 0.25)
                tips.append(tip)
            at, z = end, top
    outline = hull(np.array(tips)).astype(float)
    away = np.maximum(np.hypot(*outline.T), 1.0)[:, None]
    return np.array(boughs), np.array(rise), outline / away


def _bough(
    boughs: list[np.ndarray], rise: list[list[float]], start: np.ndarray, end: np.ndarray,
    z: tuple[float, float], half: float,
) -> None:  # fmt: skip
    """Add a bough that is half as wide at its end."""
    along = end - start
    aside = np.array([-along[1], along[0]]) / math.hypot(*along) * half
    boughs.append(np.array([start + aside, end + aside / 2, end - aside / 2, start - aside]))
    rise.append([z[0], z[1], z[1], z[0]])
