"""Two quantities of the weather at once: what is still found, and where half of it is lost.

Ladders change one quantity; a surface crosses two. Its contour says how much of the first is too
much at each level of the second, and a comparison with the product of both alone says whether they
do more harm together than each by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render.store import Truth
from training.bootstrap import Interval, interval, scene_weights
from training.breakdown import by_condition
from training.detector import Detections
from training.metrics import MIN_OBJECTS
from training.severity import GROUPS, Ladder, level_counts, shares


@dataclasses.dataclass(frozen=True)
class Grid:
    """Which conditions a surface crosses.

    Attributes:
        across: the quantity along the columns; its labels are those of the mildest row. down: the
            one along the rows, likewise. labels: condition of each cell, [row][column], the mild
            corner first.
    """

    across: Ladder
    down: Ladder
    labels: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Surface:
    """What is found of one group of objects over a grid.

    Attributes:
        group: see ``severity.GROUPS``. recall: one interval a cell, [row][column].
        contour: of each row, where on the axis of ``across`` half of the mild corner's recall is
            lost; inf where it is not within the grid, the axis' beginning where it is lost there.
        beyond: of each cell, its recall minus the product of what each quantity leaves alone;
            below 0 they do more harm together.
        objects: how many there are, the same in every cell.
    """

    group: str
    recall: tuple[tuple[Interval, ...], ...]
    contour: tuple[Interval, ...]
    beyond: tuple[tuple[Interval, ...], ...]
    objects: int


def survey(
    truth: Truth, runs: Sequence[Detections], grid: Grid, replicates: int, seed: int
) -> tuple[Surface, ...]:
    """Measure every group with enough objects over a grid.

    Args:
        truth: twins: the same scenes in every cell. runs: of each training's model.
        replicates, seed: of the bootstrap over scenes.
    """
    conditions, keys = by_condition(truth), sorted(set(truth.scene))
    rows = [
        [level_counts(truth, runs, conditions[label], keys) for label in row] for row in grid.labels
    ]
    found = np.stack([np.stack([f for f, _ in row]) for row in rows])  # rows, columns, C, S
    total = rows[0][0][1]
    weights = scene_weights(len(keys), replicates, seed)
    x = np.array([grid.across.place(v) for v in grid.across.levels])
    made = []
    for name, classes in GROUPS.items():
        chosen = [truth.classes.index(c) for c in classes if c in truth.classes]
        f, n = found[:, :, chosen].sum(axis=2), total[chosen].sum(axis=0)
        if n.sum() >= MIN_OBJECTS:
            made.append(_surface(name, x, f, n, weights))
    return tuple(made)


def _surface(
    name: str, x: np.ndarray, found: np.ndarray, total: np.ndarray, weights: np.ndarray
) -> Surface:
    """A surface from counts f64[rows, columns, S] and objects f64[S]."""
    share = shares(found.sum(axis=2), np.broadcast_to(total.sum(), found.shape[:2]))
    samples = shares(
        np.einsum("rs,abs->rab", weights, found), (weights @ total)[:, None, None]
    )  # fmt: skip
    return Surface(
        name, _intervals(share, samples), contour(x, share, samples),
        _intervals(_beyond(share[None])[0], _beyond(samples)), int(total.sum()),
    )  # fmt: skip


def _beyond(share: np.ndarray) -> np.ndarray:
    """Shares f64[R, rows, columns] minus the product of the edges over the mild corner."""
    alone = share[:, :, :1] * share[:, :1, :]
    return share - shares(alone, np.broadcast_to(share[:, :1, :1], alone.shape))


def _intervals(value: np.ndarray, samples: np.ndarray) -> tuple[tuple[Interval, ...], ...]:
    return tuple(
        tuple(interval(float(v), samples[:, i, k]) for k, v in enumerate(row))
        for i, row in enumerate(value)
    )


def contour(x: np.ndarray, share: np.ndarray, samples: np.ndarray) -> tuple[Interval, ...]:
    """Where on the axis each row falls to half of the mild corner, with intervals.

    Args:
        x: f64[columns], ascending. share: f64[rows, columns]. samples: f64[R, rows, columns].
    """
    out = []
    for row in range(len(share)):
        value = crossing(x, share[None, row], share[None, 0, 0] / 2)[0]
        good = np.sort(crossing(x, samples[:, row], samples[:, 0, 0] / 2))
        good = good[~np.isnan(good)]
        if np.isnan(value) or not len(good):
            out.append(Interval(float(value), float("nan"), float("nan")))
            continue
        # order statistics: a percentile between inf and a number would be no number
        last = len(good) - 1
        low, high = good[[int(0.025 * last), int(np.ceil(0.975 * last))]]
        out.append(Interval(float(value), float(low), float(high)))
    return tuple(out)


def crossing(x: np.ndarray, share: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Where shares f64[R, L] first fall to targets f64[R], read off between levels: f64[R].

    A share that rises again does not undo the fall before it. The first place where already that
    is below; inf where none is; NaN where there is nothing to fall to.
    """
    fallen = np.minimum.accumulate(share, axis=1)
    below = fallen <= target[:, None]
    first = np.where(below.any(axis=1), below.argmax(axis=1), len(x))
    out = np.full(len(share), np.inf)
    out[first == 0] = x[0]
    inner = np.flatnonzero((first > 0) & (first < len(x)))
    k = first[inner]
    above, under = fallen[inner, k - 1], fallen[inner, k]
    part = (above - target[inner]) / np.maximum(above - under, 1e-12)
    out[inner] = x[k - 1] + part * (x[k] - x[k - 1])
    return np.where(target > 0, out, np.nan)
