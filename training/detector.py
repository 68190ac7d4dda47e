"""What a detector is: the contract of every member of ``training/detectors``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from simulator.arrays import frozen
from simulator.registry import Family

STRIDE_PX = 32
"""Sides of a detector's input are multiples of this."""


@dataclasses.dataclass(frozen=True)
class Targets:
    """What one training crop holds: boxes f32[n, 4] px, labels i64[n], ignored f32[m, 4] px."""

    boxes: torch.Tensor
    labels: torch.Tensor
    ignored: torch.Tensor


@dataclasses.dataclass(frozen=True, eq=False)
class Detections:
    """Found objects of a set of images, best first within an image.

    Attributes:
        image: i32[D], index of the image, ascending. category: i16[D], index into ``classes``.
        score: f32[D], 0..1. box_px: f32[D, 4], x0, y0, x1, y1 in the image. classes: names.
    """

    image: np.ndarray
    category: np.ndarray
    score: np.ndarray
    box_px: np.ndarray
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.image)
        for name, dtype, shape in (
            ("image", np.int32, (count,)), ("category", np.int16, (count,)),
            ("score", np.float32, (count,)), ("box_px", np.float32, (count, 4)),
        ):  # fmt: skip
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape, name))

    def __len__(self) -> int:
        return len(self.image)


@dataclasses.dataclass(frozen=True)
class Detector:
    """A kind of detector: the constant DETECTOR of a module in ``training/detectors``.

    Attributes:
        title: one line for people.
        settings: frozen dataclass of its settings (with quantities).
        build: (number of classes, settings) -> module with freshly drawn weights.
        loss: (module, images u8[B, 3, H, W] RGB, targets) -> scalar losses by name, to be summed.
        decode: (module, images u8[B, 3, H, W] RGB) -> for each image boxes f32[n, 4] px,
            labels i64[n], scores f32[n], best first and not yet thinned out.
        trunk: name of the module's part whose output is its deepest features, f32[B, C, h, w].
    """

    title: str
    settings: type
    build: Callable[[int, Any], torch.nn.Module]
    loss: Callable[[torch.nn.Module, torch.Tensor, list[Targets]], dict[str, torch.Tensor]]
    decode: Callable[
        [torch.nn.Module, torch.Tensor], list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]
    ]
    trunk: str = "at32"


DETECTORS: Family[Detector] = Family("training.detectors", "DETECTOR", Detector, "detector")
"""All detectors by name."""
