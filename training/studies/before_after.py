"""What is synthetic data of a condition worth to a detector trained on a fair-weather base?

The arm ladder: the base; the base with more of itself (quantity control); the base under stronger
augmentation; the base with synthetic scenes of the target condition; and the oracle, trained in the
target condition alone. All arms take the same number of steps on the same paired seeds, and the
added scenes of the quantity control and of the synthetic arm are the same scenes in other weather.
A claim is about the synthetic arm against the first three together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.progress import say
from render.store import Truth
from training.arm_figures import ByClass, ap50_by_condition
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, plan_of, train_arm
from training.augment_strong import STRONG
from training.before_after_sheet import BeforeAfter, Target, sheet, words
from training.breakdown import COUNTED
from training.compare import Comparison, compare, family
from training.config import StudyConfig
from training.design import test_truth
from training.detector import Detections
from training.finish import finish
from training.results import row
from training.study import MakeDataset, Study
from training.taxonomy import policies
from training.verdicts import interval_of_figure
from training.worth import exchange, gap_closed

BASE = "clear"
LAYOUTS = (*["crossroads_signals"] * 2, "crossroads_stop", "straight")
SMALLEST = 0.02
"""Least difference of AP50 that matters, declared before the first look."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend.

    Attributes:
        base_scenes: of the base; as many are added. test_scenes: twins in every condition.
        targets: conditions that synthetic scenes are made of, one arm and one oracle each.
        again: whether the base is trained a second time on other seeds, as an A/A control.
    """

    base_scenes: int
    test_scenes: int
    budget: Budget
    targets: tuple[str, ...]
    again: bool = True


PLANS = {
    "small": Plan(100, 60, Budget(300, 5, QUICK), ("snow",), again=False),
    "normal": Plan(300, 150, Budget(600, 5, QUICK), ("fog", "snow", "night")),
    "large": Plan(1500, 400, Budget(6000, 8), ("rain", "fog", "snow", "night")),
}


def arms_of(plan: Plan, seed: int) -> tuple[Arm, ...]:
    """The ladder, the base first."""

    def spec(condition: str, added: bool) -> dict[str, Any]:
        return {
            "seed": seed + int(added), "split": "train", "scenes": plan.base_scenes,
            "frames_per_scene": 1, "conditions": [condition], "layouts": list(LAYOUTS),
        }  # fmt: skip

    base = Source(spec(BASE, added=False))
    half = dataclasses.replace(base, scenes=max(plan.base_scenes // 2, 1))
    ladder = [
        Arm("base", f"{BASE} alone", (base,)),
        Arm("half the base", "for the learning curve", (half,)),
        Arm("more of the base", "quantity control", (base, Source(spec(BASE, added=True)))),
        Arm("augmented", "stronger augmentation, no data", (base,), {"augment": STRONG}),
    ]
    for target in plan.targets:
        added = Source(spec(target, added=True))
        oracle = (Source(spec(target, added=False)), added)
        ladder += [
            Arm(f"synthetic {target}", f"base with {target} added", (base, added)),
            Arm(f"oracle {target}", f"{target} alone, as many scenes", oracle),
        ]
    if plan.again:
        ladder.append(Arm("base again", "A/A control: other seeds", (base,), seed_shift=1000))
    return tuple(ladder)


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    arms = arms_of(plan, config.seed)
    declaration = plan_of(
        config, f"What are synthetic scenes of a condition worth to a {BASE} base?",
        "AP50 in the target over the classes with enough objects, synthetic arm against base, "
        "quantity control and augmentation", SMALLEST, [a.name for a in arms],
        (BASE, *plan.targets), plan, plan.budget,
    )  # fmt: skip
    test = {
        "seed": config.seed, "split": "test", "scenes": plan.test_scenes, "frames_per_scene": 1,
        "conditions": [BASE, *plan.targets], "layouts": list(LAYOUTS),
    }  # fmt: skip
    truth = test_truth(config, dataset(config, make_dataset, test))
    runs: dict[str, list[Detections]] = {}
    seen = None
    for arm in arms:
        models = train_arm(config, make_dataset, arm, plan.budget)
        found, runs[arm.name] = detections(config, models, truth, declaration, "test")
        seen = found or seen
    say("measuring: every arm in every condition")
    findings = findings_of(config, plan, arms, truth, runs, seen)
    return finish(config, sheet(findings), rows(findings), words(findings))


def findings_of(
    config: StudyConfig,
    plan: Plan,
    arms: tuple[Arm, ...],
    truth: Truth,
    runs: Mapping[str, list[Detections]],
    seen: str | None,
) -> BeforeAfter:
    """All figures and comparisons of the study."""
    figures: dict[tuple[str, str], Mapping[str, ByClass]] = {
        (arm.name, policy.suffix): ap50_by_condition(
            arm.name, truth, runs[arm.name], config.replicates, config.seed, policy
        )
        for arm in arms
        for policy in policies(truth.counting)
    }
    primary = {arm.name: figures[arm.name, ""] for arm in arms}
    targets = tuple(_target(config, plan, primary, name) for name in plan.targets)
    control = None
    if plan.again:
        control = _against(primary, BASE, "base", "base again")
    return BeforeAfter(
        title=STUDY.title, size=config.size, base=BASE, arms=arms, truth=truth,
        found={name: found[0] for name, found in runs.items()}, figures=figures, targets=targets,
        control=control, seeds=plan.budget.seeds, steps=plan.budget.steps, smallest=SMALLEST,
        scenes=plan.base_scenes, seen=seen,
    )  # fmt: skip


def _target(
    config: StudyConfig, plan: Plan, primary: Mapping[str, Mapping[str, ByClass]], name: str
) -> Target:
    arm, oracle = f"synthetic {name}", f"oracle {name}"
    value = {a: by[name][COUNTED] for a, by in primary.items()}
    claim = family(
        [_against(primary, name, a, arm) for a in ("base", "more of the base", "augmented")]
    )
    gap = _against(primary, name, "base", oracle)
    size = float(plan.base_scenes)
    curve = [value["half the base"], value["base"], value["more of the base"]]
    return Target(
        condition=name, claim=tuple(claim), gap=gap,
        cost=_against(primary, BASE, "base", arm),
        closed=gap_closed(value["base"], value[arm], value[oracle], gap, config.seed),
        exchange=exchange((size / 2, size, 2 * size), curve, value[arm], size, size, config.seed),
    )  # fmt: skip


def _against(
    primary: Mapping[str, Mapping[str, ByClass]], condition: str, control: str, other: str
) -> Comparison:
    pair = primary[control][condition][COUNTED], primary[other][condition][COUNTED]
    return compare(*pair, SMALLEST)


def rows(findings: BeforeAfter) -> list[dict[str, Any]]:
    """The content of results.json: every figure of every arm, every comparison."""
    severity = dict(findings.truth.severity)
    out = []
    for (arm, suffix), conditions in findings.figures.items():
        for condition, classes in conditions.items():
            for name, figure in classes.items():
                metric = f"AP50{suffix} of {arm}"
                bounds = interval_of_figure(figure)
                out.append(
                    row("before_after", condition, severity.get(condition, ""), name, metric,
                        bounds, figure.scenes, figure.objects, str(figure.fingerprint))
                )  # fmt: skip
    for target in findings.targets:
        figure = findings.figures["base", ""][target.condition][COUNTED]
        known = (figure.scenes, figure.objects, str(figure.fingerprint))
        level = severity.get(target.condition, "")
        where = ("before_after", target.condition, level, COUNTED)
        for c in (*target.claim, target.gap):
            metric = f"AP50 of {c.other} minus {c.control}"
            out.append(row(*where, metric, c.change, *known) | {"verdict": c.verdict, "p": c.p})
        cost = target.cost
        metric = f"AP50 of {cost.other} minus {cost.control}"
        base = ("before_after", findings.base, severity.get(findings.base, ""), COUNTED)
        out.append(row(*base, metric, cost.change, *known) | {"verdict": cost.verdict, "p": cost.p})
        for metric, bounds in (
            ("gap closed", target.closed), ("base scenes of equal score", target.exchange.scenes),
            ("base scenes an added scene is worth", target.exchange.rate),
        ):  # fmt: skip
            out.append(row(*where, metric, bounds, *known))
    return out


STUDY = Study(
    title="what synthetic scenes of a condition are worth, against quantity and augmentation",
    run=run,
)
