"""The processes that train one net together, as torch's own launcher starts them (torchrun).

Each draws its own part of every batch and keeps the same weights: gradients and the statistics of
batch normalisation are averaged in every step. Only the first process writes and speaks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator, Sequence

import torch
from torch import distributed

from simulator.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Group:
    """Which process of how many this one is."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether it is this process that writes and speaks."""
        return self.rank == 0


ALONE = Group()


def launched() -> tuple[Group, int]:
    """The group that the launcher's environment tells of, and this process's number on its machine.

    Raises:
        ConfigError: the environment is broken.
    """
    try:
        rank, size, local = (
            int(os.environ.get(name, value))
            for name, value in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
        )
    except ValueError as error:
        raise ConfigError(
            f"RANK, WORLD_SIZE or LOCAL_RANK is no number ({error})", place="environment",
            mend="Start it with torchrun, or unset them",
        ) from None  # fmt: skip
    if size == 1:
        return ALONE, 0
    if "MASTER_ADDR" not in os.environ:
        raise ConfigError(
            f"WORLD_SIZE is {size}, but MASTER_ADDR does not say where the others are",
            place="environment", mend="Start it with torchrun, or unset WORLD_SIZE",
        )  # fmt: skip
    return Group(rank, size), local


def check_shared(group: Group, device: torch.device) -> None:
    """Refuse a device on which processes cannot hear each other.

    Raises:
        ConfigError: there are several, and the device is Apple's GPU, for which torch has no way.
    """
    if group.size > 1 and device.type == "mps":
        raise ConfigError(
            f"device is 'mps', which {group.size} processes cannot share",
            mend="Start one process, or give device=cpu",
        )


def processes_here() -> int:
    """How many processes of the group share this machine's cores."""
    word = os.environ.get("LOCAL_WORLD_SIZE", "1")
    return max(int(word), 1) if word.isdecimal() else 1


@contextlib.contextmanager
def together(group: Group, device: torch.device) -> Iterator[None]:
    """Inside, the processes of a group can hear each other; all leave together."""
    if group.size == 1:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
        distributed.barrier()
    finally:
        distributed.destroy_process_group()


@torch.no_grad()
def level(group: Group, tensors: Sequence[torch.Tensor]) -> None:
    """Put the mean over all processes into each of some float tensors, in one message."""
    if group.size == 1:
        return
    flat = torch.cat([t.flatten() for t in tensors])
    distributed.all_reduce(flat)
    flat /= group.size
    for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def anyone(group: Group, asked: bool, device: torch.device) -> bool:
    """Whether any process was asked to stop, so that all stop after the same step."""
    if group.size == 1:
        return asked
    said = torch.tensor(float(asked), device=device)
    distributed.all_reduce(said)
    return bool(said > 0)


def told_by_first(group: Group, value: float, device: torch.device) -> float:
    """A number that the first process knows."""
    if group.size == 1:
        return value
    said = torch.tensor(value, dtype=torch.float64, device=device)
    distributed.broadcast(said, 0)
    return float(said)
