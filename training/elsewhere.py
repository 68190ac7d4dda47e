"""What else a detector never saw: weathers together, other cameras, layouts, more traffic or less.

Each is a test set of its own that differs in one thing from the clear scenes that the study tests
on. The same models are measured there; what they lose is judged together. Where scenes and camera
stay as they are the sets are twins and differences are paired, elsewhere they are unpaired.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from render.progress import say
from render.store import Truth, select_images
from training.arms import dataset, detections
from training.breakdown import METRICS, Cell, measure
from training.checkpoint import Model
from training.compare import compare, family
from training.config import StudyConfig
from training.design import test_truth
from training.detector import Detections
from training.evaluate import in_classes_of
from training.held_out_findings import Elsewhere, headline_row, pair
from training.plan import StudyPlan, declared_pairs
from training.study import MakeDataset
from training.taxonomy import primary


@dataclasses.dataclass(frozen=True)
class Variation:
    """One test set.

    Attributes:
        name: in words, what differs first. settings: of ``generate``, those that differ.
        condition: in which the same scenes are seen, None the reference's own.
        twins: whether it shows the same scenes to the same camera.
    """

    name: str
    settings: Mapping[str, Any]
    condition: Any = None
    twins: bool = False


VARIATIONS = (
    Variation("weather night_rain", {}, "night_rain", twins=True),
    Variation("weather fog by night", {}, {"night": {"visibility_m": 400}}, twins=True),
    Variation("sensor phone", {"sensor": "phone"}, twins=True),
    Variation("sensor drone", {"sensor": "drone"}, twins=True),
    Variation("camera tilted", {"camera.kind": "pinhole", "camera.tilt_rad": 0.35}),
    Variation("camera finer", {"camera.m_per_px": 0.075}),
    Variation("camera coarser", {"camera.m_per_px": 0.14}),
    Variation("layout t_junction", {"layouts": ["t_junction"]}),
    Variation("layout roundabout", {"layouts": ["roundabout"]}),
    Variation("layout parking_lot", {"layouts": ["parking_lot"]}),
    Variation("layout town", {"layouts": ["town"]}),
    Variation("traffic dense", {"traffic.vehicles_low": 40, "traffic.vehicles_high": 60}),
    Variation("traffic sparse", {"traffic.vehicles_low": 2, "traffic.vehicles_high": 6}),
)
"""Declared before the first look."""

Looks = Mapping[str, tuple[Truth, list[Detections]]]
"""By name of a variation: its truth and what each model finds in it."""


def declared_comparable(reference: str) -> tuple[tuple[str, str], ...]:
    """Pairs of test sets of different scenes that a plan is to declare comparable."""
    return tuple((reference, v.name) for v in VARIATIONS if not v.twins)


def settings_of(variation: Variation, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``generate`` of a variation; its own condition comes last.

    Drivers drive in the first condition, so the reference stays the first: else it were no twin.
    """
    more = [] if variation.condition is None else [variation.condition]
    return {**spec, **variation.settings, "conditions": [*spec["conditions"], *more]}


def look_elsewhere(
    config: StudyConfig,
    make_dataset: MakeDataset,
    models: list[Model],
    declaration: StudyPlan,
    spec: Mapping[str, Any],
) -> Looks:
    """Make every variation of the test scenes and let the models look at it.

    Args:
        spec: settings of ``generate`` of the scenes in the reference condition alone.
    """
    looks = {}
    for v in VARIATIONS:
        say(f"elsewhere: {v.name}")
        folder = dataset(config, make_dataset, settings_of(v, spec))
        truth = in_classes_of(models[0], test_truth(config, folder), "driving")
        last = truth.condition[-1]
        truth = select_images(truth, np.array([c == last for c in truth.condition]))
        _, found = detections(
            config, models, truth, declaration, f"test {v.name}".replace(" ", "-")
        )
        looks[v.name] = truth, found
    return looks


def judged(
    config: StudyConfig, declaration: StudyPlan, looks: Looks, reference: Cell, smallest: float
) -> tuple[Elsewhere, ...]:
    """The changes against the reference, one family; each over the classes that count in both."""
    at, first = headline_row(reference), declaration.conditions[0]
    cells, changes = [], []
    for name, (truth, found) in looks.items():
        cell = measure(truth, found, primary(truth), name, config.replicates, config.seed)
        truths = {first: reference.fingerprint.truth, name: cell.fingerprint.truth}
        control, other = pair(reference, cell, at, METRICS.index("AP50"))
        named = dataclasses.replace(control, name=first), dataclasses.replace(other, name=name)
        declared = declared_pairs(declaration, truths)
        changes.append(compare(*named, smallest, "conditions", declared))
        cells.append(cell)
    both = zip(looks, cells, family(changes), strict=True)
    return tuple(Elsewhere(name, cell, change) for name, cell, change in both)


def costliest(found: Sequence[Elsewhere]) -> Elsewhere | None:
    """Where most is lost, if a loss is shown anywhere."""
    worse = [e for e in found if e.change.verdict == "worsens"]
    return min(worse, key=lambda e: e.change.change.value) if worse else None
