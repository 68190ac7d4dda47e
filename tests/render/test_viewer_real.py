"""The window under a real X server: real keys and clicks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")),
        reason="needs Xvfb and xdotool (Debian: apt install xvfb xdotool)",
    ),
]

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """The name of a display that nobody sees."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    if not number:
        server.wait(10)
        pytest.skip("Xvfb does not start here")
    yield f":{number}"
    server.terminate()
    server.wait(10)


def run(screen: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SDL_")}
    environment |= {"DISPLAY": screen, "XDG_CONFIG_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, *words], check=False, cwd=home, env=environment,
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip


def test_real_keys_and_clicks_do_what_every_control_says(screen, tmp_path):
    done = run(screen, tmp_path, "-m", "tests.render.real_hands")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "failed: []" in done.stdout
