"""The motive: stop sign, red lamp, brake lamp, red car: who is taken for whom, and what mends it?

Two arms see the same scenes for the same number of steps on the same seeds: one in clear weather,
one in five weathers. Both are asked at every red thing of unseen scenes, in every condition and
severity. Cameras at several heights spread the apparent sizes, so that kinds can be compared at
sizes that they share.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.progress import say
from render.store import Truth, open_dataset, select_images
from scenarios.presets import read_condition
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, plan_of, train_arm
from training.breakdown import by_condition
from training.compare import Comparison, compare, family
from training.config import StudyConfig
from training.design import test_truth
from training.detector import Detections
from training.finish import finish
from training.metrics import MIN_OBJECTS
from training.red_things import KINDS, LABELLED, Things, red_things
from training.results import row
from training.stop_or_red_sheet import StopOrRed, sheet, words
from training.study import MakeDataset, Study
from training.taken import (
    ANSWERS,
    Counts,
    answer_of,
    count,
    covered,
    rate,
    reference_sizes,
    right_answers,
)
from training.taken import COVERED as ENOUGH_COVERED
from training.verdicts import interval_of_figure

LAYOUTS = ("crossroads_signals", "crossroads_signals", "crossroads_stop", "roundabout")
CAMERA = {"camera.m_per_px": 0.07, "camera.m_per_px_high": 0.16}
SMALLEST = 0.05
"""Least difference of a share of things that matters, declared before the first look."""

CLEAR, WEATHER = "clear-trained", "weather-trained"
WEATHERS = ("clear", "rain", "fog", "snow", "night")
"""What the second arm sees, a fifth of the scenes each."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend: ``levels`` are conditions with severities, the mildest first."""

    train_scenes: int
    test_scenes: int
    levels: tuple[Any, ...]
    budget: Budget


FEW = ("clear", {"fog": {"visibility_m": 400}}, "fog", "rain", "snow", "night")
MANY = (
    "clear", *({"fog": {"visibility_m": v}} for v in (800, 400, 240, 160)),
    *({"rain": {"rain_mm_h": v}} for v in (5, 25, 75)),
    *({"snow": {"snow_mm_h": v}} for v in (0.5, 2, 5)), "dusk", "night", "night_rain",
)  # fmt: skip
PLANS = {
    "small": Plan(200, 40, FEW, Budget(800, 5, QUICK)),
    "normal": Plan(400, 100, MANY, Budget(1500, 5, QUICK)),
    "large": Plan(2500, 300, MANY, Budget(8000, 8)),
}


