"""A compact anchor-free detector: one output grid of stride 8 under a top-down neck.

Every cell near an object's centre predicts its box as four distances (FCOS, Tian 2019) and, as the
score of its class, the overlap that this box will have (quality focal loss, Li 2020). Optional
heads say more of what the cell found (``training/heads.py``).
"""

from __future__ import annotations

import dataclasses
import math
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from simulator.settings import quantity
from training.detector import Candidates, Detector, Targets
from training.heads import COLUMN, Heads, HeadSettings, answers, losses, suited
from training.layers import channels_of, conv, laid_out

STRIDE_PX = 8
RADIUS_PX = 12.0
"""Cells within this of an object's centre learn it (1.5 strides, as in FCOS)."""

DARKEST_SPREAD = 4.0
"""Added to the deviation of a picture's levels, so that an empty picture is not blown up."""

CANDIDATES = 600
LOWEST_SCORE = 0.01
PRIOR = 0.01
"""Score of an untrained cell: most cells are empty (Lin 2017)."""


@dataclasses.dataclass(frozen=True)
class Settings(HeadSettings):
    """Size of the net, and its heads."""

    width: float = quantity(1.0, "", 0.125, 4, "factor on the number of channels")
    depth: int = quantity(1, "blocks", 0, 8, "residual blocks at each of the three coarse strides")


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv(channels, channels)
        self.second = conv(channels, channels, act=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(x + self.second(self.first(x)))


class Compact(nn.Module):
    """Trunk to stride 32, neck back to stride 8, one head: [B, classes + 4, H / 8, W / 8].

    What it says beyond boxes and classes comes from heads of their own, beside that one.
    """

    def __init__(self, classes: int, settings: Settings) -> None:
        super().__init__()
        c2, c4, c8, c16, c32 = (channels_of(n * settings.width) for n in (16, 32, 64, 96, 128))
        neck = c8
        self.classes, self.settings = classes, settings
        self.stem = nn.Sequential(conv(3, c2, 2), conv(c2, c4, 2))
        self.at8 = _stage(c4, c8, settings.depth)
        self.at16 = _stage(c8, c16, settings.depth)
        self.at32 = _stage(c16, c32, settings.depth)
        self.side8 = nn.Conv2d(c8, neck, 1)
        self.side16 = nn.Conv2d(c16, neck, 1)
        self.side32 = nn.Conv2d(c32, neck, 1)
        self.head = nn.Sequential(conv(neck, neck), conv(neck, neck))
        self.out = nn.Conv2d(neck, classes + 4, 3, padding=1)
        nn.init.normal_(self.out.weight, std=0.01)
        start = [-math.log((1 - PRIOR) / PRIOR)] * classes + [math.log(2.0)] * 4
        self.out.bias = nn.Parameter(torch.tensor(start))
        self.heads = Heads(neck, settings)

    def forward(
        self, images: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """Images u8[B, 3, H, W] -> class logits [B, C, h, w], distances [B, 4, h, w] px, and the
        raw outputs of each optional head [B, n, h, w].
        """
        x = _standardised(images.float()).contiguous(memory_format=torch.channels_last)
        at8 = self.at8(self.stem(x))
        at16 = self.at16(at8)
        at32 = self.at32(at16)
        neck = self.side16(at16) + functional.interpolate(self.side32(at32), scale_factor=2.0)
        neck = self.side8(at8) + functional.interpolate(neck, scale_factor=2.0)
        out = self.out(self.head(neck)).float()
        distances = STRIDE_PX * torch.exp(out[:, self.classes :].clamp(-4.0, 4.0))
        return out[:, : self.classes], distances, self.heads(neck)


def build(classes: int, settings: Settings) -> Compact:
    """A net with fresh weights from torch's current generator."""
    return laid_out(Compact(classes, settings))


def loss(model: nn.Module, images: torch.Tensor, targets: list[Targets]) -> dict[str, torch.Tensor]:
    """Quality focal loss of the classes, GIoU loss of the boxes, those of the heads; see the
    contract.
    """
    logits, distances, raw = model(images)
    rows, columns = logits.shape[2:]
    centres = _centres(rows, columns)
    assigned = [_assign(t, centres) for t in targets]
    owner = torch.stack([a[0] for a in assigned])
    masked = torch.stack([a[1] for a in assigned])
    positive = owner >= 0
    count = positive.sum().clamp(min=1)
    logits = logits.permute(0, 2, 3, 1).flatten(1, 2)
    distances = distances.permute(0, 2, 3, 1).flatten(1, 2)
    wanted = torch.cat([t.boxes[o[p]] for t, o, p in zip(targets, owner, positive, strict=True)])
    labels = torch.cat([t.labels[o[p]] for t, o, p in zip(targets, owner, positive, strict=True)])
    cells = centres.expand(len(targets), -1, -1)[positive]
    made = _boxes(cells, distances[positive])
    overlap, generalised = _overlaps(made, wanted)
    quality = torch.zeros_like(logits)
    where = positive.nonzero()
    quality[where[:, 0], where[:, 1], labels] = overlap.detach().clamp(min=0.05)
    score = logits.sigmoid()
    weight = (score - quality).abs().square() * (~masked).unsqueeze(2)
    crossed = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    said = {n: out.permute(0, 2, 3, 1).flatten(1, 2)[positive] for n, out in raw.items()}
    told = {
        COLUMN[n]: torch.cat(
            [t.more[COLUMN[n]][o[p]] for t, o, p in zip(targets, owner, positive, strict=True)]
        )
        for n in raw
    }
    return {
        "class": (weight * crossed).sum() / count,
        "box": 1.5 * (1.0 - generalised).sum() / count,
        **losses(said, told, cells, STRIDE_PX),
    }


def decode(model: nn.Module, images: torch.Tensor) -> list[Candidates]:
    """Candidates of each image, best first; see the contract."""
    logits, distances, raw = model(images)
    settings = cast("Compact", model).settings
    centres = _centres(*logits.shape[2:])
    scores = logits.sigmoid().permute(0, 2, 3, 1).flatten(1)
    distances = distances.permute(0, 2, 3, 1).flatten(1, 2)
    raw = {n: out.permute(0, 2, 3, 1).flatten(1, 2) for n, out in raw.items()}
    found = []
    for k, (score, distance) in enumerate(zip(scores, distances, strict=True)):
        best, index = score.topk(min(CANDIDATES, len(score)))
        index = index[best >= LOWEST_SCORE]
        cell, label = index // model.classes, index % model.classes
        said = {n: out[k, cell] for n, out in raw.items()}
        found.append({
            "box_px": _boxes(centres[cell], distance[cell]), "category": label,
            "score": best[: len(index)],
            **answers(said, label, centres[cell], STRIDE_PX, settings),
        })  # fmt: skip
    return found


def _standardised(levels: torch.Tensor) -> torch.Tensor:
    """Each picture with mean 0 and deviation 1: haze and darkness take less of its contrast."""
    mean = levels.mean(dim=(1, 2, 3), keepdim=True)
    spread = (levels - mean).square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return (levels - mean) / (spread + DARKEST_SPREAD)


def _stage(inputs: int, outputs: int, depth: int) -> nn.Sequential:
    return nn.Sequential(conv(inputs, outputs, 2), *[_Block(outputs) for _ in range(depth)])


def _centres(rows: int, columns: int) -> torch.Tensor:
    y = (torch.arange(rows) + 0.5) * STRIDE_PX
    x = (torch.arange(columns) + 0.5) * STRIDE_PX
    grid = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([grid[1].flatten(), grid[0].flatten()], dim=1)


def _assign(targets: Targets, centres: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Index of the object that each cell learns (-1 none), and the cells that learn nothing."""
    masked = _within(centres, targets.ignored).any(dim=1)
    if not len(targets.boxes):
        return torch.full((len(centres),), -1), masked
    middle = (targets.boxes[:, :2] + targets.boxes[:, 2:]) / 2
    size = targets.boxes[:, 2:] - targets.boxes[:, :2]
    # At least half a stride, so that the smallest object has a cell of its own.
    reach = (size / 2).clamp(STRIDE_PX / 2, RADIUS_PX)
    near = ((centres[:, None] - middle).abs() <= reach).all(dim=2)
    area = size.prod(dim=1).expand(len(centres), -1).masked_fill(~near, math.inf)
    smallest, owner = area.min(dim=1)
    owner = owner.masked_fill(smallest.isinf(), -1)
    return owner, masked & (owner < 0)


def _within(points: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    inside = (points[:, None] >= boxes[:, :2]) & (points[:, None] <= boxes[:, 2:])
    return inside.all(dim=2)


def _boxes(centres: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
    return torch.cat([centres - distances[:, :2], centres + distances[:, 2:]], dim=1)


def _overlaps(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """IoU and generalised IoU (Rezatofighi 2019) of boxes in pairs."""
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0)
    outer = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    shared, hull = inner.prod(dim=1), outer.prod(dim=1).clamp(min=1e-6)
    union = (a[:, 2:] - a[:, :2]).prod(dim=1) + (b[:, 2:] - b[:, :2]).prod(dim=1) - shared
    overlap = shared / union.clamp(min=1e-6)
    return overlap, overlap - (hull - union) / hull


DETECTOR = Detector(
    title="anchor-free, stride 8, 0.8 million parameters, needs no GPU; optional heads",
    settings=Settings,
    build=build,
    loss=loss,
    decode=decode,
    suited=suited,
)
