"""An anchor-based detector: boxes of fixed shapes at two strides, each told what is nearest.

The other family beside ``compact``: an object is learned by the anchors that overlap it enough
(RetinaNet, Lin 2017), boxes are shifts and stretches of them under a smooth L1 loss, scores come
from a plain focal loss, and levels are taken as they are instead of standardised by picture. What
both detectors lose is no quirk of one of them.
"""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import nn
from torch.nn import functional

from simulator.settings import quantity
from training.detector import Candidates, Detector, Targets
from training.layers import channels_of, conv, laid_out

SIDES_PX = {8: (14.0, 22.0, 34.0), 16: (50.0, 76.0, 116.0)}
"""Of square anchors at each stride: from a stop sign to a bus at usual scales."""

RATIOS = (0.45, 1.0, 2.2)
"""Width over height: vehicles lie along or across."""

POSITIVE, NEGATIVE = 0.5, 0.4
"""Overlap (IoU) with an object from which an anchor learns it; below which it learns nothing."""

LEAST = 0.2
"""The best anchors of an object learn it though they overlap less than POSITIVE, from this on."""

ALPHA, GAMMA = 0.25, 2.0
"""Of the focal loss."""

SPREAD = (0.1, 0.2)
"""Deviation of shifts (in sides of the anchor) and of stretches (logarithm), as in SSD."""

STRETCH = 4.0
CANDIDATES = 600
LOWEST_SCORE = 0.01
PRIOR = 0.01
INSIDE = 0.5


@dataclasses.dataclass(frozen=True)
class Settings:
    """Size of the net."""

    width: float = quantity(1.0, "", 0.125, 4, "factor on the number of channels")


class Anchors(nn.Module):
    """Trunk to stride 32, heads at strides 8 and 16: logits [B, A, C] and offsets [B, A, 4]."""

    def __init__(self, classes: int, settings: Settings) -> None:
        super().__init__()
        c2, c4, c8, c16, c32 = (channels_of(n * settings.width) for n in (16, 32, 56, 96, 112))
        self.classes = classes
        self.stem = nn.Sequential(conv(3, c2, 2), conv(c2, c4, 2))
        self.at8 = nn.Sequential(conv(c4, c8, 2), conv(c8, c8))
        self.at16 = nn.Sequential(conv(c8, c16, 2), conv(c16, c16))
        self.at32 = conv(c16, c32, 2)
        self.side8 = nn.Conv2d(c8, c8, 1)
        self.side16 = nn.Conv2d(c16, c8, 1)
        self.side32 = nn.Conv2d(c32, c8, 1)
        self.heads = nn.ModuleList(_Head(c8, classes) for _ in SIDES_PX)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images u8[B, 3, H, W] -> logits [B, A, C] and offsets [B, A, 4] of all anchors."""
        x = (images.float() / 64.0 - 2.0).contiguous(memory_format=torch.channels_last)
        at8 = self.at8(self.stem(x))
        at16 = self.at16(at8)
        deep = functional.interpolate(self.side32(self.at32(at16)), scale_factor=2.0)
        neck16 = self.side16(at16) + deep
        neck8 = self.side8(at8) + functional.interpolate(neck16, scale_factor=2.0)
        outs = [head(neck) for head, neck in zip(self.heads, (neck8, neck16), strict=True)]
        out = torch.cat(outs, dim=1)
        return out[..., : self.classes], out[..., self.classes :]


class _Head(nn.Module):
    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.inner = conv(channels, channels)
        self.width = classes + 4
        shapes = len(RATIOS) * len(SIDES_PX[8])
        self.out = nn.Conv2d(channels, shapes * self.width, 3, padding=1)
        nn.init.normal_(self.out.weight, std=0.01)
        start = [-math.log((1 - PRIOR) / PRIOR)] * classes + [0.0] * 4
        self.out.bias = nn.Parameter(torch.tensor(start * shapes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.out(self.inner(x)).float().permute(0, 2, 3, 1)
        return out.reshape(len(out), -1, self.width)


def build(classes: int, settings: Settings) -> Anchors:
    """A net with fresh weights from torch's current generator."""
    return laid_out(Anchors(classes, settings))


