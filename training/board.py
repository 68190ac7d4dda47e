"""Curves of a training for TensorBoard, beside ``metrics.jsonl``, which holds the same figures."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from simulator.errors import ConfigError

FOLDER = "tensorboard"

Note = Callable[[int, Mapping[str, float]], None]
"""(step, figures by name): one more point of each curve."""


@contextlib.contextmanager
def board(out: Path, wanted: bool, step: int) -> Iterator[Note]:
    """Where to note figures while it is open; nothing is written unless it is wanted.

    Args:
        out: the folder of the training. step: what an interrupted training goes on from; points
            beyond it are taken back.

    Raises:
        ConfigError: TensorBoard is not installed.
    """
    if not wanted:
        yield lambda _step, _figures: None
        return
    try:
        writer = importlib.import_module("torch.utils.tensorboard").SummaryWriter
    except ModuleNotFoundError:
        raise ConfigError(
            "tensorboard=true needs TensorBoard",
            mend="pip install -c constraints.txt -e '.[tensorboard]'",
        ) from None
    with writer(str(out / FOLDER), purge_step=step or None) as curves:

        def note(at: int, figures: Mapping[str, float]) -> None:
            for name, value in figures.items():
                curves.add_scalar(name, value, at)

        yield note
