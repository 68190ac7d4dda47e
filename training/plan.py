"""What a study will ask, written down and hashed before anybody looks at the test data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from simulator.settings import plain


@dataclasses.dataclass(frozen=True)
class StudyPlan:
    """The declaration of a study. What is not in it was not planned.

    Attributes:
        study: its name. question: in one sentence. endpoint: the primary figure, one.
        smallest_effect: of the endpoint, the smallest that matters; > 0.
        arms: what is compared, the control first. conditions: measured in, the reference first.
        severities: the steps of each ladder in its own unit. seeds: of the trainings.
        sizes: scenes, frames, steps and whatever else is spent. comparable: pairs of test sets of
            different scenes that may be subtracted, unpaired.
    """

    study: str
    question: str
    endpoint: str
    smallest_effect: float
    arms: tuple[str, ...]
    conditions: tuple[str, ...]
    seeds: tuple[int, ...]
    severities: Mapping[str, tuple[float, ...]] = dataclasses.field(default_factory=dict)
    sizes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    comparable: tuple[tuple[str, str], ...] = ()


def plan_hash(plan: StudyPlan) -> str:
    """SHA-256 of the plan as canonical JSON: sorted keys, no spaces, no number that is none."""
    text = json.dumps(plain(plan), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def declared_pairs(plan: StudyPlan, truths: Mapping[str, str]) -> set[frozenset[str]]:
    """The comparable test sets as pairs of truth hashes, for ``compare.compare``.

    Args:
        truths: hash of the truth of some test sets by their names in the plan.
    """
    known = [(a, b) for a, b in plan.comparable if a in truths and b in truths]
    return {frozenset((truths[a], truths[b])) for a, b in known}
