"""Which pictures a training draws: subsets by scene, and datasets mixed by ratio.

Both leave the data where it is. A subset of n scenes holds every smaller one, and a mixture draws
each of its datasets in the order that this dataset has alone: arms that differ in one dataset see
the others alike.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from render.store import Lineage, Truth, select_images
from simulator.errors import ConfigError, DataError
from simulator.seeding import stream
from training.config import TrainConfig

BLOCK = 1000
"""Pictures over which a mixture has its exact ratio."""


def check_mix(config: TrainConfig, datasets: int) -> None:
    """Refuse a mixture that does not fit the datasets.

    Raises:
        ConfigError: another number of entries, or shares that do not sum to 1.
    """
    for name, values in (("mix", config.mix), ("first_scenes", config.first_scenes)):
        if values and len(values) != datasets:
            raise ConfigError(
                f"{name} has {len(values)} entries for {datasets} datasets",
                mend="Give one a dataset, in their order",
            )
    if config.mix and abs(sum(config.mix) - 1.0) > 1e-6:
        raise ConfigError(f"mix must sum to 1, got {sum(config.mix):g}")


def first_scenes(truth: Truth, count: int) -> Truth:
    """The images of the first ``count`` scenes of a truth, in its own order; 0 leaves it whole.

    Raises:
        DataError: it has fewer scenes.
    """
    if count == 0:
        return truth
    order = {key: i for i, key in enumerate(dict.fromkeys(truth.scene))}
    if len(order) < count:
        raise DataError(
            f"has {len(order)} scenes, {count} are wanted", place=truth.name,
            mend="Give a smaller first_scenes, or generate more",
        )  # fmt: skip
    kept = select_images(truth, np.array([order[s] < count for s in truth.scene]))
    return dataclasses.replace(kept, lineage=_lineage(kept))


def _lineage(truth: Truth) -> tuple[Lineage, ...]:
    """Where the scenes of a native truth come from, as few ranges as they allow."""
    if not truth.lineage:
        return ()
    spans: dict[tuple[int, str], list[int]] = {}
    for key in dict.fromkeys(truth.scene):
        seed, split, index = key.split("/")
        spans.setdefault((int(seed), split), []).append(int(index))
    return tuple(Lineage(*name, min(ids), max(ids)) for name, ids in spans.items())


def image_of(sizes: tuple[int, ...], mix: tuple[float, ...], seed: int, position: int) -> int:
    """The picture at a position of a training's endless sequence.

    Args:
        sizes: pictures of each dataset; their pictures are numbered one after the other.
        mix: share of each dataset; empty: all pictures in shuffled epochs. seed: of the training.
    """
    if not mix:
        return _in_epochs(sum(sizes), seed, position, "train/order")
    block, place = divmod(position, BLOCK)
    quota, which = _block(mix, seed, block)
    dataset = int(which[place])
    turn = block * int(quota[dataset]) + int((which[:place] == dataset).sum())
    start = sum(sizes[:dataset])
    return start + _in_epochs(sizes[dataset], seed, turn, f"train/order/{dataset}")


def _in_epochs(count: int, seed: int, position: int, purpose: str) -> int:
    epoch, place = divmod(position, count)
    return int(stream(seed, epoch, purpose).permutation(count)[place])


@functools.lru_cache(maxsize=8)
def _block(mix: tuple[float, ...], seed: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """How many pictures of a block each dataset gives, i64[D], and in which order, i64[BLOCK]."""
    exact = np.array(mix) * BLOCK
    quota = np.floor(exact).astype(np.int64)
    short = np.argsort(-(exact - quota), kind="stable")[: BLOCK - int(quota.sum())]
    quota[short] += 1
    every = np.repeat(np.arange(len(mix)), quota)
    return quota, stream(seed, block, "train/mix").permutation(every)
