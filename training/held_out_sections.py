"""Sections of the report of ``held_out`` about why it fails, and where."""

from __future__ import annotations

import numpy as np

from training.bootstrap import Interval
from training.breakdown import BACKGROUND, CONFUSION_OVERLAP, CONFUSION_SCORE, TOLD_APART
from training.held_out_findings import HeldOut, bounds_of, headline_row, lost, primary
from training.metrics import MIN_OBJECTS
from training.page import percent, points
from training.pictures import pictures
from training.sheet import Forest, Gallery, Section, Table
from training.slices import LEAST_SCENES, MOST
from training.slices import SMALLEST as SMALLEST_SHORTFALL
from training.verdicts import comparison_table, p_words, shown

KIND_WORDS = {
    "class": "wrong class", "location": "wrong place", "both": "wrong class and place",
    "duplicate": "found twice", "background": "nothing is there", "missed": "not found",
}  # fmt: skip


def parts_section(findings: HeldOut) -> Section:
    """What is the condition itself, what the shift."""
    title = "Its own difficulty, or the shift?"
    reference = findings.conditions[0]
    known = [s for s in findings.shifts if s.shift and s.difficulty and s.share]
    if not known:
        return Section(
            title, "Not measured: no detector was trained in the conditions themselves "
            "(controls=true does it, and the sizes normal and large of our own scenes).", (),
        )  # fmt: skip
    rows: list[tuple[str, Interval, str]] = []
    table = []
    for s in known:
        if s.shift is None or s.difficulty is None or s.share is None:
            continue
        rows += [
            (f"{s.condition}: own difficulty", s.difficulty.change, s.difficulty.verdict),
            (f"{s.condition}: shift", s.shift.change, s.shift.verdict),
        ]
        row = headline_row(findings.cells[reference, ""])
        table.append(
            (
                s.condition, points(bounds_of(findings.trained_in[s.condition], row, 0)),
                points(primary(findings, s.condition, 0)), points(s.loss.change),
                points(s.difficulty.change), points(s.shift.change),
                "n/a" if s.share.value != s.share.value else f"{points(s.share)} %",
            )
        )  # fmt: skip
    head = (
        "condition", "AP50 trained in it", f"trained in {reference}", "loss",
        "own difficulty", "shift", "the shift's share",
    )  # fmt: skip
    text = (
        f"Controls saw the training scenes in the condition itself, as many scenes and steps, on "
        f"the same seeds. Own difficulty: trained and measured in the condition, against trained "
        f"and measured in {reference}. Shift: trained in {reference} against trained in the "
        "condition, both measured in it. Both add up to the loss; points of AP50, judged together."
    )
    return Section(title, text, (Forest("points of AP50", tuple(rows)), Table(head, tuple(table))))


def elsewhere_section(findings: HeldOut) -> Section:
    """Weathers together, other cameras, layouts and traffic."""
    title, reference = "What else it never saw", findings.conditions[0]
    if not findings.elsewhere:
        return Section(
            title, "Not measured (elsewhere=true does it, and the sizes normal and large of our "
            "own scenes).", (),
        )  # fmt: skip
    changes = [e.change for e in findings.elsewhere]
    text = (
        f"Test sets that differ in one thing from the scenes in {reference}, in clear weather but "
        "for the first two. AP50 over the classes that count in both; judged together (Holm). "
        "Paired where scenes and camera are the same (weather, sensor), unpaired elsewhere: other "
        "scenes may be easier or harder for everybody, no control was trained in them."
    )
    rows = tuple((e.name, e.change.change, e.change.verdict) for e in findings.elsewhere)
    return Section(title, text, (Forest("points of AP50", rows), comparison_table(changes)))


def worst_section(findings: HeldOut) -> Section:
    """The worst group, chosen in one half of the scenes and measured in the other."""
    title, worst = "The worst group", findings.worst
    if worst is None:
        return Section(
            title, f"Not measured: fewer than two groups of a condition and a layout have "
            f"{MIN_OBJECTS} objects in {LEAST_SCENES} scenes in both halves of the scenes.", (),
        )  # fmt: skip
    rows = [
        (name, percent(share), shown(figure), str(figure.objects))
        for name, share, figure in worst.groups[:8]
    ]
    rows.append(("mean over the worst fifth", "", shown(worst.fifth), str(worst.fifth.objects)))
    text = (
        f"Share of objects that are found as what they are (score {CONFUSION_SCORE}, overlap "
        f"{CONFUSION_OVERLAP}) in each of {worst.of} groups of a condition and a layout. The "
        "worst of many looks worse than it is where it was chosen: groups are ranked in one half "
        f"of the scenes ({findings.halves[0].scenes}) and measured in the other "
        f"({findings.halves[1].scenes})."
    )
    head = ("group", "where it was ranked, %", "measured, % [95 % interval]", "objects")
    marks = ("",) * (len(rows) - 1) + ("mean",)
    return Section(title, text, (Table(head, tuple(rows), marks),))


