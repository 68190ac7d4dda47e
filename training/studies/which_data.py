"""Which data should be made? Diversity against relevance, and what predicts the gain.

Candidates add the same number of scenes to a fair-weather base, in other mixtures of conditions
and layouts. Each is measured against a target profile before anything is trained on it, then it is
trained on. A measure that does not order the candidates as their gains do is called descriptive.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.progress import say
from render.store import Truth, join, open_dataset, read_splits
from training.arm_figures import ByClass, ap50_by_condition, mean_figure
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, plan_of, train_arm
from training.breakdown import COUNTED
from training.compare import compare
from training.config import StudyConfig
from training.design import test_truth
from training.features import trunk_features
from training.finish import finish
from training.likeness import (
    combinations_seen,
    covered,
    divergence,
    diversity,
    kernel_distance,
    power_of,
    standardised,
)
from training.loop import torch_settings
from training.mixing import first_scenes
from training.multiplicity import holm
from training.results import row
from training.study import MakeDataset, Study
from training.verdicts import interval_of_figure
from training.which_data_sheet import Candidate, Measure, WhichData, sheet, words

BASE = "clear"
LAYOUTS = (*["crossroads_signals"] * 2, "crossroads_stop", "straight")
SMALLEST = 0.02
"""Least gain of AP50 that matters, declared before the first look."""

SIDES_PX = np.array([0, 8, 16, 24, 32, 48, 64, 96, 1e9])
"""Bands of the size of objects, px."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend: scenes of the base, added scenes, scenes of the target; its conditions;
    the mixtures of conditions that are tried, each of equal shares.
    """

    base: int
    added: int
    target_scenes: int
    target: tuple[str, ...]
    mixtures: tuple[tuple[str, ...], ...]
    budget: Budget


EVERY = ("clear", "rain", "fog", "snow", "night")
PLANS = {
    "small": Plan(
        60, 60, 40, ("snow", "night"),
        (("clear",), ("snow",), ("night",), ("snow", "night"), ("fog",), ("rain",),
         ("rain", "fog"), EVERY), Budget(300, 1, QUICK),
    ),
    "normal": Plan(
        150, 150, 100, ("snow", "night"),
        (("clear",), ("snow",), ("night",), ("snow", "night"), ("fog",), ("rain",),
         ("rain", "fog"), EVERY, ("dusk",), ("overcast",), ("wet",), ("heavy_rain",),
         ("night_rain",), ("snow", "fog"), ("dusk", "night"), ("clear", "snow")),
        Budget(500, 5, QUICK),
    ),
    "large": Plan(
        600, 600, 300, ("snow", "night", "night_rain"),
        tuple((a, b) for i, a in enumerate(EVERY) for b in EVERY[i:]), Budget(5000, 8),
    ),
}  # fmt: skip


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, measure, train, compare, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    names = [" + ".join(m) for m in plan.mixtures]
    declaration = plan_of(
        config, "Which of these candidates should be made, and what would have told so?",
        "gain of AP50 over the base, mean over the target's conditions, and its rank correlation "
        "with each measure", SMALLEST, ["base", *names], plan.target, plan, plan.budget,
    )  # fmt: skip

    def spec(condition: str, split: str, scenes: int, shift: int) -> dict[str, Any]:
        return {
            "seed": config.seed + shift, "split": split, "scenes": scenes, "frames_per_scene": 1,
            "conditions": [condition], "layouts": list(LAYOUTS),
        }  # fmt: skip

    base = Source(spec(BASE, "train", plan.base, 0))
    test_spec = spec(BASE, "test", plan.target_scenes, 0) | {"conditions": list(plan.target)}
    # the profile that candidates are compared with is not what they are tested on
    profile_spec = test_spec | {"split": "profile"}
    truth = test_truth(config, dataset(config, make_dataset, test_spec))
    profile = read_splits(open_dataset(dataset(config, make_dataset, profile_spec)))
    arms = [Arm("base", "", (base,))]
    for name, mixture in zip(names, plan.mixtures, strict=True):
        share = plan.added // len(mixture)
        added = [Source(spec(c, "train", plan.added, 1 + i), share) for i, c in enumerate(mixture)]
        arms.append(Arm(name, "", (base, *added)))
    figures: dict[str, Mapping[str, ByClass]] = {}
    models = {}
    for arm in arms:
        models[arm.name] = train_arm(config, make_dataset, arm, plan.budget)
        _, runs = detections(config, models[arm.name], truth, declaration, "test")
        figures[arm.name] = ap50_by_condition(arm.name, truth, runs, config.replicates, config.seed)
    say("measuring: how like the target each candidate is")
    sets = [_images(config, make_dataset, arm) for arm in arms[1:]]
    with torch_settings(config.threads):
        seen = [trunk_features(models["base"][0], t) for t in (profile, *sets)]
    measured = measures(profile, sets, seen)
    wholes = {name: _whole(name, by) for name, by in figures.items()}
    candidates = [
        Candidate(name, compare(wholes["base"], wholes[name], SMALLEST), wholes[name], values)
        for name, values in zip(names, measured, strict=True)
    ]
    findings = WhichData(
        title=STUDY.title, size=config.size, target=plan.target, base=wholes["base"],
        candidates=tuple(candidates), powers=powers(candidates, config.seed),
        added=plan.added, steps=plan.budget.steps, seeds=plan.budget.seeds,
        scenes=plan.target_scenes,
    )  # fmt: skip
    return finish(config, sheet(findings), rows(findings), words(findings))


def _whole(name: str, conditions: Mapping[str, ByClass]) -> Any:
    return mean_figure(name, [by[COUNTED] for by in conditions.values()])


def _images(config: StudyConfig, make_dataset: MakeDataset, arm: Arm) -> Truth:
    """What an arm adds to the base."""
    parts = [
        first_scenes(
            read_splits(open_dataset(dataset(config, make_dataset, s.spec))), s.scenes
        )
        for s in arm.sources[1:]
    ]  # fmt: skip
    return join(parts)


def measures(
    profile: Truth, sets: list[Truth], features: list[np.ndarray]
) -> list[dict[Measure, float]]:
    """Every measure of every set, larger for more like the target or more diverse.

    Args:
        features: of the profile, then of each set.
    """
    target, *each = standardised(features, np.concatenate(features))
    return [
        {
            Measure.COMBINATIONS: combinations_seen(_combinations(profile), _combinations(truth)),
            Measure.CLASSES: -divergence(_classes(profile), _classes(truth)),
            Measure.SIZES: -divergence(_sizes(profile), _sizes(truth)),
            Measure.CONTRAST: -divergence(_contrast(profile), _contrast(truth)),
            Measure.NEAR: -kernel_distance(target, seen),
            Measure.COVERED: covered(target, seen),
            Measure.DIVERSE: diversity(seen),
        }
        for truth, seen in zip(sets, each, strict=True)
    ]


def _combinations(truth: Truth) -> list[tuple[str, str]]:
    return list(zip(truth.layout, truth.condition, strict=True))


def _classes(truth: Truth) -> np.ndarray:
    return np.bincount(truth.category, minlength=len(truth.classes))


def _sizes(truth: Truth) -> np.ndarray:
    side = np.sqrt((truth.box_px[:, 2:] - truth.box_px[:, :2]).prod(axis=1))
    return np.histogram(side, SIDES_PX)[0]


def _contrast(truth: Truth) -> np.ndarray:
    return np.histogram(truth.contrast_left, np.linspace(0, 1, 11))[0]


def powers(candidates: list[Candidate], seed: int) -> tuple[tuple[Measure, float, float], ...]:
    """Each measure with its rank correlation with the gains, and Holm's p over all of them."""
    gains = [c.gain.change.value for c in candidates]
    found = [power_of([c.values[m] for c in candidates], gains, seed) for m in Measure]
    adjusted = holm([f.p for f in found])
    return tuple((m, f.rank, p) for m, f, p in zip(Measure, found, adjusted, strict=True))


def rows(findings: WhichData) -> list[dict[str, Any]]:
    """The content of results.json: gains, measures, and the power of each measure."""
    where = " + ".join(findings.target)
    figure = findings.base
    known = (figure.scenes, figure.objects, str(figure.fingerprint))
    out = [
        row("which_data", where, "", COUNTED, "AP50 of base", interval_of_figure(figure), *known)
    ]
    nothing = dataclasses.replace(interval_of_figure(figure), low=float("nan"), high=float("nan"))
    for c in findings.candidates:
        made = row("which_data", where, "", COUNTED, f"AP50 of {c.name} minus base",
                   c.gain.change, *known)  # fmt: skip
        out.append(made | {"verdict": c.gain.verdict, "p": c.gain.p})
        out += [
            row("which_data", where, "", c.name, m.value, dataclasses.replace(nothing, value=v),
                *known)
            for m, v in c.values.items()
        ]  # fmt: skip
    for m, rank, p in findings.powers:
        bounds = dataclasses.replace(nothing, value=rank)
        made = row("which_data", where, "", "all", f"rank correlation of {m.value}", bounds, *known)
        out.append(made | {"p": p})
    return out


STUDY = Study(
    title="which data to make: diversity against relevance, and what predicts the gain",
    run=run,
)
