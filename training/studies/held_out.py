"""Trained in clear weather only: what is left of it in rain, fog, snow and night?

The training scenes are clear. The test scenes are others (another split, so no random stream is
shared), each drawn once under every condition as open-loop twins: what differs between two columns
of the table is the weather and nothing else, and their difference has a paired interval. Controls
that are trained in a condition itself tell its own difficulty from the shift. A user's own dataset
can take the place of the test scenes.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from render.progress import say
from render.store import Truth, open_dataset, read_splits, select_images
from simulator.errors import ConfigError, DataError
from simulator.settings import plain
from training.arm_figures import interval_of_figure
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, train_arm
from training.behaviour import mean_behaviour
from training.bootstrap import Interval
from training.breakdown import (
    ALL,
    COUNTED,
    METRICS,
    Cell,
    by_condition,
    confusion,
    measure,
    part,
)  # fmt: skip
from training.compare import Figure, compare, figure
from training.config import StudyConfig
from training.design import declared
from training.detector import Detections
from training.evaluate import in_classes_of
from training.finish import finish
from training.held_out_findings import HeldOut, bounds_of, headline_row, lost, pair
from training.held_out_sheet import sheet, words
from training.own_frames import in_shared_classes, ordered, read_own
from training.plan import StudyPlan, declared_pairs
from training.results import row
from training.shift import shifts
from training.slices import find_slices, halves, objects_of, worst_groups
from training.study import MakeDataset, Study, draws_its_own
from training.taxonomy import POLICIES

CONDITIONS = ("clear", "rain", "fog", "snow", "night")
"""Declared before the first look; the first is the reference and what training sees."""

SMALLEST_EFFECT = 0.02
"""Two points of AP50: less is not worth a change of data."""

LAYOUTS = (*["crossroads_signals"] * 3, "crossroads_stop", "straight")
"""Layouts to draw from: signals thrice, for a junction shows few green and fewer yellow lamps."""

GROUPED_BY = ("condition", "layout")
"""What makes a group: the worst of them is told."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend; ``controls``: whether each condition has a training of its own."""

    train_scenes: int
    test_scenes: int
    budget: Budget
    controls: bool


PLANS = {
    "small": Plan(240, 60, Budget(650, 1), controls=False),
    "normal": Plan(600, 120, Budget(1500, 5, QUICK), controls=True),
    "large": Plan(3000, 400, Budget(8000, 8), controls=True),
}


def check(config: StudyConfig) -> None:
    """Refuse what does not fit; see :class:`training.study.Study`."""
    if config.data is None or config.scales:
        draws_its_own(config)
    elif config.controls:
        raise ConfigError(
            "controls=true trains in our conditions, which are not those of data=",
            mend="Leave one of them out",
        )


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = _plan(config)
    mine = None if config.data is None else read_own(config)
    conditions = CONDITIONS if mine is None else ordered(list(by_condition(mine)))
    declaration = declared(config, _study_plan(config, plan, conditions))
    base = train_arm(config, make_dataset, arm_of(plan, config.seed, CONDITIONS[0]), plan.budget)
    truth = _test(config, plan, make_dataset) if mine is None else mine
    truth = in_classes_of(base[0], truth, "driving")
    parts = by_condition(truth)
    seen, runs = detections(config, base, truth, declaration, "test")
    own: dict[str, list[Detections]] = {}
    for c in conditions[1:] if plan.controls else ():
        say(f"control: trained in {c}")
        models = train_arm(config, make_dataset, arm_of(plan, config.seed, c), plan.budget)
        some = select_images(truth, parts[c])
        found, own[c] = detections(config, models, some, declaration, "test")
        seen = found or seen
    say("measuring: resampling scenes")
    left: tuple[str, ...] = ()
    if mine is not None:
        truth, runs, left = in_shared_classes(truth, runs)
    cards = tuple(m.card for m in base)
    findings = dataclasses.replace(
        _findings(config, declaration, conditions, truth, runs, own), cards=cards, seen=seen,
        left_out=left, scenes_trained_on=plan.train_scenes,
    )  # fmt: skip
    return finish(config, sheet(findings), rows(findings), words(findings))


def _plan(config: StudyConfig) -> Plan:
    plan = PLANS[config.size]
    wanted = plan.controls if config.controls is None else config.controls
    return dataclasses.replace(plan, controls=wanted and config.data is None)


