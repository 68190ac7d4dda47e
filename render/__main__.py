"""``python -m render out=DIR [key=value ...]``: batch generation without the command line.

Plain settings only; ``fairweather generate`` composes the files of ``conf/`` and offers help,
completion and experiments.
"""

from __future__ import annotations

import sys

from render.config import GenerateConfig
from render.generate import generate
from simulator.errors import FairweatherError
from simulator.settings import build
from simulator.words import nested


def main(words: list[str]) -> int:
    """Generate one dataset; returns the exit code."""
    try:
        print(generate(build(GenerateConfig, nested(words))))
    except FairweatherError as error:
        print(f"render: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
