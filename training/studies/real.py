"""What are drawn frames worth on real ones? Trained on ours, on yours, on both; and the reverse.

Every source of real frames is measured apart, at its own scale, and cut into folds by scene: a
frame is tested by models that saw no frame of its scene. Few real frames are a part of many.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from render.dataset_reader import read_any
from render.progress import say
from render.store import Truth, join, open_dataset
from simulator.errors import ConfigError
from simulator.settings import plain
from training.arm_figures import ByClass, ap50_by_condition
from training.arms import QUICK, Budget, cache_of, dataset, detections, digest_of, plan_of
from training.checkpoint import Model, load_model
from training.compare import Comparison, compare
from training.config import AugmentConfig, StudyConfig, TrainConfig, paths
from training.design import counted_as, test_truth
from training.detector import Detections, joined_detections
from training.finish import finish
from training.loop import train
from training.plan import StudyPlan
from training.real_frames import folds, part_of, rescaled
from training.real_sheet import Real, sheet, words
from training.results import row
from training.study import MakeDataset, Study
from training.taxonomy import classes_of
from training.verdicts import interval_of_figure

OURS, ON_OURS = "ours", "our frames"
SMALLEST = 0.02
"""Least difference of AP50 that matters, declared before the first look."""

SHARE = 0.5
"""Of the pictures that a mixed training draws from our frames."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend: our scenes, ours that are tested on, folds of the real scenes, numbers of
    real frames (0: all), the training.
    """

    scenes: int
    test_scenes: int
    folds: int
    shots: tuple[int, ...]
    budget: Budget


PLANS = {
    "small": Plan(160, 30, 2, (10, 0), Budget(300, 1, QUICK)),
    "normal": Plan(600, 60, 3, (5, 10, 50, 0), Budget(700, 1, QUICK)),
    "large": Plan(900, 200, 10, (5, 10, 50, 0), Budget(3600, 5)),
}


@dataclasses.dataclass(frozen=True)
class Fold:
    """The frames of one fold of a source, and the file that they are in."""

    source: str
    number: int
    place: Path
    truth: Truth
    others: set[str]


def arm_names(plan: Plan) -> tuple[str, ...]:
    """Ours alone, then every number of real frames alone and with ours."""
    counts = [_count(n) for n in plan.shots]
    return (OURS, *(f"{c} real" for c in counts), *(f"{OURS} + {c} real" for c in counts))


def _count(frames: int) -> str:
    return str(frames) if frames else "all"


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    sources, places = _sources(config)
    declaration = plan_of(
        config, "What are drawn frames worth on real ones?",
        "AP50 of vehicles on real frames of unseen scenes, ours with all real frames against all "
        "real frames alone", SMALLEST, arm_names(plan), (*sources, ON_OURS), plan, plan.budget,
    )  # fmt: skip
    drawn = _experiment("drone_frames")
    ours = dataset(config, make_dataset, _spec(drawn, config.seed, "train", plan.scenes))
    test = dataset(config, make_dataset, _spec(drawn, config.seed, "test", plan.test_scenes))
    parts = [
        f
        for name, truth in sources.items()
        for f in _folds(config, plan, name, places[name], truth)
    ]
    on_ours = _named(classes_of(test_truth(config, test), "vehicle"), ON_OURS)
    tested = join([*(f.truth for f in parts), on_ours])
    runs: dict[str, list[Detections]] = {}
    for arm in arm_names(plan):
        say(f"arm: {arm}")
        runs[arm] = _arm(config, plan, arm, ours, parts, on_ours, declaration)
    figures = {
        arm: ap50_by_condition(arm, tested, found, config.replicates, config.seed)
        for arm, found in runs.items()
    }
    findings = Real(
        title=STUDY.title, size=config.size, sources=tuple(sources), arms=arm_names(plan),
        figures=figures, worth=worth(plan, tuple(sources), figures), truth=tested,
        found={arm: found[0] for arm, found in runs.items()}, on_ours=ON_OURS,
        frames={name: len(truth) for name, truth in sources.items()},
        scenes={name: len(set(truth.scene)) for name, truth in sources.items()},
        folds=plan.folds, steps=plan.budget.steps, seeds=plan.budget.seeds, drawn=plan.scenes,
    )  # fmt: skip
    return finish(config, sheet(findings), rows(findings), words(findings))


def worth(
    plan: Plan, sources: tuple[str, ...], figures: Mapping[str, Mapping[str, ByClass]]
) -> tuple[tuple[str, Comparison], ...]:
    """On each source, ours with each number of real frames against that number alone."""
    found = []
    for source in sources:
        for n in plan.shots:
            alone, both = f"{_count(n)} real", f"{OURS} + {_count(n)} real"
            control, other = (figures[arm][source]["vehicle"] for arm in (alone, both))
            found.append((source, compare(control, other, SMALLEST)))
    return tuple(found)


def check(config: StudyConfig) -> None:
    """Refuse what does not fit; see :class:`training.study.Study`."""
    _places(config)


def _places(config: StudyConfig) -> list[tuple[Path, float]]:
    """The user's sources, each with its scale."""
    if config.data is None:
        raise ConfigError(
            "the study real needs data=FILE", mend="Give your frames as COCO or YOLO, one a source"
        )
    places = paths(config.data)
    scales = tuple(config.scales) or (1.0,) * len(places)
    if len(scales) != len(places):
        raise ConfigError(
            f"scales has {len(scales)} entries for {len(places)} sources",
            mend="Give one a source, in their order",
        )
    return list(zip(places, scales, strict=True))


