"""The findings of ``real`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from render.store import Truth
from training.arm_figures import ByClass, interval_of_figure
from training.compare import Comparison, in_words
from training.detector import Detections
from training.fine_print import optimistic
from training.page import listed, percent
from training.pictures import pictures
from training.sheet import Forest, Gallery, Section, Sheet, Table
from training.verdicts import comparison_table, notes_of, shown


@dataclasses.dataclass(frozen=True, eq=False)
class Real:
    """Everything that the report says.

    Attributes:
        sources: names of the user's sets. arms: names. figures: AP50 by arm and source. worth: by
            source, ours with real frames against real frames alone. truth, found: for pictures.
        on_ours: name of our own frames among the figures. frames, scenes: of each source.
        folds, steps, seeds, drawn: of the plan; ``drawn``: our scenes.
    """

    title: str
    size: str
    sources: tuple[str, ...]
    arms: tuple[str, ...]
    figures: Mapping[str, Mapping[str, ByClass]]
    worth: tuple[tuple[str, Comparison], ...]
    truth: Truth
    found: Mapping[str, Detections]
    on_ours: str
    frames: Mapping[str, int]
    scenes: Mapping[str, int]
    folds: int
    steps: int
    seeds: int
    drawn: int


def _value(findings: Real, arm: str, source: str) -> float:
    return interval_of_figure(findings.figures[arm][source]["vehicle"]).value


def headline(findings: Real) -> str:
    """What ours bring alone, and with all real frames."""
    ours, real, both = findings.arms[0], _all(findings, ""), _all(findings, "ours + ")
    told = [
        f"{percent(_value(findings, ours, s))} on {s} (real frames alone "
        f"{percent(_value(findings, real, s))}, both {percent(_value(findings, both, s))})"
        for s in findings.sources
    ]
    return f"Trained on drawn frames alone the detector reaches an AP50 of {listed(told)}."


def _all(findings: Real, prefix: str) -> str:
    name = f"{prefix}all real"
    return name if name in findings.arms else findings.arms[-1]


def words(findings: Real) -> str:
    """The tables in plain words for the terminal."""
    places = (*findings.sources, findings.on_ours)
    lines = ["", headline(findings), "", f"{'AP50 [95 % interval]':24s}"]
    lines[-1] += "".join(f"{p[:22]:>24s}" for p in places)
    for arm in findings.arms:
        cells = [shown(findings.figures[arm][p]["vehicle"]) for p in places]
        lines.append(f"{arm:24s}" + "".join(f"{c:>24s}" for c in cells))
    lines += [f"  {source}: {in_words(c)}" for source, c in findings.worth]
    return "\n".join([*lines, "", *_limits(findings)])


def sheet(findings: Real) -> Sheet:
    """The whole report."""
    places = (*findings.sources, findings.on_ours)
    table = Table(
        ("trained on", *places),
        tuple(
            (arm, *(shown(findings.figures[arm][p]["vehicle"]) for p in places))
            for arm in findings.arms
        ),
    )
    worth = [
        (f"{source}: {c.other} against {c.control}", c.change, c.verdict)
        for source, c in findings.worth
    ]
    comparisons = [
        dataclasses.replace(c, other=f"{source}: {c.other}") for source, c in findings.worth
    ]
    arm = _all(findings, "ours + ")
    rows = pictures(findings.truth, findings.found[arm], findings.sources)
    gallery = Gallery(tuple(tuple(r) for r in rows), findings.sources)
    counts = ", ".join(
        f"{s}: {findings.frames[s]} frames of {findings.scenes[s]} scenes" for s in findings.sources
    )
    return Sheet(
        study=findings.title, size=findings.size, headline=headline(findings),
        lead="A frame is tested by models that saw no frame of its scene. All arms take the same "
        "number of steps.",
        warnings=(),
        sections=(
            Section("AP50 of vehicles", "The last column is the reverse: our frames.", (table,)),
            Section(
                "What ours add to real frames", "The same number of real frames, with and without "
                "ours.", (Forest("points of AP50", tuple(worth)), comparison_table(comparisons)),
            ),
            Section("Real frames", f"Detections of '{arm}'.", (gallery,) if rows else ()),
        ),
        facts=(
            ("Real frames", counts),
            ("Our frames", f"{findings.drawn} scenes, as make real-model draws them"),
            ("Training", f"{findings.steps} steps, {findings.seeds} seed(s)"),
            ("Folds by scene", str(findings.folds)),
        ),
        limits=(*_limits(findings), *notes_of(comparisons)),
    )  # fmt: skip


def _limits(findings: Real) -> list[str]:
    return [
        *(line for s in findings.sources for line in optimistic(findings.scenes[s], s)),
        "Boxes of ours are drawn loose in training as people draw them, where ours are alone.",
        "Vehicles without a label count as false alarms.",
    ]
