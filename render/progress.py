"""Progress of a long job: a bar with rate and time left, or lines of JSON without a terminal."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)  # fmt: skip

PLAIN_EVERY_S = 10.0
"""Time between two lines where there is no terminal, s."""

Advance = Callable[[int, str], None]
"""Tell how many items are done and what to say beside the bar."""


@contextlib.contextmanager
def progress(title: str, total: int, unit: str, start: int = 0) -> Iterator[Advance]:
    """Show how far a job is; yields the function to call with (done, note)."""
    console = Console(stderr=True)
    began = time.monotonic()

    def rate(done: int) -> float:
        return max(done - start, 0) / max(time.monotonic() - began, 1e-6)

    if not console.is_terminal:
        yield _plain(title, total, unit, rate)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, speed_estimate_period=60) as bar:
        task = bar.add_task(title, total=total, completed=start, note="")

        def advance(done: int, note: str) -> None:
            bar.update(task, completed=done, note=f"{rate(done):.1f} {unit}/s {note}")

        yield advance


def say(text: str) -> None:
    """One line for the person at the terminal, on the error stream so that output stays clean."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


def show(text: str) -> None:
    """A result for the person at the terminal, on the output stream."""
    Console(highlight=False, soft_wrap=True).print(text, markup=False)


def _plain(title: str, total: int, unit: str, rate: Callable[[int], float]) -> Advance:
    """Lines of JSON for whatever reads them: the first item, one now and then, the last."""
    last = -PLAIN_EVERY_S

    def advance(done: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if done < total and now - last < PLAIN_EVERY_S:
            return
        last = now
        fast = rate(done)
        line = {
            "job": title, "done": done, "of": total, "unit": unit, "per_s": round(fast, 2),
            "left_s": round((total - done) / max(fast, 1e-6)),
        }  # fmt: skip
        say(json.dumps(line | ({"note": note} if note else {})))

    return advance
