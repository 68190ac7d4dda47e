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

from render.hull import hull
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
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

_TURN = np.linspace(0, 2 * np.pi, 8, endpoint=False)
_RING = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


class _Form(NamedTuple):
    """A tree of radius 1 and height 1 round the origin: boughs as quadrilaterals f64[B, 4, 2], how
    high their corners are f64[B, 4], and the outline of the twigs f64[N, 2].
    """

    boughs: np.ndarray
    rise: np.ndarray
    outline: np.ndarray


def draw_bare_trees(shapes: PolygonList, trees: Sequence[Tree], camera: Camera) -> None:
    """Add trees without leaves to what is drawn, each under those that follow it."""
    for tree in trees:
        form, place, boughs, z = _standing(tree)
        tone = fixed(np.array(BARK)) * (0.8 + 0.05 * (tree.outline_seed % 9))
        bark = tone.astype(np.uint16)
        shapes.stain(place + form.outline @ _turned(tree), bark, HAZE, 0.7 * tree.height_m)
        wide = TRUNK * tree.radius_m
        foot = straight_px(camera, place + wide * _RING)
        fork = straight_px(camera, place + 0.8 * wide * _RING, FORK * tree.height_m)
        shapes.add(hull(foot, fork), bark, Kind.LEAF, FORK * tree.height_m, in_px=True)
        px = straight_px(camera, boughs.reshape(-1, 2), z.ravel()).reshape(boughs.shape)
        shapes.add_all(px, bark, Kind.LEAF, z.mean(axis=1), in_px=True)


def bare_shadows(trees: Sequence[Tree], sun_m: np.ndarray) -> list[np.ndarray]:
    """What the trunks and boughs of trees without leaves shade of the ground, m: as
    ``trees.tree_shadows``.
    """
    found = []
    aside = np.array([-sun_m[1], sun_m[0]]) / max(math.hypot(*sun_m), 1e-9)
    for tree in trees:
        _, place, boughs, z = _standing(tree)
        stem, fork = TRUNK * tree.radius_m * aside, place + FORK * tree.height_m * sun_m
        trunk = np.array([place - stem, place + stem, fork + 0.8 * stem, fork - 0.8 * stem])
        found += [trunk[None], boughs + z[..., None] * sun_m]
    return found


def _standing(tree: Tree) -> tuple[_Form, np.ndarray, np.ndarray, np.ndarray]:
    """The form of a tree, its place f64[2], and where its boughs are f64[B, 4, 2] and how high
    their corners f64[B, 4], m.
    """
    form = _form(tree.outline_seed % FORMS)
    place = np.array([tree.x_m, tree.y_m])
    return form, place, form.boughs @ _turned(tree) + place, form.rise * tree.height_m


def _turned(tree: Tree) -> np.ndarray:
    """What turns and stretches a form to a tree, f64[2, 2]."""
    angle = tree.outline_seed // FORMS % 360 * (math.pi / 180)
    c, s = tree.radius_m * math.cos(angle), tree.radius_m * math.sin(angle)
    return np.array([[c, s], [-s, c]])


@functools.lru_cache(maxsize=FORMS)
def _form(number: int) -> _Form:
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
    return _Form(np.array(boughs), np.array(rise), outline / away)


def _bough(
    boughs: list[np.ndarray], rise: list[list[float]], start: np.ndarray, end: np.ndarray,
    z: tuple[float, float], half: float,
) -> None:  # fmt: skip
    """Add a bough that is half as wide at its end."""
    along = end - start
    aside = np.array([-along[1], along[0]]) / math.hypot(*along) * half
    boughs.append(np.array([start + aside, end + aside / 2, end - aside / 2, start - aside]))
    rise.append([z[0], z[1], z[1], z[0]])
