"""What the study ``held_out`` found."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from render.store import Truth
from training.arm_figures import interval_of_figure
from training.behaviour import Behaviour
from training.bootstrap import Interval
from training.breakdown import ALL, COUNTED, Cell
from training.checkpoint import ModelCard
from training.compare import Comparison, Figure, figure
from training.detector import Detections
from training.metrics import MIN_OBJECTS
from training.shift import Shift
from training.slices import Objects, Slice, Worst


@dataclasses.dataclass(frozen=True, eq=False)
class Elsewhere:
    """What a test set of ``elsewhere.py`` costs: its name, its figures, the change of AP50."""

    name: str
    cell: Cell
    change: Comparison


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """Everything that the report says.

    Attributes:
        conditions: the reference first. cells: figures by (condition, policy suffix).
        trained_in: figures of the controls in their own condition, none without controls.
        confusions: by condition, see ``breakdown.confusion``. ways: how it goes wrong.
        truth, found: test data and the first model's detections, for the pictures.
        severity: the quantities of each condition in words. smallest: effect that matters.
        pairs: of truths of different scenes that the plan declares comparable.
        shifts: one a condition but the reference. slices, worst: what fails, found in one and
            measured in the other of ``halves``.
        elsewhere: what other test sets in clear weather cost; empty where none was made.
        cards: of the models. seen: a scene that a model had seen. left_out: classes of a user's
            dataset that are not counted. scenes_trained_on: by each training.
    """

    title: str
    size: str
    conditions: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    trained_in: Mapping[str, Cell]
    confusions: Mapping[str, np.ndarray]
    ways: Mapping[str, Behaviour]
    truth: Truth
    found: Detections
    severity: Mapping[str, str]
    smallest: float
    pairs: frozenset[frozenset[str]]
    shifts: tuple[Shift, ...]
    slices: tuple[Slice, ...]
    worst: Worst | None
    halves: tuple[Objects, Objects]
    elsewhere: tuple[Elsewhere, ...] = ()
    cards: tuple[ModelCard, ...] = ()
    seen: str | None = None
    left_out: tuple[str, ...] = ()
    scenes_trained_on: int = 0


def headline_row(cell: Cell) -> int:
    """The headline's row: classes with enough objects, or all where none has."""
    name = COUNTED if cell.truth[cell.classes.index(COUNTED)] else ALL
    return cell.classes.index(name)


def bounds_of(cell: Cell, row: int, metric: int) -> Interval:
    """A figure of a cell with its interval over scenes and, from enough seeds on, over seeds."""
    return interval_of_figure(figure(cell.condition, cell, row, metric))


def primary(findings: HeldOut, condition: str, metric: int) -> Interval:
    """The headline's figure of a condition with its interval."""
    row = headline_row(findings.cells[findings.conditions[0], ""])
    return bounds_of(findings.cells[condition, ""], row, metric)


def pair(reference: Cell, other: Cell, row: int, metric: int) -> tuple[Figure, Figure]:
    """Figures of two conditions that may be subtracted.

    The mean over the counted classes is taken over those that count in both: under a policy that
    looks at the weather they are not the same everywhere.
    """
    if reference.classes[row] != COUNTED:
        return figure("", reference, row, metric), figure("", other, row, metric)
    few = len(reference.classes) - 2
    both = np.minimum(reference.truth, other.truth)[:few] >= MIN_OBJECTS
    return _mean(reference, both, metric), _mean(other, both, metric)


def _mean(cell: Cell, classes: np.ndarray, metric: int) -> Figure:
    chosen = np.flatnonzero(classes)
    if not len(chosen):
        return figure("", cell, cell.classes.index(COUNTED), metric)
    return Figure(
        "", cell.runs[:, chosen, metric].mean(axis=1),
        cell.run_samples[:, :, chosen, metric].mean(axis=2), cell.scenes,
        int(cell.truth[chosen].sum()), cell.fingerprint,
    )  # fmt: skip


def lost(made: Comparison) -> Interval:
    """A change as a loss: positive where it is worse."""
    change = made.change
    return Interval(-change.value, -change.high, -change.low)
