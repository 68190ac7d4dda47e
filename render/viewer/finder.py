"""What a detector finds in the pictures: at once where it must be exact, else beside the display.

A detector may take a second for a picture. A running window does not wait for it: it shows what was
found in the last picture that the detector has finished, and says how old that is.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from render.viewer.shot import Shot
from simulator.errors import FairweatherError

Detect = Callable[[np.ndarray], Any]
"""u8[H, W, 3], blue first -> detections with ``box_px``, ``category``, ``score``, ``classes``."""


RESTS, LONGEST_REST_S = 0.5, 0.5
"""How long a detector rests after each picture, as a share of what the picture took it."""


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
        rests_until: on the clock; a detector that is always busy leaves drawing too little time.
    """

    detect: Detect
    worker: ThreadPoolExecutor = dataclasses.field(default_factory=lambda: ThreadPoolExecutor(1))
    job: Future[Found] | None = None
    last: Found | None = None
    rests_until: float = 0.0


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
    free = finder.job is None and time.monotonic() >= finder.rests_until
    if free and (last is None or last.shot.frame is not shot.frame):
        finder.job = finder.worker.submit(_rested, finder, shot)
    return last if last is not None and last.shot.backdrop is shot.backdrop else None


def _rested(finder: Finder, shot: Shot) -> Found:
    begun = time.monotonic()
    found = Found(shot, finder.detect(shot.frame.bgr))
    now = time.monotonic()
    finder.rests_until = now + min(RESTS * (now - begun), LONGEST_REST_S)
    return found


def _collect(finder: Finder, *, wait: bool) -> None:
    if finder.job is not None and (wait or finder.job.done()):
        job, finder.job = finder.job, None
        try:
            finder.last = job.result()
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise FairweatherError(f"the detector failed ({str(error)[:100]})") from error
