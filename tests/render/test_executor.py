"""Scenes over processes: what an interruption leaves behind."""

from __future__ import annotations

import multiprocessing
import time

from render.executor import run_scenes


def endless(_config: object, index: int) -> int:
    time.sleep(600 if index else 0)
    return index


def test_an_interrupted_run_leaves_no_worker_that_somebody_would_wait_for():
    before = set(multiprocessing.active_children())
    run = run_scenes(endless, None, [0, 1, 2, 3], 2)
    assert next(run) == (0, 0)
    workers = set(multiprocessing.active_children()) - before
    run.close()
    for worker in workers:
        worker.join(10)
    assert len(workers) == 2
    assert not any(worker.is_alive() for worker in workers)
