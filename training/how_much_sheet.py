"""The findings of ``how_much`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from render.store import Truth
from training.arm_figures import ByClass, interval_of_figure
from training.bootstrap import Interval, interval
from training.breakdown import COUNTED
from training.compare import Comparison, in_words
from training.detector import Detections
from training.fine_print import SIMULATED, measured_on, not_a_result, overlap
from training.learning import MOST_TIMES, Curve, fit
from training.metrics import MIN_OBJECTS
from training.page import percent, points
from training.pictures import pictures
from training.sheet import Chart, Gallery, Line, Section, Sheet, Table
from training.verdicts import amount, comparison_table, forest_of, notes_of, shown

GRID = 13
"""Points of the drawn fit."""


@dataclasses.dataclass(frozen=True, eq=False)
class Size:
    """What the first ``scenes`` brought; ``gain`` over the size before, None for the first."""

    scenes: int
    whole: ByClass
    conditions: Mapping[str, ByClass]
    gain: Comparison | None


@dataclasses.dataclass(frozen=True, eq=False)
class HowMuch:
    """Everything that the report says.

    Attributes:
        planned: sizes that were planned. stopped: why it stopped before, or "". curve: None with
            too few sizes. samples: f64[R, L], replicates of the errors. found: first seed's
            detections by size.
    """

    title: str
    size: str
    sizes: tuple[Size, ...]
    planned: tuple[int, ...]
    stopped: str
    curve: Curve | None
    samples: np.ndarray
    smallest: float
    truth: Truth
    found: Mapping[int, Detections]
    conditions: tuple[str, ...]
    steps: int
    seeds: int
    seen: str | None


def headline(findings: HowMuch) -> str:
    """The answer: stop here, or make so many next."""
    last, curve = findings.sizes[-1], findings.curve
    score = points(interval_of_figure(last.whole[COUNTED]))
    if findings.stopped:
        gain = points(last.gain.change) if last.gain else "-"
        return (
            f"Stop at {last.scenes} scenes: {findings.stopped} ({gain} points of AP50); the score "
            f"there is {score} %."
        )
    if curve is None:
        return f"{len(findings.sizes)} sizes are too few for a curve; make more."
    if math.isinf(curve.next_size.value):
        return (
            f"No amount within {MOST_TIMES:g} times {last.scenes} scenes is expected to bring "
            f"{100 * findings.smallest:g} points more; the score is {score} %."
        )
    return (
        f"Make {_scenes(findings, curve.next_size)} scenes next: from {last.scenes} on that is "
        f"expected to bring {points(curve.next_gain)} points of AP50, "
        f"{100 * findings.smallest:g} being worth it; the score is {score} %."
    )


def _beyond(findings: HowMuch) -> str:
    return f"over {MOST_TIMES * findings.sizes[-1].scenes:.0f}"


def _scenes(findings: HowMuch, bounds: Interval) -> str:
    beyond = _beyond(findings)
    ends = [beyond if math.isinf(v) else f"{v:.0f}" for v in (bounds.low, bounds.high)]
    return f"{bounds.value:.0f} [{ends[0]}, {ends[1]}]"


def words(findings: HowMuch) -> str:
    """The curve in plain words for the terminal."""
    lines = ["", headline(findings), "", "scenes   AP50"]
    lines += [f"{s.scenes:6d}   {shown(s.whole[COUNTED])}" for s in findings.sizes]
    lines += [f"  {in_words(s.gain)}" for s in findings.sizes if s.gain]
    if findings.curve:
        lines.append(
            f"  predicted {points_of(-findings.curve.held_out)} points of AP50 beside the largest "
            "size, from the others"
        )
    return "\n".join([*lines, "", *_limits(findings)])


def points_of(value: float) -> str:
    """A difference of shares in points with its sign."""
    return f"{100 * value:+.1f}"


def sheet(findings: HowMuch) -> Sheet:
    """The report."""
    gains = [s.gain for s in findings.sizes if s.gain]
    sections = [
        Section("The curve", _lead(findings), (_chart(findings), _table(findings))),
        Section(
            "What each doubling brought",
            "Each size against half of it, paired by scene and seed. The study stops at the first "
            "of them that is not distinguishable from nothing, from the fourth size on.",
            (forest_of(gains, "gain of AP50, points"), comparison_table(gains)),
        ),
    ]
    if findings.curve:
        sections.append(_fit(findings, findings.curve))
    sections += [_classes(findings), _pictures(findings)]
    warnings = not_a_result(findings.seen)
    return Sheet(
        study="how_much", size=findings.size, headline=headline(findings),
        lead=f"{findings.title.capitalize()}. Brackets are 95 % intervals over scenes and training "
        "seeds.",
        warnings=warnings, sections=tuple(sections), facts=_facts(findings),
        limits=(*warnings, *_limits(findings)),
    )  # fmt: skip


def _lead(findings: HowMuch) -> str:
    return (
        f"Every size trains for {findings.steps} steps on {findings.seeds} paired seeds; each "
        f"holds the smaller ones; every scene is there in {', '.join(findings.conditions)}. "
        f"AP50, mean over the classes with at least {MIN_OBJECTS} objects."
    )


def _chart(findings: HowMuch) -> Chart:
    places = tuple(math.log2(s.scenes) for s in findings.sizes)
    lines = [
        Line(
            "mean over conditions", places,
            tuple(interval_of_figure(s.whole[COUNTED]) for s in findings.sizes),
        )
    ]  # fmt: skip
    ticks = [(p, str(s.scenes)) for p, s in zip(places, findings.sizes, strict=True)]
    if findings.curve is not None:
        grid = np.linspace(places[0], places[-1] + math.log2(MOST_TIMES), GRID)
        sizes = np.array([float(s.scenes) for s in findings.sizes])
        value = np.array([[1.0 - f.whole[COUNTED].values.mean() for f in findings.sizes]])
        fitted = 1.0 - fit(sizes, value).at(2.0**grid)[0]
        samples = 1.0 - fit(sizes, findings.samples).at(2.0**grid)
        drawn = tuple(interval(float(v), samples[:, i]) for i, v in enumerate(fitted))
        lines.append(Line("fit, to four times", tuple(grid.tolist()), drawn))
        ticks.append((float(grid[-1]), f"{2 ** grid[-1]:.0f}"))
    for condition in findings.conditions:
        values = tuple(
            Interval(float(s.conditions[condition][COUNTED].values.mean()), math.nan, math.nan)
            for s in findings.sizes
        )
        lines.append(Line(condition, places, values))
    return Chart("scenes trained on, in equal ratios", "AP50, %", tuple(ticks),
                 tuple(lines))  # fmt: skip


def _table(findings: HowMuch) -> Table:
    head = ("scenes", "mean over conditions", *findings.conditions)
    rows = tuple(
        (
            str(s.scenes), shown(s.whole[COUNTED]),
            *(shown(s.conditions[c][COUNTED]) for c in findings.conditions),
        )
        for s in findings.sizes
    )  # fmt: skip
    return Table(head, rows)


def _fit(findings: HowMuch, curve: Curve) -> Section:
    floor = "not told: the exponent lies at a bound" if math.isnan(curve.floor.value) else ""
    rows = (
        ("exponent alpha", amount(curve.alpha)),
        ("error that no amount removes", floor or f"{points(curve.floor)} points"),
        ("check: the largest size, predicted from the others, is off by",
         f"{points_of(-curve.held_out)} points of AP50"),
        (f"smallest amount that brings {100 * findings.smallest:g} points more",
         amount(curve.next_size, "scenes", _beyond(findings))),
        ("gain expected there", f"{points(curve.next_gain)} points"),
        ("from this size on a doubling brings less than that",
         amount(curve.saturated_at, "scenes", _beyond(findings))),
    )  # fmt: skip
    text = (
        "Error = a n^-alpha + c through all sizes, refitted in every replicate. Nothing is said "
        f"beyond {MOST_TIMES:g} times the largest size."
    )
    return Section("What the curve says", text, (Table(("figure", "value"), rows),))


def _classes(findings: HowMuch) -> Section:
    rows, marks = [], []
    for name, figure in findings.sizes[-1].whole.items():
        rows.append((name, *(shown(s.whole[name]) for s in findings.sizes), str(figure.objects)))
        few = figure.objects < MIN_OBJECTS
        marks.append("mean" if name == COUNTED else "few" if few else "")
    head = ("AP50", *(f"{s.scenes} scenes" for s in findings.sizes), "objects")
    return Section("By class", "Mean over conditions; grey rows have too few objects to count.",
                   (Table(head, tuple(rows), tuple(marks)),))  # fmt: skip


def _pictures(findings: HowMuch) -> Section:
    chosen = sorted({findings.sizes[0].scenes, findings.sizes[len(findings.sizes) // 2].scenes,
                     findings.sizes[-1].scenes})  # fmt: skip
    condition = findings.conditions[-1]
    columns = [pictures(findings.truth, findings.found[n], (condition,)) for n in chosen]
    rows = tuple(tuple(c[k][0] for c in columns) for k in range(min(len(c) for c in columns)))
    gallery = Gallery(rows, tuple(f"{n} scenes" for n in chosen))
    return Section(f"The same pictures in {condition}", "The first seed of each size.", (gallery,))


def _limits(findings: HowMuch) -> tuple[str, ...]:
    gains = [s.gain for s in findings.sizes if s.gain]
    untrained = [n for n in findings.planned if n > findings.sizes[-1].scenes]
    lines = list(notes_of(gains))
    if untrained:
        lines.append(f"Not trained, because it stopped: {', '.join(map(str, untrained))} scenes.")
    if findings.curve:
        lines.append(
            f"The fit is as good as its check: {percent(abs(findings.curve.held_out))} points."
        )
    return (
        *lines,
        "Equal steps, not equal epochs: small sets are seen more often. More steps move the curve.",
        "One set of scenes in one order: another draw of scenes would give another curve.",
        "The stopping rule looks at every doubling; the more looks, the sooner it stops by chance.",
        SIMULATED,
    )  # fmt: skip


def _facts(findings: HowMuch) -> tuple[tuple[str, str], ...]:
    truth = findings.truth
    figure = findings.sizes[-1].whole[COUNTED]
    endpoint = (
        "AP50, mean over conditions and counted classes; least gain that is worth it "
        f"{100 * findings.smallest:g} points, declared before the first look"
    )
    return (
        ("Endpoint", endpoint),
        *measured_on(truth),
        ("Images", f"{len(truth)} in {len(findings.conditions)} conditions"),
        ("Fingerprint", str(figure.fingerprint)),
        overlap(findings.seen),
    )
