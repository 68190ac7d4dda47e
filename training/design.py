"""What studies share: how much to spend, and the data, trainings and detections it buys."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from render.store import Truth
from simulator.settings import plain
from training.cached import predict_once
from training.checkpoint import Model, load_model
from training.config import StudyConfig, TrainConfig
from training.detector import Detections
from training.leak import refuse_seen
from training.loop import torch_settings, train
from training.plan import StudyPlan
from training.standing import Standing, declare, looked, read_standing
from training.study import MakeDataset


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend. ``seeds`` trainings differ in weights, order, crops and augmentation;
    ``training`` holds what differs from the default settings of ``train``.
    """

    train_scenes: int
    train_frames: int
    test_scenes: int
    test_frames: int
    steps: int
    seeds: int
    training: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def made(
    config: StudyConfig,
    plan: Plan,
    make_dataset: MakeDataset,
    split: str,
    conditions: Sequence[Any],
    layouts: Sequence[str],
) -> Path:
    """The training or the test scenes of a study; made once, completed when interrupted.

    Args:
        split: "train" or "test". conditions: twins of every scene. layouts: to draw from.
    """
    training = split == "train"
    spec: dict[str, Any] = {
        "seed": config.seed, "split": split, "workers": config.workers,
        "scenes": plan.train_scenes if training else plan.test_scenes,
        "frames_per_scene": plan.train_frames if training else plan.test_frames,
        "conditions": list(conditions), "layouts": list(layouts),
    }  # fmt: skip
    return make_dataset(spec, Path(config.out) / "data" / split)


def trained(config: StudyConfig, plan: Plan, data: Path) -> list[Model]:
    """A model for every seed of the plan; what is trained already is read."""
    return [
        load_model(
            train(
                TrainConfig(
                    data=str(data), out=str(Path(config.out) / f"model-{k}"), steps=plan.steps,
                    seed=config.seed + k, threads=config.threads, **plan.training,
                )
            )
        )
        for k in range(plan.seeds)
    ]  # fmt: skip


def ledger_of(config: StudyConfig) -> Path:
    """The file that holds every look at test data: the one asked for, or the study's own."""
    return Path(config.ledger) if config.ledger else Path(config.out) / "ledger.sqlite"


def declared(config: StudyConfig, plan: StudyPlan) -> StudyPlan:
    """The plan, written down in ``plan.json``: to be called before any data is made."""
    declare(Path(config.out), plan, ledger_of(config))
    return plan


def standing(config: StudyConfig) -> Standing | None:
    """What the study's plan is worth by now, for its report."""
    return read_standing(Path(config.out))


def detected(
    config: StudyConfig,
    models: list[Model],
    truth: Truth,
    plan: StudyPlan | None = None,
    name: str = "detections",
) -> tuple[str | None, list[Detections]]:
    """What each model finds in the test images; and a scene that one has seen, where allowed.

    This is the only place where a study looks at test data; the ledger notes it first.

    Args:
        plan: what was declared; without one, a plan of what is known here is noted. name: of the
            file beside each model that keeps its detections, one a test set.

    Raises:
        LeakError: a model was trained on one of the scenes, and the config does not allow it.
    """
    seen = None
    for model in models:
        seen = refuse_seen(model.name, model.card, truth, config.allow_seen) or seen
    weights = [hashlib.sha256(Path(m.name).read_bytes()).hexdigest() for m in models]
    conditions = len(set(truth.condition))
    what = f"{len(truth)} images, {conditions} conditions, by {{}}".format
    looked(
        Path(config.out), plan or _undeclared(config, models, truth), ledger_of(config), truth,
        {what(Path(m.name).parent.name): w for m, w in zip(models, weights, strict=True)},
    )  # fmt: skip
    with torch_settings(config.threads):
        runs = [
            predict_once(m, truth, Path(m.name).with_name(f"{name}.safetensors")) for m in models
        ]
    return seen, runs


def _undeclared(config: StudyConfig, models: list[Model], truth: Truth) -> StudyPlan:
    return StudyPlan(
        study=config.name, question="none was declared", endpoint="none", smallest_effect=0.0,
        arms=tuple(dict.fromkeys(m.card.detector for m in models)),
        conditions=tuple(dict.fromkeys(truth.condition)),
        seeds=tuple(sorted({int(m.card.config.get("seed", 0)) for m in models})),
        sizes={"size": config.size, "seed": config.seed},
    )  # fmt: skip


def sizes_of(config: StudyConfig, plan: Plan) -> dict[str, Any]:
    """What a plan spends, as a part of a study's declaration."""
    return {"size": config.size, "seed": config.seed, **plain(plan)}
