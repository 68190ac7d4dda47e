"""Start small: how does the score grow with the number of scenes, and how many more are worth it?

One set of scenes, opened by its first eighth, quarter, half: each size holds the smaller ones, and
all train for the same number of steps on the same paired seeds. The sizes are trained in order, and
the study stops at the size whose gain over half of it is not distinguishable from nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from render.progress import say
from render.store import Truth
from training.arm_figures import (
    ByClass,
    ap50_by_condition,
    interval_of_figure,
    joint_replicates,
    mean_figure,
)
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, plan_of, train_arm
from training.breakdown import COUNTED
from training.compare import Comparison, compare
from training.config import StudyConfig
from training.design import test_truth
from training.detector import Detections
from training.finish import finish
from training.how_much_sheet import HowMuch, Size, sheet, words
from training.learning import LEAST_SIZES, read_curve
from training.results import row
from training.study import MakeDataset, Study

LAYOUTS = (*["crossroads_signals"] * 2, "crossroads_stop", "straight")
SMALLEST = 0.02
"""Least gain of AP50 that is worth more scenes, declared before the first look."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend: nested ``sizes`` in scenes, ascending, each twice the last."""

    sizes: tuple[int, ...]
    test_scenes: int
    conditions: tuple[str, ...]
    budget: Budget


EVERY = ("clear", "rain", "fog", "snow", "night")
PLANS = {
    "small": Plan((10, 20, 40, 80, 160), 60, ("clear", "snow"), Budget(300, 5, QUICK)),
    "normal": Plan((15, 30, 60, 120, 240, 480), 100, EVERY, Budget(1500, 5, QUICK)),
    "large": Plan((50, 100, 200, 400, 800, 1600, 3200), 400, EVERY, Budget(8000, 8)),
}

Look = Callable[[int], tuple[ByClass, dict[str, ByClass]]]
"""Trains on the first n scenes; figures as a mean over conditions, and by condition."""


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    declaration = plan_of(
        config, "How many scenes are worth making?",
        "gain of AP50 by each doubling, mean over conditions and classes with enough objects",
        SMALLEST, [f"{n} scenes" for n in plan.sizes], plan.conditions, plan, plan.budget,
    )  # fmt: skip
    common = {
        "seed": config.seed, "frames_per_scene": 1, "conditions": list(plan.conditions),
        "layouts": list(LAYOUTS),
    }  # fmt: skip
    train_spec = {**common, "split": "train", "scenes": plan.sizes[-1]}
    test_spec = {**common, "split": "test", "scenes": plan.test_scenes}
    truth = test_truth(config, dataset(config, make_dataset, test_spec))
    first: dict[int, Detections] = {}
    seen: list[str] = []

    def look(scenes: int) -> tuple[ByClass, dict[str, ByClass]]:
        arm = Arm(f"{scenes} scenes", "", (Source(train_spec, scenes),))
        models = train_arm(config, make_dataset, arm, plan.budget)
        found, runs = detections(config, models, truth, declaration, "test")
        seen.extend([found] if found else [])
        first[scenes] = runs[0]
        say(f"measuring: {scenes} scenes")
        given = (arm.name, truth, runs, config.replicates, config.seed)
        conditions = ap50_by_condition(*given)
        return mean_over(arm.name, conditions), conditions

    sizes, stopped = climb(plan.sizes, look)
    findings = findings_of(config, plan, truth, sizes, stopped, first, seen[0] if seen else None)
    return finish(config, sheet(findings), rows(findings), words(findings))


def mean_over(name: str, conditions: dict[str, ByClass]) -> ByClass:
    """The mean over the conditions of the figure of each class that all of them have."""
    shared = [
        c for c in next(iter(conditions.values())) if all(c in by for by in conditions.values())
    ]
    return {c: mean_figure(name, [by[c] for by in conditions.values()]) for c in shared}


