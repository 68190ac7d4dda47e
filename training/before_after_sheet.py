"""The findings of ``before_after`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from render.store import Truth
from training.arm_figures import ByClass
from training.arms import Arm, total_scenes
from training.bootstrap import Interval
from training.breakdown import COUNTED
from training.compare import Comparison, in_words
from training.detector import Detections
from training.fine_print import measured_on, not_a_result, overlap
from training.metrics import MIN_OBJECTS
from training.page import points
from training.pictures import pictures
from training.sheet import Chart, Gallery, Line, Section, Sheet, Table
from training.verdicts import (
    amount,
    comparison_table,
    forest_of,
    interval_of_figure,
    notes_of,
    shown,
)
from training.worth import Exchange

PICTURED = ("base", "augmented")
"""Arms beside the synthetic one and the oracle whose boxes are shown."""


@dataclasses.dataclass(frozen=True)
class Target:
    """What was found for one target condition.

    Attributes:
        claim: the synthetic arm against base, quantity control and augmentation, one family.
        gap: oracle against base. cost: the synthetic arm against the base, in the base's weather.
        closed: share of the gap. exchange: in scenes of the base.
    """

    condition: str
    claim: tuple[Comparison, ...]
    gap: Comparison
    cost: Comparison
    closed: Interval
    exchange: Exchange


@dataclasses.dataclass(frozen=True, eq=False)
class BeforeAfter:
    """Everything that the report says; ``found``: the first seed's detections of each arm."""

    title: str
    size: str
    base: str
    arms: tuple[Arm, ...]
    truth: Truth
    found: Mapping[str, Detections]
    figures: Mapping[tuple[str, str], Mapping[str, ByClass]]
    targets: tuple[Target, ...]
    control: Comparison | None
    seeds: int
    steps: int
    smallest: float
    scenes: int
    seen: str | None


def proven(target: Target) -> bool:
    """Whether the synthetic arm is shown to beat all three controls."""
    return all(c.verdict == "improves" for c in target.claim)


def headline(findings: BeforeAfter) -> str:
    """The answer in a sentence or two."""
    said = []
    for target in findings.targets:
        first = target.claim[0]
        change = f"{points(first.change)} points of AP50 in {target.condition}"
        if proven(target):
            closed = target.closed.value
            share = "" if closed != closed else f", {100 * closed:.0f} % of the gap to an oracle"
            said.append(
                f"Adding synthetic {target.condition} brings {change}{share}, more than as much "
                "more of the base and than augmentation."
            )
        elif first.verdict == "improves":
            rest = [c.control for c in target.claim[1:] if c.verdict != "improves"]
            said.append(
                f"Adding synthetic {target.condition} brings {change}, but it is not shown to beat "
                f"{' and '.join(rest)}."
            )
        else:
            said.append(
                f"Adding synthetic {target.condition} is not shown to help: {change} "
                f"({first.verdict})."
            )
    return " ".join(said)


def words(findings: BeforeAfter) -> str:
    """The comparisons in plain words for the terminal."""
    lines = ["", headline(findings), ""]
    for target in findings.targets:
        lines.append(f"In {target.condition}:")
        lines += [f"  {in_words(c)}" for c in (*target.claim, target.gap)]
        lines.append(f"  gap closed: {_share(target.closed)}")
        lines.append(
            "  one added scene is worth "
            f"{amount(target.exchange.rate, '', 'over 7')} scenes of the base"
        )
        lines.append(f"In {findings.base}: {in_words(target.cost)}")
    if findings.control:
        lines.append(f"A/A control: {in_words(findings.control)}")
    return "\n".join([*lines, "", *_limits(findings)])


def sheet(findings: BeforeAfter) -> Sheet:
    """The report."""
    sections = [Section("The arms", _lead(findings), (_arm_table(findings),))]
    sections += [_target_section(findings, t) for t in findings.targets]
    sections.append(_classes(findings))
    sections += [_pictures(findings, t.condition) for t in findings.targets[:2]]
    if findings.control:
        sections.append(
            Section(
                "The same arm twice", "An A/A control: only the seeds differ, so it should not be "
                "said to improve or worsen.", (comparison_table([findings.control]),),
            )
        )  # fmt: skip
    return Sheet(
        study="before_after", size=findings.size, headline=headline(findings),
        lead=f"{findings.title.capitalize()}. Brackets are 95 % intervals over scenes and training "
        "seeds; differences are paired by both.",
        warnings=not_a_result(findings.seen), sections=tuple(sections), facts=_facts(findings),
        limits=_limits(findings),
    )  # fmt: skip


def _lead(findings: BeforeAfter) -> str:
    return (
        f"Every arm trains for {findings.steps} steps on {findings.seeds} paired seeds. AP50, mean "
        f"over the classes with at least {MIN_OBJECTS} objects; in the second line only objects "
        "count of which the weather left 5 % of the contrast."
    )


