"""``python -m training job=train|evaluate [key=value ...]``: the jobs without the command line.

Plain settings only; ``fairweather train`` composes the files of ``conf/`` and offers help,
completion and experiments. A study needs the generator, which only ``fairweather study`` hands in.
"""

from __future__ import annotations

import sys

from simulator.errors import FairweatherError, unknown_name
from simulator.settings import build
from simulator.words import nested
from training.config import EvaluateConfig, TrainConfig
from training.evaluate import evaluate
from training.loop import train

JOBS = {"train": (TrainConfig, train), "evaluate": (EvaluateConfig, evaluate)}


def main(words: list[str]) -> int:
    """Run one job from words ``key=value``; returns the exit code."""
    try:
        values = nested(words)
        job = values.pop("job", None)
        if job not in JOBS:
            raise unknown_name("job", job, JOBS)
        settings, run = JOBS[job]
        run(build(settings, values))
    except FairweatherError as error:
        print(f"training: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
