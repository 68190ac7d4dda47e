"""Trees from above: a ragged dark crown under clumps of leaves that stand higher in the middle.

Crowns are made once: a tree takes one of them by its seed, turns it and stretches it to its size.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from render.hull import hull, hulls
from render.kernel import kernel
from render.leaning import ROUND, draw_crown
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from simulator.camera import Camera, is_tilted, straight_px
from simulator.seeding import stream
from simulator.surroundings import Tree

CROWNS = 64
"""How many different crowns there are, before they are turned."""

CROWN_POINTS, CLUMP_POINTS, MOST_CLUMPS = 32, 8, 64
CLUMPS_A_METRE = 11
"""A crown of radius r m shows about 4 + 11 r clumps of leaves."""


BRANCHES = ((0.42, 0.78), (0.58, 1.0), (0.74, 0.86), (0.88, 0.6))
"""Of a crown's shadow the ragged layers, as ROUND; between them lies a dense inside."""

INNER = 0.86
"""How wide that inside is, of the crown."""

_DENSE, _LEAFY = np.array(ROUND) * [1.0, INNER], np.array(BRANCHES)


class _Crown(NamedTuple):
    """Of radius 1 round the origin: outline f64[32, 2]; of its clumps the middle f64[64, 2], the
    leaves round it f64[64, 8, 2], how far out they sit f64[64], and their tone f64[64] over that of
    the leaves. Of all crowns together each has one axis more in front.
    """

    outline: np.ndarray
    middle: np.ndarray
    leaves: np.ndarray
    reach: np.ndarray
    tone: np.ndarray


def crown_outline(tree: Tree) -> np.ndarray:
    """The ragged outline of a tree's crown, f64[32, 2] m."""
    crown = _crown(tree.outline_seed % CROWNS)
    turned = _turned(np.array([tree.radius_m]), np.array([tree.outline_seed]))[0]
    return crown.outline @ turned + [tree.x_m, tree.y_m]


def tree_shadows(trees: Sequence[Tree], sun_m: np.ndarray) -> list[np.ndarray]:
    """What the crowns and stems of trees shade of the ground, m; those of one tree overlap. Each
    entry is f64[P, N, 2], outlines of as many corners. ``sun_m`` as for obstacles.
    """
    if not trees:
        return []
    place, number, turned, radius, top = laid(trees)
    ragged, fall = _crowns().outline[number] @ turned, top[:, None] * sun_m
    dense = np.empty((len(trees), len(_DENSE), CROWN_POINTS, 2))
    leafy = np.empty((len(trees), len(_LEAFY), CROWN_POINTS, 2))
    _throw(ragged, place[:, 0], fall, _DENSE, False, dense)
    _throw(ragged, place[:, 0], fall, _LEAFY, True, leafy)
    aside = np.array([-sun_m[1], sun_m[0]]) / max(math.hypot(*sun_m), 1e-9)
    stem, end = (0.03 * radius + 0.05)[:, None] * aside, place[:, 0] + ROUND[1][0] * fall
    foot = place[:, 0]
    stems = np.stack([foot - stem, foot + stem, end + stem, end - stem], axis=1)
    inside = [ring[None] for ring in hulls(dense.reshape(len(trees), -1, 2))]
    return [*inside, leafy.reshape(-1, CROWN_POINTS, 2), stems]


@kernel
def _throw(ragged, place, fall, layers, turning, out):
    """Write the shadows of layers of crowns, f64[T, L, N, 2], of which each has a share of the
    tree's height and a width; if ``turning``, each a quarter turn on, so that no layer throws
    another's edge.
    """
    trees, count, corners, _ = out.shape
    for t in range(trees):
        for k in range(count):
            share, wide = layers[k, 0], layers[k, 1]
            for n in range(corners):
                x, y = ragged[t, n, 0], ragged[t, n, 1]
                for _ in range(k if turning else 0):
                    x, y = -y, x
                out[t, k, n, 0] = place[t, 0] + wide * x + share * fall[t, 0]
                out[t, k, n, 1] = place[t, 1] + wide * y + share * fall[t, 1]


