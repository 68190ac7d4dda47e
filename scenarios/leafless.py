"""Trees without leaves: most of them in a winter's scene, a dead one now and then in any other.

A scene's trees are the same under all its weathers: twins differ in nothing but the weather.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from simulator.surroundings import Tree

WINTER_SHARE = 0.2
"""Share of scenes in winter."""

BARE_IN_WINTER, BARE_ELSE = 0.85, 0.02
"""Shares of trees without leaves; who has some in winter is an evergreen."""

HEDGE_M = 1.0
"""Crowns of a smaller radius are bushes, and keep their leaves."""


def leafless(rng: np.random.Generator, trees: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """The trees, some of them bare. Args: rng: a stream for nothing else."""
    share = BARE_IN_WINTER if rng.random() < WINTER_SHARE else BARE_ELSE
    luck = rng.random(len(trees)).tolist()
    return tuple(
        dataclasses.replace(tree, bare=True) if draw < share and tree.radius_m >= HEDGE_M else tree
        for tree, draw in zip(trees, luck, strict=True)
    )