def arms_of(plan: Plan, seed: int) -> tuple[Arm, Arm]:
    """The two arms: the same scenes, in clear weather and in five weathers."""

    def source(k: int, condition: str) -> Source:
        return Source(
            {
                "seed": seed + k, "split": "train", "scenes": max(plan.train_scenes // 5, 1),
                "frames_per_scene": 1, "conditions": [condition], "layouts": list(LAYOUTS),
                **CAMERA,
            }
        )  # fmt: skip

    return (
        Arm(CLEAR, "all scenes in clear weather", tuple(source(k, "clear") for k in range(5))),
        Arm(
            WEATHER, f"a fifth each in {', '.join(WEATHERS)}",
            tuple(source(k, name) for k, name in enumerate(WEATHERS)),
        ),
    )  # fmt: skip


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    declaration = plan_of(
        config, "Who is taken for whom among red things, and which training data mends it?",
        "right answers at stop signs, red lamps and cars in every condition, at matched size",
        SMALLEST, (CLEAR, WEATHER), [read_condition(s).label for s in plan.levels], plan,
        plan.budget,
    )  # fmt: skip
    test = {
        "seed": config.seed, "split": "test", "scenes": plan.test_scenes, "frames_per_scene": 1,
        "conditions": list(plan.levels), "layouts": list(LAYOUTS), **CAMERA,
    }  # fmt: skip
    folder = dataset(config, make_dataset, test)
    truth = test_truth(config, folder)
    runs: dict[str, list[Detections]] = {}
    seen = None
    for arm in arms_of(plan, config.seed):
        models = train_arm(config, make_dataset, arm, plan.budget)
        found, runs[arm.name] = detections(config, models, truth, declaration, "test")
        seen = found or seen
    say("measuring: what is answered at every red thing")
    findings = findings_of(config, plan, truth, red_things(open_dataset(folder), truth), runs, seen)
    return finish(config, sheet(findings), rows(findings), words(findings))


def findings_of(
    config: StudyConfig,
    plan: Plan,
    truth: Truth,
    things: Things,
    runs: Mapping[str, list[Detections]],
    seen: str | None,
) -> StopOrRed:
    """All counts, rates and comparisons."""
    conditions = by_condition(truth)
    parts = {c: select_images(truth, keep) for c, keep in conditions.items()}
    counts: dict[tuple[str, str], Counts] = {}
    for arm, found in runs.items():
        answers = [answer_of(truth, f, things) for f in found]
        for c, keep in conditions.items():
            counts[arm, c] = count(things, answers, keep, parts[c])
    sizes = reference_sizes(next(iter(counts.values())))
    figures = {}
    for (arm, c), table in counts.items():
        for kind in range(len(KINDS)):
            used = sizes if covered(table, kind, sizes) >= ENOUGH_COVERED else None
            for answer in range(len(ANSWERS)):
                figures[arm, c, kind, answer] = rate(
                    arm, table, kind, (answer,), used, config.replicates, config.seed
                )
    return StopOrRed(
        title=STUDY.title, size=config.size, truth=truth,
        conditions=tuple(read_condition(s).label for s in plan.levels), sizes=sizes, counts=counts,
        figures=figures, mended=tuple(_mended(list(conditions), figures)), arms=(CLEAR, WEATHER),
        found={arm: found[0] for arm, found in runs.items()}, seeds=plan.budget.seeds,
        steps=plan.budget.steps, smallest=SMALLEST, seen=seen,
    )  # fmt: skip


def _mended(conditions: list[str], figures: Mapping[Any, Any]) -> list[tuple[str, int, Comparison]]:
    """Right answers of the weather-trained arm minus the clear-trained: one family."""
    found = []
    for c, kind in itertools.product(conditions, range(LABELLED)):
        (right,) = right_answers(kind)
        pair = figures[CLEAR, c, kind, right], figures[WEATHER, c, kind, right]
        if pair[0].objects >= MIN_OBJECTS and not np.isnan(pair[0].values).any():
            found.append((c, kind, compare(*pair, SMALLEST)))
    judged = family([f[2] for f in found])
    return [(c, kind, j) for (c, kind, _), j in zip(found, judged, strict=True)]


def rows(findings: StopOrRed) -> list[dict[str, Any]]:
    """The content of results.json: every answer at every kind, and what the weather mends."""
    severity = dict(findings.truth.severity)
    out = []
    for (arm, c, kind, answer), figure in findings.figures.items():
        if figure.objects:
            metric = f"taken for {ANSWERS[answer]} by the {arm}"
            out.append(
                row("stop_or_red", c, severity.get(c, ""), KINDS[kind], metric,
                    interval_of_figure(figure), figure.scenes, figure.objects,
                    str(figure.fingerprint))
            )  # fmt: skip
    for c, kind, made in findings.mended:
        figure = findings.figures[CLEAR, c, kind, right_answers(kind)[0]]
        metric = f"right answers of the {WEATHER} minus the {CLEAR}"
        line = row("stop_or_red", c, severity.get(c, ""), KINDS[kind], metric, made.change,
                   figure.scenes, figure.objects, str(figure.fingerprint))  # fmt: skip
        out.append(line | {"verdict": made.verdict, "p": made.p})
    return out


STUDY = Study(
    title="stop sign, red lamp, brake lamp, red car: who is taken for whom, and what mends it",
    run=run,
)