def draw_trees(shapes: PolygonList, trees: Sequence[Tree], camera: Camera) -> None:
    """Add trees to what is drawn, each under those that follow it."""
    if not trees:
        return
    forms = _crowns()
    place, number, turned, radius, top = laid(trees)
    middle, leaf = 0.6 * top, fixed(np.array([tree.leaf for tree in trees])).astype(float)
    outlines = forms.outline[number] @ turned + place
    count = np.minimum((4 + CLUMPS_A_METRE * radius).astype(int), MOST_CLUMPS)
    # fewer clumps are larger ones: a bush is as full as a tree
    size = np.sqrt(MOST_CLUMPS / count) * 0.5 + 0.5
    ends = count.cumsum()
    own = np.arange(len(trees)).repeat(count)
    one = number[own], np.arange(len(own)) - (ends - count)[own]
    clumps = np.empty((len(own), CLUMP_POINTS, 2))
    _spread(forms.middle[one], forms.leaves[one], size, turned, place[:, 0], own, clumps)
    tones = np.minimum(leaf[own] * forms.tone[one][:, None], 4095).astype(np.uint16)
    z = middle[own] + (top - middle)[own] * (1 - forms.reach[one])
    dark = (leaf * 0.5).astype(np.uint16)
    for i, end in enumerate(ends.tolist()):
        if is_tilted(camera):
            draw_crown(shapes, place[i, 0], outlines[i], top[i], dark[i], camera)
        elif camera.kind == "pinhole":
            inner = straight_px(camera, (outlines[i] + place[i]) / 2, top[i])
            leans = hull(straight_px(camera, outlines[i], middle[i]), inner)
            shapes.add(leans, dark[i], Kind.LEAF, middle[i], in_px=True)
        else:
            shapes.add(outlines[i], dark[i], Kind.LEAF, middle[i])
        its = slice(end - count[i], end)
        shapes.add_all(clumps[its], tones[its], Kind.LEAF, z[its])


def laid(
    trees: Sequence[Tree],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of trees the places f64[T, 1, 2] m, numbers of their crowns i64[T], what turns and stretches
    these f64[T, 2, 2], radii and heights f64[T] m.
    """
    rows = np.array([(tree.x_m, tree.y_m, tree.radius_m, tree.height_m) for tree in trees])
    seeds, radius, top = np.array([tree.outline_seed for tree in trees]), rows[:, 2], rows[:, 3]
    return rows[:, None, :2], seeds % CROWNS, _turned(radius, seeds), radius, top


@kernel
def _spread(middle, leaves, size, turned, place, own, out):
    """Write the clumps of trees: those of a crown of radius 1, enlarged, turned, in their place."""
    for n in range(len(out)):
        tree = own[n]
        for k in range(out.shape[1]):
            x = middle[n, 0] + leaves[n, k, 0] * size[tree]
            y = middle[n, 1] + leaves[n, k, 1] * size[tree]
            for axis in range(2):
                turn = x * turned[tree, 0, axis] + y * turned[tree, 1, axis]
                out[n, k, axis] = turn + place[tree, axis]


def _turned(radius_m: np.ndarray, outline_seed: np.ndarray) -> np.ndarray:
    """From crowns of radius 1 to those of trees with radii f64[T] m and seeds i64[T],
    f64[T, 2, 2].
    """
    angle = outline_seed // CROWNS % 360 * (np.pi / 180)
    c, s = radius_m * np.cos(angle), radius_m * np.sin(angle)
    return np.stack([c, s, -s, c], axis=1).reshape(-1, 2, 2)


@functools.lru_cache(maxsize=CROWNS)
def _crown(number: int) -> _Crown:
    rng = stream(number, 0, "tree")
    lobes = rng.uniform(0.0, 0.12, (4, 1)) * np.cos(
        np.arange(2, 6)[:, None] * _angles(CROWN_POINTS) + rng.uniform(0, 2 * np.pi, (4, 1))
    )
    edge = 0.86 + lobes.sum(axis=0) * 0.7 + rng.uniform(-0.08, 0.06, CROWN_POINTS)
    outline = rounded(CROWN_POINTS) * np.clip(edge, 0.6, 1.0)[:, None]
    reach, angle = np.sqrt(rng.random(MOST_CLUMPS)) * 0.84, rng.uniform(0, 2 * np.pi, MOST_CLUMPS)
    inward = np.clip(edge, 0.6, 1.0)[(angle / (2 * np.pi) * CROWN_POINTS).astype(int)]
    middle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (reach * inward)[:, None]
    ragged = rng.uniform(0.6, 1.25, (MOST_CLUMPS, CLUMP_POINTS, 1))
    radius = rng.uniform(0.07, 0.19, MOST_CLUMPS)[:, None, None]
    clumps = middle[:, None] + rounded(CLUMP_POINTS) * ragged * radius
    tone = rng.uniform(0.55, 1.3, MOST_CLUMPS) * (1.25 - 0.35 * reach)
    middle = clumps.mean(axis=1)
    return _Crown(outline, middle, clumps - middle[:, None], reach, tone)


@functools.cache
def _crowns() -> _Crown:
    """All crowns."""
    every = [_crown(number) for number in range(CROWNS)]
    return _Crown(*(np.stack(column) for column in zip(*every, strict=True)))


def _angles(corners: int) -> np.ndarray:
    return np.linspace(0, 2 * np.pi, corners, endpoint=False)


def rounded(corners: int) -> np.ndarray:
    """A regular polygon of radius 1, f64[corners, 2]."""
    angles = _angles(corners)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