def arm_of(plan: Plan, seed: int, condition: str) -> Arm:
    """The training in one condition; that in clear weather is the study's, others are controls."""
    spec = {
        "seed": seed, "split": "train", "scenes": plan.train_scenes, "frames_per_scene": 1,
        "conditions": [condition], "layouts": list(LAYOUTS),
    }  # fmt: skip
    return Arm(condition, f"trained in {condition}", (Source(spec),))


def _test(config: StudyConfig, plan: Plan, make_dataset: MakeDataset) -> Truth:
    spec = {
        "seed": config.seed, "split": "test", "scenes": plan.test_scenes, "frames_per_scene": 1,
        "conditions": list(CONDITIONS), "layouts": list(LAYOUTS),
    }  # fmt: skip
    truth = read_splits(open_dataset(dataset(config, make_dataset, spec)))
    missing = [c for c in CONDITIONS if c not in set(truth.condition)]
    if missing:
        raise DataError(
            f"has no images of {', '.join(missing)}", place=truth.name, mend="Remove the folder"
        )
    return truth


def _study_plan(config: StudyConfig, plan: Plan, conditions: tuple[str, ...]) -> StudyPlan:
    controls = conditions[1:] if plan.controls else ()
    return StudyPlan(
        study="held_out", question="Which weather breaks a detector that was trained in clear?",
        endpoint=f"AP50 over the classes with enough objects, against {conditions[0]}",
        smallest_effect=SMALLEST_EFFECT, arms=(CONDITIONS[0], *(f"in {c}" for c in controls)),
        conditions=conditions, seeds=tuple(config.seed + k for k in range(plan.budget.seeds)),
        sizes={"size": config.size, "seed": config.seed, **plain(plan)},
        comparable=() if config.data is None else tuple((conditions[0], c) for c in conditions[1:]),
    )  # fmt: skip


def _findings(
    config: StudyConfig,
    declaration: StudyPlan,
    conditions: tuple[str, ...],
    truth: Truth,
    runs: list[Detections],
    own: dict[str, list[Detections]],
) -> HeldOut:
    keep = by_condition(truth)
    cells: dict[tuple[str, str], Cell] = {}
    tables, ways, trained_in = {}, {}, {}
    for name in conditions:
        parts = [part(truth, found, keep[name]) for found in runs]
        some, found = parts[0][0], [p[1] for p in parts]
        for policy in POLICIES:
            cells[name, policy.suffix] = measure(
                some, found, policy, name, config.replicates, config.seed
            )
        tables[name] = sum(confusion(some, f) for f in found)
        ways[name] = mean_behaviour(some, found, config.replicates, config.seed)
        if name in own:
            trained_in[name] = measure(
                some, own[name], POLICIES[0], name, config.replicates, config.seed
            )
    at = headline_row(cells[conditions[0], ""])
    pairs = _pairs(declaration, cells)
    search, fresh = halves(objects_of(truth, runs), config.seed)
    return HeldOut(
        title=STUDY.title, size=config.size, conditions=conditions, cells=cells,
        trained_in=trained_in, confusions=tables, ways=ways, truth=truth, found=runs[0],
        severity=dict(truth.severity), smallest=SMALLEST_EFFECT, pairs=pairs,
        shifts=shifts(
            {c: _figure(c, cells[c, ""], at) for c in conditions},
            {c: _figure(f"trained in {c}", cell, at) for c, cell in trained_in.items()},
            SMALLEST_EFFECT, config.seed, pairs,
        ),
        slices=find_slices(search, fresh, config.replicates, config.seed),
        worst=worst_groups(search, fresh, GROUPED_BY, config.replicates, config.seed),
        halves=(search, fresh),
    )  # fmt: skip


def _figure(name: str, cell: Cell, at: int) -> Figure:
    return figure(name, cell, at, METRICS.index("AP50"))


def _pairs(plan: StudyPlan, cells: dict[tuple[str, str], Cell]) -> frozenset[frozenset[str]]:
    """What the plan declares comparable, as truth hashes under every label policy."""
    return frozenset(
        pair
        for policy in POLICIES
        for pair in declared_pairs(
            plan, {c: cells[c, policy.suffix].fingerprint.truth for c in plan.conditions}
        )
    )


