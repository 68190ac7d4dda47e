"""What test_group starts with torch's launcher: one process of several that train one net.

Usage: two_processes.py DATA OUT KEY=VALUE ... [stop=RANK:STEP]; ``stop`` has that process alone
asked to stop, as by Ctrl-C.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson

from tests.training.conftest import toy_config
from training import loop
from training.state import Run


def main(data: Path, out: Path, words: dict[str, Any]) -> None:
    """Train; when stopped, leave with 1 as the command does."""
    rank, step = (int(n) for n in words.pop("stop", "-1:0").split(":"))
    take = loop.take_step

    def stopping(run: Run, *rest: Any) -> dict[str, float]:
        if run.step == step and int(os.environ["RANK"]) == rank:
            os.kill(os.getpid(), signal.SIGINT)
        return take(run, *rest)

    loop.take_step = stopping
    try:
        changes = {name: orjson.loads(word) for name, word in words.items()}
        loop.train(dataclasses.replace(toy_config(data, out), **changes))
    except KeyboardInterrupt:
        sys.exit(0)  # the launcher kills the others when one fails


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), dict(w.split("=") for w in sys.argv[3:]))
