"""Weights on disk: safetensors with what they saw in the metadata; nothing is unpickled."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from render.files import write_bytes
from render.store import Lineage, Truth
from simulator.errors import DataError, FairweatherError
from simulator.settings import build, plain
from training.detector import DETECTORS, Detector
from training.device import device_of

MAX_BYTES = 1 << 30
FORMAT = "fairweather-detector-1"
HASH_LETTERS = 16
"""Letters of a geometry hash that weights carry: 64 bits tell scenes apart."""

MOST_CLASSES = 1000
_MEND = "Train the model anew or copy the file again"


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """What weights know of themselves.

    Attributes:
        detector: name in the family. settings: its settings. classes: in order. taxonomy: see
            TrainConfig. datasets: names and root hashes of what they saw. lineage, geometry: the
            scenes and the shortened geometry hashes (sorted) of what they saw. steps: trained.
            config: the training settings.
    """

    detector: str
    settings: Mapping[str, Any]
    classes: tuple[str, ...]
    taxonomy: str
    datasets: tuple[tuple[str, str], ...]
    lineage: tuple[Lineage, ...]
    geometry: tuple[str, ...]
    steps: int
    config: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
    """A detector that is ready for use: module, kind and card; ``name`` is its file."""

    name: str
    detector: Detector
    module: torch.nn.Module
    card: ModelCard


def seen_geometry(truth: Truth) -> tuple[str, ...]:
    """The shortened geometry hashes of a truth, sorted, each once."""
    return tuple(sorted({g[:HASH_LETTERS] for g in truth.geometry if g}))


def card_settings(settings: Any) -> dict[str, Any]:
    """Settings of a detector as a card has them: those marked ``later`` only where they were set,
    so that weights without them keep their bytes.
    """
    left_out = {
        f.name for f in dataclasses.fields(settings)
        if f.metadata.get("later") and getattr(settings, f.name) == f.default
    }  # fmt: skip
    return {k: v for k, v in plain(settings).items() if k not in left_out}


def save_model(path: Path, weights: Mapping[str, torch.Tensor], card: ModelCard) -> None:
    """Write weights and their card as one safetensors file, atomically.

    Raises:
        OutputError: it cannot be written.
    """
    # One entry only: safetensors writes several in an order that changes from run to run.
    text = json.dumps(dataclasses.asdict(card), sort_keys=True, allow_nan=False)
    tensors = {name: value.detach().contiguous() for name, value in weights.items()}
    write_bytes(path, save(tensors, metadata={FORMAT: text}))


def load_model(path: str | Path, device: str = "auto") -> Model:
    """Read weights that nobody vouches for, and build their detector on a device.

    Raises:
        ConfigError: there is no such device. DataError: missing, truncated, not ours, or weights
            that do not fit the card.
    """
    file = Path(path)
    tensors, metadata = read_tensors(file)
    if FORMAT not in metadata:
        raise DataError("is no Fairweather model", place=str(file), mend="Give model=FILE")
    card = read_card(metadata[FORMAT], str(file))
    try:
        detector = DETECTORS[card.detector]
        settings = build(detector.settings, card.settings, "detector_settings")
    except FairweatherError as error:
        raise DataError(f"has a broken card ({error})", place=str(file), mend=_MEND) from error
    module = detector.build(len(card.classes), settings)
    fill(module, tensors, str(file))
    return Model(str(file), detector, module.to(device_of(device)).eval(), card)


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """All tensors and the metadata of a safetensors file.

    Raises:
        DataError: missing, too large, truncated or broken.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DataError(
            "there is no such model file", place=str(path), mend="Check the path"
        ) from error
    if size > MAX_BYTES or not path.is_file():
        raise DataError(f"is no model file ({size} bytes)", place=str(path), mend="Check the path")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        said = str(error).splitlines()[0][:100]
        raise DataError(f"is broken ({said})", place=str(path), mend=_MEND) from error


def fill(
    module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], place: str, mend: str = _MEND
) -> None:
    """Put tensors into a module after checking every one.

    Raises:
        DataError: one is missing, too many, of another shape or type, or not finite.
    """
    wanted = module.state_dict()
    if wanted.keys() != tensors.keys():
        odd = sorted(wanted.keys() ^ tensors.keys())[0]
        raise DataError(f"lacks or adds the tensor '{odd}'", place=place, mend=mend)
    for name, value in tensors.items():
        want = wanted[name]
        if value.shape != want.shape or value.dtype != want.dtype:
            raise DataError(
                f"the tensor '{name}' has another shape or type: {tuple(value.shape)}, "
                f"{value.dtype} instead of {tuple(want.shape)}, {want.dtype}",
                place=place, mend=mend,
            )  # fmt: skip
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise DataError(f"the tensor '{name}' is not finite", place=place, mend=mend)
    module.load_state_dict(dict(tensors))


def read_card(text: str, place: str) -> ModelCard:
    """The card of a model from its metadata.

    Raises:
        DataError: it is broken.
    """
    try:
        value = json.loads(text)
        return ModelCard(
            detector=str(value["detector"]),
            settings=dict(value["settings"]),
            classes=_class_names(value["classes"]),
            taxonomy=str(value["taxonomy"]),
            datasets=tuple((str(a), str(b)) for a, b in value["datasets"]),
            lineage=tuple(
                Lineage(int(x["seed"]), str(x["split"]), int(x["first"]), int(x["last"]))
                for x in value["lineage"]
            ),
            geometry=tuple(str(g) for g in value["geometry"]),
            steps=int(value["steps"]),
            config=dict(value["config"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DataError("has a broken card", place=place, mend=_MEND) from error


def _class_names(value: Any) -> tuple[str, ...]:
    names = tuple(str(c) for c in value)
    if not 0 < len(names) <= MOST_CLASSES or len(set(names)) < len(names):
        raise ValueError("no classes, too many, or one twice")
    if not all(name.isprintable() and 0 < len(name) <= 60 for name in names):
        raise ValueError("a class name that cannot be shown")
    return names
