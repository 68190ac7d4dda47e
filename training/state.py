"""The state of an interrupted training: everything that going on to the same weights needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save

from render.files import write_bytes
from simulator.errors import ConfigError, DataError
from training.checkpoint import read_tensors

STATE = "state.safetensors"


@dataclasses.dataclass(eq=False)
class Run:
    """What changes while training: module, optimiser, averaged weights, finished steps."""

    module: torch.nn.Module
    optimiser: torch.optim.AdamW
    averaged: dict[str, torch.Tensor]
    step: int


def save_state(run: Run, out: Path, digest: str, lines: list[str]) -> None:
    """Write everything that going on needs, each file atomically.

    The log comes first: lines beyond the state's step are dropped by whoever goes on from it, one
    that is missing would never come back, and with it perhaps the best figure.
    """
    tensors = {f"module/{k}": v for k, v in run.module.state_dict().items()}
    tensors |= {f"averaged/{k}": v for k, v in run.averaged.items()}
    for i, parameter in enumerate(_parameters(run)):
        for key, value in run.optimiser.state[parameter].items():
            tensors[f"optimiser/{i}/{key}"] = value
    data = {k: v.detach().clone().contiguous() for k, v in tensors.items()}
    write_bytes(out / "metrics.jsonl", "".join(f"{line}\n" for line in lines).encode())
    write_bytes(out / STATE, save(data, metadata={"digest": digest, "step": str(run.step)}))


def restore_state(run: Run, path: Path, digest: str) -> None:
    """Take a run up from its state.

    Raises:
        ConfigError: the state is of other settings or data. DataError: it is broken.
    """
    tensors, metadata = read_tensors(path)
    if metadata.get("digest") != digest:
        raise ConfigError(
            "holds an unfinished training with other settings or data", place=str(path.parent),
            mend="Choose another out=, or give resume=false to begin anew",
        )  # fmt: skip
    try:
        _fill(run, tensors)
        run.step = int(metadata["step"])
        if run.step < 0:
            raise ValueError("a step below zero")
    except (KeyError, ValueError, RuntimeError) as error:
        raise DataError(
            "is broken", place=str(path), mend="Give resume=false to begin anew"
        ) from error


def _fill(run: Run, tensors: Mapping[str, torch.Tensor]) -> None:
    parts: dict[str, dict[str, torch.Tensor]] = {"module": {}, "averaged": {}, "optimiser": {}}
    for name, value in tensors.items():
        kind, _, key = name.partition("/")
        parts[kind][key] = value
    run.module.load_state_dict(parts["module"])
    for name, value in run.averaged.items():
        value.copy_(_alike(parts["averaged"][name], value.shape))
    for i, parameter in enumerate(_parameters(run)):
        shapes = {"step": torch.Size(), **dict.fromkeys(("exp_avg", "exp_avg_sq"), parameter.shape)}
        run.optimiser.state[parameter] = {
            key: _like(_alike(parts["optimiser"][f"{i}/{key}"], shape), parameter)
            for key, shape in shapes.items()
        }


def _alike(value: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """The tensor, which must have that shape: it would be spread, or fail steps later."""
    if value.shape != shape:
        raise ValueError(f"a shape of {tuple(value.shape)}")
    return value


def _like(value: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor:
    """In the parameter's memory layout: another layout would round sums differently."""
    return value if value.shape != parameter.shape else torch.empty_like(parameter).copy_(value)


def _parameters(run: Run) -> list[torch.nn.Parameter]:
    return [p for group in run.optimiser.param_groups for p in group["params"]]
