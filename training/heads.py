"""Optional heads of a detector: oriented box, lamp aspect and type of sign of what a cell found.

Objects whose truth is not known teach a head nothing, and a head is silent about classes of which
its training data told nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from render.truth import ASPECT_NAMES, SIGN_NAMES, UNKNOWN, Truth, known_of
from simulator.errors import ConfigError
from simulator.settings import quantity
from training.layers import conv
from training.taxonomy import ignored

COLUMN = {"obb": "oriented_px", "aspect": "aspect", "sign": "sign"}
"""The column of a truth that each head learns, and of the detections that it fills."""

OBB_CHANNELS = 6
"""Middle (x, y) from the cell's and logarithm of length and width, in strides; cos 2a, sin 2a: an
oriented box is the same after half a turn."""

BETA = 0.3
"""Where the smooth L1 loss turns from square to linear."""

NEVER = -1e4
"""Raw output of a type of sign that a head does not tell apart."""


@dataclasses.dataclass(frozen=True)
class HeadSettings:
    """Which heads a detector has. ``told`` is found in the training data, see ``suited``."""

    heads: tuple[str, ...] = quantity(
        (), choices=tuple(COLUMN), help="more that it tells of an object", later=True
    )
    signs: tuple[str, ...] = quantity(
        (), choices=SIGN_NAMES, later=True,
        help="types that the head sign tells apart; empty: those in the training data",
    )  # fmt: skip
    told: tuple[tuple[int, ...], ...] = quantity(
        (), "", 0, 32_767, later=True,
        help="classes that each head speaks of; always those of which the training data told",
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name in ("heads", "signs"):
            words = getattr(self, name)
            if twice := [w for i, w in enumerate(words) if w in words[:i]]:
                raise ConfigError(f"detector_settings.{name} has '{twice[0]}' twice")
        if self.told and len(self.told) != len(self.heads):
            raise ConfigError(
                f"detector_settings.told has {len(self.told)} entries for {len(self.heads)} heads",
                mend="Leave it out",
            )


Settings = TypeVar("Settings", bound=HeadSettings)


def suited(settings: Settings, truth: Truth) -> Settings:
    """Settings whose heads fit the data that they are to be trained on.

    Raises:
        ConfigError: the data tell nothing that a head could learn, or have no sign of a type that
            it is to tell apart.
    """
    counted, told = ~ignored(truth), []
    for head in settings.heads:
        mine = known_of(truth)[COLUMN[head]] & counted
        if not mine.any():
            raise ConfigError(
                f"detector_settings.heads has '{head}', which no object of {truth.name} tells",
                mend=f"Leave '{head}' out, or train on data whose objects have attributes.{head}",
            )
        told.append(tuple(np.unique(truth.category[mine]).tolist()))
    if "sign" not in settings.heads:
        return dataclasses.replace(settings, told=tuple(told), signs=())
    there = [SIGN_NAMES[k] for k in np.unique(truth.sign[counted]) if k != UNKNOWN]
    if missing := sorted(set(settings.signs) - set(there)):
        raise ConfigError(
            f"detector_settings.signs has '{missing[0]}', but {truth.name} has none",
            mend=f"There are: {', '.join(there)}",
        )
    return dataclasses.replace(settings, told=tuple(told), signs=settings.signs or tuple(there))


class Heads(nn.Module):
    """The heads by name, each a convolution and what it makes of it."""

    def __init__(self, channels: int, settings: HeadSettings) -> None:
        super().__init__()
        signs = settings.signs or SIGN_NAMES
        sizes = {"obb": OBB_CHANNELS, "aspect": len(ASPECT_NAMES), "sign": len(signs)}
        self.signs = [SIGN_NAMES.index(s) for s in signs]
        self.outs = nn.ModuleDict({
            name: nn.Sequential(conv(channels, channels), nn.Conv2d(channels, sizes[name], 1))
            for name in settings.heads
        })  # fmt: skip

    def forward(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        """Features f32[B, C, h, w] -> raw outputs f32[B, n, h, w] of each head; see ``losses``."""
        raw = {name: head(features).float() for name, head in self.outs.items()}
        if "sign" in raw:
            shape = (len(features), len(SIGN_NAMES), *features.shape[2:])
            raw["sign"] = torch.full(shape, NEVER).index_copy(
                1, torch.tensor(self.signs), raw["sign"]
            )
        return raw


def losses(
    raw: Mapping[str, torch.Tensor],
    wanted: Mapping[str, torch.Tensor],
    centres: torch.Tensor,
    stride_px: float,
) -> dict[str, torch.Tensor]:
    """The loss of each head over the cells whose object has its truth, a scalar by name.

    Args:
        raw: f32[P, n] of each head at P cells: OBB_CHANNELS, or a logit of each of ASPECT_NAMES or
            SIGN_NAMES. wanted: what their objects are, by column of the truth, f32[P, 5] px,
            whole numbers [P]. centres: f32[P, 2] px of the cells.
    """
    made = {}
    for name, out in raw.items():
        target = wanted[COLUMN[name]]
        if name == "obb":
            known = target[:, 2] > 0
            goal = _channels(target[known], centres[known], stride_px)
            missed = functional.smooth_l1_loss(out[known], goal, beta=BETA, reduction="sum")
        else:
            target = target.long()
            own = out.gather(1, target.clamp(min=0)[:, None])[:, 0]
            known = (target != UNKNOWN) & (own > NEVER)
            missed = functional.cross_entropy(out[known], target[known], reduction="sum")
        made[name] = missed / known.sum().clamp(min=1)
    return made


def answers(
    raw: Mapping[str, torch.Tensor],
    labels: torch.Tensor,
    centres: torch.Tensor,
    stride_px: float,
    settings: HeadSettings,
) -> dict[str, torch.Tensor]:
    """What the heads say of candidates, by column of ``detector.Detections``.

    Args:
        raw: as in ``losses``, at the cells of n candidates. labels: i64[n], their classes.
        centres: f32[n, 2] px.
    """
    made = {}
    for k, name in enumerate(settings.heads):
        if name == "obb":
            said = _oriented(raw[name], centres, stride_px)
        else:
            said = raw[name].argmax(dim=1)
        if settings.told:
            silent = ~torch.isin(labels, torch.tensor(settings.told[k], dtype=torch.int64))
            said[silent] = 0 if name == "obb" else UNKNOWN
        made[COLUMN[name]] = said
    return made


def _channels(oriented: torch.Tensor, centres: torch.Tensor, stride_px: float) -> torch.Tensor:
    """Oriented boxes f32[n, 5] px as what the head is to put out at cells: f32[n, OBB_CHANNELS]."""
    shift = (oriented[:, :2] - centres) / stride_px
    size = (oriented[:, 2:4].clamp(min=1.0) / stride_px).log()
    twice = 2 * oriented[:, 4:]
    return torch.cat([shift, size, twice.cos(), twice.sin()], dim=1)


def _oriented(out: torch.Tensor, centres: torch.Tensor, stride_px: float) -> torch.Tensor:
    """The inverse of ``_channels``; angles in (-pi / 2, pi / 2]."""
    middle = centres + out[:, :2] * stride_px
    size = stride_px * out[:, 2:4].clamp(-4.0, 6.0).exp()
    return torch.cat([middle, size, torch.atan2(out[:, 5:], out[:, 4:5]) / 2], dim=1)
