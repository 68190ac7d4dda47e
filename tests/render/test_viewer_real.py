"""The window under a real X server: real keys and clicks, a screen that is asked for, a rate."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
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


def attended(screen: str, home: Path, *keys: str) -> str:
    """What the command says while a person opens the window, presses some keys and closes it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SDL_")}
    environment |= {"DISPLAY": screen, "XDG_CONFIG_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    words = [sys.executable, "-m", "simulator", "layouts=[straight]"]
    program = subprocess.Popen(
        words, cwd=home, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    find = ["xdotool", "search", "--onlyvisible", "--name", "^Fairweather$"]
    until = time.monotonic() + 150
    try:
        while time.monotonic() < until and program.poll() is None:
            # again and again: what is pressed before the window listens goes nowhere
            found = subprocess.run(
                find, check=False, env=environment, capture_output=True, text=True
            )
            if found.stdout.strip():
                number = found.stdout.split()[0]
                subprocess.run(["xdotool", "windowfocus", number], check=False, env=environment)
                time.sleep(0.5)
                for key in (*keys, "q"):
                    subprocess.run(["xdotool", "key", key], check=False, env=environment)
            time.sleep(0.3)
        return program.communicate(timeout=20)[1]
    finally:
        program.kill()


def test_a_person_opens_closes_and_opens_the_window_as_it_was_left(screen, tmp_path):
    attended(screen, tmp_path, "Tab", "bracketright")
    settings = tmp_path / "fairweather" / "window.json"
    left = json.loads(settings.read_bytes())
    assert left["tab"] == "tools"
    assert left["speed"] == 2.0
    settings.write_text("broken")
    said = attended(screen, tmp_path)
    assert "passed over" in said
    assert json.loads(settings.read_bytes())["tab"] == "weather"
