"""What a detector finds in the pictures: at once where it must be exact, else beside the display.

A detector may take a second for a picture. A running window does not wait for it: it shows what was
found in the last picture that the detector has finished, and says how old that is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from render.viewer.shot import Shot

Detect = Callable[[np.ndarray], Any]
"""u8[H, W, 3], blue first -> detections with ``box_px``, ``category``, ``score``, ``classes``."""


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """What was found in a picture."""

    shot: Shot
    detections: Any


@dataclasses.dataclass
class Finder:
    """A detector at work.

    Attributes:
        detect: the detector. worker: the one thread beside the display.
        job: the picture that it is busy with. last: what it has finished last.
    """

    detect: Detect
    worker: ThreadPoolExecutor = dataclasses.field(default_factory=lambda: ThreadPoolExecutor(1))
    job: Future[Found] | None = None
    last: Found | None = None


def find(finder: Finder, shot: Shot) -> Found:
    """What is found in this very picture; waits for it."""
    _collect(finder, wait=True)
    if finder.last is None or finder.last.shot.frame is not shot.frame:
        finder.last = Found(shot, finder.detect(shot.frame.bgr))
    return finder.last


def found_lately(finder: Finder, shot: Shot) -> Found | None:
    """The newest finding in this scene, which may be of an earlier picture; does not wait."""
    _collect(finder, wait=False)
    last = finder.last
    if finder.job is None and (last is None or last.shot.frame is not shot.frame):
        finder.job = finder.worker.submit(lambda: Found(shot, finder.detect(shot.frame.bgr)))
    return last if last is not None and last.shot.backdrop is shot.backdrop else None


def _collect(finder: Finder, *, wait: bool) -> None:
    if finder.job is not None and (wait or finder.job.done()):
        job, finder.job = finder.job, None
        finder.last = job.result()
