"""The findings of ``held_out`` as words and as a report."""

from __future__ import annotations

from training.breakdown import (
    ALL,
    COUNTED,
    METRICS,
)  # fmt: skip
from training.compare import ENOUGH_SEEDS, compare
from training.elsewhere import costliest
from training.fine_print import (
    SIMULATED,
    measured_on,
    not_a_result,
    optimistic,
    origin,
    overlap,
)  # fmt: skip
from training.held_out_findings import HeldOut, bounds_of, headline_row, lost, pair, primary
from training.held_out_sections import (
    confusions_section,
    elsewhere_section,
    parts_section,
    pictures_section,
    slices_section,
    ways_section,
    worst_section,
)
from training.metrics import MIN_OBJECTS
from training.page import listed, percent, points
from training.sheet import Bars, Forest, Part, Section, Sheet, Table
from training.taxonomy import policies
from training.verdicts import comparison_table, notes_of


def headline(findings: HeldOut) -> str:
    """The answer in one or two sentences."""
    worst = min(findings.shifts, key=lambda s: s.loss.change.value)
    loss, reference = worst.loss, findings.conditions[0]
    if loss.verdict != "worsens":
        return (
            f"No condition is shown to break it: the largest fall of AP50 is {points(lost(loss))} "
            f"points in {worst.condition} ({loss.verdict})."
        )
    before, after = (primary(findings, c, 0).value for c in (reference, worst.condition))
    said = [
        (listed([s.condition for s in findings.shifts if s.loss.verdict == v]).capitalize(), v)
        for v in ("equivalent", "inconclusive", "improves")
    ]
    rest = "".join(f" {names}: {v}." for names, v in said if names)
    text = (
        f"{worst.condition.capitalize()} breaks it most: AP50 falls from {percent(before)} in "
        f"{reference} to {percent(after)}, a fall of {points(lost(loss))} points.{rest}"
    )
    if worst.shift is not None and worst.difficulty is not None:
        text += (
            f" Of that {points(lost(worst.shift))} are the shift ({worst.shift.verdict}), "
            f"{points(lost(worst.difficulty))} its own difficulty ({worst.difficulty.verdict})."
        )
    if other := costliest(findings.elsewhere):
        text += (
            f" Of what else it never saw, {other.name} costs most: {points(lost(other.change))}."
        )
    return text


def words(findings: HeldOut) -> str:
    """The tables in plain words for the terminal."""
    reference = findings.conditions[0]
    lines = ["", headline(findings), ""]
    lines.append(f"{'':10s} {'AP50 [95 % interval]':24s} {'AP':22s} change against {reference}")
    changes = {s.condition: s.loss for s in findings.shifts}
    for name in findings.conditions:
        both = [points(primary(findings, name, k)) for k in (0, 1)]
        made = changes.get(name)
        change = f"{points(made.change)} ({made.verdict})" if made else "-"
        lines.append(f"{name:10s} {both[0]:24s} {both[1]:22s} {change}")
    cell = findings.cells[reference, ""]
    lines += ["", f"AP50 by class, over {cell.scenes} unseen scenes:"]
    lines.append(f"{'':14s}" + "".join(f"{c:>9s}" for c in findings.conditions) + "   objects")
    for row, name in enumerate(cell.classes[:-2]):
        if cell.truth[row]:
            values = [findings.cells[c, ""].value[row, 0] for c in findings.conditions]
            mark = " (few)" if cell.truth[row] < MIN_OBJECTS else ""
            text = "".join(f"{percent(v):>9s}" for v in values)
            lines.append(f"{name:14s}{text}   {cell.truth[row]}{mark}")
    for other in findings.elsewhere:
        made = other.change
        lines.append(f"{other.name}: {points(made.change)} against {reference}: {made.verdict}")
    for found in findings.slices:
        made = found.confirmed
        lines.append(f"slice {found.name}: {points(made.change)} against the rest: {made.verdict}")
    return "\n".join([*lines, "", *_limits(findings)])


def sheet(findings: HeldOut) -> Sheet:
    """The whole report."""
    reference = findings.conditions[0]
    cell = findings.cells[reference, ""]
    sections = (
        _conditions(findings), _costs(findings), parts_section(findings), _classes(findings),
        elsewhere_section(findings), worst_section(findings), slices_section(findings),
        pictures_section(findings), ways_section(findings), confusions_section(findings),
    )  # fmt: skip
    pairing = (
        "changes are paired, because every condition shows the same scenes"
        if all(s.loss.pairing != "unpaired" for s in findings.shifts)
        else "conditions are of different scenes, and changes are unpaired"
    )
    return Sheet(
        study="held_out", size=findings.size, headline=headline(findings),
        lead=f"A detector {findings.title}. Brackets are 95 % intervals over {cell.scenes} scenes"
        f"{' and the trainings' if len(findings.cards) >= ENOUGH_SEEDS else ''}; {pairing}.",
        warnings=not_a_result(findings.seen),
        sections=tuple(s for s in sections if s is not None),
        facts=_facts(findings), limits=(*not_a_result(findings.seen), *_limits(findings)),
    )  # fmt: skip


