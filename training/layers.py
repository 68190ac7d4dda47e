"""Pieces of nets that several detectors are made of."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def conv(inputs: int, outputs: int, stride: int = 1, act: bool = True) -> nn.Sequential:
    """A 3 x 3 convolution with batch normalisation and, if ``act``, a ReLU."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if act else []))


def channels_of(number: float) -> int:
    """A number of channels as a multiple of 8, at least 8."""
    return max(8, int(number / 8 + 0.5) * 8)


def laid_out(net: Net) -> Net:
    """The net with its weights in the order that is fastest on a processor."""
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return net