def climb(sizes: tuple[int, ...], look: Look) -> tuple[list[Size], str]:
    """Train size after size until a doubling's gain is not distinguishable from nothing.

    A curve has LEAST_SIZES points before it may stop.

    Returns:
        The sizes that were trained, and why it stopped.
    """
    done: list[Size] = []
    for scenes in sizes:
        whole, conditions = look(scenes)
        gain = compare(done[-1].whole[COUNTED], whole[COUNTED], SMALLEST) if done else None
        done.append(Size(scenes, whole, conditions, gain))
        if gain is not None and len(done) >= LEAST_SIZES and no_gain(gain):
            return done, _because(gain, scenes)
    return done, ""


def no_gain(gain: Comparison) -> bool:
    """Whether a gain is not distinguishable from nothing, or shown to be too small to matter."""
    return not gain.change.low > 0 or gain.verdict == "equivalent"


def _because(gain: Comparison, scenes: int) -> str:
    if gain.verdict == "equivalent":
        return f"the doubling to {scenes} scenes is shown to bring less than the least that matters"
    return f"the gain of the doubling to {scenes} scenes is not distinguishable from nothing"


def findings_of(
    config: StudyConfig,
    plan: Plan,
    truth: Truth,
    sizes: list[Size],
    stopped: str,
    found: dict[int, Detections],
    seen: str | None,
) -> HowMuch:
    """The curve through the sizes, where there are enough of them."""
    figures = [s.whole[COUNTED] for s in sizes]
    curve, samples = None, np.zeros((0, 0))
    if len(sizes) >= LEAST_SIZES:
        samples = 1.0 - joint_replicates(figures, config.seed)
        samples = samples[~np.isnan(samples).any(axis=1)]
        errors = 1.0 - np.array([f.values.mean() for f in figures])
        numbers = np.array([float(s.scenes) for s in sizes])
        curve = read_curve(numbers, errors, samples, SMALLEST)
    return HowMuch(
        title=STUDY.title, size=config.size, sizes=tuple(sizes), planned=plan.sizes,
        stopped=stopped, curve=curve, samples=samples, smallest=SMALLEST, truth=truth, found=found,
        conditions=plan.conditions, steps=plan.budget.steps, seeds=plan.budget.seeds, seen=seen,
    )  # fmt: skip


def rows(findings: HowMuch) -> list[dict[str, Any]]:
    """The content of results.json: the score of every size, its gains, what the curve says."""
    severity = dict(findings.truth.severity)
    out = []
    for size in findings.sizes:
        for condition, classes in {"all": size.whole, **size.conditions}.items():
            for name, figure in classes.items():
                out.append(
                    row("how_much", condition, severity.get(condition, ""), name,
                        f"AP50 of {size.scenes} scenes", interval_of_figure(figure), figure.scenes,
                        figure.objects, str(figure.fingerprint))
                )  # fmt: skip
        if size.gain:
            figure = size.whole[COUNTED]
            known = (figure.scenes, figure.objects, str(figure.fingerprint))
            made = row("how_much", "all", "", COUNTED, f"gain of the doubling to {size.scenes}",
                       size.gain.change, *known)  # fmt: skip
            out.append(made | {"verdict": size.gain.verdict, "p": size.gain.p})
    curve = findings.curve
    if curve is not None:
        figure = findings.sizes[-1].whole[COUNTED]
        known = (figure.scenes, figure.objects, str(figure.fingerprint))
        for metric, bounds in (
            ("power law exponent", curve.alpha), ("power law floor", curve.floor),
            ("next scenes", curve.next_size), ("expected gain there", curve.next_gain),
            ("scenes beyond which a doubling is not worth it", curve.saturated_at),
        ):  # fmt: skip
            out.append(row("how_much", "all", "", COUNTED, metric, bounds, *known))
    return out


STUDY = Study(
    title="how the score grows with the number of scenes, where to stop, how many to make next",
    run=run,
)
