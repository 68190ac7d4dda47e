"""The findings of ``refine`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from render.store import Truth
from training.arm_figures import ByClass
from training.bootstrap import interval
from training.breakdown import COUNTED
from training.compare import Comparison, in_words
from training.detector import Detections
from training.fine_print import SIMULATED, measured_on, not_a_result, overlap
from training.metrics import MIN_OBJECTS
from training.page import listed, percent, points
from training.pictures import pictures
from training.refining import Loop
from training.sheet import Chart, Gallery, Line, Section, Sheet, Table
from training.verdicts import comparison_table, forest_of, notes_of, shown


@dataclasses.dataclass(frozen=True, eq=False)
class Refined:
    """Everything that the report says.

    Attributes:
        figures: on the sealed scenes, by arm and condition. primary: refined against uniform over
            the conditions aimed at, None where there was none. overall: over all conditions.
            each: the same in every condition.
    """

    title: str
    size: str
    loop: Loop
    figures: Mapping[str, Mapping[str, ByClass]]
    primary: Comparison | None
    overall: Comparison | None
    each: tuple[Comparison, ...]
    conditions: tuple[str, ...]
    sealed: Truth
    found: Mapping[str, Detections]
    steps: int
    seeds: int
    per_round: int
    shortfall: float
    smallest: float
    seen: str | None


def headline(findings: Refined) -> str:
    """The answer in a sentence or two."""
    loop, primary = findings.loop, findings.primary
    if primary is None:
        return f"The loop found nothing to mend: {loop.stopped}. It claims no gain."
    aimed = listed(list(loop.aimed))
    spent = sum(sum(a.values()) for a in loop.refined[1:])
    change = points(primary.change)
    said = {
        "improves": f"beats an equal budget spread evenly by {change} points of AP50 there",
        "worsens": f"is beaten by an equal budget spread evenly: {change} points of AP50 there",
        "equivalent": f"is as good as an equal budget spread evenly: {change} points there",
        "inconclusive": (
            f"is not shown to differ from an equal budget spread evenly: {change} points of AP50 "
            "there"
        ),
    }[primary.verdict]
    text = f"Spending {spent} scenes on {aimed}, where it failed, {said}."
    worse = [c for c, made in zip(findings.conditions, findings.each, strict=True)
             if made.verdict == "worsens"]  # fmt: skip
    whole = findings.overall
    if whole is not None:
        text += f" Over all conditions: {points(whole.change)} points ({whole.verdict})."
    return f"{text} It costs {listed(worse)}." if worse else text


def words(findings: Refined) -> str:
    """Rounds and judgement in plain words for the terminal."""
    lines = ["", headline(findings), ""]
    for k, done in enumerate(findings.loop.rounds):
        values = ", ".join(
            f"{c} {percent(float(v))}"
            for c, v in zip(done.measured.levels, done.measured.value, strict=True)
        )
        lines.append(f"round {k}, validation AP50: {values}")
        if done.gain is not None:
            lines.append(f"  gain where it aimed: {points(done.gain)} points")
        if done.failing:
            failing = (f"{f.level} by {points(f.shortfall)}" for f in done.failing)
            lines.append(f"  fails: {', '.join(failing)}")
        if done.next:
            lines.append(f"  spends: {_spent(done.next)}")
    lines.append(f"stopped: {findings.loop.stopped}")
    if findings.primary is not None:
        lines.append(f"sealed, where it aimed: {in_words(findings.primary)}")
        if findings.overall is not None:
            lines.append(f"sealed, over all conditions: {in_words(findings.overall)}")
        lines += [
            f"  in {c}: {in_words(made)}"
            for c, made in zip(findings.conditions, findings.each, strict=True)
        ]
    return "\n".join([*lines, "", *_limits(findings)])


def _spent(allocation: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {level}" for level, n in allocation.items() if n)


def sheet(findings: Refined) -> Sheet:
    """The report."""
    sections = [_rounds(findings), _judgement(findings)]
    if findings.primary is not None:
        sections.append(_pictures(findings))
    warnings = not_a_result(findings.seen)
    return Sheet(
        study="refine", size=findings.size, headline=headline(findings),
        lead=f"{findings.title.capitalize()}. The loop sees validation scenes only; both arms are "
        f"judged once, on sealed scenes. Every training takes {findings.steps} steps, on "
        f"{findings.seeds} paired seeds.",
        warnings=warnings, sections=tuple(sections), facts=_facts(findings),
        limits=(*warnings, *_limits(findings)),
    )  # fmt: skip


def _rounds(findings: Refined) -> Section:
    rounds = findings.loop.rounds
    places = tuple(float(k) for k in range(len(rounds)))
    lines = tuple(
        Line(c, places, tuple(
            interval(float(r.measured.value[i]), r.measured.samples[:, i]) for r in rounds
        ))
        for i, c in enumerate(findings.conditions)
    )  # fmt: skip
    ticks = tuple((p, f"round {p:.0f}") for p in places)
    chart = Chart("round of the loop", "AP50 on validation, %", ticks, lines)
    rows = []
    for k, done in enumerate(rounds):
        fails = "; ".join(f"{f.level} by {points(f.shortfall)}" for f in done.failing) or "nothing"
        rows.append(
            (
                f"round {k}", _spent(done.spent[-1]),
                "-" if done.gain is None else points(done.gain), fails,
                _spent(done.next) if done.next else f"stops: {findings.loop.stopped}",
            )
        )  # fmt: skip
    head = ("", "scenes added before", "gain where it aimed, points", "falls short by, points",
            "then spends")  # fmt: skip
    text = (
        "A condition fails when it is shown to lie below the median condition (Holm over all "
        f"conditions) by at least {100 * findings.shortfall:g} points. A round spends "
        f"{findings.per_round} scenes in proportion to the shortfalls. It stops when nothing "
        "fails, when the last round's gain is not distinguishable from nothing, or at the last."
    )
    return Section("The rounds, on validation", text, (chart, Table(head, tuple(rows))))


def _judgement(findings: Refined) -> Section:
    arms = list(findings.figures)
    rows = [
        (c, *(shown(findings.figures[a][c][COUNTED]) for a in arms)) for c in findings.conditions
    ]
    table = Table(("AP50 on sealed scenes", *arms), tuple(rows))
    if findings.primary is None:
        return Section("The judgement", "Nothing was spent, so there is nothing to compare.",
                       (table,))  # fmt: skip
    named = [
        dataclasses.replace(made, other=f"refined, {c}")
        for c, made in zip(findings.conditions, findings.each, strict=True)
    ]
    primary = [dataclasses.replace(findings.primary, other="refined, where it aimed")]
    if findings.overall is not None:
        primary.append(dataclasses.replace(findings.overall, other="refined, all conditions"))
    scenes = Table(
        ("arm", *(f"round {k}" for k in range(len(findings.loop.refined)))),
        (
            ("refined", *(_spent(a) for a in findings.loop.refined)),
            ("uniform", *(_spent(a) for a in findings.loop.uniform)),
        ),
        note="Scenes of each arm, round by round:",
    )
    text = (
        "The first comparison is the endpoint, the second its mean over all conditions; the others "
        "are one family, with Holm's p values: what was not aimed at counts too."
    )
    return Section("The judgement, on sealed scenes", text, (
        table, forest_of([*primary, *named], "difference of AP50, points"),
        comparison_table([*primary, *named]), scenes,
    ))  # fmt: skip


def _pictures(findings: Refined) -> Section:
    condition = findings.loop.aimed[0]
    arms = tuple(findings.figures)
    columns = [pictures(findings.sealed, findings.found[a], (condition,)) for a in arms]
    rows = tuple(tuple(c[k][0] for c in columns) for k in range(min(len(c) for c in columns)))
    text = f"In {condition}, the first that the loop aimed at; the first seed of each arm."
    return Section("The same pictures", text, (Gallery(rows, arms),))


def _limits(findings: Refined) -> tuple[str, ...]:
    compared = [*([findings.primary] if findings.primary else []), *findings.each]
    return (
        *notes_of(compared),
        "Factors are whole conditions: layouts, densities and sensors were not searched.",
        "A condition may be hard for any detector: the loop then stops for want of gain.",
        "The rounds look at validation and flatter it: judge by the sealed scenes.",
        "Intervals of the rounds cover the choice of scenes, not the luck of training.",
        SIMULATED,
    )  # fmt: skip


def _facts(findings: Refined) -> tuple[tuple[str, str], ...]:
    truth = findings.sealed
    base = findings.figures["start"]
    endpoint = (
        "AP50 over the conditions aimed at, refined against uniform, classes with at least "
        f"{MIN_OBJECTS} objects; smallest effect {100 * findings.smallest:g} points, declared "
        "before the first look"
    )
    return (
        ("Endpoint", endpoint),
        *measured_on(truth),
        ("Images", f"{len(truth)} in {len(findings.conditions)} conditions"),
        *((f"Fingerprint in {c}", str(by[COUNTED].fingerprint)) for c, by in base.items()),
        overlap(findings.seen),
    )
