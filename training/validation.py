"""A declared validation set, measured while training: which weights are kept, and when it stops."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from render.dataset_reader import join_any, read_any
from render.files import write_bytes
from render.store import Truth
from simulator.errors import DataError
from training.breakdown import scenes_of
from training.checkpoint import Model, ModelCard, read_tensors, seen_geometry
from training.config import TrainConfig, paths
from training.detector import Detector
from training.leak import refuse_seen
from training.matching import match
from training.metrics import ap_table
from training.predict import predict
from training.state import Run
from training.taxonomy import classes_of, ignored

BEST = "best.safetensors"
FIGURE = "validation_AP50"
"""Name of the measure in ``metrics.jsonl``: mean AP50 over the classes that the set holds."""


def read_validation(config: TrainConfig, card: ModelCard) -> Truth | None:
    """The validation set in the classes of the training, None where none is declared.

    Args:
        card: of the weights that will be trained; they must not know the set.

    Raises:
        LeakError: a scene of it is trained on. DataError: it is broken, holds no box, or a class
            that is not trained.
    """
    if config.validation is None:
        return None
    truths = [read_any(p, "val", None) for p in paths(config.validation, "validation")]
    truth = join_any([classes_of(t, config.taxonomy, foreign=not t.lineage) for t in truths])
    if truth.classes != card.classes:
        raise DataError(
            f"has other classes than the training data: {', '.join(truth.classes)}"[:300],
            place=truth.name, mend="Give a validation set of the same kind",
        )  # fmt: skip
    if ignored(truth).all():
        raise DataError("there is nothing to measure", place=truth.name, mend="Give more scenes")
    refuse_seen("to be trained", card, truth, allow_seen=False)
    return truth


def chosen_on(card: ModelCard, truth: Truth, step: int) -> ModelCard:
    """The card of weights that a validation set chose: they know it, its figures flatter them."""
    return dataclasses.replace(
        card, steps=step, datasets=(*card.datasets, (truth.name, truth.root_hash)),
        lineage=tuple(dict.fromkeys([*card.lineage, *truth.lineage])),
        geometry=tuple(sorted({*card.geometry, *seen_geometry(truth)})),
    )  # fmt: skip


def measured(run: Run, detector: Detector, card: ModelCard, truth: Truth) -> float:
    """Mean AP50 of the averaged weights over the classes that the set holds."""
    module = copy.deepcopy(run.module).eval()
    module.load_state_dict(run.averaged)
    model = Model("in training", detector, module, card)
    found = predict(model, truth, shown=False)
    table = ap_table(match(truth, ignored(truth), found, scenes_of(truth)[0]))
    return float(np.nanmean(table[:, 0]))


def history(lines: Sequence[str]) -> list[tuple[int, float]]:
    """Step and figure of every measurement so far, from the lines of ``metrics.jsonl``."""
    records = [json.loads(line) for line in lines if FIGURE in line]
    return [(int(r["step"]), float(r[FIGURE])) for r in records]


def best_step(measurements: Sequence[tuple[int, float]]) -> int:
    """The step of the best figure, the first of equal ones."""
    return max(measurements, key=lambda m: (m[1], -m[0]))[0]


def is_over(measurements: Sequence[tuple[int, float]], patience: int) -> bool:
    """Whether the last so many measurements brought none that is better; 0 never stops."""
    if not patience or not measurements:
        return False
    best = best_step(measurements)
    return sum(step > best for step, _ in measurements) >= patience


def keep_best(run: Run, out: Path, digest: str) -> None:
    """Write the averaged weights as the best so far, atomically."""
    data = {k: v.detach().clone().contiguous() for k, v in run.averaged.items()}
    write_bytes(out / BEST, save(data, metadata={"digest": digest, "step": str(run.step)}))


def read_best(out: Path, digest: str, step: int) -> Mapping[str, torch.Tensor]:
    """The best weights.

    Raises:
        DataError: they are not there, or are those of another training or step.
    """
    tensors, metadata = read_tensors(out / BEST)
    if metadata != {"digest": digest, "step": str(step)}:
        raise DataError(
            "holds the best weights of another training", place=str(out / BEST),
            mend="Give resume=false to begin anew",
        )  # fmt: skip
    return tensors
