"""Scenes over a cluster that Ray holds together: killed workers and nodes cost time, no scene.

The cluster is the user's, started as Ray's manual says (``ray start --head``, then ``ray start
--address=HOST:PORT`` on the others). The dataset's folder must be one that all nodes share: workers
write files there as local processes do, and return numbers only.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from render.composition import conditions_a_scene
from render.parts import scene_done
from render.scene_job import WORK
from simulator.errors import ConfigError, FairweatherError, OutputError

MAX_LOST = 3
"""How often Ray begins a task anew whose worker or node was killed, before the run gives up."""

MOST_AT_ONCE = 20
"""Scenes in one task: Ray takes about 10 ms for a task, as long as a frame takes."""

WAITING = 3
"""Tasks for each processor of the cluster that are handed over ahead of time."""

CHECK_S = 5.0
"""How often the size of the cluster is asked for while nothing finishes, s."""


PATIENCE_S = 3.0
"""How long the head may take to answer at all, s."""

START = "Start one with `ray start --head` and give the ray_address=HOST:PORT that it prints"


def run_on_ray(
    work: Callable[[Any, int], int], config: Any, indices: Sequence[int], address: str
) -> Iterator[tuple[int, int]]:
    """Run ``work(config, index)`` for every index on a cluster; yields (index, result).

    Args:
        work: a module-level function that writes into ``config.out``. config: sent to each node.
        address: HOST:PORT of the head.

    Raises:
        ConfigError: Ray is not installed, or there is no cluster.
        FairweatherError: workers die again and again; or what ``work`` raises.
    """
    if not indices:
        return
    ray = check_cluster(address)
    config = dataclasses.replace(config, out=str(Path(config.out).absolute()))
    with _joined(ray, address):
        task = ray.remote(max_retries=MAX_LOST, num_cpus=1)(_some_scenes)
        sent = ray.put(config)
        at = 0
        running: dict[Any, Sequence[int]] = {}
        while at < len(indices) or running:
            while at < len(indices) and len(running) < WAITING * (count := _processors(ray)):
                chunk = list(indices[at : at + scenes_a_task(len(indices) - at, count)])
                at += len(chunk)
                running[task.remote(work, sent, chunk)] = chunk
            done, _ = ray.wait(list(running), num_returns=1, timeout=CHECK_S)
            for reference in done:
                yield from zip(running.pop(reference), _result(ray, reference), strict=True)


def _some_scenes(work: Callable[[Any, int], int], config: Any, indices: Sequence[int]) -> list[int]:
    """Runs on a node. What a killed worker has finished of this task is not made again."""
    root = Path(config.out)
    if not (root / WORK).is_dir():
        raise OutputError(
            "is not there on a node of the cluster", place=str(root),
            mend="Choose out= in a folder that all nodes share",
        )  # fmt: skip
    frames = config.frames_per_scene * conditions_a_scene(config)
    return [frames if scene_done(root, i) else work(config, i) for i in indices]


def check_cluster(address: str) -> ModuleType:
    """Ray itself, where it is installed and something answers at the address.

    Raises:
        ConfigError: it is not, or nothing does: Ray would wait for minutes.
    """
    try:
        ray = importlib.import_module("ray")  # an extra
    except ModuleNotFoundError:
        raise ConfigError(
            "executor=ray needs Ray", mend="pip install -c constraints.txt -e '.[ray]'"
        ) from None
    _answers(address)
    return ray


@contextlib.contextmanager
def _joined(ray: ModuleType, address: str) -> Iterator[None]:
    """Connect to a cluster that runs, and leave it."""
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
    except (ConnectionError, ValueError, RuntimeError) as error:
        said = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise ConfigError(f"no Ray cluster at {address} ({said})", mend=START) from None
    try:
        yield
    finally:
        ray.shutdown()


def _answers(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise ConfigError(f"ray_address must be HOST:PORT, got {address!r:.60}", mend=START)
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S).close()
    except OSError as error:
        said = error.strerror or "no answer"
        raise ConfigError(f"no Ray cluster at {address} ({said})", mend=START) from None


def _processors(ray: ModuleType) -> int:
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def scenes_a_task(left: int, processors: int) -> int:
    """Many while many are left, which keeps Ray's own cost small; single ones at the end, where a
    processor that has nothing more to do waits for the others.
    """
    return max(1, min(MOST_AT_ONCE, left // (4 * processors)))


def _result(ray: ModuleType, reference: Any) -> list[int]:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except ray.exceptions.RayError as error:
        said = str(error).splitlines()[0][:120]
        raise FairweatherError(
            f"a task was lost {MAX_LOST + 1} times ({said})",
            mend="Is there enough memory on the nodes? The same command goes on from here",
        ) from None
