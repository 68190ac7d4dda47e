"""Scenes over local processes: a killed worker does not end the run, Ctrl-C ends it cleanly."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from simulator.errors import FairweatherError
from simulator.stopping import ASKING

MAX_LOST_POOLS = 3
"""Worker deaths in a row, without one finished scene between them, before the run gives up."""


def run_scenes(
    work: Callable[[Any, int], int], config: Any, indices: Sequence[int], workers: int
) -> Iterator[tuple[int, int]]:
    """Run ``work(config, index)`` for every index; yields (index, result) as each is done.

    Args:
        work: a module-level function. config: plain data, sent to each worker.
        workers: processes; 1 runs in this one, 0 takes all cores.

    Raises:
        FairweatherError: workers die again and again; or what ``work`` raises.
    """
    count = min(workers or os.cpu_count() or 1, len(indices))
    if count <= 1:
        for index in indices:
            yield index, work(config, index)
        return
    left = list(indices)
    lost = 0
    while left:
        try:
            for index, result in _one_pool(work, config, left, count):
                left.remove(index)
                lost = 0
                yield index, result
        except BrokenProcessPool:
            lost += 1
            if lost >= MAX_LOST_POOLS:
                raise FairweatherError(
                    f"workers were killed {lost} times without finishing a scene",
                    mend="Is there enough memory? Try fewer with workers=1",
                ) from None


def _one_pool(
    work: Callable[[Any, int], int], config: Any, indices: Sequence[int], count: int
) -> Iterator[tuple[int, int]]:
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_quiet)
    queue = iter(list(indices))
    running: dict[Future[int], int] = {}
    try:
        for index in queue:
            with _unasked():  # it starts a worker while there are too few
                future = pool.submit(work, config, index)
            running[future] = index
            if len(running) < 3 * count:
                continue
            yield from _finished(running)
        while running:
            yield from _finished(running)
    except BaseException:
        # Nobody wants what they are at, and as it exits Python would wait for them.
        for worker in set(multiprocessing.active_children()) - others:
            worker.kill()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(running: dict[Future[int], int]) -> Iterator[tuple[int, int]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in sorted(done, key=lambda f: running[f]):
        yield running.pop(future), future.result()


@contextlib.contextmanager
def _unasked() -> Iterator[None]:
    """Hold back what asks to stop; a process that is started here holds it back, too.

    While it imports, Ctrl-C would end a worker with a page of its calls, and so would a parent that
    goes away before it has told the worker what to do.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASKING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _quiet() -> None:
    """Leave Ctrl-C to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)  # see _unasked
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
