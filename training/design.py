"""The plan of a study and its looks at test data: declared first, noted in the ledger, cached."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from render.store import Truth, open_dataset, read_splits
from render.truth import Counting
from simulator.settings import plain
from training.cached import predict_once
from training.checkpoint import Model
from training.config import StudyConfig
from training.detector import Detections
from training.leak import refuse_seen
from training.loop import torch_settings
from training.plan import StudyPlan
from training.standing import Standing, declare, looked, read_standing


def ledger_of(config: StudyConfig) -> Path:
    """The file that holds every look at test data: the one asked for, or the study's own."""
    return Path(config.ledger) if config.ledger else Path(config.out) / "ledger.sqlite"


def test_truth(config: StudyConfig, folder: Path) -> Truth:
    """All of a dataset of ours that a study measures on, counted as the study counts."""
    return counted_as(config, read_splits(open_dataset(folder)))


def counted_as(config: StudyConfig, truth: Truth) -> Truth:
    """A truth of which the objects count that count in a study."""
    return dataclasses.replace(truth, counting=config.policy)


def declared(config: StudyConfig, plan: StudyPlan) -> StudyPlan:
    """The plan with the detector of the study, and with its label policy where that is not the
    usual one, written down in ``plan.json``: to be called before any data is made.
    """
    usual = config.policy == Counting()
    more = {"detector": config.detector, **({} if usual else {"policy": plain(config.policy)})}
    plan = dataclasses.replace(plan, sizes={**plan.sizes, **more})
    declare(Path(config.out), plan, ledger_of(config))
    return plan


def standing(config: StudyConfig) -> Standing | None:
    """What the study's plan is worth by now, for its report."""
    return read_standing(Path(config.out))


def detected(
    config: StudyConfig,
    models: list[Model],
    truth: Truth,
    plan: StudyPlan,
    name: str,
) -> tuple[str | None, list[Detections]]:
    """What each model finds in the test images; and a scene that one has seen, where allowed.

    This is the only place where a study looks at test data; the ledger notes it first.

    Args:
        plan: what was declared. name: of the file beside each model that keeps its detections,
            one a test set.

    Raises:
        LeakError: a model was trained on one of the scenes, and the config does not allow it.
    """
    if truth.counting != config.policy:
        raise ValueError("test data must be counted as the study counts, see counted_as")
    seen = None
    for model in models:
        seen = refuse_seen(model.name, model.card, truth, config.allow_seen) or seen
    weights = [hashlib.sha256(Path(m.name).read_bytes()).hexdigest() for m in models]
    conditions = len(set(truth.condition))
    what = f"{len(truth)} images, {conditions} conditions, by {{}}".format
    looked(
        Path(config.out), plan, ledger_of(config), truth,
        {what(Path(m.name).parent.name): w for m, w in zip(models, weights, strict=True)},
    )  # fmt: skip
    with torch_settings(config.threads):
        runs = [
            predict_once(m, truth, Path(m.name).with_name(f"{name}.safetensors")) for m in models
        ]
    return seen, runs
