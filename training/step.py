"""One step of training: loss, gradient, weights, averaged weights."""

from __future__ import annotations

import math

import torch

from simulator.errors import ConfigError
from training.config import TrainConfig
from training.detector import Detector, Targets
from training.device import computing, home_of
from training.group import ALONE, Group, level
from training.state import Run


def take_step(
    run: Run,
    config: TrainConfig,
    detector: Detector,
    images: torch.Tensor,
    targets: list[Targets],
    group: Group = ALONE,
) -> dict[str, float]:
    """Change the weights by one batch; returns the losses by name.

    Args:
        run: is changed. images: u8[B, 3, S, S] RGB, on the device of the weights, as the targets.
        group: all of its processes must call this, each with its part of the batch.

    Raises:
        ConfigError: the loss is not finite.
    """
    for one in run.optimiser.param_groups:
        one["lr"] = rate_at(config, run.step)
    with computing(home_of(run.module), config.precision):
        losses = detector.loss(run.module, images, targets)
    total = torch.stack(list(losses.values())).sum()
    if not bool(torch.isfinite(total)):
        raise ConfigError(
            f"the loss is not finite at step {run.step}", place="lr", mend="Give a smaller lr"
        )
    run.optimiser.zero_grad(set_to_none=True)
    total.backward()
    said = torch.stack([value.detach().float() for value in losses.values()])
    if group.size > 1:
        level(group, [*_gradients(run.module), *_statistics(run.module), said])
    torch.nn.utils.clip_grad_norm_(run.module.parameters(), config.clip_norm)
    run.optimiser.step()
    run.step += 1
    _average(run, min(config.ema, (1 + run.step) / (10 + run.step)))
    return dict(zip(losses, said.tolist(), strict=True))


def rate_at(config: TrainConfig, step: int) -> float:
    """Learning rate of a step: linear warm-up, then half a cosine down to a hundredth."""
    warmup = min(config.warmup_steps, config.steps // 4)
    if step < warmup:
        return config.lr * (step + 1) / warmup
    share = (step - warmup) / max(config.steps - warmup, 1)
    return config.lr * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


def _gradients(module: torch.nn.Module) -> list[torch.Tensor]:
    """The gradient of every weight: zeros where this process's part of the batch gave none."""
    found = []
    for parameter in module.parameters():
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        found.append(parameter.grad)
    return found


def _statistics(module: torch.nn.Module) -> list[torch.Tensor]:
    """Running means and variances of batch normalisation."""
    return [b for b in module.buffers() if b.is_floating_point()]


@torch.no_grad()
def _average(run: Run, decay: float) -> None:
    for name, value in run.module.state_dict().items():
        if value.is_floating_point():
            run.averaged[name].lerp_(value, 1.0 - decay)
        else:
            run.averaged[name].copy_(value)
