"""The window without hands, for the tests of the viewer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import fairweather
from render.config import SimulateConfig
from render.viewer import app


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Plays actions in an empty folder; returns every state that they wrote, in order."""
    monkeypatch.chdir(tmp_path)

    def run(*actions, words=(), detect=None) -> list[dict]:
        Path("script.json").write_text(json.dumps(actions), encoding="utf-8")
        if detect:
            app.run(SimulateConfig(script="script.json"), detect)
        else:
            assert fairweather.main(["simulate", "script=script.json", *words]) == 0
        files = [a["state"] for a in actions if "state" in a]
        return [json.loads(Path(f).read_text(encoding="utf-8")) for f in files]

    return run