def _arm_table(findings: BeforeAfter) -> Table:
    conditions = [findings.base, *(t.condition for t in findings.targets)]
    rows, marks = [], []
    for arm in findings.arms:
        for suffix, label in (("", arm.name), ("_visible", "visible objects only")):
            values = [
                shown(findings.figures[arm.name, suffix][c][COUNTED])
                if COUNTED in findings.figures[arm.name, suffix][c] else "-"
                for c in conditions
            ]  # fmt: skip
            scenes = str(total_scenes(arm.sources)) if not suffix else ""
            rows.append((label, arm.title if not suffix else "", scenes, *values))
            marks.append("few" if suffix else "")
    head = ("arm", "what it is", "scenes", *(f"AP50 in {c}" for c in conditions))
    return Table(head, tuple(rows), tuple(marks))


def _target_section(findings: BeforeAfter, target: Target) -> Section:
    everything = (*target.claim, target.gap, target.cost)
    label = f"difference of AP50 in {target.condition}, points"
    worth = Table(
        ("what it is worth", "value"),
        (
            ("share of the gap to the oracle that it closes", _share(target.closed)),
            (
                "scenes of the base alone with the same score",
                amount(target.exchange.scenes, "scenes", f"over {8 * findings.scenes}"),
            ),
            (
                "scenes of the base that one added scene is worth",
                amount(target.exchange.rate, "", "over 7"),
            ),
        ),
        note="The share is n/a where the gap itself is not shown to be there. Scenes are read off "
        "the learning curve of the base alone, followed four times beyond its end at most.",
    )
    cost = f"The last line is measured in {findings.base}: what the added {target.condition} costs."
    return Section(
        f"Synthetic {target.condition}", f"One family of comparisons, Holm's p values. {cost}",
        (
            forest_of((*target.claim, target.gap), label), comparison_table(everything),
            _curve(findings, target), worth,
        ),
    )  # fmt: skip


def _curve(findings: BeforeAfter, target: Target) -> Chart:
    n = findings.scenes
    names = (("half the base", n / 2), ("base", n), ("more of the base", 2 * n))
    values = [
        interval_of_figure(findings.figures[a, ""][target.condition][COUNTED]) for a, _ in names
    ]
    arms = (f"synthetic {target.condition}", f"oracle {target.condition}", "augmented")
    lines = [Line("base alone", tuple(float(s) for _, s in names), tuple(values))]
    for arm in arms:
        value = interval_of_figure(findings.figures[arm, ""][target.condition][COUNTED])
        place = float(n if arm == "augmented" else 2 * n)
        lines.append(Line(arm, (place,), (value,)))
    ticks = tuple((float(s), f"{s:g}") for _, s in names)
    return Chart("scenes trained on", f"AP50 in {target.condition}, %", ticks, tuple(lines))


def _classes(findings: BeforeAfter) -> Section:
    arms = [a.name for a in findings.arms if a.name != "half the base"]
    tables = []
    for target in findings.targets:
        by = {a: findings.figures[a, ""][target.condition] for a in arms}
        rows, marks = [], []
        for name, figure in by["base"].items():
            rows.append((name, *(shown(by[a][name]) for a in arms), str(figure.objects)))
            few = figure.objects < MIN_OBJECTS
            marks.append("mean" if name == COUNTED else "few" if few else "")
        head = (f"AP50 in {target.condition}", *arms, "objects")
        tables.append(Table(head, tuple(rows), tuple(marks)))
    return Section("By class", "Grey rows have too few objects to count.", tuple(tables))


def _pictures(findings: BeforeAfter, condition: str) -> Section:
    arms = (*PICTURED, f"synthetic {condition}", f"oracle {condition}")
    columns = [pictures(findings.truth, findings.found[a], (condition,)) for a in arms]
    rows = tuple(
        tuple(column[k][0] for column in columns) for k in range(min(len(c) for c in columns))
    )
    text = "Of each layout the scene with the most objects; the first seed of each arm."
    return Section(f"The same pictures in {condition}", text, (Gallery(rows, arms),))


def _share(bounds: Interval) -> str:
    return "n/a" if bounds.value != bounds.value else f"{points(bounds)} %"


def _comparisons(findings: BeforeAfter) -> list[Comparison]:
    return [c for t in findings.targets for c in (*t.claim, t.gap, t.cost)]


def _limits(findings: BeforeAfter) -> tuple[str, ...]:
    notes = notes_of(_comparisons(findings))
    return (
        *not_a_result(findings.seen),
        *notes,
        "Base and target are both simulated: a gain here is no evidence of a gain on real roads.",
        "Equal steps, not equal epochs: the larger sets are seen fewer times.",
        "One ratio only, by the sizes of the sets; one detector; other conditions not measured.",
    )  # fmt: skip


def _facts(findings: BeforeAfter) -> tuple[tuple[str, str], ...]:
    truth = findings.truth
    base = findings.figures["base", ""]
    endpoint = (
        "AP50 in the target, counted classes; smallest effect "
        f"{100 * findings.smallest:g} points, declared before the first look"
    )
    return (
        ("Endpoint", endpoint),
        *measured_on(truth),
        ("Images", f"{len(truth)} in {len(base)} conditions"),
        *((f"Fingerprint in {c}", str(by[COUNTED].fingerprint)) for c, by in base.items()),
        overlap(findings.seen),
    )  # fmt: skip
