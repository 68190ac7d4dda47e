"""Weights that a training begins with instead of drawn ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import torch

from render.manifest import sha256_file
from render.store import Lineage
from simulator.errors import DataError
from training.checkpoint import FORMAT, fill, read_card, read_tensors

_MEND = "Give init=FILE of the same detector with the same settings and classes"


@dataclasses.dataclass(frozen=True, eq=False)
class Initial:
    """Weights to begin with, and what they have seen already.

    Attributes:
        name, sha256: of the file. tensors: by name. lineage, geometry: of what they saw, as in
            ``checkpoint.ModelCard``; empty for weights without a card, of which nobody knows.
    """

    name: str
    sha256: str
    tensors: Mapping[str, torch.Tensor]
    lineage: tuple[Lineage, ...]
    geometry: tuple[str, ...]


def read_initial(path: Path, detector: str, classes: tuple[str, ...]) -> Initial:
    """Read weights for a detector: a model of ours, or bare tensors under the same names.

    Raises:
        DataError: missing, broken, of another detector or of other classes, or of the same classes
            in another order.
    """
    tensors, metadata = read_tensors(path)
    if FORMAT not in metadata:
        return Initial(path.name, sha256_file(path), tensors, (), ())
    card = read_card(metadata[FORMAT], str(path))
    if card.detector != detector:
        raise DataError(
            f"holds a detector '{card.detector}', not '{detector}'", place=str(path), mend=_MEND
        )
    if card.classes != classes:
        equal = sorted(card.classes) == sorted(classes)
        said = "the same classes in another order" if equal else "other classes"
        raise DataError(f"has {said} ({', '.join(card.classes)})", place=str(path), mend=_MEND)
    return Initial(path.name, sha256_file(path), tensors, card.lineage, card.geometry)


def begin_with(module: torch.nn.Module, initial: Initial) -> None:
    """Put the weights into a module.

    Raises:
        DataError: a tensor is missing, too many, of another shape or type, or not finite.
    """
    fill(module, initial.tensors, initial.name, _MEND)
