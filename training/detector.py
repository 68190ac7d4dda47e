"""What a detector is: the contract of every member of ``training/detectors``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from render.truth import Truth, fill_unknown, unknown
from simulator.arrays import frozen
from simulator.registry import Family

STRIDE_PX = 32
"""Sides of a detector's input are multiples of this."""


@dataclasses.dataclass(frozen=True)
class Targets:
    """What one training crop holds: boxes f32[n, 4] px, labels i64[n], ignored f32[m, 4] px.

    ``more`` is what else is known of the objects, by column of ``render.truth.Truth``: oriented_px
    f32[n, 5] in the crop's px, aspect i8[n], sign i16[n]. By default nothing is known.
    """

    boxes: torch.Tensor
    labels: torch.Tensor
    ignored: torch.Tensor
    more: Mapping[str, torch.Tensor] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.more:
            columns = unknown(len(self.boxes)).items()
            object.__setattr__(self, "more", {n: torch.from_numpy(v) for n, v in columns})


@dataclasses.dataclass(frozen=True, eq=False)
class Detections:
    """Found objects of a set of images, best first within an image.

    Attributes:
        image: i32[D], index of the image, ascending. category: i16[D], index into ``classes``.
        score: f32[D], 0..1. box_px: f32[D, 4], x0, y0, x1, y1 in the image. classes: names.
        oriented_px: f32[D, 5], aspect: i8[D], sign: i16[D]: as in ``render.truth.Truth``, what the
            detector's heads say; unknown where it has none, or none for the class.
    """

    image: np.ndarray
    category: np.ndarray
    score: np.ndarray
    box_px: np.ndarray
    classes: tuple[str, ...]
    oriented_px: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((0, 5)))
    aspect: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    sign: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        count = len(self.image)
        fill_unknown(self, count)
        for name, dtype, shape in (
            ("image", np.int32, (count,)), ("category", np.int16, (count,)),
            ("score", np.float32, (count,)), ("box_px", np.float32, (count, 4)),
            ("oriented_px", np.float32, (count, 5)), ("aspect", np.int8, (count,)),
            ("sign", np.int16, (count,)),
        ):  # fmt: skip
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape, name))

    def __len__(self) -> int:
        return len(self.image)


COLUMNS = ("image", "category", "score", "box_px", "oriented_px", "aspect", "sign")
"""Fields of Detections with one entry a detection."""


def select(found: Detections, keep: np.ndarray) -> Detections:
    """Only the detections where ``keep``, bool[D]."""
    return dataclasses.replace(found, **{name: getattr(found, name)[keep] for name in COLUMNS})


def joined_detections(found: Sequence[Detections], sizes: Sequence[int]) -> Detections:
    """Detections in truths that are joined one after the other, of so many images each."""
    starts = np.cumsum([0, *sizes[:-1]])
    image = np.concatenate([d.image + s for d, s in zip(found, starts, strict=True)])
    joined = {n: np.concatenate([getattr(d, n) for d in found]) for n in COLUMNS}
    return Detections(**joined | {"image": image}, classes=found[0].classes)


Candidates = Mapping[str, torch.Tensor]
"""What a detector finds in an image, not yet thinned out, best first, by column: box_px f32[n, 4],
category i64[n], score f32[n], and what its heads say by their columns of Detections."""


def _as_given(settings: Any, truth: Truth) -> Any:
    """Settings that fit any data."""
    del truth
    return settings


@dataclasses.dataclass(frozen=True)
class Detector:
    """A kind of detector: the constant DETECTOR of a module in ``training/detectors``.

    Attributes:
        title: one line for people.
        settings: frozen dataclass of its settings (with quantities).
        build: (number of classes, settings) -> module with freshly drawn weights.
        loss: (module, images u8[B, 3, H, W] RGB, targets) -> scalar losses by name, to be summed.
        decode: (module, images u8[B, 3, H, W] RGB) -> the candidates of each image.
        suited: (settings, truth) -> settings completed by what the training data are, or a
            ConfigError where they do not go together.
        trunk: name of the module's part whose output is its deepest features, f32[B, C, h, w].
    """

    title: str
    settings: type
    build: Callable[[int, Any], torch.nn.Module]
    loss: Callable[[torch.nn.Module, torch.Tensor, list[Targets]], dict[str, torch.Tensor]]
    decode: Callable[[torch.nn.Module, torch.Tensor], list[Candidates]]
    suited: Callable[[Any, Truth], Any] = _as_given
    trunk: str = "at32"


DETECTORS: Family[Detector] = Family("training.detectors", "DETECTOR", Detector, "detector")
"""All detectors by name."""
