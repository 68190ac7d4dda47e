"""Children: some of those who walk near a school zone are smaller."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

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
    ways = [shapely.LineString(path.line_m) for path in people.paths]
    passes = shapely.dwithin(shapely.MultiPoint(signs), ways, NEAR_M)
    draws = rng.random((len(passes), 2))
    size = np.where(passes & (draws[:, 0] < SHARE), SIZE[0] + np.ptp(SIZE) * draws[:, 1], 1.0)
    smaller = {
        n: np.round(people.columns[n] * size, 3) for n in ("length_m", "width_m", "height_m")
    }
    return dataclasses.replace(people, columns={**people.columns, **smaller})
