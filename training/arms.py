"""Arms of a study: what is trained on what, made once and shared by content between studies."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from render.store import Truth, open_dataset
from simulator.settings import plain
from training.checkpoint import Model, load_model
from training.config import StudyConfig, TrainConfig
from training.design import declared, detected
from training.detector import Detections
from training.loop import train
from training.plan import StudyPlan
from training.study import MakeDataset

LETTERS = 12

QUICK: Mapping[str, Any] = {
    "batch": 8, "crop_px": 128, "lr": 4e-3, "ema": 0.98, "warmup_steps": 30,
    "detector_settings": {"width": 0.5},
}  # fmt: skip
"""Settings of ``train`` under which small studies train: a narrow net on small crops, which learns
most in the first half minute of one core."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A dataset of an arm.

    Attributes:
        spec: settings of ``generate`` that differ from the default (scenes, conditions, ...).
        scenes: only the first so many of its scenes; 0 takes all.
        share: of the pictures that the arm draws from it; None leaves it to the sizes.
    """

    spec: Mapping[str, Any]
    scenes: int = 0
    share: float | None = None


@dataclasses.dataclass(frozen=True)
class Arm:
    """One way to train: its name, what it is for in words, its sources, what differs in training.

    All arms of a study train for the same number of steps on the same seeds, but for one that is
    there to show what other seeds do (``seed_shift``).
    """

    name: str
    title: str
    sources: tuple[Source, ...]
    training: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seed_shift: int = 0


@dataclasses.dataclass(frozen=True)
class Budget:
    """What every arm of a study may spend: steps, paired seeds, shared settings of ``train``."""

    steps: int
    seeds: int
    training: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def dataset(config: StudyConfig, make_dataset: MakeDataset, spec: Mapping[str, Any]) -> Path:
    """The folder of a dataset, in the cache under a name made of its settings; made once."""
    folder = cache_of(config) / "data" / f"{spec.get('split', 'train')}-{digest_of(spec)}"
    return make_dataset({**spec, "workers": config.workers}, folder)


def cache_of(config: StudyConfig) -> Path:
    """Where a study keeps its datasets and trainings."""
    return Path(config.cache or config.out)


def train_arm(
    config: StudyConfig, make_dataset: MakeDataset, arm: Arm, budget: Budget
) -> list[Model]:
    """A model of an arm for each paired seed; what is trained already is read.

    The seed decides weights, order, crops and augmentation, and is the same in every arm. Datasets
    that were made anew with other bytes are trained on anew, in a folder of another name.
    """
    folders = [str(dataset(config, make_dataset, s.spec)) for s in arm.sources]
    shares = tuple(s.share for s in arm.sources if s.share is not None)
    settings = {**budget.training, **arm.training}
    content = {
        "sources": [[dict(s.spec), s.scenes, s.share] for s in arm.sources],
        "training": plain(settings), "steps": budget.steps, "detector": config.detector,
        "data": [open_dataset(Path(f)).root_hash for f in folders],
    }  # fmt: skip
    models = []
    for k in range(budget.seeds):
        seed = config.seed + arm.seed_shift + k
        out = cache_of(config) / "models" / f"{digest_of(content)}-{seed}"
        models.append(
            load_model(
                train(
                    TrainConfig(
                        data=folders, out=str(out), steps=budget.steps, seed=seed, mix=shares,
                        first_scenes=tuple(s.scenes for s in arm.sources), threads=config.threads,
                        detector=config.detector, **settings,
                    )
                )
            )
        )  # fmt: skip
    return models


def digest_of(value: Any) -> str:
    """A short name for settings: equal ones have equal names."""
    text = json.dumps(value, sort_keys=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]


def total_scenes(sources: Sequence[Source]) -> int:
    """Scenes that an arm sees."""
    return sum(s.scenes or int(s.spec["scenes"]) for s in sources)


def detections(
    config: StudyConfig, models: list[Model], truth: Truth, plan: StudyPlan, split: str
) -> tuple[str | None, list[Detections]]:
    """What each model finds in the images of a truth; and a scene that one has seen, if allowed.

    The ledger notes the look. Detections are kept beside each model, one file a truth.

    Args:
        plan: what the study declared. split: a word for the truth.

    Raises:
        LeakError: a model was trained on one of the scenes, and the config does not allow it.
    """
    content = digest_of([truth.root_hash, list(map(str, truth.path))])
    return detected(config, models, truth, plan, f"detections-{split}-{content}")


def plan_of(
    config: StudyConfig,
    question: str,
    endpoint: str,
    smallest: float,
    arms: Sequence[str],
    conditions: Sequence[str],
    spent: Any,
    budget: Budget,
) -> StudyPlan:
    """Declare a study of arms before anything is made; ``spent``: its plan of sizes."""
    seeds = tuple(config.seed + k for k in range(budget.seeds))
    sizes = {"size": config.size, "seed": config.seed, **plain(spent)}
    return declared(
        config,
        StudyPlan(
            study=config.name, question=question, endpoint=endpoint, smallest_effect=smallest,
            arms=tuple(arms), conditions=tuple(conditions), seeds=seeds, sizes=sizes,
        ),
    )  # fmt: skip
