"""Where a net computes: the processor or a GPU, and in which precision."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import torch

from simulator.errors import ConfigError
from training.detector import Targets


def device_of(word: str, number: int = 0) -> torch.device:
    """The device of a setting; ``auto`` is a CUDA GPU where there is one, else the processor.

    Args:
        word: of ``config.DEVICES``. number: which of several GPUs.

    Raises:
        ConfigError: this machine has no such device, or not so many.
    """
    there = {
        "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(),
    }  # fmt: skip
    if word == "auto":
        word = "cuda" if there["cuda"] else "cpu"
    if not there[word]:
        raise ConfigError(
            f"device is '{word}', which torch does not find on this machine",
            mend="Give device=cpu, or install a torch that is built for it",
        )
    if word == "cuda" and number >= torch.cuda.device_count():
        raise ConfigError(
            f"process {number} of this machine has no GPU, there are {torch.cuda.device_count()}",
            mend="Start no more processes than there are GPUs, or give device=cpu",
        )
    return torch.device(word, number) if word == "cuda" else torch.device(word)


def home_of(module: torch.nn.Module) -> torch.device:
    """The device that holds the weights of a net."""
    return next(module.parameters()).device


@contextlib.contextmanager
def computing(device: torch.device, precision: str = "float32") -> Iterator[None]:
    """Inside, what torch makes anew is made on the device, and products have that precision.

    Detectors need not know of it: their grids and masks come to lie where their weights are.
    """
    with contextlib.ExitStack() as stack:
        if device.type != "cpu":
            stack.enter_context(device)
        if precision == "bfloat16":
            stack.enter_context(torch.autocast(device.type, torch.bfloat16))
        yield


def moved(targets: list[Targets], device: torch.device) -> list[Targets]:
    """The targets of crops, on a device."""
    if device.type == "cpu":
        return targets
    return [
        dataclasses.replace(
            t, boxes=t.boxes.to(device), labels=t.labels.to(device), ignored=t.ignored.to(device),
            more={name: column.to(device) for name, column in t.more.items()},
        )
        for t in targets
    ]  # fmt: skip
