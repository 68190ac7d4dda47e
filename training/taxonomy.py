"""Which classes count, and which objects: taxonomies and label policies."""

from __future__ import annotations

import dataclasses

import numpy as np

from render.store import Truth, select_boxes
from render.taxonomy import VEHICLES
from render.truth import Counting
from simulator.errors import DataError


@dataclasses.dataclass(frozen=True)
class LabelPolicy:
    """Which objects count; the others are regions where a detection is neither right nor wrong.

    Attributes:
        suffix: of the metric's name. min_visible_px: least visible area, px. max_occlusion:
        largest hidden share. min_contrast: least share of the contrast that weather left.
    """

    suffix: str
    min_visible_px: float
    max_occlusion: float
    min_contrast: float


def policies(counting: Counting) -> tuple[LabelPolicy, LabelPolicy]:
    """The primary policy counts objects whatever the weather; the second only what it leaves
    visible (5 %, the default, is the contrast at the meteorological range).
    """
    # as fractions, so that a whole number gives the same fingerprint
    size, hidden = float(counting.min_visible_px), float(counting.max_occlusion)
    return (
        LabelPolicy("", size, hidden, 0.0),
        LabelPolicy("_visible", size, hidden, float(counting.min_contrast)),
    )


def primary(truth: Truth) -> LabelPolicy:
    """The primary policy under which a truth is counted."""
    return policies(truth.counting)[0]


POLICIES = policies(Counting())
"""Those of a truth of which nobody says otherwise."""


def ignored(truth: Truth, policy: LabelPolicy | None = None) -> np.ndarray:
    """Boxes that do not count under a policy, the truth's primary one if none: bool[K]."""
    policy = primary(truth) if policy is None else policy
    counts = (
        ~truth.crowd
        & (truth.visible_area_px >= policy.min_visible_px)
        & (truth.occlusion <= policy.max_occlusion + 1e-6)
        & (truth.contrast_left >= policy.min_contrast)
    )
    return ~counts


def as_vehicle(truth: Truth, foreign: bool) -> Truth:
    """One class 'vehicle': ours keep car, truck and bus; a foreign file keeps every category.

    Raises:
        DataError: a dataset of ours without any vehicle class.
    """
    wanted = [i for i, name in enumerate(truth.classes) if foreign or name in VEHICLES]
    if not wanted:
        raise DataError(
            f"has no vehicle class, only {', '.join(truth.classes)}", place=truth.name,
            mend="Use taxonomy=driving",
        )  # fmt: skip
    kept = select_boxes(truth, np.isin(truth.category, wanted))
    return dataclasses.replace(
        kept, classes=("vehicle",), category_id=(truth.category_id[wanted[0]],),
        category=np.zeros(len(kept.category), dtype=np.int16),
    )  # fmt: skip


def classes_of(truth: Truth, taxonomy: str, foreign: bool = False) -> Truth:
    """The truth under a taxonomy: 'driving' leaves it, 'vehicle' merges."""
    return as_vehicle(truth, foreign) if taxonomy == "vehicle" else truth
