"""The findings of ``which_data`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping

from training.compare import Comparison, Figure, in_words
from training.fine_print import optimistic
from training.page import listed, percent
from training.sheet import Forest, Section, Sheet, Table
from training.verdicts import comparison_table, notes_of, p_words, shown

SURE = 0.05
"""Adjusted p below which a measure is said to predict the gain."""


class Measure(enum.Enum):
    """What is known of a candidate before it is trained on; larger is more alike or diverse."""

    COMBINATIONS = "combinations of layout and condition seen"
    CLASSES = "classes alike"
    SIZES = "sizes alike"
    CONTRAST = "contrast left alike"
    NEAR = "features near"
    COVERED = "features covered"
    DIVERSE = "features diverse"


@dataclasses.dataclass(frozen=True, eq=False)
class Candidate:
    """A set that could be added: its gain over the base, its own figure, its measures."""

    name: str
    gain: Comparison
    figure: Figure
    values: Mapping[Measure, float]


@dataclasses.dataclass(frozen=True, eq=False)
class WhichData:
    """Everything that the report says.

    Attributes:
        target: its conditions. base: its figure. powers: measure, rank correlation, adjusted p.
        added: scenes of each candidate. scenes: of the target. steps, seeds: of each training.
    """

    title: str
    size: str
    target: tuple[str, ...]
    base: Figure
    candidates: tuple[Candidate, ...]
    powers: tuple[tuple[Measure, float, float], ...]
    added: int
    steps: int
    seeds: int
    scenes: int


def headline(findings: WhichData) -> str:
    """The best candidate, and which measures would have told."""
    best = max(findings.candidates, key=lambda c: c.gain.change.value)
    gain = best.gain.change
    sure = [m.value for m, rank, p in findings.powers if p < SURE and rank > 0]
    told = (
        f"Before any training it was told by: {listed(sure)}."
        if sure
        else "None of the measures is shown to predict the gain: read them as descriptions."
    )
    return (
        f"For {' and '.join(findings.target)}, {best.name} brings most: {percent(gain.value)} "
        f"points of AP50 over the base ({best.gain.verdict}). {told}"
    )


def words(findings: WhichData) -> str:
    """The tables in plain words for the terminal."""
    lines = ["", headline(findings), "", f"base: AP50 {shown(findings.base)}"]
    ranked = sorted(findings.candidates, key=lambda c: -c.gain.change.value)
    lines += [f"  {in_words(c.gain)}" for c in ranked]
    lines += ["", "rank correlation with the gain (p, Holm):"]
    lines += [f"  {m.value:44s}{_rank(rank)}  ({p_words(p)})" for m, rank, p in findings.powers]
    return "\n".join([*lines, "", *_limits(findings)])


def sheet(findings: WhichData) -> Sheet:
    """The whole report."""
    ranked = sorted(findings.candidates, key=lambda c: -c.gain.change.value)
    gains = [c.gain for c in ranked]
    shown_gains = tuple((c.name, c.gain.change, c.gain.verdict) for c in ranked)
    forest = Forest("points of AP50 over the base", shown_gains)
    power = Table(
        ("measure", "rank correlation with the gain", "p (Holm)", "to be used as"),
        tuple(
            (
                m.value,
                _rank(rank),
                p_words(p),
                "a prediction" if p < SURE and rank > 0 else "a description",
            )
            for m, rank, p in findings.powers
        ),
    )
    values = Table(
        ("candidate", *(m.value for m in Measure)),
        tuple((c.name, *(f"{c.values[m]:.3g}" for m in Measure)) for c in ranked),
        note="Measured before training; distances have a minus, so that more is more alike.",
    )
    return Sheet(
        study=findings.title, size=findings.size, headline=headline(findings),
        lead=f"Every candidate adds {findings.added} scenes to the same base and takes the same "
        "number of steps; the profile that it is compared with are other scenes than the test.",
        warnings=(),
        sections=(
            Section("What each candidate brings", "", (forest, comparison_table(gains))),
            Section("What would have told so", "", (power, values)),
        ),
        facts=(
            ("Target", ", ".join(findings.target)),
            ("Base", f"AP50 {shown(findings.base)}"),
            ("Training", f"{findings.steps} steps, {findings.seeds} seed(s)"),
            ("Fingerprint", str(findings.base.fingerprint)),
        ),
        limits=(*_limits(findings), *notes_of(gains)),
    )  # fmt: skip


def _limits(findings: WhichData) -> list[str]:
    count = len(findings.candidates)
    return [
        f"{count} candidates: a rank correlation below {_least(count):.2f} is as good as chance.",
        "Features are those of the base's own trunk, which saw fair weather only.",
        "A measure that predicts here need not predict for another target or amount.",
        *optimistic(findings.scenes),
    ]


def _least(count: int) -> float:
    """Spearman's correlation that is significant at 5 % alone: about 1.96 / sqrt(n - 1)."""
    return min(1.96 / math.sqrt(max(count - 1, 1)), 1.0)


def _rank(value: float) -> str:
    return "the same for all" if math.isnan(value) else f"{value:+.2f}"
