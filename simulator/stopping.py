"""Being asked to stop, by Ctrl-C or by SIGTERM: once, in one way, whoever asks and how often."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Generator
from types import FrameType
from typing import Any

ASKING = (signal.SIGINT, signal.SIGTERM)
"""Signals that ask a process to stop: Ctrl-C; what ``kill``, ``timeout`` and schedulers send."""

TIDYING_S = 5.0
"""For so long after the first of them later ones change nothing. Tidying up takes less; where a
library has swallowed the exception, asking again must help.
"""


AGAIN_S = 0.05
"""After so long an exception that was dropped is raised again."""


@contextlib.contextmanager
def stoppable() -> Generator[None]:
    """Within it either signal raises KeyboardInterrupt, which ``exit_code`` knows to tell apart.

    People press Ctrl-C twice: the second one would tear the tidying up, and leave worker processes
    for which Python waits without end as it exits. After an interruption both stay ignored, for the
    process ends then. What ignored them before, such as nohup, goes on doing so.

    Python drops an exception in a destructor or a callback of the import system: it comes again.
    """
    before: dict[signal.Signals, Any] = {}
    asked_s: list[float] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if not asked_s or time.monotonic() - asked_s[-1] > TIDYING_S:
            asked_s.append(time.monotonic())
            raise KeyboardInterrupt(number)

    def lost(what: Any) -> None:
        stopped = isinstance(what.exc_value, KeyboardInterrupt) and what.exc_value.args
        if not stopped or not hasattr(signal, "pthread_kill"):  # Windows
            hook(what)
            return
        asked_s.clear()
        main = threading.main_thread().ident
        threading.Timer(AGAIN_S, signal.pthread_kill, (main, what.exc_value.args[0])).start()

    for number in ASKING if _gets_signals() else ():
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, stop)
    after, hook = before, sys.unraisablehook
    sys.unraisablehook = lost
    try:
        yield
    except KeyboardInterrupt:
        after = dict.fromkeys(before, signal.SIG_IGN)
        raise
    finally:
        sys.unraisablehook = hook
        for number, handler in after.items():
            signal.signal(number, handler)


def exit_code(stop: KeyboardInterrupt) -> int:
    """The exit code of an interrupted process: 128 and the signal's number, Ctrl-C's by default."""
    number = stop.args[0] if stop.args and isinstance(stop.args[0], int) else signal.SIGINT
    return 128 + number


@contextlib.contextmanager
def asked_to_stop() -> Generator[list[int]]:
    """A list that fills with the signals' numbers, so that nothing is left half done.

    The second time a signal acts as it did before.
    """
    asked: list[int] = []
    before = {s: signal.getsignal(s) for s in (ASKING if _gets_signals() else ())}

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _gets_signals() -> bool:
    """Only the main thread does."""
    return threading.current_thread() is threading.main_thread()
