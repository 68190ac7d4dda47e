"""How a detector goes wrong under one condition: kinds of errors with their cost, and calibration.

Counted under the primary label policy. Of several trainings it is the mean; a cost's interval is
then that of the first training, which stands for the choice of scenes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render.store import Truth
from training.bootstrap import Interval, scene_weights, scenes_of
from training.calibration import Calibration, calibration
from training.detector import Detections
from training.error_cost import Cost, error_costs
from training.taxonomy import ignored


@dataclasses.dataclass(frozen=True)
class Behaviour:
    """Kinds of errors with what each costs in AP50, and whether scores mean what they say."""

    costs: tuple[Cost, ...]
    scores: Calibration


def behaviour(truth: Truth, found: Detections, replicates: int, seed: int) -> Behaviour:
    """Measure one set of detections on a truth.

    Args:
        replicates, seed: of the intervals, which come from drawing scenes.
    """
    scenes, number = scenes_of(truth)
    weights, skip = scene_weights(number, replicates, seed), ignored(truth)
    costs = error_costs(truth, skip, found, scenes, weights)
    return Behaviour(tuple(costs), calibration(truth, skip, found, scenes, weights))


def mean_behaviour(
    truth: Truth, runs: Sequence[Detections], replicates: int, seed: int
) -> Behaviour:
    """The mean over trainings, with the first one's intervals moved to it."""
    each = [behaviour(truth, found, replicates, seed) for found in runs]
    if len(each) == 1:
        return each[0]
    costs = [
        dataclasses.replace(
            row[0], count=round(np.mean([c.count for c in row])), cost=_mean([c.cost for c in row])
        )
        for row in zip(*(b.costs for b in each), strict=True)
    ]
    scores = dataclasses.replace(
        each[0].scores,
        d_ece=_mean([b.scores.d_ece for b in each]), la_ece=_mean([b.scores.la_ece for b in each]),
    )  # fmt: skip
    return Behaviour(tuple(costs), scores)


def _mean(bounds: Sequence[Interval]) -> Interval:
    mean = float(np.mean([b.value for b in bounds]))
    first = bounds[0]
    return Interval(mean, first.low + mean - first.value, first.high + mean - first.value)