def _sources(config: StudyConfig) -> tuple[dict[str, Truth], dict[str, Path]]:
    """The user's frames at the scale of ours by the name of their file, and where they are."""
    found: dict[str, Truth] = {}
    where: dict[str, Path] = {}
    for place, scale in _places(config):
        truth = classes_of(read_any(place, "", config.images), "vehicle", foreign=True)
        folder = cache_of(config) / "real" / digest_of([truth.root_hash, scale])
        name = place.stem if place.stem not in found else f"{place.stem} {len(found) + 1}"
        where[name] = rescaled(truth, scale, folder)
        found[name] = read_any(where[name])
    return found, where


def _folds(config: StudyConfig, plan: Plan, name: str, place: Path, truth: Truth) -> list[Fold]:
    every = set(truth.scene)
    if len(every) < 2:
        raise ConfigError(
            f"{name} has one scene only, at least two are needed to train on some and test on "
            "others", mend="Name the scene of each image under 'scene' in the COCO file",
        )  # fmt: skip
    made = []
    for k, scenes in enumerate(folds(truth.scene, plan.folds, config.seed)):
        file = part_of(place, f"test-{k}", scenes, 0, config.seed)
        mine = counted_as(config, classes_of(read_any(file), "vehicle", foreign=True))
        made.append(Fold(name, k, place, _named(mine, name), every - scenes))
    return made


def _named(truth: Truth, condition: str) -> Truth:
    """A truth whose images are all of one condition; what was said of others is dropped."""
    count = len(truth)
    return dataclasses.replace(
        truth, condition=(condition,) * count, severity=(), lineage=(), category_id=(1,)
    )


def _arm(
    config: StudyConfig,
    plan: Plan,
    arm: str,
    ours: Path,
    parts: list[Fold],
    on_ours: Truth,
    declaration: StudyPlan,
) -> list[Detections]:
    """What each seed's models of an arm find in all tested frames, one detection set a seed."""
    shots = next((n for n in plan.shots if arm.endswith(f"{_count(n)} real")), None)
    each: list[list[Detections]] = []
    for part in parts:
        models = _trained(config, plan, arm, ours, part, shots)
        name = f"{part.source}-{part.number}"
        _, found = detections(config, models, part.truth, declaration, f"real-{name}")
        each.append(found)
    first = _trained(config, plan, arm, ours, parts[0], shots)
    _, found = detections(config, first, on_ours, declaration, "ours")
    each.append(found)
    sizes = [*(len(p.truth) for p in parts), len(on_ours)]
    return [joined_detections(row, sizes) for row in zip(*each, strict=True)]


def _trained(
    config: StudyConfig, plan: Plan, arm: str, ours: Path, part: Fold, shots: int | None
) -> list[Model]:
    data, mix = [str(ours)] if arm.startswith(OURS) else [], ()
    content: list[Any] = [open_dataset(ours).root_hash if data else ""]
    if shots is not None:
        name = f"train-{part.number}-{_count(shots)}"
        file = part_of(part.place, name, part.others, shots, config.seed)
        data.append(str(file))
        content.append(read_any(file).root_hash)
        mix = (SHARE, 1 - SHARE) if len(data) == 2 else ()
    settings = {**_training(real=shots is not None), **plan.budget.training}
    models = []
    for k in range(plan.budget.seeds):
        key = digest_of([content, list(mix), plain(settings), plan.budget.steps, config.detector])
        out = cache_of(config) / "models" / f"real-{key}-{config.seed + k}"
        models.append(
            load_model(
                train(
                    TrainConfig(
                        data=data, out=str(out), steps=plan.budget.steps, seed=config.seed + k,
                        mix=mix, threads=config.threads, detector=config.detector, **settings,
                    )
                )
            )
        )  # fmt: skip
    return models


@functools.cache
def _experiment(name: str) -> Mapping[str, Any]:
    """The settings of an experiment of ours, so that this study and ``make real-model`` agree."""
    file = importlib.resources.files("conf").joinpath("experiment", f"{name}.yaml")
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _spec(drawn: Mapping[str, Any], seed: int, split: str, scenes: int) -> dict[str, Any]:
    own = {k: v for k, v in drawn.items() if k != "defaults"}
    return {**own, "sensor": "drone", "seed": seed, "split": split, "scenes": scenes}


def _training(*, real: bool) -> dict[str, Any]:
    """Taxonomy and augmentation of ``make real-model``; real boxes are loose as they are."""
    augment = dict(_experiment("real_model")["augment"])
    if real:
        augment = {k: v for k, v in augment.items() if not k.startswith("box_")}
    return {"taxonomy": "vehicle", "augment": AugmentConfig(**augment)}


def rows(findings: Real) -> list[dict[str, Any]]:
    """The content of results.json: every arm on every source and on ours, every comparison."""
    out = []
    for arm, conditions in findings.figures.items():
        for condition, classes in conditions.items():
            figure = classes["vehicle"]
            out.append(
                row("real", condition, "", "vehicle", f"AP50 of {arm}", interval_of_figure(figure),
                    figure.scenes, figure.objects, str(figure.fingerprint))
            )  # fmt: skip
    for source, c in findings.worth:
        figure = findings.figures[c.other][source]["vehicle"]
        made = row("real", source, "", "vehicle", f"AP50 of {c.other} minus {c.control}", c.change,
                   figure.scenes, figure.objects, str(figure.fingerprint))  # fmt: skip
        out.append(made | {"verdict": c.verdict, "p": c.p})
    return out


STUDY = Study(
    title="what drawn frames are worth on real ones: ours, yours, both, few and all; the reverse",
    run=run,
    check=check,
)