def rows(findings: HeldOut) -> list[dict[str, Any]]:
    """The content of results.json: one entry a figure; NaN becomes null when it is written.

    ``_drop``, ``_difficulty`` and ``_shift_cost`` are losses: positive where a condition is worse.
    """
    out = []
    for (condition, suffix), cell in findings.cells.items():
        reference = findings.cells[findings.conditions[0], suffix]
        for at, name in enumerate(cell.classes):
            if not cell.truth[at] and name not in (ALL, COUNTED):
                continue
            for k, metric in enumerate(METRICS):
                bounds = bounds_of(cell, at, k)
                out.append(_row(findings, cell, name, f"{metric}{suffix}", bounds))
                if condition != findings.conditions[0]:
                    both = pair(reference, cell, at, k)
                    made = compare(*both, findings.smallest, "conditions", findings.pairs)
                    label = f"{metric}{suffix}_drop"
                    out.append(_row(findings, cell, name, label, lost(made)))
    return (
        out + _judged_rows(findings) + _group_rows(findings) + _behaviour_rows(findings)
        + _confusion_rows(findings)
    )  # fmt: skip


def _judged_rows(findings: HeldOut) -> list[dict[str, Any]]:
    """The headline figure of every condition with its verdict, and the parts of its loss."""
    out = []
    for found in findings.shifts:
        cell = findings.cells[found.condition, ""]
        name = cell.classes[headline_row(findings.cells[findings.conditions[0], ""])]
        parts = (
            ("loss", found.loss),
            ("difficulty", found.difficulty),
            ("shift_cost", found.shift),
        )
        for label, made in parts:
            if made is not None:
                line = _row(findings, cell, name, f"AP50_{label}", lost(made))
                out.append(line | {"verdict": made.verdict, "p": made.p})
        if found.share is not None:
            out.append(_row(findings, cell, name, "shift_share_of_loss", found.share))
        if found.condition in findings.trained_in:
            own = findings.trained_in[found.condition]
            for at, word in enumerate(own.classes):
                if own.truth[at]:
                    bounds = bounds_of(own, at, 0)
                    out.append(_row(findings, own, word, "AP50_trained_in_it", bounds))
    return out


def _group_rows(findings: HeldOut) -> list[dict[str, Any]]:
    """Slices and groups, measured in the half of the scenes that the search did not see."""
    out = []
    for found in findings.slices:
        made = found.confirmed
        known = (made.scenes, made.objects, str(findings.halves[1].fingerprint))
        line = row("held_out", "", "", found.name, "share_found_short_of_the_rest",
                   lost(made), *known)  # fmt: skip
        out.append(line | {"verdict": made.verdict, "p": made.p, "searched": found.searched})
    if findings.worst is not None:
        shown = [(name, f) for name, _, f in findings.worst.groups]
        for name, made in (*shown, (findings.worst.fifth.name, findings.worst.fifth)):
            bounds = interval_of_figure(made)
            known = (made.scenes, made.objects, str(made.fingerprint))
            out.append(row("held_out", "", "", name, "share_found", bounds, *known))
    return out


def _behaviour_rows(findings: HeldOut) -> list[dict[str, Any]]:
    out = []
    for condition, how in findings.ways.items():
        cell = findings.cells[condition, ""]
        for cost in how.costs:
            metric = f"AP50_cost_of_{cost.kind.replace(' ', '_')}"
            out.append(_row(findings, cell, ALL, metric, cost.cost) | {"count": cost.count})
        out.append(_row(findings, cell, ALL, "D-ECE", how.scores.d_ece))
        out.append(_row(findings, cell, ALL, "LaECE", how.scores.la_ece))
    return out


def _confusion_rows(findings: HeldOut) -> list[dict[str, Any]]:
    out = []
    for condition, table in findings.confusions.items():
        cell = findings.cells[condition, ""]
        names = (*findings.truth.classes, "background")
        for i, j in zip(*np.nonzero(table), strict=True):
            share = float(table[i, j] / table[i].sum())
            bounds = Interval(share, float("nan"), float("nan"))
            line = _row(findings, cell, names[i], f"taken_for_{names[j]}", bounds)
            out.append(line | {"count": int(table[i, j])})
    return out


def _row(findings: HeldOut, cell: Cell, name: str, metric: str, bounds: Interval) -> dict[str, Any]:
    known = {c: int(n) for c, n in zip(cell.classes, cell.truth, strict=True)}
    severity = findings.severity.get(cell.condition, "")
    return row(
        "held_out", cell.condition, severity, name, metric, bounds, cell.scenes, known.get(name, 0),
        str(cell.fingerprint),
    )  # fmt: skip


STUDY = Study(
    title="trained in clear weather, measured on unseen scenes in other conditions",
    run=run,
    check=check,
)
