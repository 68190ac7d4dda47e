"""Scenes over processes: what an interruption leaves behind."""

from __future__ import annotations

import multiprocessing
import signal
import time
from concurrent.futures import ProcessPoolExecutor

from render.executor import run_scenes
from simulator.stopping import ASKING


def endless(_config: object, index: int) -> int:
    time.sleep(600 if index else 0)
    return index


def held_back(_config: object, _index: int) -> int:
    return len(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def test_workers_start_with_ctrl_c_held_back_and_work_with_it_ignored(monkeypatch):
    asked = []

    class Pool(ProcessPoolExecutor):
        def submit(self, *words, **more):
            asked.append(set(ASKING) <= signal.pthread_sigmask(signal.SIG_BLOCK, []))
            return super().submit(*words, **more)

    monkeypatch.setattr("render.executor.ProcessPoolExecutor", Pool)
    assert sorted(run_scenes(held_back, None, [0, 1, 2], 2)) == [(0, 0), (1, 0), (2, 0)]
    assert asked == [True, True, True]


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
