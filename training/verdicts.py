"""Comparisons as parts of a report: forest plots, tables, and what the design could have seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

from training.arm_figures import interval_of_figure
from training.bootstrap import Interval
from training.compare import Comparison, Figure
from training.page import percent, points
from training.sheet import Forest, Table


def forest_of(comparisons: Sequence[Comparison], label: str) -> Forest:
    """Paired differences, one below the other."""
    rows = [(f"{c.other} against {c.control}", c.change, c.verdict) for c in comparisons]
    return Forest(label, tuple(rows))


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """Every comparison with its verdict, its power and what is missing.

    "scenes : seeds" is what each gives to the variance of the difference, in percent.
    """
    head = (
        "comparison", "difference, points", "verdict", "p (Holm)", "p of the sign flip",
        "smallest effect seen", "scenes : seeds", "missing",
    )  # fmt: skip
    rows = []
    for c in comparisons:
        total = c.scene_error**2 + c.seed_error**2
        shares = [f"{100 * v**2 / total:.0f}" for v in (c.scene_error, c.seed_error) if total > 0]
        need = c.needed
        rows.append(
            (
                f"{c.other} against {c.control}", points(c.change), c.verdict, p_words(c.p),
                p_words(c.p_flip), percent(c.detectable), " : ".join(shares) or "-",
                f"{need.scenes} scenes, {need.seeds} seeds" if need else "-",
            )
        )  # fmt: skip
    return Table(head, tuple(rows))


def notes_of(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """What limits the verdicts, each once, as sentences."""
    notes = dict.fromkeys(note for c in comparisons for note in c.notes)
    return tuple(f"{n[0].upper()}{n[1:]}." for n in notes)


def shown(figure: Figure) -> str:
    """A figure as words with its interval."""
    return points(interval_of_figure(figure))


def amount(bounds: Interval, unit: str = "", beyond: str = "beyond") -> str:
    """A number with its interval where ends may be infinite."""
    if math.isnan(bounds.value):
        return "n/a"
    ends = [beyond if math.isinf(v) else f"{v:.3g}" for v in (bounds.low, bounds.high)]
    value = beyond if math.isinf(bounds.value) else f"{bounds.value:.3g}"
    if math.isnan(bounds.low):
        return f"{value} {unit}".strip()
    if value == ends[0] == ends[1]:
        return value
    return f"{value} [{ends[0]}, {ends[1]}] {unit}".strip()


def p_words(value: float) -> str:
    """A p value as words."""
    return "-" if math.isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"