def slices_section(findings: HeldOut) -> Section:
    """Slices that fail, found in one half and put to the test in the other."""
    text = (
        "All slices of one or two levels (condition, layout, class, size, how much is hidden, "
        f"contrast left) with {MIN_OBJECTS} objects in {LEAST_SCENES} scenes were searched in one "
        f"half of the scenes; at most {MOST} that lose most are measured in the other half, and "
        f"judged together (Holm). Share found against all other objects; below "
        f"{100 * SMALLEST_SHORTFALL:g} points it does not matter. 'Worsens' is a confirmed slice."
    )
    if not findings.slices:
        return Section("Slices that fail", f"{text} None was found.", ())
    forest = Forest(
        "points of the share found, in the half that the search did not see",
        tuple((s.name, s.confirmed.change, s.confirmed.verdict) for s in findings.slices),
    )
    table = Table(
        ("slice", "short of the rest where it was found", "where it was not sought", "verdict",
         "p (Holm)", "smallest effect seen", "objects"),
        tuple(
            (s.name, percent(s.searched), points(lost(s.confirmed)), s.confirmed.verdict,
             p_words(s.confirmed.p), percent(s.confirmed.detectable), str(s.confirmed.objects))
            for s in findings.slices
        ),
    )  # fmt: skip
    return Section("Slices that fail", text, (forest, table))


def pictures_section(findings: HeldOut) -> Section | None:
    """The same scenes in every condition; None where they are not twins."""
    rows = pictures(findings.truth, findings.found, findings.conditions)
    whole = tuple(tuple(r) for r in rows if len(r) == len(findings.conditions))
    if not whole:
        return None
    text = (
        "Of each layout the scene with the most objects; detections with a score of at least "
        f"{CONFUSION_SCORE}."
    )
    return Section("The same scenes", text, (Gallery(whole, findings.conditions),))


def ways_section(findings: HeldOut) -> Section:
    """Kinds of errors with their costs, and calibration."""
    each = [findings.ways[name] for name in findings.conditions]
    rows, marks = [], []
    for costs in zip(*(how.costs for how in each), strict=True):
        name = KIND_WORDS.get(costs[0].kind, costs[0].kind)
        rows.append((name, *(f"{points(c.cost)}, {c.count} times" for c in costs)))
        marks.append("")
    for name, field in (("D-ECE", "d_ece"), ("LaECE", "la_ece")):
        rows.append((name, *(points(getattr(how.scores, field)) for how in each)))
        marks.append("mean")
    text = (
        "What AP50 would gain, in points, if one kind of error were mended and nothing else, and "
        "how often it happened. Costs do not add up: one error hides another. The last lines say "
        "how far scores are from the truth, in points: mean distance of score and precision "
        "(D-ECE), and of score and precision times overlap (LaECE)."
    )
    table = Table(("error", *findings.conditions), tuple(rows), tuple(marks))
    return Section("How it goes wrong", text, (table,))


def confusions_section(findings: HeldOut) -> Section:
    """Shares of stop signs, red lights and other objects by what they were taken for."""
    classes = findings.truth.classes
    groups = [[classes.index(n) for n in names if n in classes] for _, names in TOLD_APART]
    named = {i for g in groups for i in g}
    groups += [[i for i in range(len(classes)) if i not in named], [len(classes)]]
    labels = [*[label for label, _ in TOLD_APART], "another object", "nothing"]
    rows, marks = [], []
    for condition in findings.conditions:
        table = findings.confusions[condition]
        small = np.array([[table[np.ix_(a, b)].sum() for b in groups] for a in groups])
        for label, line in zip(labels, small, strict=True):
            total = int(line.sum())
            of = "" if label == "nothing" else f" ({{:.0f}} % of {total})"
            cells = [f"{int(n)}{of.format(100 * n / max(total, 1))}" for n in line]
            if label == "nothing":
                cells[-1] = "-"
            rows.append((f"{condition}: {label}", *cells))
            marks.append("mean" if label == labels[0] else "")
    text = (
        f"What objects were taken for, at a score of {CONFUSION_SCORE} and an overlap of "
        f"{CONFUSION_OVERLAP}; '{BACKGROUND}' as an answer means not found, 'nothing' as the truth "
        "holds detections where nothing is."
    )
    head = ("what is there", *labels[:3], BACKGROUND)
    return Section(
        "Stop sign, red light, or something else?", text, (Table(head, tuple(rows), tuple(marks)),)
    )
