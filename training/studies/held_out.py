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

from render.progress import say
from render.store import Truth, select_images
from simulator.errors import ConfigError, DataError
from simulator.settings import plain
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, train_arm
from training.behaviour import mean_behaviour
from training.breakdown import (
    METRICS,
    Cell,
    by_condition,
    confusion,
    measure,
    part,
)  # fmt: skip
from training.compare import Figure, figure
from training.config import StudyConfig
from training.design import declared, test_truth
from training.detector import Detections
from training.elsewhere import VARIATIONS, declared_comparable, judged, look_elsewhere
from training.evaluate import in_classes_of
from training.finish import finish
from training.held_out_findings import HeldOut, headline_row
from training.held_out_rows import rows
from training.held_out_sheet import sheet, words
from training.own_frames import in_shared_classes, ordered, read_own
from training.plan import StudyPlan, declared_pairs
from training.shift import shifts
from training.slices import find_slices, halves, objects_of, worst_groups
from training.study import MakeDataset, Study, draws_its_own
from training.taxonomy import policies, primary

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
    """How much to spend; ``controls``: whether each condition has a training of its own;
    ``elsewhere``: whether the test goes beyond the conditions.
    """

    train_scenes: int
    test_scenes: int
    budget: Budget
    controls: bool
    elsewhere: bool


PLANS = {
    "small": Plan(240, 60, Budget(650, 1), controls=False, elsewhere=False),
    "normal": Plan(600, 120, Budget(1500, 5, QUICK), controls=True, elsewhere=True),
    "large": Plan(3000, 400, Budget(8000, 8), controls=True, elsewhere=True),
}


def check(config: StudyConfig) -> None:
    """Refuse what does not fit; see :class:`training.study.Study`."""
    if config.data is None or config.scales:
        draws_its_own(config)
    elif config.controls or config.elsewhere:
        name = "controls" if config.controls else "elsewhere"
        raise ConfigError(
            f"{name}=true draws scenes of ours, and data= are others",
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
    looks = (
        look_elsewhere(config, make_dataset, base, declaration, _test_spec(plan, config.seed))
        if plan.elsewhere
        else {}
    )
    say("measuring: resampling scenes")
    left: tuple[str, ...] = ()
    if mine is not None:
        truth, runs, left = in_shared_classes(truth, runs)
    cards = tuple(m.card for m in base)
    findings = dataclasses.replace(
        _findings(config, declaration, conditions, truth, runs, own), cards=cards, seen=seen,
        left_out=left, scenes_trained_on=plan.train_scenes,
    )  # fmt: skip
    reference = findings.cells[conditions[0], ""]
    elsewhere = judged(config, declaration, looks, reference, SMALLEST_EFFECT)
    findings = dataclasses.replace(findings, elsewhere=elsewhere)
    return finish(config, sheet(findings), rows(findings), words(findings))


def _plan(config: StudyConfig) -> Plan:
    plan, ours = PLANS[config.size], config.data is None
    controls = plan.controls if config.controls is None else config.controls
    elsewhere = plan.elsewhere if config.elsewhere is None else config.elsewhere
    return dataclasses.replace(plan, controls=controls and ours, elsewhere=elsewhere and ours)


def arm_of(plan: Plan, seed: int, condition: str) -> Arm:
    """The training in one condition; that in clear weather is the study's, others are controls."""
    spec = {
        "seed": seed, "split": "train", "scenes": plan.train_scenes, "frames_per_scene": 1,
        "conditions": [condition], "layouts": list(LAYOUTS),
    }  # fmt: skip
    return Arm(condition, f"trained in {condition}", (Source(spec),))


def _test_spec(plan: Plan, seed: int) -> dict[str, Any]:
    return {
        "seed": seed, "split": "test", "scenes": plan.test_scenes, "frames_per_scene": 1,
        "conditions": [CONDITIONS[0]], "layouts": list(LAYOUTS),
    }  # fmt: skip


def _test(config: StudyConfig, plan: Plan, make_dataset: MakeDataset) -> Truth:
    spec = {**_test_spec(plan, config.seed), "conditions": list(CONDITIONS)}
    truth = test_truth(config, dataset(config, make_dataset, spec))
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
        conditions=(*conditions, *(v.name for v in VARIATIONS if plan.elsewhere)),
        seeds=tuple(config.seed + k for k in range(plan.budget.seeds)),
        sizes={"size": config.size, "seed": config.seed, **plain(plan)},
        comparable=tuple((conditions[0], c) for c in conditions[1:] if config.data is not None)
        + (declared_comparable(conditions[0]) if plan.elsewhere else ()),
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
        for policy in policies(truth.counting):
            cells[name, policy.suffix] = measure(
                some, found, policy, name, config.replicates, config.seed
            )
        tables[name] = sum(confusion(some, f) for f in found)
        ways[name] = mean_behaviour(some, found, config.replicates, config.seed)
        if name in own:
            trained_in[name] = measure(
                some, own[name], primary(some), name, config.replicates, config.seed
            )
    at = headline_row(cells[conditions[0], ""])
    pairs = _pairs(declaration, cells, truth)
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


def _pairs(
    plan: StudyPlan, cells: dict[tuple[str, str], Cell], truth: Truth
) -> frozenset[frozenset[str]]:
    """What the plan declares comparable, as truth hashes under every label policy."""
    return frozenset(
        pair
        for policy in policies(truth.counting)
        for pair in declared_pairs(
            plan,
            {c: cell.fingerprint.truth for (c, s), cell in cells.items() if s == policy.suffix},
        )
    )


STUDY = Study(
    title="trained in clear weather, measured on unseen scenes in other conditions",
    run=run,
    check=check,
)
