"""Taking away some of what was drawn beside the roads, and nothing else."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from scenarios.config import SurroundingsConfig
from simulator.surroundings import Surroundings

T = TypeVar("T")


def thinned(
    streams: Callable[[str], np.random.Generator],
    around: Surroundings,
    own: tuple[int, int],
    config: SurroundingsConfig,
) -> Surroundings:
    """The surroundings with only a share of the things of each kind.

    Args:
        streams: purpose -> stream. around: all that was drawn.
        own: how many trees are there for their own sake, first of all, and how many blocks belong
            to the road, first of all: later trees hide signs and stay, as those blocks do.
        config: the shares. What stays with a small share stays with every larger one.
    """

    def staying(kind: str, things: tuple[T, ...], share: float) -> tuple[T, ...]:
        if share == 1.0:
            return things
        luck = streams(f"surroundings/{kind}/staying").random(len(things))
        return tuple(itertools.compress(things, luck < share))

    trees, blocks = own
    return dataclasses.replace(
        around,
        buildings=staying("buildings", around.buildings, config.building_share),
        trees=staying("trees", around.trees[:trees], config.tree_share) + around.trees[trees:],
        poles=staying("poles", around.poles, config.pole_share),
        blocks=around.blocks[:blocks]
        + staying("clutter", around.blocks[blocks:], config.clutter_share),
    )
