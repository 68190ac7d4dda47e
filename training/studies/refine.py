"""The loop: measure, find the failing conditions, make scenes there, train again, stop by rule.

The loop looks at a validation split only. Against it stands an equal budget spread evenly over all
conditions. Both are judged once, on a sealed test split, after the loop has stopped; training steps
are equal throughout.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from render.progress import say
from render.store import Truth
from training.arm_figures import ByClass, ap50_by_condition, interval_of_figure, mean_figure
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, plan_of, train_arm
from training.breakdown import COUNTED
from training.checkpoint import Model
from training.compare import Comparison, compare, family
from training.config import StudyConfig
from training.design import test_truth
from training.detector import Detections
from training.finish import finish
from training.refine_sheet import Refined, sheet, words
from training.refining import Allocation, Loop, Measured, refine
from training.results import row
from training.study import MakeDataset, Study

LAYOUTS = (*["crossroads_signals"] * 2, "crossroads_stop", "straight")
START = "clear"
SMALLEST_SHORTFALL = 0.05
"""A condition fails when it is so far below the median condition, and not by chance."""

SMALLEST = 0.02
"""Least difference of AP50 between the two arms that matters; both declared before any look."""

TRAIN, VALIDATION, SEALED = "train", "val", "test"


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend.

    Attributes:
        first: scenes to begin with, all in START. per_round: scenes of a round. rounds: at most.
        val_scenes, test_scenes: twins in every condition.
    """

    first: int
    per_round: int
    rounds: int
    val_scenes: int
    test_scenes: int
    conditions: tuple[str, ...]
    budget: Budget


EVERY = ("clear", "rain", "fog", "snow", "night")
PLANS = {
    "small": Plan(60, 30, 2, 30, 60, ("clear", "fog", "snow"), Budget(300, 5, QUICK)),
    "normal": Plan(150, 75, 3, 60, 100, EVERY, Budget(900, 5, QUICK)),
    "large": Plan(1000, 500, 5, 200, 400, EVERY, Budget(8000, 8)),
}


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    declaration = plan_of(
        config, "Does spending where it fails beat spending evenly?",
        "AP50 over the conditions that the loop aimed at, refined against uniform, on sealed "
        "scenes", SMALLEST, ("uniform", "refined"), plan.conditions, plan, plan.budget,
    )  # fmt: skip
    validation = _truth(config, plan, make_dataset, VALIDATION)
    seen: list[str] = []

    def found(models: list[Model], truth: Truth, split: str) -> list[Detections]:
        word, runs = detections(config, models, truth, declaration, split)
        seen.extend([word] if word else [])
        return runs

    def trained(name: str, spent: Sequence[Allocation]) -> list[Model]:
        return train_arm(config, make_dataset, Arm(name, "", sources(config, spent)), plan.budget)

    def measure(spent: Sequence[Allocation]) -> Measured:
        say(f"round {len(spent) - 1}: {sum(sum(a.values()) for a in spent)} scenes")
        runs = found(trained("refined", spent), validation, VALIDATION)
        given = ("refined", validation, runs, config.replicates, config.seed)
        return measured(plan.conditions, ap50_by_condition(*given))

    first = {c: plan.first if c == START else 0 for c in plan.conditions}
    loop = refine(measure, first, plan.per_round, plan.rounds, SMALLEST_SHORTFALL)
    say(f"the loop stopped: {loop.stopped}; opening the sealed test")
    sealed = _truth(config, plan, make_dataset, SEALED)
    runs = {
        name: found(trained(name, spent), sealed, SEALED)
        for name, spent in arms_of(loop, first).items()
    }
    findings = findings_of(config, plan, loop, sealed, runs, seen[0] if seen else None)
    return finish(config, sheet(findings), rows(findings), words(findings))


def arms_of(loop: Loop, first: Allocation) -> dict[str, Sequence[Allocation]]:
    """What is opened the sealed test with: the start and, where anything was spent, both arms."""
    arms: dict[str, Sequence[Allocation]] = {"start": (first,)}
    if loop.aimed:
        arms |= {"uniform": loop.uniform, "refined": loop.refined}
    return arms


def sources(config: StudyConfig, spent: Sequence[Allocation]) -> tuple[Source, ...]:
    """The datasets of some allocations: each round has scenes of its own, twins across conditions.

    Two arms that spend in one condition in one round see the same first scenes there.
    """
    return tuple(
        Source(
            {
                "seed": config.seed + k, "split": TRAIN, "scenes": scenes, "frames_per_scene": 1,
                "conditions": [condition], "layouts": list(LAYOUTS),
            }
        )
        for k, allocation in enumerate(spent)
        for condition, scenes in allocation.items()
        if scenes
    )  # fmt: skip


