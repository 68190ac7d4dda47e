"""What studies share: how much to spend, and the data, trainings and detections it buys."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from render.store import Truth
from training.cached import predict_once
from training.checkpoint import Model, load_model
from training.config import StudyConfig, TrainConfig
from training.detector import Detections
from training.leak import refuse_seen
from training.loop import torch_settings, train
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


def detected(
    config: StudyConfig, models: list[Model], truth: Truth
) -> tuple[str | None, list[Detections]]:
    """What each model finds in the test images; and a scene that one has seen, where allowed.

    Raises:
        LeakError: a model was trained on one of the scenes, and the config does not allow it.
    """
    seen = None
    for model in models:
        seen = refuse_seen(model.name, model.card, truth, config.allow_seen) or seen
    with torch_settings(config.threads):
        runs = [
            predict_once(m, truth, Path(m.name).with_name("detections.safetensors")) for m in models
        ]
    return seen, runs
