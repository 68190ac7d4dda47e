"""The findings of ``stop_or_red`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping

import numpy as np

from render.store import Truth
from training.arm_figures import interval_of_figure
from training.breakdown import CONFUSION_OVERLAP, CONFUSION_SCORE
from training.compare import Comparison, Figure, in_words
from training.detector import Detections
from training.fine_print import SIMULATED, measured_on, not_a_result, overlap
from training.metrics import MIN_OBJECTS
from training.page import listed, percent, points
from training.pictures import pictures
from training.red_things import KINDS, LABELLED
from training.sheet import Chart, Gallery, Line, Section, Sheet, Table
from training.taken import (
    ALARMS,
    ANSWERS,
    BANDS_PX,
    COVERED,
    GROW_PX,
    NOTHING,
    Counts,
    covered,
    right_answers,
)
from training.verdicts import comparison_table, forest_of, notes_of

SIGN, LAMP = KINDS.index("stop sign"), KINDS.index("red lamp")

NOT_ASKED = (
    "Plates are seen from above, enlarged by a recorded factor: no size of a driver's view.",
    "A signal is a housing of three lenses; a brake lamp is a strip of a few pixels, smaller.",
    "Not asked about: red roofs, cones, tail lamps that do not brake; the world has no adverts.",
    "Things without a label count as seen also under a tree.",
)


@dataclasses.dataclass(frozen=True, eq=False)
class StopOrRed:
    """Everything that the report says.

    Attributes:
        conditions: labels, the mildest first. sizes: f64[B], see ``reference_sizes``. counts: by
            arm and condition. figures: by arm, condition, kind and answer. mended: condition, kind
            and comparison of right answers. found: first seed's detections of each arm.
    """

    title: str
    size: str
    truth: Truth
    conditions: tuple[str, ...]
    sizes: np.ndarray
    counts: Mapping[tuple[str, str], Counts]
    figures: Mapping[tuple[str, str, int, int], Figure]
    mended: tuple[tuple[str, int, Comparison], ...]
    arms: tuple[str, str]
    found: Mapping[str, Detections]
    seeds: int
    steps: int
    smallest: float
    seen: str | None


def headline(findings: StopOrRed) -> str:
    """The answer: the worst condition for signs and lamps, swaps, and whether weather mends it."""
    clear = findings.arms[0]

    def share(c: str, kind: int, answer: int) -> float:
        return float(np.mean(findings.figures[clear, c, kind, answer].values))

    def rights(c: str) -> float:
        return share(c, SIGN, right_answers(SIGN)[0]) + share(c, LAMP, right_answers(LAMP)[0])

    known = [c for c in findings.conditions if not np.isnan(rights(c))]
    if not known:
        return "There are too few stop signs or red lamps in these scenes to say anything."
    worst = min(known, key=rights)
    swapped = max(known, key=lambda c: share(c, SIGN, ALARMS[1]) + share(c, LAMP, ALARMS[0]))
    swaps = (share(swapped, SIGN, ALARMS[1]), share(swapped, LAMP, ALARMS[0]))
    signs, lamps = (percent(share(worst, kind, NOTHING)) for kind in (SIGN, LAMP))
    text = (
        f"Trained in clear weather it misses {signs} % of the stop signs and {lamps} % of the red "
        f"lamps in {_short(worst)}; at most "
        f"{percent(swaps[0])} % of the signs are taken for a red light and {percent(swaps[1])} % "
        f"of the lamps for a stop sign ({_short(swapped)})."
    )
    return f"{text} {_mending(findings)}"


def _mending(findings: StopOrRed) -> str:
    better, worse = (_where(findings, verdict) for verdict in ("improves", "worsens"))
    said = f"Training in five weathers is shown to mend {better}" if better else (
        "Training in five weathers is not shown to mend any of it"
    )  # fmt: skip
    return f"{said}; it costs {worse}." if worse else f"{said}."


def _where(findings: StopOrRed, verdict: str) -> str:
    """In how many conditions each kind of thing has a verdict: named where there are few."""
    found = {
        kind: [_short(c) for c, k, m in findings.mended if k == kind and m.verdict == verdict]
        for kind in range(LABELLED)
    }
    many = f"of {len(findings.conditions)} conditions"
    return listed([
        f"{KINDS[kind]}s in {listed(names) if len(names) <= 3 else f'{len(names)} {many}'}"
        for kind, names in found.items() if names
    ])  # fmt: skip


def words(findings: StopOrRed) -> str:
    """The answers of the clear-trained arm and what weather mends, for the terminal."""
    lines = ["", headline(findings), ""]
    for arm in findings.arms:
        lines.append(f"{arm}, % (things)")
        lines.append(f"  {'':34s}" + "".join(f"{a:>13s}" for a in ANSWERS))
        for c in findings.conditions:
            for kind, name in enumerate(KINDS):
                figures = [findings.figures[arm, c, kind, a] for a in range(len(ANSWERS))]
                if figures[0].objects:
                    values = "".join(f"{percent(float(np.mean(f.values))):>13s}" for f in figures)
                    lines.append(f"  {f'{name} in {c}':34s}{values}  ({figures[0].objects})")
    lines += [f"  {KINDS[k]} in {c}: {in_words(m)}" for c, k, m in findings.mended]
    return "\n".join([*lines, "", *_limits(findings)])


def sheet(findings: StopOrRed) -> Sheet:
    """The report."""
    sections = [Section("Right answers by condition", _reading(findings), _charts(findings))]
    sections += [_matrix(findings, arm) for arm in findings.arms]
    sections += [_mend_section(findings), _size_section(findings)]
    sections += [_pictures(findings, arm) for arm in findings.arms]
    warnings = not_a_result(findings.seen)
    return Sheet(
        study="stop_or_red", size=findings.size, headline=headline(findings),
        lead=f"{findings.title.capitalize()}. Both arms see the same scenes for {findings.steps} "
        f"steps on {findings.seeds} paired seeds. Brackets are 95 % intervals over scenes and "
        "seeds; every condition shows the same scenes.",
        warnings=warnings, sections=tuple(sections), facts=_facts(findings),
        limits=(*warnings, *_limits(findings)),
    )  # fmt: skip


def _reading(findings: StopOrRed) -> str:
    bands = [
        f"{100 * share:.0f} % from {low:g} to {high:g} px"
        for share, low, high in zip(findings.sizes, BANDS_PX, BANDS_PX[1:], strict=False)
        if share > 0
    ]
    return (
        f"An answer is a detection with a score of at least {CONFUSION_SCORE}. It takes the box "
        f"that it overlaps most ({CONFUSION_OVERLAP} or more), whatever the class. At things "
        "without a label of their own, and on vehicles, a sign or a light whose middle lies there "
        f"(within {GROW_PX:g} px) is a false alarm. Shares are at the apparent sizes that stop "
        f"signs and red lamps have in common ({', '.join(bands)}); a * marks kinds that do not "
        "come in these sizes and are taken as they come."
    )


def _charts(findings: StopOrRed) -> tuple[Chart, ...]:
    places = tuple(float(i) for i in range(len(findings.conditions)))
    ticks = tuple((float(i), _short(c)) for i, c in enumerate(findings.conditions))
    charts = []
    for arm in findings.arms:
        lines = tuple(
            Line(KINDS[kind], places, tuple(
                interval_of_figure(findings.figures[arm, c, kind, right_answers(kind)[0]])
                for c in findings.conditions
            ))
            for kind in range(LABELLED)
        )  # fmt: skip
        charts.append(Chart("condition", f"Right answers of the {arm}, %", ticks, lines,
                            note=f"The {arm}."))  # fmt: skip
    return tuple(charts)


def _short(condition: str) -> str:
    name, _, rest = condition.partition("-")
    number = rest.rsplit("=", 1)[-1] if "=" in rest else rest.rsplit("_", 1)[-1]
    digits = "".join(ch for ch in number if ch.isdigit() or ch == ".")
    return f"{name} {digits}".strip()


def _matrix(findings: StopOrRed, arm: str) -> Section:
    rows, marks = [], []
    for c in findings.conditions:
        for kind, name in enumerate(KINDS):
            figures = [findings.figures[arm, c, kind, a] for a in range(len(ANSWERS))]
            if not figures[0].objects:
                continue
            star = "" if covered(findings.counts[arm, c], kind, findings.sizes) >= COVERED else "*"
            values = (points(interval_of_figure(f)) for f in figures)
            rows.append((f"{name}{star} in {_short(c)}", *values, str(figures[0].objects)))
            marks.append("few" if figures[0].objects < MIN_OBJECTS else "")
    head = ("what is there, and what it is taken for, %", *ANSWERS, "things")
    text = (
        "For the first four kinds nothing means missed; for the others it is the right answer. "
        f"Grey rows have fewer than {MIN_OBJECTS} things."
    )
    return Section(f"Who is taken for whom: {arm}", text, (Table(head, tuple(rows), tuple(marks)),))


def _mend_section(findings: StopOrRed) -> Section:
    named = [
        dataclasses.replace(m, control=f"{_short(c)}, {m.control}", other=KINDS[k])
        for c, k, m in findings.mended
    ]
    relevant = [n for n, (_, k, _) in zip(named, findings.mended, strict=True) if k in (SIGN, LAMP)]
    return Section(
        "Which training data mends it",
        f"Right answers of the {findings.arms[1]} minus those of the {findings.arms[0]}, at "
        "matched size; one family, Holm's p values.",
        (forest_of(relevant, "difference of right answers, points"), comparison_table(named)),
    )  # fmt: skip


def _size_section(findings: StopOrRed) -> Section:
    arm, clear = findings.arms[0], findings.conditions[0]
    table = findings.counts[arm, clear].answers
    rows = []
    for kind, name in enumerate(KINDS):
        right = table[:, kind, right_answers(kind)[0]].sum(axis=2).mean(axis=0)
        total = table[0, kind].sum(axis=(0, 2))
        cells = [
            f"{100 * r / t:.0f} % of {t:.0f}" if t else "-"
            for r, t in zip(right, total, strict=True)
        ]
        rows.append((name, *cells))
    bands = [f"{a:g} to {b:g} px" for a, b in itertools.pairwise(BANDS_PX)]
    return Section(
        f"Right answers by apparent size, in {clear}",
        f"The {arm}; the square root of the box's area. Smaller and larger things are in the end "
        "bands.",
        (Table(("what is there", *bands), tuple(rows)),),
    )  # fmt: skip


def _pictures(findings: StopOrRed, arm: str) -> Section:
    shown = pictures(findings.truth, findings.found[arm], findings.conditions[:6])
    gallery = Gallery(
        tuple(tuple(scene) for scene in shown), tuple(_short(c) for c in findings.conditions[:6])
    )
    return Section(f"The same scenes: {arm}", "The first seed.", (gallery,))


def _limits(findings: StopOrRed) -> tuple[str, ...]:
    notes = notes_of([m for _, _, m in findings.mended])
    return (
        *notes,
        *NOT_ASKED,
        SIMULATED,
    )  # fmt: skip


def _facts(findings: StopOrRed) -> tuple[tuple[str, str], ...]:
    truth = findings.truth
    first = findings.figures[findings.arms[0], findings.conditions[0], SIGN, right_answers(SIGN)[0]]
    endpoint = (
        "right answers at stop signs, red lamps and cars in every condition; smallest difference "
        f"{100 * findings.smallest:g} points, declared before the first look"
    )
    return (
        ("Endpoint", endpoint),
        *measured_on(truth),
        ("Images", f"{len(truth)} in {len(findings.conditions)} conditions"),
        ("Fingerprint of the first figure", str(first.fingerprint)),
        overlap(findings.seen),
    )