def measured(conditions: Sequence[str], figures: dict[str, ByClass]) -> Measured:
    """The figures of an arm as what the loop wants: mean over seeds, replicates over scenes."""
    chosen = [figures[c][COUNTED] for c in conditions]
    samples = np.stack([f.samples.mean(axis=0) for f in chosen], axis=1)
    good = np.asarray(~np.isnan(samples).any(axis=1))
    value = np.array([f.values.mean() for f in chosen])
    whole = mean_figure("validation", chosen)
    return Measured(
        tuple(conditions), value, np.where(good[:, None], samples, value), whole.scenes,
        whole.objects, str(whole.fingerprint),
    )  # fmt: skip


def _truth(config: StudyConfig, plan: Plan, make_dataset: MakeDataset, split: str) -> Truth:
    spec: dict[str, Any] = {
        "seed": config.seed, "split": split, "frames_per_scene": 1,
        "scenes": plan.val_scenes if split == VALIDATION else plan.test_scenes,
        "conditions": list(plan.conditions), "layouts": list(LAYOUTS),
    }  # fmt: skip
    return test_truth(config, dataset(config, make_dataset, spec))


def findings_of(
    config: StudyConfig,
    plan: Plan,
    loop: Loop,
    sealed: Truth,
    runs: dict[str, list[Detections]],
    seen: str | None,
) -> Refined:
    """The judgement on the sealed scenes."""
    figures = {
        name: ap50_by_condition(name, sealed, found, config.replicates, config.seed)
        for name, found in runs.items()
    }
    return Refined(
        title=STUDY.title, size=config.size, loop=loop, figures=figures,
        primary=judged(loop, figures, loop.aimed),
        overall=judged(loop, figures, plan.conditions),
        each=tuple(_each(plan.conditions, figures)),
        conditions=plan.conditions, sealed=sealed, found={n: f[0] for n, f in runs.items()},
        steps=plan.budget.steps, seeds=plan.budget.seeds, per_round=plan.per_round,
        shortfall=SMALLEST_SHORTFALL, smallest=SMALLEST, seen=seen,
    )  # fmt: skip


def judged(
    loop: Loop, figures: dict[str, dict[str, ByClass]], conditions: Sequence[str]
) -> Comparison | None:
    """Refined against uniform, mean over some conditions; None where the loop aimed at none."""
    if not loop.aimed:
        return None
    pair = [
        mean_figure(name, [figures[name][c][COUNTED] for c in conditions])
        for name in ("uniform", "refined")
    ]
    return compare(pair[0], pair[1], SMALLEST)


def _each(conditions: Sequence[str], figures: dict[str, dict[str, ByClass]]) -> list[Comparison]:
    """Refined against uniform in every condition, one family: what was not aimed at counts too."""
    if "refined" not in figures:
        return []
    pairs = [[figures[a][c][COUNTED] for a in ("uniform", "refined")] for c in conditions]
    return family([compare(a, b, SMALLEST) for a, b in pairs])


def rows(findings: Refined) -> list[dict[str, Any]]:
    """The content of results.json: rounds on validation, arms and comparisons on sealed scenes."""
    severity = dict(findings.sealed.severity)
    first = findings.figures["start"][findings.conditions[0]][COUNTED]
    out = []
    for k, done in enumerate(findings.loop.rounds):
        known = (done.measured.scenes, done.measured.objects, done.measured.fingerprint)
        out += [
            row("refine", f.level, severity.get(f.level, ""), COUNTED,
                f"shortfall on validation in round {k}", f.shortfall, *known)
            for f in done.failing
        ]  # fmt: skip
        if done.gain is not None:
            out.append(
                row("refine", "aimed at", "", COUNTED, f"gain on validation of round {k}",
                    done.gain, *known)
            )  # fmt: skip
    for arm, conditions in findings.figures.items():
        for c, classes in conditions.items():
            for name, figure in classes.items():
                out.append(
                    row("refine", c, severity.get(c, ""), name, f"AP50 of {arm}",
                        interval_of_figure(figure), figure.scenes, figure.objects,
                        str(figure.fingerprint))
                )  # fmt: skip
    compared = list(zip(findings.conditions, findings.each, strict=False))
    if findings.primary is not None:
        compared.append(("aimed at", findings.primary))
    if findings.overall is not None:
        compared.append(("all conditions", findings.overall))
    for c, made in compared:
        line = row("refine", c, severity.get(c, ""), COUNTED, "AP50 of refined minus uniform",
                   made.change, made.scenes, made.objects, str(first.fingerprint))  # fmt: skip
        out.append(line | {"verdict": made.verdict, "p": made.p})
    return out


STUDY = Study(
    title="scenes made where it fails, round after round, against an equal budget spread evenly",
    run=run,
)
