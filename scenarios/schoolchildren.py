"""Children: some of those who walk near a school zone are smaller."""

from __future__ import annotations

import dataclasses

import numpy as np

from scenarios.layout import Roads
from scenarios.people import People
from simulator.sign import Meaning
from simulator.signs import SIGNS

NEAR_M = 60.0
"""From a zone's sign to the way of a child."""

SHARE = 0.6
"""Of those whose way leads past, as many are children."""

SIZE = (0.68, 0.86)
"""Of a child's body beside that of a grown-up: of about six to twelve years."""


def with_children(rng: np.random.Generator, people: People, roads: Roads) -> People:
    """The people, with children among those whose way leads past a school zone's sign.

    Args:
        rng: the stream of the children. people: as drawn. roads: with its signs.
    """
    signs = np.array(
        [(p.x_m, p.y_m) for p in roads.placed if SIGNS[p.sign].meaning == Meaning.SCHOOL]
    )
    if not len(signs) or not people.paths:
        return people
    passes = np.array([_passes(path.line_m, signs) for path in people.paths])
    draws = rng.random((len(passes), 2))
    size = np.where(passes & (draws[:, 0] < SHARE), SIZE[0] + np.ptp(SIZE) * draws[:, 1], 1.0)
    smaller = {
        n: np.round(people.columns[n] * size, 3) for n in ("length_m", "width_m", "height_m")
    }
    return dataclasses.replace(people, columns={**people.columns, **smaller})


def _passes(line_m: np.ndarray, signs_m: np.ndarray) -> bool:
    """Whether a line f64[N, 2] comes near one of some signs f64[S, 2]."""
    step = np.diff(line_m, axis=0)
    off = signs_m[:, None] - line_m[:-1]
    square = np.fmax((step**2).sum(axis=1), 1e-9)
    t = np.clip((off * step).sum(axis=2) / square, 0.0, 1.0)
    return bool((np.hypot(*np.moveaxis(off - t[..., None] * step, 2, 0)) < NEAR_M).any())