def _conditions(findings: HeldOut) -> Section:
    cell = findings.cells[findings.conditions[0], ""]
    named = zip(cell.classes[:-2], cell.truth, strict=False)
    counted = [name for name, n in named if n >= MIN_OBJECTS]
    classes = ", ".join(counted) or "none has so many: all classes"
    told = "; ".join(
        f"{c}: {findings.severity[c]}" for c in findings.conditions if findings.severity.get(c)
    )
    label = (
        f"AP50, %, mean over the classes with at least {MIN_OBJECTS} objects ({classes}). {told}"
    )
    bars = Bars(label, tuple((c, primary(findings, c, 0)) for c in findings.conditions))
    return Section("What is left in each condition", "", (bars,))


def _costs(findings: HeldOut) -> Section:
    losses = [s.loss for s in findings.shifts]
    reference = findings.conditions[0]
    others = []
    for s in findings.shifts:
        row = headline_row(findings.cells[reference, ""])
        changes = [
            compare(
                *pair(
                    findings.cells[reference, suffix], findings.cells[s.condition, suffix], row,
                    metric,
                ),
                findings.smallest, "conditions", findings.pairs,
            ).change
            for suffix, metric in (("", 1), ("_visible", 0))
        ]  # fmt: skip
        others.append((s.condition, *(points(c) for c in changes)))
    head = ("condition", f"{METRICS[1]}, points", "AP50 of visible objects only, points")
    text = (
        f"Change against {reference} in points; all conditions are judged together (Holm). "
        f"Equivalent: shown to be within {100 * findings.smallest:g} points."
    )
    return Section(
        "What each condition costs", text,
        (
            Forest("points of AP50", tuple((c.other, c.change, c.verdict) for c in losses)),
            comparison_table(losses),
            Table(head, tuple(others), note="The same changes counted in other ways, no verdicts."),
        ),
    )  # fmt: skip


def _classes(findings: HeldOut) -> Section:
    parts: list[Part] = []
    for policy in policies(findings.truth.counting):
        note = (
            f"Every object with at least {policy.min_visible_px:g} visible pixels and at most "
            f"{100 * policy.max_occlusion:g} % hidden counts, whatever the weather does to it."
            if not policy.suffix
            else "The second way to count: only objects of which the weather left at least "
            f"{100 * policy.min_contrast:g} % of the contrast."
        )
        for metric, name in enumerate(METRICS):
            parts.append(_class_table(findings, policy.suffix, metric, f"{name}, %. {note}"))
    return Section("By class", f"Grey rows have fewer than {MIN_OBJECTS} objects.", tuple(parts))


def _class_table(findings: HeldOut, suffix: str, metric: int, note: str) -> Table:
    cell = findings.cells[findings.conditions[0], ""]
    each = [findings.cells[c, suffix] for c in findings.conditions]
    rows, marks = [], []
    for row, name in enumerate(cell.classes):
        if not cell.truth[row] and name != ALL:
            continue
        label = {ALL: "all classes", COUNTED: f"classes with {MIN_OBJECTS}+"}.get(name, name)
        objects = sorted({int(c.truth[row]) for c in each})
        ends = f"{objects[0]} to {objects[-1]}" if len(objects) > 1 else f"{objects[0]}"
        rows.append((label, *(points(bounds_of(c, row, metric)) for c in each), ends))
        mean = name in (ALL, COUNTED)
        marks.append("mean" if mean else "few" if cell.truth[row] < MIN_OBJECTS else "")
    return Table(("class", *findings.conditions, "objects"), tuple(rows), tuple(marks), note)


def _limits(findings: HeldOut) -> tuple[str, ...]:
    cell = findings.cells[findings.conditions[0], ""]
    judged = [c for s in findings.shifts for c in (s.loss, s.difficulty, s.shift) if c is not None]
    others = [s.confirmed for s in findings.slices] + [e.change for e in findings.elsewhere]
    left = findings.left_out
    own = not findings.truth.lineage
    steps = (
        "Controls took as many steps: a condition that needs longer ones looks harder than it is."
    )
    return (
        *optimistic(cell.scenes),
        *notes_of([*judged, *others]),
        *((f"Not counted, for some condition has too few: {', '.join(left)}.",) if left else ()),
        *((steps,) if findings.trained_in else ()),
        "Slices and groups are of half of the scenes; only levels that were named were searched.",
        f"Objects under {findings.truth.counting.min_visible_px:g} px are neither right nor wrong.",
        "Trained on simulated scenes, measured on frames of yours." if own else SIMULATED,
    )


def _facts(findings: HeldOut) -> tuple[tuple[str, str], ...]:
    card, truth = findings.cards[0], findings.truth
    cell = findings.cells[findings.conditions[0], ""]
    return (
        ("Endpoint", f"AP50, smallest effect {100 * findings.smallest:g} points, declared before"),
        ("Detector", f"{card.detector}, {card.steps} steps, {len(findings.cards)} training(s)"),
        ("Trained on", origin(card.lineage)),
        ("Root hash of that", "; ".join(h for _, h in card.datasets if h) or "none"),
        ("Controls", f"trained in {listed(list(findings.trained_in)) or 'no condition'}"),
        *measured_on(truth),
        ("Images", f"{len(truth)} in {len(findings.conditions)} conditions, {cell.scenes} scenes"),
        *(
            (f"Fingerprint in {c}", str(findings.cells[c, ""].fingerprint))
            for c in findings.conditions
        ),
        overlap(findings.seen),
    )  # fmt: skip
