"""Detections kept on disk between the steps of a study."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from render.files import write_bytes
from render.store import Truth
from simulator.errors import DataError
from training.checkpoint import Model, read_tensors
from training.detector import Detections
from training.predict import predict

KEY = "inputs"


def predict_once(model: Model, truth: Truth, path: Path) -> Detections:
    """Detections of a model on a truth, read from ``path`` where model and images are the same."""
    inputs = _inputs(model, truth)
    if path.is_file():
        try:
            tensors, metadata = read_tensors(path)
            if metadata.get(KEY) == inputs:
                return _read(tensors, model.card.classes)
        except (DataError, KeyError, ValueError):
            pass  # a half-written or foreign file is simply made anew
    found = predict(model, truth)
    arrays = {n: getattr(found, n) for n in ("image", "category", "score", "box_px")}
    tensors = {n: torch.from_numpy(np.array(a)) for n, a in arrays.items()}
    write_bytes(path, save(tensors, metadata={KEY: inputs}))
    return found


def _inputs(model: Model, truth: Truth) -> str:
    digest = hashlib.sha256(Path(model.name).read_bytes())
    digest.update("\n".join([truth.root_hash, *map(str, truth.path)]).encode())
    return digest.hexdigest()


def _read(tensors: dict[str, torch.Tensor], classes: tuple[str, ...]) -> Detections:
    image, category, score, box_px = (
        tensors[n].numpy() for n in ("image", "category", "score", "box_px")
    )
    return Detections(image=image, category=category, score=score, box_px=box_px, classes=classes)