def loss(model: nn.Module, images: torch.Tensor, targets: list[Targets]) -> dict[str, torch.Tensor]:
    """Focal loss of the classes and smooth L1 loss of the offsets; see the contract."""
    logits, offsets = model(images)
    anchors = _anchors(*images.shape[2:])
    assigned = [_assign(t, anchors) for t in targets]
    owner = torch.stack([a[0] for a in assigned])
    counts = torch.stack([a[1] for a in assigned])
    positive = owner >= 0
    number = positive.sum().clamp(min=1)
    wanted = torch.cat([t.boxes[o[p]] for t, o, p in zip(targets, owner, positive, strict=True)])
    labels = torch.cat([t.labels[o[p]] for t, o, p in zip(targets, owner, positive, strict=True)])
    goal = torch.zeros_like(logits)
    where = positive.nonzero()
    goal[where[:, 0], where[:, 1], labels] = 1.0
    own = anchors.expand(len(targets), -1, -1)[positive]
    shift = functional.smooth_l1_loss(
        offsets[positive], _offsets(own, wanted), reduction="sum", beta=0.5
    )
    focal = _focal(logits, goal) * counts.unsqueeze(2)
    return {"class": focal.sum() / number, "box": 0.5 * shift / number}


def decode(model: nn.Module, images: torch.Tensor) -> list[Candidates]:
    """Candidates of each image, best first; see the contract."""
    logits, offsets = model(images)
    anchors = _anchors(*images.shape[2:])
    found = []
    for logit, offset in zip(logits, offsets, strict=True):
        score = logit.sigmoid().flatten()
        best, index = score.topk(min(CANDIDATES, len(score)))
        index = index[best >= LOWEST_SCORE]
        which, label = index // model.classes, index % model.classes
        boxes = _boxes(anchors[which], offset[which])
        found.append({"box_px": boxes, "category": label, "score": best[: len(index)]})
    return found


def _anchors(height: int, width: int) -> torch.Tensor:
    """All anchors of a picture, f32[A, 4] px, in the order of the heads' outputs."""
    parts = []
    for stride, sides in SIDES_PX.items():
        y = (torch.arange(height // stride) + 0.5) * stride
        x = (torch.arange(width // stride) + 0.5) * stride
        grid = torch.meshgrid(y, x, indexing="ij")
        centres = torch.stack([grid[1], grid[0]], dim=-1).reshape(-1, 1, 2)
        shapes = torch.tensor([(s * r**0.5, s / r**0.5) for s in sides for r in RATIOS])
        parts.append(torch.cat([centres - shapes / 2, centres + shapes / 2], dim=2).flatten(0, 1))
    return torch.cat(parts)


def _assign(targets: Targets, anchors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Index of the object that each anchor learns (-1 none), and the anchors that count."""
    counts = torch.ones(len(anchors), dtype=torch.bool)
    if len(targets.ignored):
        counts &= (_shared(anchors, targets.ignored) / _area(anchors)[:, None]).amax(1) < INSIDE
    owner = torch.full((len(anchors),), -1)
    if not len(targets.boxes):
        return owner, counts
    shared = _shared(anchors, targets.boxes)
    overlap = shared / (_area(anchors)[:, None] + _area(targets.boxes) - shared)
    best, nearest = overlap.max(dim=1)
    owner = torch.where(best >= POSITIVE, nearest, owner)
    # An object between the shapes is learned by those that fit it best; of two objects that want
    # one anchor, by index order, the later has it, the same on every machine.
    top = overlap.amax(dim=0)
    for k in range(len(top)):
        if top[k] >= LEAST:
            owner[overlap[:, k] >= top[k] - 1e-4] = k
    counts &= (best < NEGATIVE) | (owner >= 0)
    return owner, counts | (owner >= 0)


def _focal(logits: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    score = logits.sigmoid()
    crossed = functional.binary_cross_entropy_with_logits(logits, goal, reduction="none")
    wrong = score + goal - 2 * score * goal
    return (1 - ALPHA + (2 * ALPHA - 1) * goal) * wrong**GAMMA * crossed


def _offsets(anchors: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """What makes boxes of anchors, in units of SPREAD."""
    size, want = anchors[:, 2:] - anchors[:, :2], (boxes[:, 2:] - boxes[:, :2]).clamp(min=1.0)
    shift = (boxes[:, :2] + boxes[:, 2:] - anchors[:, :2] - anchors[:, 2:]) / 2 / size
    return torch.cat([shift / SPREAD[0], (want / size).log() / SPREAD[1]], dim=1)


def _boxes(anchors: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    size = anchors[:, 2:] - anchors[:, :2]
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2 + size * offsets[:, :2] * SPREAD[0]
    size = size * (offsets[:, 2:] * SPREAD[1]).clamp(-STRETCH, STRETCH).exp()
    return torch.cat([centre - size / 2, centre + size / 2], dim=1)


def _shared(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    return (high - low).clamp(min=0).prod(dim=2)


def _area(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1).clamp(min=1e-6)


DETECTOR = Detector(
    title="anchor-based, strides 8 and 16, 0.5 million parameters, for a processor without a GPU",
    settings=Settings,
    build=build,
    loss=loss,
    decode=decode,
)
